"""Numbers of scores as text: one form a column, so that they can be read down."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any


def number(value: float, digits: int = 3) -> str:
    """So many decimals, without the zero that a correlation always has before its point.

    Examples
    --------
    >>> number(0.3121), number(-0.04), number(1.02), number(-0.0001)
    ('.312', '-.040', '1.020', '.000')
    """
    text = f"{round(value, digits) + 0.0:.{digits}f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def numbers(values: Sequence[float | None], digits: int = 3) -> list[str | None]:
    """A column of numbers, their points one below the other."""
    return _aligned([None if value is None else number(value, digits) for value in values])


def intervals(values: Sequence[tuple[float | None, float | None, float | None]], digits: int = 3) -> list[str | None]:
    """A column of numbers with their 95 % intervals, where there are any.

    Examples
    --------
    >>> intervals([(0.312, 0.29, 0.336), (0.1, -0.05, 0.2), (0.2, None, None)])
    ['.312 [ .290, .336]', '.100 [-.050, .200]', '.200']
    """
    centre, low, high = (numbers(side, digits) for side in zip(*values, strict=True))
    spans = ["" if a is None or b is None else f" [{a}, {b}]" for a, b in zip(low, high, strict=True)]
    return [None if c is None else c + span for c, span in zip(centre, spans, strict=True)]


def p_values(values: Sequence[tuple[float | None, float | None]]) -> list[str | None]:
    """A column of p values; one that no permutation reached is said to be smaller than the smallest possible.

    Examples
    --------
    >>> p_values([(0.001, 0.001), (0.0312, 0.001), (None, None)])
    ['< .001', '  .031', None]
    """
    texts: list[str | None] = []
    for value, floor in values:
        if value is None:
            texts.append(None)
        elif floor is not None and value <= floor:
            texts.append(f"< {number(math.ceil(floor * 1000 - 1e-9) / 1000)}")
        else:
            texts.append(number(value))
    return _aligned(texts)


def layers(row: Mapping[str, Any]) -> str | None:
    """The layer that was scored, or those that the choice took, successive ones as a stretch.

    Examples
    --------
    >>> layers({"layer": None, "selected_layers": [7, 5, 6, 6, 9]})
    '5-7 9'
    """
    if row["layer"] is not None:
        return str(row["layer"])
    if not row["selected_layers"]:
        return None
    return stretches(row["selected_layers"])


def stretches(numbers: Iterable[int]) -> str:
    """Whole numbers, each once, successive ones as a stretch.

    Examples
    --------
    >>> stretches([3, 0, 1, 2, 7])
    '0-3 7'
    """
    found = sorted(set(numbers))
    runs = [[k for _, k in run] for _, run in groupby(enumerate(found), key=lambda pair: pair[1] - pair[0])]
    return " ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _aligned(texts: Sequence[str | None]) -> list[str | None]:
    width = max((len(text) for text in texts if text is not None), default=0)
    return [None if text is None else text.rjust(width) for text in texts]
