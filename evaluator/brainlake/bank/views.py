"""The tables of banks as views of one in-memory DuckDB."""

import glob
from collections.abc import Sequence
from functools import cache, partial

import duckdb
import pyarrow as pa

from brainlake.bank.execution import aside
from brainlake.bank.hub_root import HubRoot
from brainlake.bank.roots import File
from brainlake.bank.spill import give_spill
from brainlake.contract.formats import FIRST, MEANT, RENAMED
from brainlake.contract.schema import RESULTS, TABLES
from brainlake.contract.sidecar import manifest_table


def connect(
    files: Sequence[File], *, external_access: bool = False, memory: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a connection with an empty view a table of the contract, and ``manifest``.

    Parameters
    ----------
    files
        Every Parquet file, with the root that it lies under.
    external_access
        Whether queries may read and write other files. If not, the connection reads the files of the banks and
        nothing else, and its configuration is locked.
    memory
        Bytes that it may take, beside its spill; by default DuckDB's own limit.
    """
    con = duckdb.connect(":memory:")
    aside(con, lambda: _prepare(con, files, external_access, memory))
    return con


def _prepare(con: duckdb.DuckDBPyConnection, files: Sequence[File], external_access: bool, memory: int | None) -> None:
    con.execute("set enable_progress_bar = false")  # it is drawn into the results, two seconds on
    give_spill(con)
    if memory is not None:
        con.execute(f"set memory_limit = '{memory >> 10}KiB'")
    remote = [(root, sidecar) for root, sidecar in files if isinstance(root, HubRoot)]
    if remote:
        from brainlake.bank.filesystem import BankFileSystem

        con.register_filesystem(BankFileSystem(remote))
        # Otherwise DuckDB reads a megabyte at a time, whatever the length of the column.
        con.execute("set disable_parquet_prefetching = true")
    for table in TABLES:
        _fill_view(con, table, [])
    con.register("manifest", manifest_table([s for _, s in files]))
    con.execute("set python_enable_replacements = false")
    if not external_access:
        # DuckDB asks for the pattern when it looks for files, and for the path when it opens one.
        paths = [root.location(s) for root, s in files]
        con.execute(f"set allowed_paths = {_sql_list(sorted({*paths, *map(glob.escape, paths)}))}")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")


def fill_view(con: duckdb.DuckDBPyConnection, table: str, files: Sequence[File]) -> None:
    """Make the view of a table read its files; the first of them is opened."""
    aside(con, lambda: _fill_view(con, table, files))


def _fill_view(con: duckdb.DuckDBPyConnection, table: str, files: Sequence[File]) -> None:
    con.execute(f"create or replace view {table} as select * from {source(table, files)}")


def source(table: str, files: Sequence[File]) -> str:
    """What to select from: Parquet files of a table with today's columns, or nothing with its columns."""
    first = [file for file in files if file[1].format == FIRST]
    if table in RESULTS:
        parts = [_with_origin(file) for file in files]
    elif files and not first:
        return _read(files)
    else:
        today = [file for file in files if file not in first]
        parts = ([_read(today)] if today else []) + ([_as_today(table, first)] if first else [])
    return "(" + " union all by name ".join(f"from {part}" for part in [_nothing()[table], *parts]) + ")"


def _read(files: Sequence[File]) -> str:
    patterns = [glob.escape(root.location(sidecar)) for root, sidecar in files]
    return f"read_parquet({_sql_list(patterns)}, hive_partitioning = false)"


def _as_today(table: str, files: Sequence[File]) -> str:
    """Rows of the first format under today's names; columns that it did not have are filled by the union."""
    renamed = ", ".join(f'"{old}" as "{new}"' for old, new in RENAMED.get(table, {}).items())
    meant = "".join(f', {value} as "{name}"' for name, value in MEANT.get(table, {}).items())
    return f"(select *{f' rename ({renamed})' if renamed else ''}{meant} from {_read(files)})"


def _with_origin(file: File) -> str:
    """Rows of results with the file that they stand in, and its author."""
    _, sidecar = file
    author = "null::varchar" if sidecar.author is None else _sql_text(sidecar.author)
    origin = f"{_sql_text(sidecar.path)} as file, {author} as author"
    columns = f"*, {origin}" if sidecar.format == FIRST else f"* replace ({origin})"
    return f"(select {columns} from {_read([file])})"


@cache
def _nothing() -> dict[str, str]:
    """For each table no row with its columns, as a subquery: a view of its own would be listed among the tables."""
    with duckdb.connect(":memory:") as con:
        return {table: aside(con, partial(_no_row, con, schema)) for table, schema in TABLES.items()}


def _no_row(con: duckdb.DuckDBPyConnection, schema: pa.Schema) -> str:
    con.register("nothing", schema.empty_table())
    columns = con.execute("select column_name, column_type from (describe nothing)").fetchall()
    typed = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns)
    return f"(select {typed} where false)"


def _sql_list(paths: Sequence[str]) -> str:
    return f"[{', '.join(map(_sql_text, paths))}]"


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
