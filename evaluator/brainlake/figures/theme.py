"""How all figures look: widths of a printed column and page, type, colours that also tell apart in grey."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, get_args

import polars as pl
import polars.selectors as cs

from brainlake.contract.printable import printable
from brainlake.errors import UnknownNameError
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.harmless import harmless
from brainlake.figures.text_width import cut, text_width
from brainlake.report.interchange import json_value

Width = Literal["column", "page"]
WIDTHS: Final[dict[Width, int]] = {"column": 333, "page": 680}
"""Pixels, 96 an inch: 88 mm and 180 mm."""
FONT: Final = "Helvetica, Arial, Liberation Sans, sans-serif"
SIZE: Final = 10
"""Of labels, in pixels: 7.5 points in print."""
STEP: Final = 14
"""Height of a line of a model."""
BLACK, GREY, LIGHT = "#000000", "#6b6b6b", "#d0d0d0"
COLOURS: Final = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours in the order of their luminance."""
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
DASHES: Final = ((1, 0), (6, 2), (2, 2), (8, 2, 2, 2), (4, 4), (1, 3), (10, 3))
"""What tells apart beside the colour, one for each."""
GREYS: Final = ("#f7f7f7", "#252525")
"""From the lowest to the highest value: a scale of lightness alone."""
_MARGIN: Final = 12
_MOST_IN_FRAME: Final = 5000


def pixels(width: Width) -> int:
    """Width of a figure.

    Raises
    ------
    UnknownNameError
        If there is no such width.
    """
    if width not in get_args(Width):
        raise UnknownNameError("width", width, get_args(Width))
    return WIDTHS[width]


def values(rows: pl.DataFrame) -> pl.DataFrame | alt.InlineData:
    """Rows as the data of a chart, however many: what JSON has no number for is null."""
    numbers = [pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in rows.select(cs.float()).columns]
    plain = rows.select(~cs.nested()).with_columns(*numbers)
    # Altair copies what lies in a chart whenever charts are put together, but for frames, of which it takes no more.
    return plain if len(plain) <= _MOST_IN_FRAME else alt.InlineData(values=plain.to_dicts())


def domain(numbers: Iterable[float | None], *, zero: bool = True) -> list[float]:
    """Ends of an axis that holds all numbers, and zero, with a little room."""
    found = [x for x in (json_value(x) for x in numbers) if x is not None] + ([0.0] if zero else [])
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    room = 0.04 * (high - low) or 0.5
    return [low - room, high + room]


def label_space(labels: Iterable[str]) -> int:
    """Pixels that the labels of a vertical axis take, with their tick."""
    return round(max((text_width(label, SIZE) for label in labels), default=0.0)) + _MARGIN


def axis_of(labels: Sequence[str]) -> alt.Y:
    """The vertical axis that has a line a label, in this order."""
    scale = alt.Scale(domain=list(labels), paddingOuter=0.4)
    return alt.Y(
        "label:N",
        title=None,
        scale=scale,
        axis=alt.Axis(labelLimit=1000, ticks=False, domain=False, grid=True, labelOverlap=False, labelPadding=6),
    )


def titled(text: str, width: float, below: str | None = None) -> alt.TitleParams:
    """A title on one line that is not wider than the figure, and what stands below it."""
    more = {} if below is None else {"subtitle": cut(printable(below), width, SIZE)}
    return alt.TitleParams(cut(printable(text), width, SIZE + 1.5), anchor="start", frame="bounds", **more)


def legend_columns(width: Width) -> int:
    """How many entries of a legend stand beside each other: the plots of a column are narrow."""
    return 3 if width == "page" else 1


def plot_title(text: str, width: float) -> alt.TitleParams:
    """The title of one plot of several, not wider than it."""
    return alt.TitleParams(cut(printable(text), width, SIZE), fontWeight="normal", fontSize=SIZE, offset=3)


def styled(chart: Chart, width: Width, title: str, below: str | None = None) -> Chart:
    """A chart with the look of all figures; one of a single plot is exactly as wide as asked.

    Marks have no descriptions of their own: they would be most of the file, and say less than the table beside it.
    """
    total = pixels(width)
    of_all: dict[str, Any] = {"title": titled(title, total - _MARGIN, below), "config": _config(total)}
    if isinstance(chart, alt.Chart | alt.LayerChart):
        of_all |= {"width": total, "autosize": alt.AutoSizeParams(type="fit-x", contains="padding")}
    # All at once: each method of a chart copies the whole of it, and of many plots that is most of the work.
    return harmless(chart.properties(**of_all))


def _config(total: int) -> alt.Config:
    text = {"labelFontSize": SIZE, "titleFontSize": SIZE, "titleFontWeight": "normal"}
    axis = {"labelOverlap": True, "labelSeparation": 5, "gridColor": "#ececec", "domainColor": GREY, "tickColor": GREY}
    legend = {"orient": "bottom", "titleFontStyle": "italic", "symbolSize": 45, "labelLimit": total - 60}
    return alt.Config(
        font=FONT,
        background="white",
        padding=4,
        axis=alt.AxisConfig(**text, **axis, titleColor=BLACK),
        legend=alt.LegendConfig(**text, **legend),
        title=alt.TitleConfig(fontSize=SIZE + 1, fontWeight="bold", subtitleFontSize=SIZE),
        mark=alt.MarkConfig(aria=False),
        view=alt.ViewConfig(stroke=None),
    )
