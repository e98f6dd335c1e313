"""Tables for programs: every value whole, in CSV and in JSON."""

import csv
import io
import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.report.interchange import json_value, to_csv, to_json
from brainlake.report.tables import render


def of(expression):
    return pl.DataFrame(duckdb.sql(f"select {expression} as x").to_arrow_table())


@given(st.lists(st.floats(), min_size=1))
def test_csv_gives_floats_back(values):
    found = [float(row["x"]) for row in csv.DictReader(io.StringIO(to_csv(pl.DataFrame({"x": values}))))]
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, values, strict=True))


@pytest.mark.parametrize(
    ("expression", "cell", "value"),
    [
        ("1.23456789e-9", "1.23456789e-9", 1.23456789e-9),
        ("'nan'::double", "NaN", None),
        ("'-inf'::double", "-inf", None),
        ("{'a': 1, 'b': [1.5, null]}", '{"a": 1, "b": [1.5, null]}', {"a": 1, "b": [1.5, None]}),
        ("map {'k': 'nan'::double}", '{"k": null}', {"k": None}),
        ("[[1], []]", "[[1], []]", [[1], []]),
        ("'\\xFF\\x00'::blob", "ff00", "ff00"),
        ("date '2026-11-27'", "2026-11-27", "2026-11-27"),
        ("timestamp '2026-11-27 01:02:03'", "2026-11-27T01:02:03.000000", "2026-11-27T01:02:03"),
        ("170141183460469231731687303715884105727", str(2**127 - 1), 2**127 - 1),
        ("0.1", "0.1", 0.1),
        ("0.123456789012345678901::decimal(38, 21)", "0.123456789012345678901", "0.123456789012345678901"),
        ("null", "", None),
        ("'x'::enum('x')", "x", "x"),
        ("true", "true", True),
    ],
)
def test_every_value_of_a_query_has_a_form_for_programs(expression, cell, value):
    table = of(expression)
    (row,) = csv.reader(io.StringIO(to_csv(table).partition("\n")[2])) if cell else ([""],)
    assert row == [cell]
    assert json.loads(to_json(table), parse_constant=pytest.fail) == [{"x": value}]
    assert render(table, "table")
    assert render(table, "markdown")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Decimal("3.00"), 3),
        (Decimal("0.1"), 0.1),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (math.inf, None),
        (b"\xff", "ff"),
        ({1: [math.nan, {"a": date(2026, 1, 2)}]}, {"1": [None, {"a": "2026-01-02"}]}),
        (pl.Series([1, 2]), [1, 2]),
        (time(1, 2, 3), "01:02:03"),
        (datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),
        (timedelta(seconds=90), "0:01:30"),
    ],
)
def test_every_value_becomes_one_that_json_has(value, plain):
    assert json_value(value) == plain


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_what_json_has_stays(value):
    assert json_value(value) == value


def test_an_empty_table_is_a_list_of_nothing_and_a_line_of_names():
    table = pl.DataFrame({"a": [], "b": []})
    assert json.loads(to_json(table)) == []
    assert to_csv(table) == "a,b\n"
