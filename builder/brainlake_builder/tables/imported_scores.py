"""Scores as a table of a bank, so that they are published with it."""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import table_path
from brainlake.contract.schema import FEATURE_TABLES, SCORES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.tables.published_scores import read_published
from brainlake_builder.tables.writer import made_from, write_table


def add_scores(
    bank: Path,
    name: str,
    file: Path,
    *,
    source: str | None = None,
    author: str | None = None,
    replace: bool = False,
) -> Sidecar:
    """Put a file of scores into a bank.

    Its sidecar names the files of the bank that the scores were made from, as far as their rows tell: features of the
    same model, recipe and stimuli, and recordings of the same benchmark.

    Parameters
    ----------
    bank
        Folder of the bank.
    name
        Name of the scores: banks that open together need different ones, so it is good to begin with who made them.
    file
        What ``--out`` of ``brainlake brain`` or ``brainlake behavior`` wrote; or a plain table of published scores, see
        :func:`~brainlake_builder.tables.published_scores.read_published`.
    source
        Who published them, for a plain table that does not say it.
    author
        Who made them.
    replace
        Whether they may take the place of other scores of that name.

    Raises
    ------
    BrainlakeError
        If there is no such folder, the file is no table of scores, or has none, or one that cannot be as it is, or the
        bank has others of that name.
    """
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    own = source is None and file.suffix.lower() == ".parquet"
    rows = _own_scores(file) if own else read_published(file, source)
    there = Sidecar.find(bank, table_path("scores", name))
    if there is not None and not replace:
        whose = f" by {there.author}" if there.author else ""
        raise BrainlakeError(
            f"{bank} has {there.path}{whose}: give these another name, or put them in its place with --replace"
        )
    facts: dict[str, Any]
    if own:
        sets = _sets_of(bank, rows)
        facts = {"made_from": [made_from(s) for s in read_sidecars(bank) if _made_from(s, rows, sets)]}
    else:  # made from recordings of others, whatever the bank has of the same name
        facts = {"sources": [{"file": file.name, "url": None, "sha256": sha256_file(file)}]}
    return write_table(bank, "scores", name, pa.Table.from_pylist(rows, schema=SCORES), author=author, **facts)


def _own_scores(file: Path) -> list[dict[str, Any]]:
    try:
        rows = pl.read_parquet(file).to_dicts()
        _check(rows, pa.Table.from_pylist(rows, schema=SCORES))
    except (OSError, ValueError, pl.exceptions.PolarsError, pa.ArrowException) as error:
        raise BrainlakeError(f"{file} holds no scores: {error}; write one with `brainlake brain ... --out`") from None
    return rows


def _check(rows: list[dict[str, object]], table: pa.Table) -> None:
    if not rows:
        raise ValueError("it has no row")
    if rows[0].keys() != set(SCORES.names):
        raise ValueError(f"its columns are not those of the table scores: {', '.join(rows[0])}")
    for field in SCORES:
        column = table.column(field.name)
        if not field.nullable and column.null_count:
            raise ValueError(f"{field.name} is missing in {column.null_count} of its rows")
        if pa.types.is_floating(field.type) and not all(map(_finite, column.to_pylist())):
            raise ValueError(f"{field.name} holds NaN or infinity; what is missing is null")


def _finite(value: float | None) -> bool:
    return value is None or abs(value) < float("inf")


def _sets_of(bank: Path, rows: list[dict[str, Any]]) -> set[str] | None:
    """Stimulus sets of the benchmarks that were scored; None where the bank lacks one."""
    sets: set[str] = set()
    for benchmark in {row["benchmark"] for row in rows}:
        path = bank / table_path("benchmarks", benchmark)
        if not path.exists():
            return None
        sets |= {name for found in pl.read_parquet(path)["stimulus_sets"] for name in found}
    return sets


def _made_from(sidecar: Sidecar, rows: list[dict[str, object]], sets: set[str] | None) -> bool:
    """Whether a file of the bank is what some of the scores, which are of ``sets``, speak of."""
    own = sidecar.name if sidecar.kind == "stimuli" else sidecar.stimulus_set
    if own is not None and sets is not None and own not in sets:
        return False
    if sidecar.kind in ("responses", "reading_times"):
        return any(row["benchmark"] == sidecar.name for row in rows)
    if sidecar.kind in FEATURE_TABLES:
        columns = ("model", "model_revision", "stimuli_sha256", "recipe_digest")
        return any(all(row[column] == getattr(sidecar, column) for column in columns) for row in rows)
    return sidecar.kind == "stimuli" and any(row["stimuli_sha256"] == sidecar.stimuli_sha256 for row in rows)
