"""What is known of models beside their weights: world knowledge, problem solving, loss, each with its source."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from brainlake.bank.local_root import read_checked
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import table_path
from brainlake.contract.schema import MODEL_PROPERTIES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, nearest
from brainlake.storage.files import sha256_file
from brainlake_builder.tables.harness import read_harness
from brainlake_builder.tables.stated_table import bank_name, check_source, read_stated
from brainlake_builder.tables.writer import write_table

Row = dict[str, Any]

_KEY = ("model", "property", "source")


def read_properties(file: Path, *, source: str | None = None, model: str | None = None) -> list[Row]:
    """Rows of ``model_properties`` from a file.

    Parameters
    ----------
    file
        Results of lm-evaluation-harness (``.json``), or a CSV, TSV or Parquet file with the columns ``model``,
        ``property``, ``value`` and ``source``.
    source
        Who measured the values of a table without the column ``source``.
    model
        Name in the bank of the model that results of the harness are about.

    Raises
    ------
    BrainlakeError
        If the file cannot be read as what it is, or a value has no source, or two.
    """
    if file.suffix.lower() == ".json":
        if source is not None:
            raise BrainlakeError(f"{file} says itself where its values come from: leave the source out")
        return read_harness(file, model)
    if model is not None:
        raise BrainlakeError(f"{file} names its models itself: the name of one is for results of the harness")
    check_source(source)
    rows = read_stated(file, "model_properties", MODEL_PROPERTIES.names, ("model", "property", "value")).to_dicts()
    for number, row in enumerate(rows, 1):
        if bool(row.setdefault("source", None)) == bool(source):
            wrong = "two sources, its own and the one given" if source else "no source"
            raise BrainlakeError(
                f"{file}, row {number} has {wrong}: say who measured it, in a column source or with --source, once"
            )
        row |= {"model": bank_name(row["model"]), "source": row["source"] or source}
    return rows


def check_place(bank: Path, name: str, *, replace: bool = False) -> str:
    """Where properties of a name go.

    Raises
    ------
    BrainlakeError
        If there is no such bank, or it has a file of that name which they may not replace.
    """
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    path = table_path("model_properties", name)
    if Sidecar.find(bank, path) is not None and not replace:
        raise BrainlakeError(
            f"{bank} has {path}: give these properties another name, or put them in its place with --replace"
        )
    return path


def write_properties(
    bank: Path,
    name: str,
    rows: Sequence[Row],
    files: Iterable[Path] = (),
    *,
    author: str | None = None,
    replace: bool = False,
    **facts: Any,
) -> Sidecar:
    """Write one file of ``model_properties``.

    Parameters
    ----------
    bank
        Folder of the bank.
    name
        Name of the file; banks that open together need different ones.
    rows
        Its rows; the same one twice counts once.
    files
        Where they were read from, for the sidecar.
    author
        Who brought them.
    replace
        Whether they may take the place of another file of that name.
    **facts
        Further fields of the sidecar.

    Raises
    ------
    BrainlakeError
        If there is no such bank, or one source has two values for a property of a model, in these rows or beside those
        of the bank, or the bank has another file of that name.
    """
    path = check_place(bank, name, replace=replace)
    known: dict[tuple[str, ...], float] = {}
    for row in [*_of_other_files(bank, path), *rows]:
        key = tuple(row[column] for column in _KEY)
        if known.setdefault(key, row["value"]) != row["value"]:
            raise BrainlakeError(
                f"{key[1]} of {key[0]} has two values, {known[key]:g} and {row['value']:g}, from one source "
                f"({key[2]}): say what tells them apart in the source, or leave one out"
            )
    once = {tuple(row[column] for column in _KEY): row for row in rows}
    content = pa.Table.from_pylist(list(once.values()), schema=MODEL_PROPERTIES)
    sources = [{"file": file.name, "url": None, "sha256": sha256_file(file)} for file in files]
    return write_table(bank, "model_properties", name, content, author=author, sources=sources, **facts)


def strangers(bank: Path, models: Iterable[str]) -> list[str]:
    """Models that the bank does not have, each with the one that may be meant: what is said of them goes unread."""
    known = sorted(str(s.model) for s in read_sidecars(bank) if s.kind == "models")
    found = []
    for model in sorted(set(models) - set(known)):
        near = nearest(model, known)
        found.append(f"{model} (is it {near}?)" if near else model)
    return found


def _of_other_files(bank: Path, path: str) -> list[Row]:
    others = [s for s in read_sidecars(bank) if s.kind == "model_properties" and s.path != path]
    return [row for other in others for row in read_checked(bank, other).to_pylist()]
