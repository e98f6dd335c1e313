"""The views are the tables of the contract, and nothing else shows."""

import threading

import duckdb
import pyarrow as pa
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank import views
from brainlake.contract.schema import TABLES


@pytest.mark.parametrize(
    "query",
    [
        "show tables",
        "select table_name from information_schema.tables",
        "select view_name from duckdb_views() where not internal",
    ],
)
def test_only_tables_of_the_contract_are_listed(toy_bank, query):
    bank = open_bank(toy_bank)
    assert set(bank.sql(query).to_series()) == {*TABLES, "manifest"}
    assert {name for (name,) in bank.connection.sql(query).fetchall()} == {*TABLES, "manifest"}


@pytest.mark.parametrize("name", ["surprisals", "no_scores", "_no_scores", "nothing"])
def test_an_error_names_tables_of_the_contract(toy_bank, name):
    with pytest.raises(BrainlakeError) as error:
        open_bank(toy_bank).sql(f"select * from {name}")
    suggested = str(error.value).partition('Did you mean "')[2].partition('"')[0]
    assert "_no_" not in str(error.value).replace(name, "")
    assert suggested in {*TABLES, "manifest"} or suggested.startswith("pg_")


def test_an_empty_table_has_the_types_of_a_full_one(toy_bank):
    con = open_bank(toy_bank).connection
    for table, schema in TABLES.items():
        con.register("filled", pa.Table.from_pylist([{}], schema=pa.schema([f.with_nullable(True) for f in schema])))
        types = "select column_name, column_type from (describe {})"
        assert con.sql(types.format(table)).fetchall() == con.sql(types.format("filled")).fetchall()


class Watched:
    """A connection that notes which of its methods the main thread calls."""

    def __init__(self, con, called):
        self._con, self._called = con, called

    def __getattr__(self, name):
        if threading.current_thread() is threading.main_thread():
            self._called.add(name)
        return getattr(self._con, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._con.close()


def test_duckdb_is_never_asked_in_the_main_thread(toy_bank, monkeypatch):
    """There it raises an error of its own in place of what a signal raises, and Ctrl-C ends in a traceback."""
    connect, called = duckdb.connect, set()
    monkeypatch.setattr(duckdb, "connect", lambda *given: Watched(connect(*given), called))
    views._nothing.cache_clear()
    bank = open_bank(toy_bank)
    assert bank.sql("select count(*) from models").item() == 1
    assert bank.sql("select count(*) from models", memory=10**9).item() == 1
    assert len(bank.table("scores")) == 0
    assert len(bank.stimuli("toy")) == 60
    assert called <= {"interrupt"}
