"""The views are the tables of the contract, and nothing else shows."""

import pyarrow as pa
import pytest

from brainlake import BrainlakeError, open_bank
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
