"""What DuckDB does, done so that Ctrl-C ends it, and results in types that every reader can hold."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import duckdb
import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError

WHOLE = {
    *("boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint"),
    *("hugeint", "float", "double", "decimal", "varchar", "blob", "enum", "uuid", "json", "null", '"null"'),
}
"""Types of DuckDB that come through Arrow and polars as they are. The others (dates and times beyond Python's range,
intervals, unions, bit strings, integers of more than 38 digits, variants, geometries) come as DuckDB writes them."""

NESTED = ("list", "array", "struct", "map")
"""Types of DuckDB that hold others."""


T = TypeVar("T")


def aside(con: duckdb.DuckDBPyConnection, work: Callable[[], T], seconds: float | None = None) -> T:
    """Do something with a connection in a thread of its own; Ctrl-C ends it, and leaves the connection as it was.

    In the main thread DuckDB takes the exception of a signal for itself, and raises another one in its place.

    Parameters
    ----------
    con, work
        What is done, and the connection that it uses.
    seconds
        How long it may take; None for no limit.

    Raises
    ------
    BrainlakeError
        If it takes longer.
    """
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        try:
            return running.result(None if seconds is None else min(seconds, threading.TIMEOUT_MAX))
        except TimeoutError:
            if running.done():
                raise
            raise BrainlakeError(
                f"SQL failed: it was not done after {seconds:g} s; ask for less, or allow more time"
            ) from None
        finally:
            _interrupt(con, running)


def fetch(
    con: duckdb.DuckDBPyConnection,
    query: str,
    params: Mapping[str, Any] | None = None,
    *,
    seconds: float | None = None,
    max_bytes: int | None = None,
) -> pl.DataFrame:
    """Run a query; Ctrl-C ends it, and leaves the connection as it was.

    Parameters
    ----------
    con, query, params
        What is run, and where.
    seconds, max_bytes
        How long it may take, and how much its result may hold in memory; None for no limit.

    Raises
    ------
    BrainlakeError
        If it takes longer, or is larger.
    duckdb.Error, polars.exceptions.PolarsError
        If it cannot be run, or has columns of one name.
    """
    return pl.DataFrame(aside(con, lambda: _table(con, query, params, max_bytes), seconds))


def _interrupt(con: duckdb.DuckDBPyConnection, running: Future[T]) -> None:
    """End what is still running; an interrupt that comes before the query has begun would be lost.

    A second Ctrl-C keeps none of it from being ended.
    """
    again = None
    while not running.done():
        try:
            con.interrupt()
            wait([running], 0.05)
        except KeyboardInterrupt as error:
            again = error
    if again is not None:
        raise again


def _table(
    con: duckdb.DuckDBPyConnection, query: str, params: Mapping[str, Any] | None, max_bytes: int | None
) -> pa.Table:
    relation = con.sql(query, params=params or None)
    if relation is None:
        return pa.table({})
    types = [_exported(kind) for kind in relation.types]
    if any(types):
        names = ['"' + name.replace('"', '""') + '"' for name in relation.columns]
        columns = [f"cast(#{i} as {kind})" if kind else f"#{i}" for i, kind in enumerate(types, 1)]
        relation = relation.project(", ".join(f"{c} as {name}" for c, name in zip(columns, names, strict=True)))
    if max_bytes is None:
        return relation.to_arrow_table()
    reader = pa.RecordBatchReader.from_stream(relation)
    batches: list[pa.RecordBatch] = []
    n_bytes = 0
    try:
        for batch in reader:
            n_bytes += batch.nbytes
            if n_bytes > max_bytes:
                raise BrainlakeError(
                    f"SQL failed: the result takes over {max_bytes / 1e9:.1f} GB; ask for less, or allow more memory"
                )
            batches.append(batch)
    except (OSError, pa.ArrowException) as error:  # what DuckDB says once a stream has begun
        raise duckdb.Error(str(error)) from None
    return pa.Table.from_batches(batches, reader.schema)


def _exported(kind: Any) -> str | None:
    """Type that a column is cast to before it leaves DuckDB; None for its own."""
    name = kind.id
    if name in WHOLE:
        return None
    if name not in NESTED:
        return "varchar"
    children = dict(kind.children)
    inner = {key: _exported(child) for key, child in children.items() if key != "size"}
    if name == "map" and children["key"].id in NESTED:  # no dictionary of Python has lists for keys
        inner["key"] = "varchar"
    if not any(inner.values()):
        return None
    whole = {key: inner[key] or str(children[key]) for key in inner}
    if name == "list":
        return f"{whole['child']}[]"
    if name == "array":
        return f"{whole['child']}[{children['size']}]"
    if name == "map":
        return f"map({whole['key']}, {whole['value']})"
    fields = ", ".join('"' + key.replace('"', '""') + f'" {one}' for key, one in whole.items())
    return f"struct({fields})"
