"""The grammar of what has a name and fields that can be changed: ``NAME+field=value+...``.

Recipes and protocols are both written so. A canonical text names a thing once: fields in alphabetical order, each once,
none that says what the name says already.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from brainlake.errors import BrainlakeError, UnknownNameError, nearest

Value = str | int | bool | None


@dataclass(frozen=True)
class Values:
    """What a field takes, and what each value means.

    Attributes
    ----------
    words
        What each named value means, for people.
    other
        What any other value means, with ``{value}`` in it; null where only the named ones are possible.
    kind
        ``text``, ``number`` (positive) or ``flag`` (``true`` or ``false``).
    optional
        Whether ``none`` stands for no value.
    """

    words: Mapping[str, str]
    other: str | None = None
    kind: Literal["text", "number", "flag"] = "text"
    optional: bool = False

    def read(self, text: str) -> Value:
        """The value that a text stands for.

        Raises
        ------
        ValueError
            With what the field takes.

        Examples
        --------
        >>> Values({}, "{value} tokens", kind="number").read("007")
        7
        """
        if self.optional and text == "none":
            return None
        if text in self.words:
            return text == "true" if self.kind == "flag" else text
        if self.other is None:
            raise ValueError(f"one of {', '.join(self.words)}")
        if self.kind == "number":
            if not re.fullmatch("0*[1-9][0-9]{0,8}", text):
                raise ValueError("a positive number" + (" or none" if self.optional else ""))
            return int(text)
        if not text:
            raise ValueError("not empty")
        return text

    def in_words(self, value: Value) -> str:
        """What a value means; empty where nothing is to be said."""
        text = written(value)
        return self.words.get(text, (self.other or "{value}").replace("{value}", text))


def written(value: Value) -> str:
    """A value as it is written in a variant.

    Examples
    --------
    >>> [written(value) for value in (None, True, 20, "mean")]
    ['none', 'true', '20', 'mean']
    """
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def read_variant(kind: str, text: str, fields: Mapping[str, Mapping[str, Values]]) -> tuple[str, dict[str, Value]]:
    """Read ``NAME`` or ``NAME+field=value+...``.

    Parameters
    ----------
    kind
        What it names, for messages: ``recipe``, ``protocol``.
    text
        The text.
    fields
        What each name may have changed.

    Returns
    -------
    The name, and the value of each field that is given.

    Raises
    ------
    UnknownNameError
        If there is no such name, or it has no such field.
    BrainlakeError
        If a change is not ``field=value``, a field is given twice, or does not take that value.
    """
    if not isinstance(text, str):
        raise BrainlakeError(f"a {kind} is a text such as {next(iter(fields))!r}, not {text!r}")
    name, *changes = text.split("+")
    if name not in fields:
        raise UnknownNameError(kind, name, tuple(fields))
    found: dict[str, Value] = {}
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals:
            raise BrainlakeError(f"{kind} {text!r}: write {change!r} as field=value")
        if field not in fields[name]:
            raise UnknownNameError(f"{kind} field", field, tuple(fields[name]))
        if field in found:
            raise BrainlakeError(f"{kind} {text!r}: {field} is given twice; give it once")
        try:
            found[field] = fields[name][field].read(value)
        except ValueError as error:
            near = nearest(value, list(fields[name][field].words))
            meant = f" (did you mean {near!r}?)" if near else ""
            raise BrainlakeError(f"{kind} {text!r}: {field} is {error}, not {value!r}{meant}") from None
    return name, found


def variant_name(name: str, changes: Mapping[str, Value]) -> str:
    """The canonical text.

    Examples
    --------
    >>> variant_name("document", {"pool": "mean", "max_tokens": 24})
    'document+max_tokens=24+pool=mean'
    """
    return "+".join([name, *(f"{field}={written(changes[field])}" for field in sorted(changes))])
