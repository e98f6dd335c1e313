"""Queries that only read: how they are told from others, and which tables they need."""

import json
import re
from collections.abc import Mapping
from typing import Any

import duckdb

from brainlake.bank.arguments import impossible, is_text, one_name
from brainlake.bank.execution import aside
from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError, UnknownNameError

READING = ("SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE")
"""Nodes of DuckDB's parse trees that read. Others can stand inside a select: ``with t as (copy ... to ...)`` writes."""

INDIRECT = ("query", "query_table", "read_parquet", "parquet_scan")
"""Functions that read a table, or a file, that they are told as a text."""

Value = str | int | float


def check_condition(table: str, where: Mapping[str, Value]) -> None:
    """Refuse rows that no table can have.

    Raises
    ------
    UnknownNameError
        If there is no such table, or it has no such column.
    BrainlakeError
        If a column is to equal what is neither text nor number.
    """
    if one_name("table", table) not in TABLES:
        raise UnknownNameError("table", table, TABLES)
    for column, value in where.items():
        if column not in TABLES[table].names:
            raise UnknownNameError(f"column of {table}", column, TABLES[table].names)
        if not isinstance(value, Value) or (isinstance(value, str) and not is_text(value)):
            raise impossible(column, value, "a text or a number")


def tables_read(con: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """Names of the tables that a query reads, those of its own ``with`` among them.

    Raises
    ------
    BrainlakeError
        If it is not one select that only reads, or the explanation of one: ``explain analyze copy ...`` would write.
    """
    explained = re.match(r"\s*explain(\s+analyze)?\s(?P<inner>.*)", query, re.IGNORECASE | re.DOTALL)
    inner = explained["inner"] if explained else query
    if not _is_one_select(inner):
        raise BrainlakeError("a bank is read with one select statement: nothing else is run")
    [(text,)] = aside(con, lambda: con.execute("select json_serialize_sql(?)", [inner]).fetchall())
    try:
        tree = json.loads(text)
    except RecursionError:
        raise BrainlakeError("SQL failed: the query is nested too deeply; write it in parts, with `with`") from None
    if tree["error"]:
        raise BrainlakeError(f"SQL failed: {tree['error_message']}")
    return _tables(tree)


def _is_one_select(query: str) -> bool:
    statements = duckdb.extract_statements(query)
    try:
        return [statement.type for statement in statements] == [duckdb.StatementType.SELECT]
    except ValueError:  # Of some kinds of statement DuckDB's Python does not know the number.
        return False


def _tables(tree: dict[str, Any]) -> set[str]:
    nodes: list[Any] = [tree]
    names: set[str] = set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            kind, function = str(node.get("type")), str(node.get("function_name")).lower()
            if (kind.endswith("_NODE") and kind not in READING) or function.startswith("json_execute"):
                raise BrainlakeError("a bank is read with one select statement: it may not hold one that writes")
            if kind == "BASE_TABLE":
                names.add(node["table_name"].lower())
            if function in INDIRECT or str(node.get("table_name")).lower().endswith(".parquet"):
                names |= set(TABLES)
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
    return names
