"""Scores of brain alignment for people: one line a model and region, what belongs beside a score beside it."""

import polars as pl

from brainlake.alignment.design.protocols import PROTOCOLS

_KEY = ("benchmark", "model", "recipe", "protocol", "layer", "subject", "roi", "target_id")


def digest(scores: pl.DataFrame, every_layer: bool) -> pl.DataFrame:
    """Put what is long in the table of scores side by side.

    Parameters
    ----------
    scores
        Columns of ``scores``.
    every_layer
        Whether single layers have lines of their own, or only the choice over them.

    Returns
    -------
    For each model, recipe, protocol and group of targets (and layer): ``score`` with its interval under the ``folds``
    of the protocol; ``shuffled`` or ``disjoint``, the same under the other folds; ``best_on_test``, the score of the
    layer that is best on the test folds, and ``optimism``, what that adds to the strictly nested choice; ``beyond``,
    the variance explained beyond the baselines, with its interval; ceiling and numbers.
    """
    if not every_layer:
        scores = scores.filter(pl.col("selection").ne("none") | pl.col("layer").is_null())
    shuffling = [name for name, protocol in PROTOCOLS.items() if protocol.folds == "shuffled"]
    shuffles = pl.col("protocol").str.split("+").list.first().is_in(shuffling)
    shuffled = pl.col("folds").str.contains("shuffled").fill_null(False)
    nested = pl.col("selection").eq("nested").any().over(*_KEY)
    rows = scores.with_columns(
        beside=shuffled & ~shuffles | shuffles & ~shuffled & shuffled.any().over("benchmark", "protocol"),
        second=nested & pl.col("selection").eq("test"),
        unique=pl.col("metric") == "unique_r2",
    )
    other = rows.filter(pl.col("beside") & ~pl.col("second"))
    lines = rows.filter(~pl.col("beside") & ~pl.col("second") & ~pl.col("unique"))
    for column, found in (
        ("shuffled", other.filter(shuffled)),
        ("disjoint", other.filter(~shuffled)),
        ("best_on_test", rows.filter(~pl.col("beside") & pl.col("second"))),
    ):
        lines = lines.join(found.select(*_KEY, pl.col("score").alias(column)), on=_KEY, how="left", nulls_equal=True)
    unique = rows.filter("unique").select(*_KEY, beyond="score", beyond_low="ci_low", beyond_high="ci_high")
    lines = lines.join(unique, on=_KEY, how="left", nulls_equal=True)
    return lines.with_columns(optimism=pl.col("best_on_test") - pl.col("score")).select(
        *("benchmark", "model", "recipe", "protocol", "metric", "subject", "roi", "target_id", "layer", "folds"),
        *("score", "ci_low", "ci_high", "p_value", "shuffled", "disjoint", "best_on_test", "optimism"),
        *("beyond", "beyond_low", "beyond_high", "ceiling", "normalized", "n_stimuli", "n_targets"),
    )
