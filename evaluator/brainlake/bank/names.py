"""The names that a bank has of one kind."""

from typing import SupportsIndex, overload

from brainlake.errors import UnknownNameError, by_number


class Names(tuple[str, ...]):
    """Names in order, each of which is found by itself: ``bank.models["gp`` completes with the tab key.

    Raises
    ------
    UnknownNameError
        From ``names[name]``, if there is no such name; the message suggests the nearest.
    """

    kind: str

    def __new__(cls, kind: str, names: set[str]) -> "Names":
        """Sort names of a kind, which messages call by its word."""
        found = super().__new__(cls, sorted(names, key=by_number))
        found.kind = kind
        return found

    @overload
    def __getitem__(self, key: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, key: str) -> str: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> str | tuple[str, ...]:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in self:
            raise UnknownNameError(self.kind, key, self)
        return key

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[type["Names"], tuple[str, set[str]]]:
        return Names, (self.kind, set(self))

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)
