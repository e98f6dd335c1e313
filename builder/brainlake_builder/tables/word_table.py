"""Surprisal that others computed, matched with the words of a stimulus set one by one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from brainlake.errors import BrainlakeError
from brainlake_builder.tables.user_table import numbers, read_user_table
from brainlake_builder.tables.word_match import bare, compare_characters, compare_words

Unit = Literal["nats", "bits"]
Float64 = npt.NDArray[np.float64]

ORDER = (("item", "zone"), ("text_id", "word_id"), ("story",), ("document_id", "position"))
"""Columns that give the reading order, if a table has all of a pair; otherwise its rows are in order."""

SURPRISAL: dict[str, Unit | None] = {
    "surprisal": None,
    "surp_bits": "bits",
    "surprisal_bits": "bits",
    "surp_nats": "nats",
    "surprisal_nats": "nats",
}
PLAIN = ("surprisal_tokens", "surprisal_buggy")
WORD = ("word", "ref_token")

MAX_TOKENS = 2**31 - 1
"""Tokens of a word that the bank can hold."""
MAX_BITS = 1e4
"""Largest surprisal that is believed: of 66 tokens, each as unlikely as float32 can say."""
ROUNDING = 1e-6
"""How far below zero a surprisal may lie that rounding has moved there."""


_ROW = "row in the file"


@dataclass(frozen=True)
class WordTable:
    """Surprisal (bits) of the words of a stimulus set, NaN where there is none.

    Attributes
    ----------
    surprisal, plain
        With and without the word-boundary correction, shape (n,).
    n_tokens
        Tokens of each word; null where the table does not say.
    misspelt
        Words that are spelt otherwise than the stimuli, as a sentence each.
    """

    surprisal: Float64
    plain: Float64
    n_tokens: list[int | None]
    misspelt: list[str]


def holds_surprisal(columns: Iterable[str]) -> bool:
    """Whether a table of these columns is one that :func:`read_word_table` reads.

    Examples
    --------
    >>> holds_surprisal(["Word", "surprisal"]), holds_surprisal(["word", "time"])
    (True, False)
    """
    names = {name.lower() for name in columns}
    return {"token", "logprob"} <= names or bool(names & set(WORD) and names & set(SURPRISAL))


def read_word_table(path: Path, stimuli: pl.DataFrame, unit: Unit = "nats") -> WordTable:
    """Read a table of words and surprisals, or of tokens and log probabilities.

    White space and the composition of Unicode characters do not count when words are compared.

    Parameters
    ----------
    path
        CSV, TSV or Parquet. Either ``word`` and ``surprisal`` (or ``surp_bits``, ``surp_nats``, ...), one row a
        word, or ``token`` and ``logprob`` (natural logarithm), one row a token.
    stimuli
        With the column ``text``, in ``position`` order.
    unit
        Unit of a column that does not say it in its name.

    Raises
    ------
    BrainlakeError
        At the first word that is not that of the stimuli, with both; at a value of the wrong sign or beyond all
        likelihood, an empty word, a token over two words; for a surprisal that is the same for all words.
    """
    rows = read_user_table(path)
    lower = [name.lower() for name in rows.columns]
    twice = next((name for name in lower if lower.count(name) > 1), None)
    if twice is not None:
        raise BrainlakeError(f"{path} has {twice} in two columns: remove or rename one")
    rows.columns = lower
    if rows.is_empty():
        raise BrainlakeError(f"{path} has no rows")
    if _ROW not in rows.columns:
        rows = rows.with_row_index(_ROW, 1)
    rows = _in_reading_order(rows)
    text = stimuli["text"].to_list()
    found = _from_tokens(rows, text, path) if "token" in rows.columns else _from_words(rows, text, path, unit)
    given = found.surprisal[~np.isnan(found.surprisal)]
    if len(given) > 1 and np.ptp(given) == 0:
        raise BrainlakeError(f"{path} gives every word the same surprisal, {given[0]:g} bits, which predicts nothing")
    return found


def _in_reading_order(rows: pl.DataFrame) -> pl.DataFrame:
    order = next((names for names in ORDER if set(names) <= set(rows.columns)), ())
    return rows.sort(*(_rank(rows[name]) for name in order), maintain_order=True) if order else rows


def _rank(column: pl.Series) -> pl.Series:
    """Numbers by size, names in the order of their first."""
    found, wrong = numbers(column)
    if not wrong.any():
        return found
    first = {name: place for place, name in enumerate(column.unique(maintain_order=True))}
    return pl.Series(column.name, [first[name] for name in column])


def _from_words(rows: pl.DataFrame, text: list[str], path: Path, unit: Unit) -> WordTable:
    word = next((name for name in WORD if name in rows.columns), None)
    columns = [name for name in SURPRISAL if name in rows.columns]
    if word is None or not columns:
        raise BrainlakeError(
            f"{path} has columns {', '.join(c for c in rows.columns if c != _ROW)}: "
            f"it needs word and surprisal, or token and logprob"
        )
    misspelt = compare_words(_strings(rows, word, path), text, rows[_ROW].to_list(), path)
    scales = {name: 1.0 if (SURPRISAL[name] or unit) == "bits" else 1 / math.log(2) for name in columns}
    surprisal, *others = (_bits(rows, name, path, scales[name]) for name in columns)
    for name, other in zip(columns[1:], others, strict=True):
        if not np.allclose(surprisal, other, rtol=1e-4, atol=1e-4, equal_nan=True):
            raise BrainlakeError(
                f"{path} has surprisal in two columns that disagree, {columns[0]} and {name}: remove one"
            )
    scale = scales[columns[0]]
    plain = next((_bits(rows, name, path, scale) for name in PLAIN if name in rows.columns), surprisal)
    counts: list[int | None] = _counts(rows, "ntok", path) if "ntok" in rows.columns else [None] * len(text)
    return WordTable(surprisal, plain, counts, misspelt)


def _from_tokens(rows: pl.DataFrame, text: list[str], path: Path) -> WordTable:
    """Sum token log probabilities to words, matched by their characters without white space."""
    if "logprob" not in rows.columns:
        raise BrainlakeError(f"{path} has tokens but no column logprob (natural logarithm)")
    tokens = [bare(token) for token in _strings(rows, "token", path)]
    words = [bare(word) for word in text]
    misspelt = compare_characters("".join(tokens), "".join(words), path)
    ends = np.cumsum([len(word) for word in words])
    stops = np.cumsum([len(token) for token in tokens])
    starts = stops - [len(token) for token in tokens]
    owner = np.searchsorted(ends, starts, side="right").clip(max=len(words) - 1)
    spanning = np.flatnonzero(stops > ends[owner])
    if len(spanning):
        token, row = tokens[spanning[0]], rows[_ROW][int(spanning[0])]
        raise BrainlakeError(f"{path}, row {row}: the token {token!r} spans two words")
    surprisal = np.zeros(len(words))
    np.add.at(surprisal, owner, _bits(rows, "logprob", path, -1 / math.log(2)))
    counts = np.bincount(owner, minlength=len(words)).tolist()
    return WordTable(surprisal, surprisal, counts, misspelt)


def _strings(rows: pl.DataFrame, column: str, path: Path) -> list[str]:
    kind = rows[column].dtype
    if kind.is_nested() or kind == pl.Binary:
        raise BrainlakeError(f"{path}, column {column}: holds {str(kind).split('(')[0].lower()}s, no text")
    found = rows[column].cast(pl.String)
    if found.null_count():
        raise BrainlakeError(
            f"{path}, row {rows[_ROW].filter(found.is_null())[0]}, column {column}: is empty "
            f"(a word such as null or NA that was read as missing?)"
        )
    return found.to_list()


def _bits(rows: pl.DataFrame, column: str, path: Path, scale: float) -> Float64:
    found = _checked(rows, column, path)
    bits = found * scale
    wrong = bits < -ROUNDING
    if wrong.any():
        place = int(wrong.arg_true()[0])
        rule = "a log probability is not above 0" if scale < 0 else "a surprisal is not below 0"
        raise BrainlakeError(f"{path}, row {rows[_ROW][place]}, column {column}: {found[place]} cannot be: {rule}")
    huge = (bits > MAX_BITS).fill_null(False)
    if huge.any():
        place = int(huge.arg_true()[0])
        raise BrainlakeError(
            f"{path}, row {rows[_ROW][place]}, column {column}: {found[place]} cannot be, for one word: "
            f"leave the cell empty if there is none"
        )
    return bits.fill_null(float("nan")).to_numpy()


def _counts(rows: pl.DataFrame, column: str, path: Path) -> list[int | None]:
    found = _checked(rows, column, path)
    wrong = ((found != found.round()) | ~found.is_between(0, MAX_TOKENS)).fill_null(False)
    if wrong.any():
        place = int(wrong.arg_true()[0])
        raise BrainlakeError(f"{path}, row {rows[_ROW][place]}, column {column}: {found[place]} is no number of tokens")
    return found.cast(pl.Int32).to_list()


def _checked(rows: pl.DataFrame, column: str, path: Path) -> pl.Series:
    found, wrong = numbers(rows[column])
    if wrong.any():
        place = int(wrong.arg_true()[0])
        raise BrainlakeError(
            f"{path}, row {rows[_ROW][place]}, column {column}: {rows.row(place, named=True)[column]!r} is not a number"
        )
    return found
