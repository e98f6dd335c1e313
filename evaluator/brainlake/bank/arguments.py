"""What callers pass, checked before any work: names, numbers, paths, and one where several may be given."""

import operator
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from brainlake.errors import BrainlakeError, nearest


def impossible(parameter: str, value: object, wanted: str) -> BrainlakeError:
    """The error about an argument: what was given, and what is possible."""
    given = " ".join(repr(value).split())  # frames and arrays show themselves in many lines
    short = given if len(given) <= 60 else f"{given[:57]}..."
    return BrainlakeError(f"{parameter}={short} is not possible: it is {wanted}")


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text that any file could hold: half of a surrogate pair has no bytes in UTF-8."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def one_name(parameter: str, value: object) -> str:
    """A name.

    Raises
    ------
    BrainlakeError
        If it is no text, or an empty one.
    """
    if not isinstance(value, str) or not value:
        raise impossible(parameter, value, "a name, as text")
    return str(value)


def names(parameter: str, value: object) -> tuple[str, ...] | None:
    """Names, each once; one text is one name, and None stands for all.

    Raises
    ------
    BrainlakeError
        If they are no texts.
    """
    if value is None:
        return None
    found = (value,) if isinstance(value, str) else _several(value)
    if found is None or not all(isinstance(name, str) and name for name in found):
        raise impossible(parameter, value, "a name, or a list of names")
    return tuple(dict.fromkeys(map(str, found)))


def some_names(parameter: str, value: object) -> tuple[str, ...] | None:
    """Names as :func:`names` reads them, where none of them would leave nothing to do.

    Raises
    ------
    BrainlakeError
        If they are no texts, or there is not one of them.
    """
    found = names(parameter, value)
    if found == ():
        raise impossible(parameter, value, "a name, or a list of names with one at least")
    return found


def one_of(parameter: str, value: object, choices: Sequence[str]) -> str:
    """One of a few words.

    Raises
    ------
    BrainlakeError
        If it is another one, or no text.
    """
    if not isinstance(value, str) or value not in choices:
        near = nearest(value, choices) if isinstance(value, str) else None
        meant = f" (did you mean {near!r}?)" if near else ""
        raise impossible(parameter, value, f"one of {', '.join(choices)}{meant}")
    return str(value)


def number(parameter: str, value: object, at_least: int = 0, at_most: int | None = None) -> int:
    """A whole number.

    Raises
    ------
    BrainlakeError
        If it is none, or is smaller than ``at_least`` or larger than ``at_most``.
    """
    found = _whole(value)
    if found is None or found < at_least:
        raise impossible(parameter, value, f"a whole number, {at_least} or more")
    if at_most is not None and found > at_most:
        raise impossible(parameter, value, f"a whole number, {at_most} or less")
    return found


def numbers(parameter: str, value: object) -> tuple[int, ...] | None:
    """Whole numbers from 0, each once; one number is one, and None stands for all.

    Raises
    ------
    BrainlakeError
        If they are none, or there is not one of them.
    """
    if value is None:
        return None
    found = [_whole(one) for one in ((value,) if _whole(value) is not None else _several(value) or ())]
    if not found or any(one is None or one < 0 for one in found):
        raise impossible(parameter, value, "a whole number, 0 or more, or a list of them")
    return tuple(dict.fromkeys(one for one in found if one is not None))


def flag(parameter: str, value: object) -> bool:
    """A choice between two: a text such as "no" is true for Python, and not meant so.

    Raises
    ------
    BrainlakeError
        If it is neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        raise impossible(parameter, value, "True or False")
    return bool(value)


def place(parameter: str, value: object) -> Path:
    """A path, in which ``~`` is the home folder.

    Raises
    ------
    BrainlakeError
        If it is no path.
    """
    if not isinstance(value, str | os.PathLike) or not os.fspath(value) or "\0" in str(value):
        raise impossible(parameter, value, "a path")
    path = Path(value).expanduser()
    try:
        path.exists()
    except OSError as error:
        raise impossible(parameter, value, f"a path, and this cannot be one ({error.strerror})") from None
    return path


def _several(value: object) -> tuple[object, ...] | None:
    """What a list, or anything like one, holds; a mapping is not meant as one."""
    if isinstance(value, bytes | dict) or not isinstance(value, Iterable):
        return None
    return tuple(value)


def _whole(value: Any) -> int | None:
    """An integer of Python or NumPy; ``True`` is not meant as 1."""
    if isinstance(value, bool | np.bool_):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None
