"""Three sentences on what scores show, computed from them."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.gains import METRIC
from brainlake.figures.labels import counted_models
from brainlake.figures.questions import one_question, parts_of, questions
from brainlake.figures.rows import of_kind
from brainlake.report.cells import number
from brainlake.report.twins import RANGE

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
    left = len(parts) - TOLD
    more = f"; {left} more {'stands' if left == 1 else 'stand'} in the table below" if left > 0 else ""
    text = "; ".join(parts[:TOLD])
    return f"{text[:1].upper()}{text[1:]}{more}."


def _named(row: dict[str, Any]) -> str:
    """A question as a sentence names it."""
    benchmark, *more = parts_of(row)
    return f"{benchmark} ({', '.join(more)})"


def _scored(part: pl.DataFrame, *kinds: str) -> pl.DataFrame:
    try:
        found = of_kind(part, *kinds).filter(pl.col("score").is_finite())
    except BrainlakeError:
        return pl.DataFrame(schema=part.schema | {"label": pl.String(), "sort": pl.String()})
    ends = [pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in ("ci_low", "ci_high")]
    return found.with_columns(ends)


def _best(name: str, part: pl.DataFrame) -> Iterator[str]:
    rows = _scored(part, "headline").sort("score", descending=True, maintain_order=True)
    models, baselines = rows.filter(pl.col("sort") != "baseline"), rows.filter(sort="baseline")
    if models.is_empty():
        return
    try:
        one_question(part)
    except BrainlakeError as error:
        yield f"on {name} no model is the highest: {error}"
        return
    best = models.row(0, named=True)
    digits = 4 if best["metric"] == METRIC else 3
    span = ""
    if best["ci_low"] is not None and best["ci_high"] is not None:
        span = f" [{number(best['ci_low'], digits)}, {number(best['ci_high'], digits)}]"
    among = f" highest of {counted_models(models)}" if len(models) > 1 else ""
    beside = ""
    if len(baselines):
        other = baselines.row(0, named=True)
        beside = f", beside {number(other['score'], digits)} of the strongest baseline, {other['label']}"
    yield f"on {name} {best['label']} scores{among} {number(best['score'], digits)}{span}{beside}"


def _beyond(name: str, part: pl.DataFrame) -> Iterator[str]:
    of_reading = bool((part["metric"] == METRIC).any())
    rows = _scored(part, "headline" if of_reading else "beyond")
    # What twins of several seeds have is a range, which says nothing of chance.
    an_interval = pl.col("ci_low").is_not_null() & pl.col("ci_method").ne_missing(RANGE)
    rows = rows.filter(pl.col("sort") != "baseline", an_interval)
    if rows.is_empty():
        return
    above = rows.filter(pl.col("ci_low") > 0).sort("score", descending=True, maintain_order=True)
    what = "word length and frequency" if of_reading else "the baselines"
    who = f": {', '.join(above['label'][:TOLD])}{' and others' if len(above) > TOLD else ''}" if len(above) else ""
    all_of = counted_models(rows)
    yield f"on {name} the interval of what a model adds to {what} lies above 0 in {len(above)} of {all_of}{who}"


def _folds(name: str, part: pl.DataFrame) -> Iterator[str]:
    rows = _scored(part, "headline", "other_folds")
    both = rows.filter(kind="headline").join(rows.filter(kind="other_folds"), on="label", suffix="_other")
    both = both.with_columns(rise=pl.col("score_other") - pl.col("score"))
    if both.is_empty():
        return
    told = [
        text
        for who, of in (("models", pl.col("sort") != "baseline"), ("baselines", pl.col("sort") == "baseline"))
        for text in _rise(who, both.filter(of))
    ]
    yield f"under {both['folds_other'][0] or 'other'} folds of {name} {', and '.join(told)}"


def _rise(who: str, rows: pl.DataFrame) -> Iterator[str]:
    if len(rows):
        mean = float(rows["rise"].to_numpy().mean())
        top = rows.sort(pl.col("rise").abs(), descending=True, maintain_order=True).row(0, named=True)
        way = "higher" if mean >= 0 else "lower"
        average, most = (" on average", " most") if len(rows) > 1 else ("", "")
        ends = f"to {number(top['score_other'])} from {number(top['score'])}"
        yield f"{who} score {number(abs(mean))} {way}{average}, {top['label']}{most} {ends}"
