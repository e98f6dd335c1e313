"""Three sentences on what scores show, computed from them."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.errors import BrainlakeError
from brainlake.figures.gains import METRIC
from brainlake.figures.rows import QUESTION, of_kind, questions
from brainlake.report.cells import number

TOLD: Final = 4
"""Questions that a sentence speaks of; of more it says how many there are."""


def findings(scores: pl.DataFrame) -> list[str]:
    """Say which model scores highest, what models add to baselines, and what folds do to scores."""
    asked = [(_named(part.row(0, named=True)), part) for _, part in questions(scores)] if len(scores) else []
    return [
        _sentence([one for name, part in asked for one in _best(name, part)], "No model has a score here."),
        _sentence(
            [one for name, part in asked for one in _beyond(name, part)],
            "Whether models explain more than baselines, these scores do not say.",
        ),
        _sentence(
            [one for name, part in asked for one in _folds(name, part)],
            "What other folds would do to the scores, they do not say.",
        ),
    ]


def _sentence(parts: list[str], otherwise: str) -> str:
    if not parts:
        return otherwise
    more = f"; {len(parts) - TOLD} more stand in the table below" if len(parts) > TOLD else ""
    text = "; ".join(parts[:TOLD])
    return f"{text[:1].upper()}{text[1:]}{more}."


def _named(row: dict[str, Any]) -> str:
    """A question as a sentence names it."""
    more = ", ".join(str(row[name]) for name in QUESTION[1:] if row[name] is not None)
    return f"{row['benchmark']} ({more})"


def _headlines(part: pl.DataFrame, kind: str) -> pl.DataFrame:
    try:
        return of_kind(part, kind).filter(pl.col("score").is_finite())
    except BrainlakeError:
        return pl.DataFrame(schema=part.schema | {"label": pl.String(), "sort": pl.String()})


def _best(name: str, part: pl.DataFrame) -> Iterator[str]:
    rows = _headlines(part, "headline").sort("score", descending=True, maintain_order=True)
    models, baselines = rows.filter(pl.col("sort") != "baseline"), rows.filter(sort="baseline")
    if models.is_empty():
        return
    best = models.row(0, named=True)
    digits = 4 if best["metric"] == METRIC else 3
    span = ""
    if best["ci_low"] is not None and best["ci_high"] is not None:
        span = f" [{number(best['ci_low'], digits)}, {number(best['ci_high'], digits)}]"
    among = f" highest of {len(models)} models" if len(models) > 1 else ""
    beside = ""
    if len(baselines):
        other = baselines.row(0, named=True)
        beside = f", beside {number(other['score'], digits)} of the strongest baseline, {other['label']}"
    yield f"on {name} {best['label']} scores{among} {number(best['score'], digits)}{span}{beside}"


def _beyond(name: str, part: pl.DataFrame) -> Iterator[str]:
    of_reading = bool((part["metric"] == METRIC).any())
    rows = _headlines(part, "headline" if of_reading else "beyond")
    rows = rows.filter(~pl.col("model").str.starts_with(BASELINE), pl.col("ci_low").is_not_null())
    if rows.is_empty():
        return
    above = rows.filter(pl.col("ci_low") > 0).sort("score", descending=True, maintain_order=True)
    what = "word length and frequency" if of_reading else "the baselines"
    who = f": {', '.join(above['label'][:TOLD])}{' and others' if len(above) > TOLD else ''}" if len(above) else ""
    yield f"on {name} the interval of what a model adds to {what} lies above 0 in {len(above)} of {len(rows)}{who}"


def _folds(name: str, part: pl.DataFrame) -> Iterator[str]:
    own, other = _headlines(part, "headline"), _headlines(part, "other_folds")
    both = own.join(other, on="label", suffix="_other").with_columns(rise=pl.col("score_other") - pl.col("score"))
    if both.is_empty():
        return
    folds = str(both["folds_other"][0] or "other")
    mean, top = (
        float(both["rise"].to_numpy().mean()),
        both.sort(pl.col("rise").abs(), descending=True, maintain_order=True).row(0, named=True),
    )
    way = "higher" if mean >= 0 else "lower"
    yield (
        f"under {folds} folds scores on {name} are {number(abs(mean))} {way} on average, "
        f"and those of {top['label']} change most, to {number(top['score_other'])} from {number(top['score'])}"
    )
