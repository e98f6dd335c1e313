"""What a user's files may hold: every column is one of the contract, and says what it takes."""

import pytest

from brainlake.contract.schema import TABLES
from brainlake_builder.humans.columns import COLUMNS, KINDS, PURPOSES, Column, as_markdown, summary

CASES = [(table, column) for table, columns in COLUMNS.items() for column in columns]


@pytest.mark.parametrize(("table", "column"), CASES, ids=lambda x: getattr(x, "name", x))
def test_a_column_is_known_to_the_contract_and_can_be_meant_in_one_way(table, column):
    if table not in ("data",) and column.name not in ("target_id", "value"):
        assert column.name in TABLES[table].names
    assert column.meaning
    assert column.kind in KINDS
    assert column.low is None or column.kind in ("number", "integer")
    assert column.low is None or column.high is None or column.low < column.high


@pytest.mark.parametrize("table", COLUMNS)
def test_names_and_aliases_of_a_table_are_different(table):
    names = [name for column in COLUMNS[table] for name in (column.name, *column.aliases)]
    assert len(names) == len(set(names))
    assert table in PURPOSES


@pytest.mark.parametrize(
    ("low", "high", "choices", "text"),
    [
        (None, None, (), ""),
        (0, None, (), "from 0"),
        (0.01, 60, (), "0.01 to 60"),
        (None, None, ("a", "b"), "a, b"),
    ],
)
def test_a_range_for_people(low, high, choices, text):
    assert Column("x", "number", "x", low=low, high=high, choices=choices).range == text


def test_the_summary_marks_what_has_to_be_there():
    lines = dict(line.strip().split(": ", 1) for line in summary().splitlines())
    assert set(lines) == set(COLUMNS)
    for table, columns in COLUMNS.items():
        assert lines[table].split() == [c.name + ("*" if c.required else "") for c in columns]


def test_markdown_has_a_line_a_column():
    text = as_markdown("targets")
    assert text.startswith("## targets\n")
    assert text.count("\n| `") == len(COLUMNS["targets"])
    assert as_markdown().count("\n## ") == len(COLUMNS) - 1
