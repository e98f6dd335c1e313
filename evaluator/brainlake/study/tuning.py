"""What tuning on instructions changes, over models that share bases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, get_args

import numpy as np
import polars as pl
from scipy import stats

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.clustered import Clusters, bootstrap, robust, sign_flip
from brainlake.errors import BrainlakeError
from brainlake.study.effect_row import ALL, Effect, Statistic, counted
from brainlake.study.false_discovery import adjusted
from brainlake.study.frames import table_of
from brainlake.study.lineage import Model, lineage
from brainlake.study.model_scores import Answers, Question, model_scores, overall, parts_of
from brainlake.study.pairs import NEAR_ZERO, NO_PAIR, Pair, pairs

INTERVAL: Final = "CR2 over bases, Satterthwaite's t"
_DIGITS: Final = 12
"""Decimals of changes: beyond them stand rounding errors, by which changes that are tied would differ."""
SIGN_FLIP: Final = "signs of whole bases flipped"


def tuning_effect(scores: pl.DataFrame, models: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> pl.DataFrame:
    """Say what tuning on instructions changes: each tuned model against its base, averaged.

    Several tuned models share a base, and bases belong to few families: intervals and p values count bases, and none
    counts families, over which nothing here generalises.

    Parameters
    ----------
    scores, models, benchmarks
        As :func:`brainlake.study.pairs.tuning_pairs`.

    Returns
    -------
    A row a question, statistic and set of models (all, and every family where there are several). Fields of
    :class:`~brainlake.study.effect_row.Effect` say what the columns are, ``STATISTICS`` beside it what the statistics
    are. A statistic that needs the ratio to a base near zero has no value, and ``ci_method`` says why.

    Raises
    ------
    BrainlakeError
        As :func:`brainlake.study.pairs.tuning_pairs`.
    """
    rows = effects(model_scores(scores, benchmarks), lineage(models))
    if not rows:
        raise BrainlakeError(NO_PAIR)
    return table_of(rows, Effect)


def effects(answers: Answers, models: Mapping[str, Model]) -> list[Effect]:
    """What tuning changes on every question; nothing where no tuned model has a score beside its base."""
    found = pairs(answers, models)
    whole = overall(found)
    rows: list[Effect] = []
    for question, of_one in found.items():
        of_parts = [found[part] for part in parts_of(question, found)]
        known = sorted({pair.family for pair in of_one})
        for family in [ALL, *(known if len(known) > 1 else [])]:
            chosen = [pair for pair in of_one if family in (ALL, pair.family)]
            parts = [[pair for pair in part if family in (ALL, pair.family)] for part in of_parts]
            for statistic in get_args(Statistic):
                if statistic != "mean_of_parts_ratios" or parts:
                    rows.append(_effect(question, question in whole, family, statistic, chosen, parts))
    return adjusted(rows, _family, _named)


def _effect(
    question: Question,
    whole: bool,
    family: str,
    statistic: Statistic,
    chosen: Sequence[Pair],
    parts: Sequence[list[Pair]],
) -> Effect:
    families = sorted({pair.family for pair in chosen})
    bare = Effect(
        **question.about,
        parts=", ".join(question.parts) or None,
        overall=whole,
        family=family,
        statistic=statistic,
        ci_method="none",
        n_models=len(chosen),
        n_bases=len({pair.root for pair in chosen}),
        n_families=len(families),
        families=", ".join(families),
    )
    refused = _refused(statistic, chosen, parts)
    if refused:
        return replace(bare, ci_method=f"no ratio: {refused}")
    values, weights, changes = _sums(statistic, chosen, parts)
    clusters = Clusters.of(values, weights, [pair.root for pair in chosen])
    p_t, p_wilcoxon = _as_independent(changes)
    estimate = replace(bare, value=clusters.estimate, p_t=p_t, p_wilcoxon=p_wilcoxon)
    if bare.n_bases < 2:
        return replace(estimate, ci_method="none: one base shows no spread between bases")
    interval, flipped, drawn = robust(clusters), sign_flip(clusters), bootstrap(clusters)
    return replace(
        estimate,
        ci_low=interval.low,
        ci_high=interval.high,
        ci_method=INTERVAL,
        se=interval.error,
        df=interval.df,
        p_robust=interval.p,
        flip_low=flipped.low if np.isfinite(flipped.low) else None,
        flip_high=flipped.high if np.isfinite(flipped.high) else None,
        boot_low=drawn[0],
        boot_high=drawn[1],
        p_value=flipped.p,
        p_floor=flipped.floor,
        p_method=f"{SIGN_FLIP}: {counted(bare.n_bases, bare.n_families)}",
    )


def _refused(statistic: Statistic, chosen: Sequence[Pair], parts: Sequence[list[Pair]]) -> str | None:
    """Why there is no ratio, if there is none."""
    if statistic == "difference":
        return None
    if statistic == "ratio_of_means":
        scores = [pair.base_score for pair in chosen]
        small = min(scores) <= 0 or np.mean(scores) <= NEAR_ZERO
        return f"bases score {min(scores):.3f} to {max(scores):.3f}" if small else None
    if statistic == "mean_of_parts_ratios":
        if any({pair.model for pair in chosen} - {pair.model for pair in part} for part in parts):
            return "not every part has every pair"
        asked = [pair for part in parts for pair in part]
    else:
        asked = list(chosen)
    bases = sorted({pair.base for pair in asked if pair.change is None})
    return f"the score of a base is near zero: {', '.join(bases)}" if bases else None


def _sums(
    statistic: Statistic, chosen: Sequence[Pair], parts: Sequence[list[Pair]]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Values and weights whose ratio of sums the statistic is, and the values that plain paired tests are about."""
    differences, ones = np.array([pair.difference for pair in chosen]), np.ones(len(chosen))
    if statistic == "difference":
        return differences, ones, differences
    if statistic == "ratio_of_means":
        return differences, np.array([pair.base_score for pair in chosen]), differences
    if statistic == "mean_of_ratios":
        changes = np.array([pair.change for pair in chosen], dtype=np.float64)
    else:
        by_model = [{pair.model: pair.change for pair in part} for part in parts]
        changes = np.array([[of[pair.model] for of in by_model] for pair in chosen], dtype=np.float64).mean(1)
    return changes, ones, changes


def _as_independent(changes: FloatArray) -> tuple[float | None, float | None]:
    """P values of the paired t and Wilcoxon tests of changes that have nothing to do with each other."""
    changes = changes.round(_DIGITS)
    if len(changes) < 2 or np.ptp(changes) == 0:
        return None, None
    sizes = np.abs(changes)
    tied = len(np.unique(sizes)) < len(sizes) or bool((sizes == 0).any())
    wilcoxon = stats.wilcoxon(changes, method="asymptotic" if tied else "exact")
    return float(stats.ttest_1samp(changes, 0).pvalue), float(wilcoxon.pvalue)


def _family(row: Effect) -> tuple[object, ...] | None:
    """The benchmarks of a protocol, or the measures of behavior, by one statistic over all models."""
    if row.parts is not None or row.family != ALL:
        return None
    return row.measure is None, row.metric, row.protocol, row.recipe, row.scale, row.statistic


def _named(rows: Sequence[Effect]) -> str:
    return f"{rows[0].statistic} on {', '.join(row.benchmark for row in rows)}"
