"""What figures are drawn from: tables of results in files and in banks, and what banks know of models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from brainlake.bank.catalogue import Bank, open_bank
from brainlake.contract.schema import RESULTS, TABLES
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.figures.questions import refuse_doubles

_ORIGIN: Final = {"file", "author"}
_TOLD_BY: Final = {"scores": "score", "comparisons": "model_a", "shapes": "predictor_mean"}
"""A column that only one table of results has."""


def _empty(table: str) -> pl.DataFrame:
    schema = TABLES[table]
    return pl.DataFrame(pa.Table.from_arrays([pa.nulls(0, one.type) for one in schema], schema=schema))


@dataclass(frozen=True)
class Results:
    """Tables with the columns of the contract; those that there are none of are empty.

    Attributes
    ----------
    bank
        The banks that some of it came from, as one.
    files
        The files that some of it came from.
    """

    scores: pl.DataFrame = field(default_factory=lambda: _empty("scores"))
    comparisons: pl.DataFrame = field(default_factory=lambda: _empty("comparisons"))
    shapes: pl.DataFrame = field(default_factory=lambda: _empty("shapes"))
    models: pl.DataFrame = field(default_factory=lambda: _empty("models"))
    model_properties: pl.DataFrame = field(default_factory=lambda: _empty("model_properties"))
    benchmarks: pl.DataFrame = field(default_factory=lambda: _empty("benchmarks"))
    targets: pl.DataFrame = field(default_factory=lambda: _empty("targets"))
    bank: Bank | None = None
    files: tuple[Path, ...] = ()


def read_results(places: Sequence[str | Path], *, only: Sequence[str] | None = None, download: bool = False) -> Results:
    """Read what is stored, and compute nothing.

    Parameters
    ----------
    places
        Files that ``brainlake brain``, ``behavior`` or ``compare`` wrote (.parquet), and banks; in any order.
    only
        Of the results that banks hold those in these files, named as in the column ``file``; by default all.
    download
        As in :func:`brainlake.open_bank`.

    Raises
    ------
    BrainlakeError
        If a place is neither, holds something else, or one thing has two different scores; if there are no results,
        or banks hold none in a file of that name.
    """
    files = tuple(Path(place) for place in places if str(place).endswith(".parquet"))
    banks = [place for place in places if not str(place).endswith(".parquet")]
    bank = open_bank(*banks, download=download) if banks else None
    stored = {name: _empty(name) if bank is None else bank.table(name) for name in RESULTS}
    if only is not None:
        stored = _chosen(stored, only)
    parts = {name: [rows] for name, rows in stored.items()}
    for path in files:
        name, rows = _read(path)
        parts[name].append(rows)
    found = {name: _joined(name, tables) for name, tables in parts.items()}
    if all(table.is_empty() for table in found.values()):
        where = ", ".join(map(str, places))
        raise BrainlakeError(
            f"{where}: no scores are stored there: write some with `brainlake brain ... --out FILE.parquet`, and name "
            "that file beside the bank"
        )
    return replace(
        _known_of(bank),
        scores=found["scores"],
        comparisons=found["comparisons"],
        shapes=found["shapes"],
        bank=bank,
        files=files,
    )


def results_of(
    scores: Sequence[pl.DataFrame],
    bank: Bank | None = None,
    *,
    comparisons: Sequence[pl.DataFrame] = (),
    shapes: Sequence[pl.DataFrame] = (),
) -> Results:
    """The same of tables at hand.

    Parameters
    ----------
    scores, comparisons, shapes
        What ``brain_alignment`` and ``behavioral_alignment``, ``compare`` and ``surprisal_shapes`` returned.
    bank
        That they were scored on.

    Raises
    ------
    BrainlakeError
        If one thing has two different scores.
    """
    return replace(
        _known_of(bank),
        scores=_joined("scores", scores),
        comparisons=_joined("comparisons", comparisons),
        shapes=_joined("shapes", shapes),
        bank=bank,
    )


def _known_of(bank: Bank | None) -> Results:
    """What a bank knows of models, benchmarks and targets."""
    if bank is None:
        return Results()
    return Results(
        models=bank.table("models"),
        model_properties=bank.table("model_properties"),
        benchmarks=bank.table("benchmarks"),
        targets=bank.table("targets"),
    )


def _read(path: Path) -> tuple[str, pl.DataFrame]:
    try:
        rows = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BrainlakeError(f"{path} cannot be read: {error}; write it with `brainlake brain ... --out`") from None
    name = next((name for name, column in _TOLD_BY.items() if column in rows.columns), None)
    if name is None:
        raise BrainlakeError(
            f"{path} holds no results: write one with `brainlake brain`, `behavior` or `compare ... --out FILE`"
        )
    empty = _empty(name)
    missing = [column for column in empty.columns if column not in rows.columns and column not in _ORIGIN]
    if missing:
        raise BrainlakeError(f"{path}: {name} without column {', '.join(missing)}: write it with this version")
    there = [column for column in empty.columns if column in rows.columns]
    try:
        whole = rows.select(pl.col(column).cast(empty.schema[column]) for column in there)
    except pl.exceptions.PolarsError as error:
        raise BrainlakeError(f"{path}: {name} whose columns are of other types: {error}") from None
    return name, pl.concat([empty, whole], how="diagonal")


def _chosen(stored: Mapping[str, pl.DataFrame], only: Sequence[str]) -> dict[str, pl.DataFrame]:
    there = {file for rows in stored.values() for file in rows["file"]}
    for name in only:
        if name not in there:
            raise UnknownNameError("file of results in the bank", name, there)
    return {name: rows.filter(pl.col("file").is_in(only)) for name, rows in stored.items()}


def _joined(name: str, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of all tables; those that two of them have alike, once."""
    rows = pl.concat([_empty(name), *tables], how="diagonal_relaxed")
    plain = [one for one, kind in rows.schema.items() if one not in _ORIGIN and not kind.is_nested()]
    rows = rows.unique(plain, keep="first", maintain_order=True)
    if name == "scores":
        refuse_doubles(rows)
    return rows
