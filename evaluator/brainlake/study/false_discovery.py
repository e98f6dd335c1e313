"""P values adjusted over the tests of a question, and the name of that family of tests."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

from scipy import stats


class Tested(Protocol):
    """A frozen row with a p value."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def p_value(self) -> float | None:
        """Its p value, if it has one."""


T = TypeVar("T", bound=Tested)


def adjusted(rows: Sequence[T], family: Callable[[T], Hashable | None], name: Callable[[Sequence[T]], str]) -> list[T]:
    """Fill in ``p_adjusted``, by Benjamini and Hochberg, and ``adjusted_over``.

    Parameters
    ----------
    rows
    family
        Rows with the same are adjusted together; those of which it is None are not adjusted, nor are rows without p.
    name
        What to call the family of some rows.
    """
    families: dict[Hashable, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        key = family(row)
        if key is not None and row.p_value is not None:
            families[key].append(place)
    out = list(rows)
    for places in families.values():
        together = [rows[place] for place in places]
        values = stats.false_discovery_control([row.p_value for row in together])
        for place, value in zip(places, values, strict=True):
            out[place] = replace(rows[place], p_adjusted=float(value), adjusted_over=name(together))
    return out
