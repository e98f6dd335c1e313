"""The errors that brainlake raises on purpose: each says what is wrong, where, and what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from typing import Final, Self

SHOWN: Final = 12
"""Names that a message lists; of more it says how many there are."""

LONGEST: Final = 200
"""Characters of an unknown name that a message shows: longer ones are no names."""

ALIKE: Final = 0.6
"""How alike (as difflib counts, from 0 to 1) a name has to be to be suggested; of equals, the one with more
letters in their places."""


class BrainlakeError(Exception):
    """Something could not be done as asked; the message is meant for the person who asked.

    A traceback shows it as well, and it may quote a bank: what a terminal would obey stands as its escape, but for the
    ends of lines.
    """

    def __str__(self) -> str:
        said = super().__str__()
        return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in said)


class UnknownNameError(BrainlakeError):
    """A benchmark, model, recipe, protocol or layer that is not there; the message suggests what was meant."""

    def __init__(self, kind: str, name: object, known: Iterable[str] = ()) -> None:
        there, text = sorted(set(known), key=by_number), str(name)
        if len(text) > LONGEST:
            text = f"{text[: LONGEST - 3]}..."
        near = nearest(text, there)
        meant = f" (did you mean {near!r}?)" if near else ""
        super().__init__(f"unknown {kind} {text!r}{meant}; there is{listed(there)}")


class FailedError(BrainlakeError):
    """Of many things, those that failed: a line each."""

    def __init__(self, found: Mapping[str, BrainlakeError]) -> None:
        self.found = dict(found)
        lines = [f"{thing}: {' '.join(str(error).split())}" for thing, error in found.items()]
        super().__init__(lines[0] if len(lines) == 1 else "\n  ".join([f"{len(lines)} failed:", *lines]))


class Failures:
    """What failed of many things, said when the others are done; as a context, raised when it ends.

    Parameters
    ----------
    fail_fast
        Let the first failure end it all.

    Examples
    --------
    >>> with Failures() as failures:
    ...     for name in ("a", "b"):
    ...         with failures.of(name):
    ...             raise BrainlakeError(f"no {name}")
    Traceback (most recent call last):
    brainlake.errors.FailedError: 2 failed:
      a: no a
      b: no b
    """

    def __init__(self, fail_fast: bool = False) -> None:
        self.fail_fast = fail_fast
        self.found: dict[str, BrainlakeError] = {}
        self._tried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.raise_all()

    @contextmanager
    def of(self, thing: str) -> Iterator[None]:
        """Do one of the things."""
        self._tried += 1
        try:
            yield
        except BrainlakeError as error:
            if self.fail_fast:
                raise
            self.found |= error.found if isinstance(error, FailedError) else {thing: error}

    def raise_all(self) -> None:
        """Raise if anything failed: the error itself where it was the only thing that was tried.

        Raises
        ------
        BrainlakeError
            If anything did.
        """
        if self.found and self._tried == 1:
            raise next(iter(self.found.values())) if len(self.found) == 1 else FailedError(self.found)
        if self.found:
            raise FailedError(self.found)


AT_ONCE: Final = Failures(fail_fast=True)
"""Raises the first failure."""


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that was most likely meant: the only one that contains it, or the one most alike.

    Examples
    --------
    >>> nearest("pereira2018.234", ["blank2014", "pereira2018.243", "pereira2018.384"])
    'pereira2018.243'
    >>> nearest("gpt2", ["huggyllama--llama-7b", "openai-community--gpt2"])
    'openai-community--gpt2'
    """
    wanted, by_case = name.casefold(), {other.casefold(): other for other in known}
    if wanted.isdigit():  # Of numbers, none is more likely than another.
        return None
    containing = [other for other in by_case if wanted in other] if len(wanted) > 2 else []
    if len(containing) == 1:
        return by_case[containing[0]]

    def likeness(other: str) -> tuple[float, int]:
        in_place = sum(a == b for a, b in zip(other, wanted, strict=False))
        return SequenceMatcher(None, other, wanted).ratio(), in_place

    best = max(by_case, key=likeness, default="")
    return by_case[best] if best and likeness(best)[0] >= ALIKE else None


def listed(names: Sequence[str]) -> str:
    """What there is, for the end of a message: cut where it is long."""
    if not names:
        return " none"
    shown = names if len(names) <= SHOWN else names[: SHOWN - 2]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f": {', '.join(shown)}{more}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """A number and what it counts.

    Examples
    --------
    >>> counted(1, "word"), counted(0, "word"), counted(2, "person", "people")
    ('1 word', '0 words', '2 people')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def by_number(name: str) -> list[str | int]:
    """Sorts layer 10 after layer 9."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"([0-9]+)", name))]
