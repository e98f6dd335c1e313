"""Citations as people write them, BibTeX for the most part, taken apart."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_ENTRY: Final = re.compile(r"@(\w+)\s*\{\s*([^,\s]*)\s*,")
_FIELD: Final = re.compile(r"\s*,?\s*([\w-]+)\s*=\s*")


@dataclass(frozen=True)
class Entry:
    """An entry of BibTeX: its type, its fields by their names in small letters, without braces, and its key."""

    kind: str
    fields: Mapping[str, str]
    key: str = ""

    @property
    def authors(self) -> list[tuple[str, str]]:
        """Family and given names; a name that is not written ``Family, Given`` is the first alone."""
        names = [name.strip() for name in re.split(r"\s+and\s+", self.fields.get("author", "")) if name.strip()]
        parts = (name.partition(",") for name in names)
        return [(family.strip(), given.strip()) for family, _, given in parts]


def entries(text: str) -> list[Entry]:
    """The entries of a text; none where it is not BibTeX.

    Examples
    --------
    >>> (entry,) = entries("@article{a, title = {The {DNA}}, author = {Roe, Jo and Team}, year = 2024}")
    >>> entry.kind, entry.fields["title"], entry.fields["year"], entry.authors
    ('article', 'The DNA', '2024', [('Roe', 'Jo'), ('Team', '')])
    """
    return [
        Entry(match[1].lower(), {name.lower(): value for name, value in _fields(text, match.end())}, match[2])
        for match in _ENTRY.finditer(text)
    ]


def short(text: str) -> str:
    """What a text cites, each work by its authors and year; a text that is no BibTeX in one line.

    Examples
    --------
    >>> short("@article{a, author = {Roe, Jo and Doe, Bo and Poe, Al}, year = 2024}")
    'Roe et al. (2024)'
    """
    return "; ".join(map(_named, entries(text))) or one_line(text)


def _named(entry: Entry) -> str:
    families = [family for family, _ in entry.authors]
    who = f"{families[0]} et al." if len(families) > 2 else " & ".join(families)
    year = entry.fields.get("year")
    return (who or entry.fields.get("title") or entry.key) + (f" ({year})" if year else "")


def one_line(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())


def _fields(text: str, at: int) -> Iterator[tuple[str, str]]:
    while match := _FIELD.match(text, at):
        end = _value_end(text, match.end())
        yield match[1], one_line(re.sub(r'[{}"]', "", text[match.end() : end]))
        at = end


def _value_end(text: str, at: int) -> int:
    """Where a value ends: at a comma or brace that no brace or quotation mark of its own encloses."""
    depth, quoted = 0, False
    for place in range(at, len(text)):
        sign = text[place]
        if depth == 0 and not quoted and sign in ",}":
            return place
        depth += (sign == "{") - (sign == "}")
        quoted ^= sign == '"' and depth == 0
    return len(text)
