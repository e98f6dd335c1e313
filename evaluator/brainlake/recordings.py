"""Human responses lined up with the stimuli that they answer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from brainlake.bank import Bank
from brainlake.encoding.folds import Folds, by_stimulus, contiguous, grouped, shuffle_split
from brainlake.errors import BrainlakeError, UnknownNameError

FloatArray = npt.NDArray[np.float64]
Labels = npt.NDArray[np.str_]

GAP_ROWS = 5
"""Rows on either side of a test stretch that are not trained on, for contiguous folds (10 s at a TR of 2 s)."""


@dataclass(frozen=True, eq=False)
class Recording:
    """All responses of a benchmark.

    Attributes
    ----------
    benchmark
        Its name.
    stimuli
        Rows of ``stimuli``, one a row of ``responses``, set after set, in ``position`` order.
    responses
        Shape (n, v): the targets of all subjects side by side, repeated presentations averaged.
    subjects, rois, target_ids
        Labels of the v targets; an empty region where there is none.
    folds
        Folds that do not leak: ``grouped``, ``contiguous`` or ``by_stimulus``.
    """

    benchmark: str
    stimuli: pl.DataFrame
    responses: FloatArray
    subjects: Labels
    rois: Labels
    target_ids: Labels
    folds: str

    @property
    def groups(self) -> Labels | None:
        """Group of every row, or None where the benchmark has no groups."""
        groups = self.stimuli["group_id"]
        return None if groups.null_count() else groups.to_numpy().astype(np.str_)

    def make_folds(self, kind: str) -> Folds:
        """Folds over the rows: ``shuffled``, or the benchmark's own (``default``)."""
        if kind == "shuffled":
            return shuffle_split(len(self.responses))
        if self.folds == "contiguous":
            return contiguous(len(self.responses), gap=GAP_ROWS)
        if self.folds == "by_stimulus":
            return by_stimulus(len(self.responses))
        if self.groups is None:
            raise BrainlakeError(f"{self.benchmark}: grouped folds need a group_id for every stimulus")
        return grouped(self.groups)


def load_recording(bank: Bank, benchmark: str) -> Recording:
    """Read the responses of a benchmark.

    Raises
    ------
    UnknownNameError
        If the bank has no responses of that benchmark.
    BrainlakeError
        If responses and stimuli, targets or each other do not fit together, or values are missing.
    """
    if benchmark not in bank.names("responses"):
        raise UnknownNameError("brain benchmark", benchmark, bank.names("responses"))
    facts = bank.table("benchmarks", benchmark=benchmark).row(0, named=True)
    stimuli = pl.concat([bank.stimuli(name) for name in facts["stimulus_sets"]])
    rows = bank.table("responses", benchmark=benchmark)
    targets = bank.table("targets", benchmark=benchmark).sort("subject", "index")
    key = ["stimulus_set", "stimulus_id"]
    recorded = rows.select("stimulus_set", stimulus_id="row_id").unique()
    if len(recorded.join(stimuli, on=key, how="anti")):
        strangers = recorded.join(stimuli, on=key, how="anti")["stimulus_id"].sort().head(3).to_list()
        raise BrainlakeError(
            f"{benchmark}: responses to stimuli that are not in {', '.join(facts['stimulus_sets'])}: {strangers}; "
            f"build the benchmark again"
        )
    stimuli = stimuli.join(recorded, on=key, how="semi", maintain_order="left")
    blocks = [_subject_block(benchmark, stimuli, part) for part in rows.partition_by("subject", maintain_order=True)]
    order = rows["subject"].unique(maintain_order=True).to_list()
    labels = pl.concat([targets.filter(pl.col("subject") == subject) for subject in order])
    responses = np.concatenate(blocks, axis=1)
    if len(labels) != responses.shape[1]:
        raise BrainlakeError(f"{benchmark}: {len(labels)} targets for {responses.shape[1]} columns of responses")
    return Recording(
        benchmark,
        stimuli,
        responses,
        labels["subject"].to_numpy().astype(np.str_),
        labels["roi"].fill_null("").to_numpy().astype(np.str_),
        labels["target_id"].to_numpy().astype(np.str_),
        facts["default_folds"] or ("grouped" if stimuli["group_id"].null_count() == 0 else "by_stimulus"),
    )


def _subject_block(benchmark: str, stimuli: pl.DataFrame, rows: pl.DataFrame) -> FloatArray:
    """Responses of one subject, shape (n, targets), repeated presentations averaged."""
    subject = rows["subject"][0]
    widths = rows["response"].list.len().unique()
    if len(widths) != 1:
        raise BrainlakeError(f"{benchmark}: rows of subject {subject} differ in their number of targets")
    place = stimuli.select("stimulus_set", "stimulus_id").with_row_index("place")
    where = rows.join(place, left_on=["stimulus_set", "row_id"], right_on=["stimulus_set", "stimulus_id"], how="left")
    values = rows["response"].explode().to_numpy().reshape(len(rows), -1).astype(np.float64)
    index = where["place"].to_numpy().astype(np.intp)
    total = np.zeros((len(stimuli), values.shape[1]))
    np.add.at(total, index, values)
    counts = np.bincount(index, minlength=len(stimuli))[:, None]
    if not counts.all() or np.isnan(total).any():
        raise BrainlakeError(
            f"{benchmark}: responses of subject {subject} are missing for some stimuli; "
            f"leave out those targets, or that subject"
        )
    block: FloatArray = total / counts
    return block
