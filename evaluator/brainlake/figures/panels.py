"""The same plot of models, once for each of several things: small multiples on the same axes."""

from typing import Final

import polars as pl

from brainlake.figures.dots import MOST, dots
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.text_width import cut
from brainlake.figures.theme import SIZE, Width, domain, label_space, pixels, plot_title, styled

MOST_PANELS: Final = 40
_NARROWEST: Final = 80
_GAP: Final = 18
"""More than twice what the label of a tick may stand out of a plot (``dots``)."""


def panels(rows: pl.DataFrame, column: str, *, axis: str, width: Width, title: str, shared: bool = True) -> Chart:
    """A plot of models for each value of a column.

    Parameters
    ----------
    rows
        Columns label, sort, score, ci_low, ci_high, ceiling, in the order in which they are drawn.
    column
        The column that tells the plots apart.
    axis
        Title of the axis of scores.
    width
        Of the whole figure.
    title
        Of the whole figure.
    shared
        Whether all plots have one axis of scores, or each its own.
    """
    labels = rows["label"].unique(maintain_order=True).to_list()[:MOST]
    names = rows[column].unique(maintain_order=True).to_list()
    shown = names[:MOST_PANELS]
    space = pixels(width) - label_space(labels) - 12
    columns = max(1, min(len(shown), (space + _GAP) // (_NARROWEST + _GAP)))
    inner = (space + _GAP) // columns - _GAP
    ends = domain(x for name in ("score", "ci_low", "ci_high", "ceiling") for x in rows[name].to_list())
    plots = [
        dots(
            rows.filter(pl.col(column) == name),
            labels,
            axis=cut(axis, inner, SIZE),
            width=width,
            ends=ends if shared else None,
            names=place % columns == 0,
            legend=place == 0 and rows["sort"].n_unique() > 1,
        ).properties(width=inner, title=plot_title(str(name), inner))
        for place, name in enumerate(shown)
    ]
    more = f" ({len(shown)} of {len(names)})" if len(names) > len(shown) else ""
    grid = alt.concat(*plots, columns=columns, spacing={"row": 8, "column": _GAP})
    return styled(grid, width, title + more)
