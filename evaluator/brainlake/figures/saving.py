"""Charts as files: drawn here, without a browser and without the network."""

import re
from pathlib import Path
from typing import Final, Literal, get_args

from brainlake.errors import BrainlakeError
from brainlake.figures.grammar import Chart, vl_convert
from brainlake.storage.files import write_bytes

Form = Literal["svg", "pdf", "png", "html"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
DOTS: Final = 300
"""Dots an inch of a PNG."""
_POINT: Final = 72 / 96
"""What draws takes a pixel for a point; 96 pixels are an inch, and 72 points."""


def save(chart: Chart, path: str | Path) -> None:
    """Write a chart in the form that the file is named after: .svg, .pdf, .png or .html.

    The HTML page holds the program that draws it, and fetches nothing.

    Raises
    ------
    BrainlakeError
        If the name ends in none of them.
    """
    target = Path(path)
    form = target.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise BrainlakeError(f"{path}: a figure is saved as .{', .'.join(FORMS)}; name such a file")
    write_bytes(target, rendered(chart, form))


def rendered(chart: Chart, form: Form) -> bytes:
    """A chart as the bytes of a file."""
    specification = chart.to_json(validate=False)
    if form == "svg":
        return vl_convert.vegalite_to_svg(specification).encode()
    if form == "pdf":
        return vl_convert.svg_to_pdf(_in_points(vl_convert.vegalite_to_svg(specification)))
    if form == "png":
        return vl_convert.vegalite_to_png(specification, scale=_POINT, ppi=DOTS)
    return vl_convert.vegalite_to_html(specification, bundle=True).encode()


def _in_points(svg: str) -> str:
    """The same drawing, its page in points."""

    def shrunk(found: re.Match[str]) -> str:
        return f'{found[1]}"{float(found[2]) * _POINT:g}"'

    head, end, rest = svg.partition(">")
    return re.sub(r'(\s(?:width|height)=)"([\d.]+)"', shrunk, head) + end + rest
