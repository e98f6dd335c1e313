"""Queries end, and results hold what DuckDB held."""

import signal
import subprocess
import sys
import threading

import duckdb
import pytest

from brainlake import open_bank
from brainlake.bank.execution import fetch
from brainlake.errors import BrainlakeError
from brainlake.report.interchange import to_csv, to_json
from brainlake.report.tables import show

ENDLESS = "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3"
RECURSIVE = "with recursive t as (select 1 as x union all select x + 1 from t) select count(*) from t"


@pytest.mark.parametrize("query", [ENDLESS, RECURSIVE, "select * from range(100000000000)"])
def test_a_query_out_of_time_ends_and_the_next_ones_run(toy_bank, query):
    bank = open_bank(toy_bank)
    for _ in range(2):
        with pytest.raises(BrainlakeError, match=r"not done after 0\.2 s"):
            bank.sql(query, seconds=0.2)
        with pytest.raises(BrainlakeError, match="no_such_table"):
            bank.sql("select * from no_such_table")
    assert bank.sql("select 1 as one")["one"].to_list() == [1]


def test_a_result_larger_than_its_memory_is_refused(toy_bank):
    bank = open_bank(toy_bank)
    with pytest.raises(BrainlakeError, match=r"takes over 0\.1 GB"):
        bank.sql("select * from range(1000000000)", memory=100_000_000)
    with pytest.raises(BrainlakeError, match="SQL failed"):
        bank.sql("select count(*) from (select distinct range from range(100000000))", memory=20_000_000)


@pytest.mark.parametrize(
    ("number", "status", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_the_command_in_one_line(toy_bank, number, status, word):
    program = "import sys; from brainlake.cli import main; print('go', flush=True); sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "sql", str(toy_bank), ENDLESS]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert started.stdout.readline() == "go\n"
    threading.Timer(3, started.send_signal, [number]).start()
    out, error = started.communicate(timeout=60)
    assert (started.returncode, out) == (status, "")
    assert error == f"brainlake: {word}; what was already written is intact\n"


def every_type():
    with duckdb.connect() as con:
        relation = con.sql("select * from test_all_types()")
        return dict(zip(relation.columns, map(str, relation.types), strict=True))


@pytest.mark.parametrize("name", every_type())
def test_every_type_is_shown_in_every_format(name, capsys):
    """Values as text are those that DuckDB writes; none ends in a traceback."""
    with duckdb.connect() as con:
        table = fetch(con, f'select "{name}" as v, "{name}" as "o""ther" from test_all_types()')
        written = [row[0] for row in con.sql(f'select "{name}"::varchar from test_all_types()').fetchall()]
    to_json(table), to_csv(table)
    for form in ("table", "csv", "json"):
        show(table, form)
    assert capsys.readouterr().out
    if table["v"].dtype == str:
        assert table["v"].to_list() == written
    assert table.height == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("340282366920938463463374607431768211455::uhugeint", "340282366920938463463374607431768211455"),
        ("interval 1 day", "1 day"),
        ("'infinity'::timestamp", "infinity"),
        ("union_value(a := 5)", "5"),
        ("42::variant", "42"),
        ("'24:00:00'::time", "24:00:00"),
    ],
)
def test_what_others_cannot_hold_comes_as_text(value, text):
    with duckdb.connect() as con:
        assert fetch(con, f"select {value} as v")["v"].to_list() == [text]
        nested = fetch(con, f"select {{'a b': [{value}]}} as v, map {{'k': {value}}} as m")
    assert nested["v"].to_list() == [{"a b": [text]}]


@pytest.mark.parametrize(("key", "text"), [("[1, 2]", "[1, 2]"), ("{'a': 1}", "{'a': 1}")])
def test_keys_that_python_cannot_hold_come_as_text(key, text):
    with duckdb.connect() as con:
        table = fetch(con, f"select map([{key}], [true]) as v")
    assert text in to_json(table)
    assert text in to_csv(table).replace('\\"', '"')
