"""A bank, or several, as one DuckDB catalogue."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.manifest import Sidecar, manifest_table, read_sidecars
from brainlake.schema import TABLES
from brainlake.verification import Problem, verify_bank

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Activations:
    """One layer.

    Attributes
    ----------
    stimulus_ids
        The n stimuli, in ``stimuli.position`` order.
    values
        float32, shape (n, d), C-contiguous, read-only.
    """

    stimulus_ids: list[str]
    values: Float32


def open_bank(*roots: str | Path) -> "Bank":
    """Open one or more banks as one catalogue.

    Parameters
    ----------
    *roots
        Folders of banks, such as public features and licensed human data kept apart.

    Raises
    ------
    BrainlakeError
        If a root is not a bank, or two roots hold different content for the same thing.

    Examples
    --------
    >>> bank = open_bank("demo")  # doctest: +SKIP
    >>> bank.sql("select model, n_layers from models")  # doctest: +SKIP
    """
    if not roots:
        raise BrainlakeError("open_bank needs at least one bank")
    files: dict[tuple[str, ...], tuple[Path, Sidecar]] = {}
    for root in map(Path, roots):
        for sidecar in _sidecars(root):
            other_root, other = files.setdefault(sidecar.key, (root, sidecar))
            if other.sha256 != sidecar.sha256:
                raise BrainlakeError(
                    f"{root / sidecar.path} and {other_root / other.path} both hold "
                    f"{'/'.join(filter(None, sidecar.key))}, with different content: "
                    f"open one bank without the other, or remove one of the files"
                )
    return Bank(list(map(Path, roots)), list(files.values()))


def _sidecars(root: Path) -> list[Sidecar]:
    if not root.is_dir():
        raise BrainlakeError(f"there is no bank at {root}: no such folder")
    sidecars = read_sidecars(root)
    if not sidecars and not (root / "manifest.json").exists():
        raise BrainlakeError(f"{root} is not a bank: it has no manifest.json and no table (brainlake-build makes one)")
    return sidecars


class Bank:
    """Tables of one or more banks, opened with :func:`open_bank`.

    Attributes
    ----------
    files
        Every Parquet file, with the root it lies under.
    """

    def __init__(self, roots: list[Path], files: list[tuple[Path, Sidecar]]) -> None:
        self.roots = roots
        self.files = files

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """In-memory DuckDB connection with one view a table of the contract, and ``manifest``.

        It reads the files of the bank and nothing else, and its configuration is locked.
        """
        con = duckdb.connect(":memory:")
        for table, schema in TABLES.items():
            paths = [str((root / s.path).resolve()) for root, s in self.files if s.kind == table]
            con.register(f"_no_{table}", schema.empty_table())
            source = f"read_parquet({_sql_list(paths)})" if paths else f"_no_{table}"
            con.execute(f"create view {table} as select * from {source}")
        con.register("manifest", manifest_table([s for _, s in self.files]))
        files = [str((root / s.path).resolve()) for root, s in self.files]
        con.execute(f"set allowed_paths = {_sql_list(files)}")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        return con

    def sql(self, query: str) -> pl.DataFrame:
        """Run one ``select`` over the views.

        Raises
        ------
        BrainlakeError
            If the query is not one reading statement, or DuckDB refuses it; with DuckDB's own message.
        """
        reading = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
        try:
            statements = duckdb.extract_statements(query)
            if len(statements) != 1 or statements[0].type not in reading:
                raise BrainlakeError("a bank is read with one select statement: nothing else is run")
            return pl.DataFrame(self.connection.sql(query).to_arrow_table())
        except (duckdb.Error, pl.exceptions.PolarsError) as error:
            raise BrainlakeError(f"SQL failed: {error}") from None

    def table(self, name: str, /, **where: str) -> pl.DataFrame:
        """Rows of a table whose columns equal the given values."""
        conditions = " and ".join(f"{column} = ${column}" for column in where)
        query = f"select * from {name}" + (f" where {conditions}" if where else "")
        try:
            return pl.DataFrame(self.connection.sql(query, params=where or None).to_arrow_table())
        except duckdb.Error as error:
            raise BrainlakeError(f"{name} cannot be read: {error}; run `brainlake verify`") from None

    def names(self, kind: str) -> list[str]:
        """Names of the files of a kind: benchmarks, stimulus sets or models that the bank has."""
        return sorted({s.name for _, s in self.files if s.kind == kind and s.name is not None})

    def sidecar(self, kind: str, name: str) -> Sidecar:
        """The sidecar of the file of that kind and name.

        Raises
        ------
        UnknownNameError
            If there is none; the message lists what there is.
        """
        for _, sidecar in self.files:
            if sidecar.kind == kind and sidecar.name == name:
                return sidecar
        raise UnknownNameError(kind, name, self.names(kind))

    def feature_files(
        self, table: str, stimulus_set: str, model: str | None = None, recipe: str | None = None
    ) -> list[Sidecar]:
        """Sidecars of the feature files on a stimulus set, in (model, recipe) order."""
        found = [
            s
            for _, s in self.files
            if s.kind == table
            and s.stimulus_set == stimulus_set
            and model in (None, s.model)
            and recipe in (None, s.recipe)
        ]
        return sorted(found, key=lambda s: (s.model or "", s.recipe or ""))

    def feature_file(self, table: str, model: str, stimulus_set: str, recipe: str) -> Sidecar:
        """The one feature file of a (model, stimulus set, recipe).

        Raises
        ------
        UnknownNameError
            If there is none; the message lists what there is.
        """
        found = self.feature_files(table, stimulus_set, model, recipe)
        if not found:
            there = [f"{s.model} on {s.stimulus_set} by {s.recipe}" for _, s in self.files if s.kind == table]
            raise UnknownNameError(table, f"{model} on {stimulus_set} by {recipe}", there)
        return found[0]

    def stimuli(self, stimulus_set: str) -> pl.DataFrame:
        """Stimuli of a set in ``position`` order."""
        self.sidecar("stimuli", stimulus_set)
        return self.table("stimuli", stimulus_set=stimulus_set).sort("position")

    def activations(self, model: str, stimulus_set: str, layer: int, recipe: str = "document") -> Activations:
        """One layer as a matrix, without a copy after decoding.

        Reads with page checksums on, so that a byte that changed on disk is an error and not a number.

        Raises
        ------
        UnknownNameError
            If there is no such model, stimulus set, recipe or layer.
        BrainlakeError
            If the file is damaged, or its ids are not those of the stimulus set, in order.
        """
        sidecar = self.feature_file("activations", model, stimulus_set, recipe)
        layers = [entry["layer"] for entry in sidecar.layers]
        if layer not in layers:
            raise UnknownNameError("layer", layer, [str(k) for k in layers])
        path = self._path(sidecar)
        try:
            table = _row_groups(path, layer)
        except (OSError, pa.ArrowException) as error:
            raise BrainlakeError(
                f"{path} cannot be read: {error}; run `brainlake verify`, then build or fetch it again"
            ) from None
        ids = table.column("stimulus_id").to_pylist()
        if ids != self.stimuli(stimulus_set)["stimulus_id"].to_list():
            raise BrainlakeError(
                f"{path}: the ids of layer {layer} are not those of {stimulus_set} in order; extract it again"
            )
        return Activations(ids, _matrix(table.column("activation"), len(ids)))

    def verify(self) -> list[Problem]:
        """Everything that is wrong with the files: hashes, schemas, row counts, ids, NaN and infinity."""
        return [problem for root in self.roots for problem in verify_bank(root)]

    def _path(self, sidecar: Sidecar) -> Path:
        return next(root / s.path for root, s in self.files if s is sidecar)


def _sql_list(paths: list[str]) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"[{quoted}]"


def _row_groups(path: Path, layer: int) -> pa.Table:
    """The row groups of one layer, found by their statistics."""
    with pq.ParquetFile(path, page_checksum_verification=True, memory_map=True) as file:
        metadata = file.metadata
        column = metadata.schema.names.index("layer")
        statistics = [metadata.row_group(g).column(column).statistics for g in range(metadata.num_row_groups)]
        groups = [g for g, s in enumerate(statistics) if s is not None and s.min == layer == s.max]
        return file.read_row_groups(groups, columns=["stimulus_id", "activation"])


def _matrix(column: pa.ChunkedArray, n: int) -> Float32:
    chunks: list[Any] = [chunk.flatten() for chunk in column.chunks]
    values = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
    matrix: Float32 = values.to_numpy(zero_copy_only=True).reshape(n, -1)
    return matrix
