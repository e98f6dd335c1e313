"""Charts whose texts, which come from banks of other people, cannot act where the chart is shown or saved."""

import re
from typing import Any, Final

from brainlake.contract.printable import printable
from brainlake.figures.grammar import Chart, alt

_ENDS_A_SCRIPT: Final = re.compile(r"<(?=[/!])")


def harmless(chart: Chart) -> Chart:
    """The same chart; in what it hands to a notebook, a page or a renderer, no text can act.

    Altair writes a chart into the script of a page as it is, where ``</script>`` in the name of a model ends that
    script; and a character that XML forbids ends the whole process that draws.
    """
    # Not assigned as usual: a chart takes whatever is assigned for a part of its specification.
    object.__setattr__(chart, "__class__", _KINDS[type(chart)])
    return chart


def harmless_text(text: str) -> str:
    """A text with the escape of whatever would act.

    Examples
    --------
    >>> harmless_text("</script>")
    '\\\\u003c/script>'
    """
    return _ENDS_A_SCRIPT.sub(r"\\u003c", printable(text))


class _Harmless:
    """What a chart becomes before it is shown or saved."""

    def to_dict(self, *options: Any, **more: Any) -> dict[str, Any]:
        """The specification."""
        found: dict[str, Any] = _without(super().to_dict(*options, **more))  # type: ignore[misc]
        return found


_KINDS: Final = {
    kind: type(kind.__name__, (_Harmless, kind), {})
    for kind in (alt.Chart, alt.LayerChart, alt.ConcatChart, alt.HConcatChart)
}


def _without(part: Any) -> Any:
    if isinstance(part, str):
        return harmless_text(part)
    if isinstance(part, dict):
        return {harmless_text(str(name)): _without(one) for name, one in part.items()}
    return [_without(one) for one in part] if isinstance(part, list | tuple) else part
