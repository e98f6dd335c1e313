"""Reliability of reading times: how much of what differs between words is not error of their means."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.encoding.arrays import FloatArray
from brainlake_builder.humans.ceiling_rows import READERS, Computed, ceiling_rows, interval_of_draws, joined, none
from brainlake_builder.humans.lined_up import groups_of

_MIN_READERS = 2


def reliability(mean: FloatArray, sd: FloatArray, n: FloatArray) -> float:
    """Share of the variance of word means that is not error of the mean: 1 - E[sd^2 / n] / Var(mean).

    A lower bound where ``sd`` is published: that some readers are slower on every word counts as error in it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # words that all take the same time have no reliability
        return float(1 - np.mean(sd**2 / n) / np.var(mean, ddof=1))


def reader_ceilings(benchmark: str, reading_times: pa.Table, stimuli: Mapping[str, pa.Table]) -> Computed:
    """The reliability of every measure, from standard deviation and number of readers, or from the readers.

    Over the words that are scored and have at least two readers. How fast each reader is on the whole is taken out
    first, as from the means that surprisal is scored against: it is neither error nor a difference of words. Whole
    groups of stimuli are drawn for the interval, single words where there are none; a reliability whose interval does
    not lie above 0 is no ceiling.
    """
    parts = pl.DataFrame(reading_times).filter("scored").partition_by("measure", maintain_order=True)
    if not parts:
        return none(f"{benchmark}: no ceiling of readers: no word is scored")
    return joined(
        _of_measure(benchmark, words, stimuli, words["measure"][0] if len(parts) > 1 else None) for words in parts
    )


def _of_measure(benchmark: str, table: pl.DataFrame, stimuli: Mapping[str, pa.Table], measure: str | None) -> Computed:
    key, name = ["stimulus_set", "stimulus_id"], benchmark if measure is None else f"{benchmark}, {measure}"
    of_people = table["subject"].null_count() < len(table)
    if of_people:
        own = pl.col("value") - pl.col("value").mean().over("subject") + pl.col("value").mean()
        table = (
            table.drop_nulls(["subject", "value"])
            .with_columns(own)
            .group_by(key, maintain_order=True)
            .agg(pl.col("value").mean(), pl.col("value").std().alias("sd"), pl.len().alias("n_subjects"))
        )
    words = table.drop_nulls(["value", "sd", "n_subjects"]).filter(pl.col("n_subjects") >= _MIN_READERS)
    if len(words) < 3:
        return none(
            f"{name}: no ceiling of readers: it needs the standard deviation and the number of readers of every word, "
            f"or the times of two readers or more"
        )
    mean, sd, n = (words[name].to_numpy().astype(np.float64) for name in ("value", "sd", "n_subjects"))
    groups = words.join(groups_of(stimuli), on=key, how="left", maintain_order="left")["group_id"]
    grouped = not groups.null_count() and groups.n_unique() >= 3
    units = groups.to_numpy().astype(np.str_) if grouped else np.arange(len(words)).astype(np.str_)
    value = reliability(mean, sd, n)
    (low,), (high,) = interval_of_draws(units, lambda i: np.array([reliability(mean[i], sd[i], n[i])]), 1000)
    if np.isnan(value):
        return none(f"{name}: no ceiling of readers: the words all take the same time")
    if not low > 0:
        return none(
            f"{name}: no ceiling of readers: the interval of their reliability, {low:.3f} to {high:.3f}, does not "
            f"lie above 0"
        )
    rows = ceiling_rows(
        benchmark,
        1,
        method=f"1 - mean error variance / variance of the word means{', readers centred' if of_people else ''}; "
        f"interval: bootstrap of {'groups' if grouped else 'words'}",
        scale="reliability",
        value=value,
        ci_low=float(low),
        ci_high=float(high),
        source=READERS,
        n_subjects=int(n.max()),
        measure=measure,
    )
    return Computed(rows, ())
