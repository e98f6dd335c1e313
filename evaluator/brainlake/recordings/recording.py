"""Human responses lined up with the stimuli that they answer: what is fitted and scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, Labels
from brainlake.encoding.folds import (
    N_FOLDS,
    N_STRETCHES,
    FoldPlan,
    Folds,
    Whole,
    by_stimulus,
    contiguous,
    grouped,
    shuffle_split,
)
from brainlake.encoding.memory import memory
from brainlake.errors import BrainlakeError
from brainlake.recordings.volumes import Volumes


@dataclass(frozen=True, eq=False)
class Part:
    """Targets that the same nuisance regressors go with.

    Attributes
    ----------
    columns
        Targets of the recording.
    nuisance
        Shape (n, q), or None.
    """

    columns: IntArray
    nuisance: FloatArray | None


@dataclass(frozen=True, eq=False)
class Recording:
    """All responses of a benchmark.

    Attributes
    ----------
    benchmark
        Its name.
    stimuli
        Rows of ``stimuli``, set after set, in ``position`` order: one a row of ``responses``, or the words of the TRs.
    responses
        Shape (n, v): the targets of all subjects side by side, repeated presentations averaged, NaN where missing.
    subjects, rois, target_ids
        Labels of the v targets; an empty region where there is none.
    whole
        What disjoint folds keep whole: ``groups``, ``stretches`` of successive rows, or single ``stimuli``, which
        does not make them free of leaks: neighbours may be trained on.
    groups
        The group of every row; None if there are no groups.
    nuisance
        Regressors of a subject, shape (n, q).
    volumes
        How words become rows, where rows are TRs.
    made_of_others
        Which targets are made of others, such as the mean of a network; None if none is.
    """

    benchmark: str
    stimuli: pl.DataFrame
    responses: FloatArray
    subjects: Labels
    rois: Labels
    target_ids: Labels
    whole: Whole
    groups: Labels | None
    nuisance: Mapping[str, FloatArray] = field(default_factory=dict)
    volumes: Volumes | None = None
    made_of_others: BoolArray | None = None

    @property
    def stimulus_sets(self) -> list[str]:
        """Stimulus sets in order."""
        return list(self.stimuli["stimulus_set"].unique(maintain_order=True))

    @cached_property
    def present(self) -> BoolArray:
        """Which responses are there, shape (n, v)."""
        return ~np.isnan(self.responses)

    @cached_property
    def standardised(self) -> FloatArray:
        """Responses; those of TRs of mean 0 and standard deviation 1 in every run (0 where constant)."""
        if self.volumes is None:
            return self.responses
        return _standardised(self.responses, self.volumes.runs[self.volumes.kept])

    @cached_property
    def memory(self) -> float:
        """Rows that are worth one independent row: 1 for stimuli, more for TRs, which remember."""
        if self.volumes is None:
            return 1.0
        return memory(self.standardised, self.volumes.runs[self.volumes.kept])

    @cached_property
    def parts(self) -> list[Part]:
        """All targets, or those of each subject where there are nuisance regressors."""
        if not self.nuisance:
            return [Part(np.arange(self.responses.shape[1]), None)]
        return [Part(np.flatnonzero(self.subjects == subject), Z) for subject, Z in self.nuisance.items()]

    @cached_property
    def counted(self) -> BoolArray:
        """Targets that count beside others: not those that are made of others, such as the mean of a network."""
        return np.ones(len(self.subjects), np.bool_) if self.made_of_others is None else ~self.made_of_others

    def make_folds(self, plan: FoldPlan) -> Folds:
        """Folds over the rows, as planned.

        Raises
        ------
        BrainlakeError
            If groups are to be kept whole and some stimulus has none, if more disjoint folds are asked for than there
            is to split, or the rows cannot be split so.
        """
        n, number, seed = len(self.responses), plan.number or N_FOLDS, plan.seed
        if plan.kind == "shuffled":
            return shuffle_split(n, number, seed=seed)
        if self.whole == "stretches":
            folds = contiguous(n, plan.number or N_STRETCHES, gap=plan.gap)
        elif self.whole == "stimuli":
            folds = by_stimulus(n, number, seed)
        elif self.groups is None:
            raise BrainlakeError(f"{self.benchmark}: folds of whole groups need a group_id for every stimulus")
        else:
            folds = grouped(self.groups, number, seed, gap=plan.gap if self.volumes is not None else 0)
        if plan.number and len(folds) < plan.number:
            units = "rows" if self.whole == "stretches" else self.whole
            raise BrainlakeError(
                f"{self.benchmark}: {plan.number} folds are asked for, and there are {len(folds)} {units} to split: "
                f"ask for at most {len(folds)}"
            )
        return folds


def _standardised(responses: FloatArray, runs: Labels) -> FloatArray:
    """Columns of mean 0 and standard deviation 1 in every run, missing values left out; 0 where constant."""
    out = responses.copy()
    for run in np.unique(runs):
        rows = np.flatnonzero(runs == run)
        block = out[rows]
        present = ~np.isnan(block)
        count = np.maximum(present.sum(0), 1)
        block = block - np.where(present, block, 0.0).sum(0) / count
        sd = np.sqrt(np.square(np.where(present, block, 0.0)).sum(0) / count)
        out[rows] = block / np.where(sd > 0, sd, 1.0)
    return out
