"""Word surprisal that others computed, brought into a bank as a model of its own."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.layout import check_name
from brainlake.contract.recipe import Imported
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_surprisal

Unit = Literal["nats", "bits"]

ORDER = (("item", "zone"), ("text_id", "word_id"), ("story",), ("document_id", "position"))
"""Columns that give the reading order, if a table has all of a pair; otherwise its rows are in order."""

SURPRISAL = {
    "surprisal": None,
    "surp_bits": "bits",
    "surprisal_bits": "bits",
    "surp_nats": "nats",
    "surprisal_nats": "nats",
}
PLAIN = ("surprisal_tokens", "surprisal_buggy")
WORD = ("word", "ref_token")

MAX_MISSPELT = 1e-3
"""Share of characters that may differ from the stimuli (a typo here and there), as long as none is missing."""


@dataclass(frozen=True)
class WordTable:
    """Surprisal (bits) of the words of a stimulus set, NaN where there is none."""

    surprisal: npt.NDArray[np.float64]
    plain: npt.NDArray[np.float64]
    n_tokens: npt.NDArray[np.int32] | None
    misspelt: list[str]


def import_surprisal(
    table: Path, bank: Path, model: str, stimulus_set: str, unit: Unit = "nats"
) -> tuple[Sidecar, WordTable]:
    """Import a table of words and surprisals, or of tokens and log probabilities.

    Parameters
    ----------
    table
        CSV, TSV or Parquet. Either ``word`` and ``surprisal`` (or ``surp_bits``, ``surp_nats``, ...), one row a
        word, or ``token`` and ``logprob`` (natural logarithm), one row a token. Rows are put in order by
        ``item, zone`` or ``text_id, word_id`` or ``story``, where the table has them.
    bank
        Folder of a bank that has the stimuli.
    model
        Name to give to the model.
    stimulus_set
        Stimulus set whose words these are.
    unit
        Unit of a column that does not say it in its name. The bank stores bits.

    Returns
    -------
    The sidecar written, and what was read.

    Raises
    ------
    BrainlakeError
        If the table does not hold those columns, or its words are not those of the stimuli, in order; or if the
        bank has a model of that name from elsewhere.
    """
    check_name("model", model)
    catalogue = open_bank(bank)
    stimuli = catalogue.stimuli(stimulus_set)
    rows = _read(table)
    words = _from_tokens(rows, stimuli, table) if "token" in rows.columns else _from_words(rows, stimuli, table, unit)
    digest = sha256_file(table)
    register_model(bank, {"model": model}, digest)
    columns = {
        "stimulus_id": stimuli["stimulus_id"].to_list(),
        "surprisal": _nullable(words.surprisal),
        "surprisal_tokens": _nullable(words.plain),
        "entropy": [None] * len(stimuli),
        "n_tokens": [None] * len(stimuli) if words.n_tokens is None else words.n_tokens.tolist(),
    }
    sidecar = write_surprisal(
        bank,
        model,
        stimulus_set,
        Imported("imported", digest, unit),
        columns,
        model_revision=digest,
        stimuli_sha256=catalogue.sidecar("stimuli", stimulus_set).stimuli_sha256,
        sources=[{"file": table.name, "url": None, "sha256": digest}],
    )
    rebuild_manifest(bank)
    return sidecar, words


def _read(path: Path) -> pl.DataFrame:
    """All columns as text, in reading order: words such as "null" and "nan" stay words."""
    if not path.is_file():
        raise BrainlakeError(f"there is no table at {path}")
    try:
        if path.suffix == ".parquet":
            rows = pl.read_parquet(path).with_columns(pl.all().cast(pl.String))
        else:
            with path.open(newline="", encoding="utf-8") as file:
                header, *lines = csv.reader(file, delimiter="," if path.suffix == ".csv" else "\t")
            rows = pl.DataFrame(lines, schema=[name or "row" for name in header], orient="row")
    except (ValueError, pl.exceptions.PolarsError, csv.Error) as error:
        raise BrainlakeError(f"{path} cannot be read as a table: {error}") from None
    for order in ORDER:
        if set(order) <= set(rows.columns):
            return rows.sort(*(pl.col(name).cast(pl.Float64, strict=False) for name in order), maintain_order=True)
    return rows


def _from_words(rows: pl.DataFrame, stimuli: pl.DataFrame, path: Path, unit: Unit) -> WordTable:
    word = next((name for name in WORD if name in rows.columns), None)
    column = next((name for name in SURPRISAL if name in rows.columns), None)
    if word is None or column is None:
        raise BrainlakeError(
            f"{path} has columns {', '.join(rows.columns)}: it needs word and surprisal, or token and logprob"
        )
    text = stimuli["text"].to_list()
    found = rows[word].to_list()
    if len(found) != len(text):
        raise BrainlakeError(f"{path} has {len(found)} words, the stimuli have {len(text)}: they are matched in order")
    misspelt = _compare("".join(found), "".join(text), path)
    scale = 1.0 if (SURPRISAL[column] or unit) == "bits" else 1 / math.log(2)
    surprisal = _numbers(rows, column, path) * scale
    plain = next((_numbers(rows, name, path) * scale for name in PLAIN if name in rows.columns), surprisal)
    counts = _numbers(rows, "ntok", path).astype(np.int32) if "ntok" in rows.columns else None
    return WordTable(surprisal, plain, counts, misspelt)


def _from_tokens(rows: pl.DataFrame, stimuli: pl.DataFrame, path: Path) -> WordTable:
    """Sum token log probabilities to words, matched by their characters without white space."""
    if "logprob" not in rows.columns:
        raise BrainlakeError(f"{path} has tokens but no column logprob (natural logarithm)")
    tokens = ["".join(token.split()) for token in rows["token"].to_list()]
    text = ["".join(item.split()) for item in stimuli["text"].to_list()]
    misspelt = _compare("".join(tokens), "".join(text), path)
    ends = np.cumsum([len(item) for item in text])
    stops = np.cumsum([len(token) for token in tokens])
    starts = stops - [len(token) for token in tokens]
    owner = np.searchsorted(ends, starts, side="right").clip(max=len(text) - 1)
    spanning = np.flatnonzero(stops > ends[owner])
    if len(spanning):
        raise BrainlakeError(f"{path}: token {tokens[spanning[0]]!r} (row {spanning[0] + 1}) spans two words")
    surprisal = np.zeros(len(text))
    np.add.at(surprisal, owner, -_numbers(rows, "logprob", path) / math.log(2))
    counts = np.bincount(owner, minlength=len(text)).astype(np.int32)
    return WordTable(surprisal, surprisal, counts, misspelt)


def _compare(found: str, wanted: str, path: Path) -> list[str]:
    """Refuse another text; return the few places that are spelt otherwise."""
    differing = [i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b]
    if len(found) != len(wanted) or len(differing) > MAX_MISSPELT * len(wanted):
        at = differing[0] if differing else min(len(found), len(wanted))
        raise BrainlakeError(
            f"{path} is not the text of the stimuli: {found[at : at + 20]!r} where they have {wanted[at : at + 20]!r}"
        )
    return [f"{found[max(i - 10, 0) : i + 10]!r} for {wanted[max(i - 10, 0) : i + 10]!r}" for i in differing]


def _numbers(rows: pl.DataFrame, column: str, path: Path) -> npt.NDArray[np.float64]:
    text = rows[column].replace("", None)
    numbers = text.cast(pl.Float64, strict=False)
    wrong = (numbers.is_null() & text.is_not_null()) | numbers.is_infinite()
    if wrong.any():
        row = int(wrong.arg_true()[0])
        raise BrainlakeError(f"{path}: {text[row]!r} in column {column}, row {row + 1}, is not a number")
    return numbers.fill_null(float("nan")).to_numpy()


def _nullable(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(value) else float(value) for value in values]
