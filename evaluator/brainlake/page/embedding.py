"""Figures and files inside the page: as data, so that nothing is fetched and nothing in them can act."""

import base64
import re
from typing import Final

from brainlake.figures.figure import Figure
from brainlake.figures.saving import rendered
from brainlake.figures.theme import Width

_DECIMALS: Final = re.compile(r"(\.\d\d)\d+")
_DRAWN: Final = re.compile(r' (?:d|transform)="[^"]*"')
_SIZE: Final = re.compile(r'<svg[^>]* width="([\d.]+)"[^>]* height="([\d.]+)"')


def image(figure: Figure, width: Width) -> tuple[str, int, int]:
    """A figure as the address of an image, and its size in pixels.

    An image has no scripts and no links, and its ids meet those of no other.
    """
    text = slim(rendered(figure.draw(width), "svg").decode())
    found = _SIZE.search(text)
    across, down = (round(float(x)) for x in found.groups()) if found else (0, 0)
    return address(text, "image/svg+xml"), across, down


def slim(svg: str) -> str:
    """The same drawing to a hundredth of a pixel, which is most of a file less."""
    return _DRAWN.sub(lambda part: _DECIMALS.sub(r"\1", part[0]), svg)


def address(text: str, kind: str) -> str:
    """A text as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"
