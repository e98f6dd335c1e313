"""What surprisal adds to the prediction of reading times, a measure beside the other."""

from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.dots import axis_title, best_first
from brainlake.figures.grammar import Chart
from brainlake.figures.panels import panels
from brainlake.figures.questions import checked, one_question, questions
from brainlake.figures.rows import of_kind
from brainlake.figures.theme import Width

METRIC: Final = "delta_llh"
_KEPT: Final = (
    *("benchmark", "stimulus_set", "measure", "protocol", "model", "recipe", "label", "sort"),
    *("metric", "score", "ci_low", "ci_high", "ceiling", "panel"),
)


def gain_rows(scores: pl.DataFrame) -> pl.DataFrame:
    """Headline rows in log-likelihood of one benchmark, best first; ``panel`` says what else tells them apart.

    Raises
    ------
    BrainlakeError
        If there are none, or several benchmarks have some.
    """
    gains = checked(scores).filter(metric=METRIC)
    for _, part in questions(gains):
        one_question(part)
    rows = of_kind(gains, "headline")
    if rows["benchmark"].n_unique() > 1:
        raise BrainlakeError(f"several benchmarks have gains: {', '.join(rows['benchmark'].unique())}; filter to one")
    apart = [name for name in ("measure", "stimulus_set", "protocol") if rows[name].n_unique() > 1] or ["measure"]
    panel = pl.concat_str(*apart, separator=", ", ignore_nulls=True)
    return best_first(rows.with_columns(panel=panel)).select(_KEPT)


def reading_gains(scores: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw the gain in log-likelihood of every model, a small plot a measure.

    Parameters
    ----------
    scores
        Rows of ``scores`` of one benchmark of reading times, under protocol ``delta_llh``.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If there are none, or several benchmarks have some.
    """
    rows = gain_rows(scores)
    title = f"{rows['benchmark'][0]}: what surprisal adds"
    return panels(rows, "panel", axis=axis_title(rows), width=width, title=title)
