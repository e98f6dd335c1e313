"""Whether a frame holds scores that can be said in a summary."""

from typing import Final

import polars as pl

from brainlake.contract.schema import SCORES
from brainlake.errors import BrainlakeError

_UNREAD: Final = {
    *("model_revision", "stimuli_sha256", "recipe_digest", "seeds", "selection", "alpha", "normalized"),
    *("engine_version", "file", "author"),
}
"""Columns of ``scores`` that no summary reads."""
_ONE: Final = (
    *("kind", "benchmark", "stimulus_set", "measure", "protocol", "metric", "model", "recipe", "folds"),
    *("subject", "roi", "target_id", "layer"),
)
"""What a row is about: under one of these there is one score."""


def check_scores(scores: object) -> None:
    """Refuse what is no table of scores, or has two scores of one thing.

    Raises
    ------
    BrainlakeError
        If a column is not there or of another type, there is no headline, or a model has two scores on one question.
    """
    known = pl.DataFrame(SCORES.empty_table()).schema
    if not isinstance(scores, pl.DataFrame) or "kind" not in scores.columns:
        raise BrainlakeError("a summary is made of scores that say their kind: give what brain_alignment returns")
    needed = [name for name in known if name not in _UNREAD]
    missing = [name for name in needed if name not in scores.columns]
    if missing:
        raise BrainlakeError(
            f"scores: no column {', '.join(missing)}: a summary reads all; give what brain_alignment returns"
        )
    wrong = [name for name in needed if not _is_like(scores.schema[name], known[name])]
    if wrong:
        raise BrainlakeError(
            f"scores: column {wrong[0]} is {scores.schema[wrong[0]]}, not {known[wrong[0]]}; give what "
            f"brain_alignment returns"
        )
    if "headline" not in scores["kind"]:
        raise BrainlakeError("scores: there is no headline among them: give what brain_alignment returns")
    headlines = scores.filter(pl.col("kind") == "headline").unique(maintain_order=True)
    twice = headlines.filter(pl.struct(_ONE).is_duplicated())
    if len(twice):
        row = twice.row(0, named=True)
        raise BrainlakeError(
            f"scores: {row['model']!r} has two different headlines on {row['benchmark']!r} under protocol "
            f"{row['protocol']}; keep those that belong together"
        )


def _is_like(given: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether values of a type can be read as another: numbers as numbers, nothing as anything."""
    return given in (wanted, pl.Null) or (given.is_numeric() and wanted.is_numeric())
