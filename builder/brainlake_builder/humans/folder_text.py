"""Names and texts of a user's table: what looks the same but is not, what nobody sees, what was read wrongly."""

import unicodedata
from typing import Final

import polars as pl

from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.humans.folder_table import FolderTable

_INVISIBLE: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069"
    r"\ufeff\ufffd"
)
"""Control characters, soft hyphen, zero-width space, word joiner, marks and overrides of direction, separators of
lines, byte-order mark, and what could not be decoded."""
_JOINERS: Final = r"\u200c\u200d\ufe00-\ufe0f"
"""Joiners and selectors, which emoji and several scripts need in texts, and no name does."""
_THINGS: Final = ("subject", "measure", "roi", "target_id", "name", "group_id", "document_id", "run", "sentence")
_MISREAD: Final = r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
"""The first two bytes of a character in UTF-8, read as Windows-1252."""
_ESCAPE: Final = r"\\(?:[nrt\"']|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"
_ERROR: Final = r"^#(?:NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|N/A)$"
_ENTITY: Final = r"&(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#x[0-9A-Fa-f]{1,5});"


def check_texts(table: FolderTable) -> None:
    """Refuse names and texts that hold what their author did not see.

    Raises
    ------
    BrainlakeError
        For characters that nobody sees, for texts that another program garbled, and for a name that differs from an
        earlier one only in capitals, in zeros before a number, or in how a character is written.
    """
    for column in COLUMNS[table.table]:
        if column.kind not in ("name", "text") or column.name not in table.frame.columns:
            continue
        _refuse_invisible(table, column.name, _INVISIBLE + (_JOINERS if column.kind == "name" else ""))
        if column.kind == "text":
            _refuse_garbled(table, column.name)
        if column.name in _THINGS or (table.table, column.name) == ("data", "text"):
            _refuse_twins(table, column.name)


def _refuse_twins(table: FolderTable, column: str) -> None:
    """Refuse a name that looks like an earlier one: they would be two things."""
    names = table.frame[column]
    distinct = names.unique(maintain_order=True).drop_nulls()
    first: dict[str, str] = {}
    for name, key in zip(distinct, _looks(distinct), strict=True):
        other = first.setdefault(key, name)
        if other != name:
            how = "capitals" if other.lower() == name.lower() else "zeros, or in how a character is written"
            what = f"{{cell}} differs from {other!r} of an earlier row only in {how}: write one of them"
            table.refuse((names == name).fill_null(False), column, what, "capitals")


def _looks(names: pl.Series) -> pl.Series:
    """What names have in common that look alike: 'sub-01' and 'Sub-1', 'x' composed in two ways, '1' and '1.0'."""
    plain = names.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\p{Pd}", "-")
    plain = plain.str.replace_all(r"\s+", " ").str.replace(r"^([0-9]+)\.0+$", "$1")
    return plain.str.replace_all(r"(^|[^0-9.])0+([0-9])", "$1$2")


def _refuse_invisible(table: FolderTable, column: str, characters: str) -> None:
    """Refuse what makes two equal words two words: a model reads it, and people do not see it."""
    found = table.frame[column].str.extract(f"([{characters}])")
    if found.is_not_null().any():
        character = found.drop_nulls()[0]
        name = unicodedata.name(character, "control character").lower()
        what = f"holds the character U+{ord(character):04X} ({name}), which nobody sees or nobody could read: remove it"
        table.refuse(found.is_not_null(), column, what, "invisible")


def _refuse_garbled(table: FolderTable, column: str) -> None:
    """Refuse texts that another program wrote as what they are not."""
    texts = table.frame[column]
    misread = texts.str.contains(_MISREAD).fill_null(False)
    if misread.any():
        meant = pl.Series([flag and _meant(text) is not None for flag, text in zip(misread, texts, strict=True)])
        text = texts.filter(meant)[0] if meant.any() else ""
        table.refuse(meant, column, f"{{cell}} was UTF-8, read as Windows-1252: it may be {_meant(text)!r}", "garbled")
    if column in ("text", "separator", "word", "sentence"):
        _refuse_found(
            table, column, _ESCAPE, "an escape in characters of its own: write the character that it stands for"
        )
        _refuse_found(table, column, _ERROR, "an error of a spreadsheet: write the word in a text editor")
    _refuse_found(table, column, _ENTITY, "an HTML entity: write the character that it stands for")


def _refuse_found(table: FolderTable, column: str, pattern: str, what: str) -> None:
    found = table.frame[column].str.extract(f"({pattern})")
    if found.is_not_null().any():
        table.refuse(found.is_not_null(), column, f"holds {found.drop_nulls()[0]!r}, {what}", "garbled")


def _meant(text: str) -> str | None:
    """What a text was before it was read as Windows-1252; None if it never was UTF-8."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
