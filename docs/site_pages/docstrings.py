"""What the site does to docstrings: a section Returns that is prose gets the type that the signature states."""

import inspect
import re
from typing import Any

_NEXT = re.compile(r"^[A-Z][A-Za-z ]+$")


def typed_returns(_app: Any, _what: str, _name: str, thing: object, _options: Any, lines: list[str]) -> None:
    """Change the lines of a docstring in place, before numpydoc reads them.

    numpydoc takes every line of Returns that is not indented for a type. Where the section has no line of a type with
    its description indented below, its text becomes the description of the annotated type.
    """
    start = next((i + 2 for i in range(len(lines) - 1) if lines[i : i + 2] == ["Returns", "-------"]), None)
    if start is None:
        return
    end = next(
        (i for i in range(start, len(lines) - 1) if _NEXT.match(lines[i]) and re.match("^-{3,}$", lines[i + 1])),
        len(lines),
    )
    section = lines[start:end]
    if len(section) > 1 and section[1].startswith(" "):
        return
    try:
        annotation = inspect.signature(thing).return_annotation  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    kind = inspect.formatannotation(annotation).replace("polars.dataframe.frame.", "polars.").replace("pl.", "polars.")
    lines[start:end] = [kind, *(f"    {line}" if line else "" for line in section)]
