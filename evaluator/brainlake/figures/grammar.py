"""The library that draws, or one sentence on how to get it: no other module imports it."""

from contextlib import AbstractContextManager
from typing import Any, Final

from brainlake.errors import BrainlakeError

MISSING: Final = (
    "figures and reports are drawn with altair, vl-convert-python and jinja2: pip install 'brainlake[plot]'"
)
"""What is said where the extra ``plot`` is not installed."""

try:
    import altair as alt
    import jinja2 as jinja2
    import vl_convert as vl_convert
except ImportError:
    raise BrainlakeError(MISSING) from None

__all__ = ["Chart", "alt", "jinja2", "unchecked", "vl_convert"]

Chart = Any
"""A chart of Altair, of one plot or several: it shows itself in a notebook."""


def unchecked() -> AbstractContextManager[None]:
    """While it lasts, no part of a chart is held against the schema when it is made: that is most of the work."""
    context: AbstractContextManager[None] = alt.utils.schemapi.debug_mode(False)
    return context
