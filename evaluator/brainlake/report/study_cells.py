"""Numbers and names of a study as text."""

from collections.abc import Callable, Sequence

from brainlake.report.cells import number
from brainlake.study.answers import Row
from brainlake.study.correlation_row import Correlation
from brainlake.study.model_scores import QUESTION
from brainlake.study.training import Checkpoint


def percent(value: float) -> str:
    """A relative change in percent, without the sign for it.

    Examples
    --------
    >>> percent(0.06993), percent(-0.1176), percent(-0.00001)
    ('+6.99', '-11.76', '+0.00')
    """
    return f"{round(100 * value, 2) + 0.0:+.2f}"


def interval(low: float | None, high: float | None, form: Callable[[float], str]) -> str:
    """Its ends in brackets; empty where there is none.

    Examples
    --------
    >>> interval(0.1, 0.25, percent), interval(None, None, percent)
    ('[+10.00, +25.00]', '')
    """
    return "" if low is None or high is None else f"[{form(low)}, {form(high)}]"


def p_value(value: float) -> str:
    """A p value with its sign.

    Examples
    --------
    >>> p_value(0.0302), p_value(0.0006)
    ('p = .030', 'p < .001')
    """
    return "p < .001" if value < 0.001 else f"p = {number(value)}"


def sourced(name: str, source: str | None, rows: Sequence[Row]) -> str:
    """A property, with its source where several measured it."""
    measured = [row for row in rows if isinstance(row, Correlation)]
    sources = {(row.property, row.source) for row in measured} | {(row.given, row.given_source) for row in measured}
    return f"{name} ({source})" if len([one for one, _ in sources if one == name]) > 1 else name


def training(row: Checkpoint, rows: Sequence[Checkpoint]) -> str:
    """What a training began with, and what tells it from another one that began so and is of the same kind."""
    same = [one for one in rows if (one.start, one.tuning) == (row.start, row.tuning)]
    telling = [name for name in ("hub_id", "quantization") if len({getattr(one, name) for one in same}) > 1]
    return ", ".join([row.start, *(str(getattr(row, name) or f"no {name}") for name in telling)])


def label(row: Row, rows: Sequence[Row]) -> str:
    """The benchmark of a row, and whatever else tells it from other rows on that benchmark."""
    same = [one for one in rows if one.benchmark == row.benchmark]
    telling = [name for name in QUESTION[1:] if len({getattr(one, name, None) for one in same}) > 1]
    facts = [str(getattr(row, name)) for name in telling if getattr(row, name, None) is not None]
    return ", ".join([row.benchmark, *facts])
