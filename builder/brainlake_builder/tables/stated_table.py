"""A user's file as columns of a table of the contract: every cell of its column's kind, or refused with its row."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import polars as pl
import pyarrow as pa

from brainlake.contract.layout import check_name, model_name
from brainlake.contract.schema import STRING, TABLES
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.tables.user_table import numbers, read_user_table

_UNSEEN = r"\p{C}"
"""Characters that command a terminal, or that tell two names apart which look the same."""


def read_stated(path: Path, table: str, may: Sequence[str], must: Sequence[str]) -> pl.DataFrame:
    """Read a CSV, TSV or Parquet file whose columns are some of those of a table of the contract.

    Parameters
    ----------
    path
        The file; names of its columns are taken in capitals too.
    table
        Table of the contract that gives the columns their kinds; a column that it does not have is text.
    may, must
        Columns that it may have, and those that it must have, each row of them filled.

    Returns
    -------
    The columns of the file; where a cell is empty, null.

    Raises
    ------
    BrainlakeError
        If a column is unknown or missing, there is no row, or a cell is not of its column's kind, holds characters that
        are not seen, or is empty where it may not be.
    """
    frame = read_user_table(path)
    frame.columns = [name.lower() for name in frame.columns]
    for name in frame.columns:
        if name not in may:
            raise UnknownNameError(f"column of {path.name}", name, may)
    absent = [name for name in must if name not in frame.columns]
    if absent:
        raise BrainlakeError(f"{path} has no column {absent[0]}: it needs a header with {', '.join(must)}")
    if frame.is_empty():
        raise BrainlakeError(f"{path} has no rows below its header")
    kinds = {field.name: field.type for field in TABLES[table]}
    cast = pl.DataFrame([_cast(path, column, kinds.get(column.name, STRING)) for column in frame])
    for name in must:
        empty = cast[name].is_null()
        if empty.any():
            _refuse(path, empty, name, "is empty: fill it in, or leave the row out")
    return cast


def check_source(source: str | None) -> None:
    """Raise unless the source that is given for a whole table, if one is, can be read by people.

    Examples
    --------
    >>> check_source("Aw et al. 2024, Table 5")
    """
    if source is not None and (not source.strip() or pl.Series([source]).str.contains(_UNSEEN).any()):
        raise BrainlakeError(f"{source!a} names no source: say who it is from, in characters that are seen")


def bank_name(text: str) -> str:
    """The name of a model in a bank, from that or from its Hub id, also as ``owner/name@revision``.

    Raises
    ------
    BrainlakeError
        If it can be neither.

    Examples
    --------
    >>> bank_name("allenai/OLMo-2-0425-1B@stage1-step10000-tokens21B")
    'allenai--OLMo-2-0425-1B@stage1-step10000-tokens21B'
    >>> bank_name("demo-llama")
    'demo-llama'
    """
    hub_id, _, revision = text.partition("@")
    return model_name(hub_id, revision or None) if "/" in text else check_name("model", text)


def _cast(path: Path, column: pl.Series, kind: pa.DataType) -> pl.Series:
    if pa.types.is_string(kind):
        text = column.cast(pl.String)
        around = (text != text.str.strip_chars()).fill_null(False)
        if around.any():
            _refuse(path, around, column.name, f"{text.filter(around)[0]!r} has white space around it")
        hidden = text.str.contains(_UNSEEN).fill_null(False)
        if hidden.any():
            _refuse(path, hidden, column.name, f"{text.filter(hidden)[0]!a} holds a character that is not seen")
        return text
    values, wrong = numbers(column)
    what = "number: write a decimal point, and no per cent sign"
    if pa.types.is_integer(kind):
        most = 2 ** (kind.bit_width - 1) - 1
        what = f"whole number up to {most}"
        wrong = wrong | ((values != values.round()) | (values.abs() > most)).fill_null(False)
    if wrong.any():
        _refuse(path, wrong, column.name, f"{column.filter(wrong)[0]!r} is no {what}")
    return values.cast(pl.Int64) if pa.types.is_integer(kind) else values


def _refuse(path: Path, wrong: pl.Series, column: str, what: str) -> NoReturn:
    raise BrainlakeError(f"{path}, row {int(wrong.arg_true()[0]) + 1}, column {column}: {what}")
