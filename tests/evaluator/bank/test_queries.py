"""SQL on a bank reads the bank and does nothing else, whatever it is told."""

import hashlib

import duckdb
import polars as pl
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.cli import main

ATTEMPTS = """
copy models to 'out.csv'
copy (select 1) to 'out.parquet' (use_tmp_file false)
explain analyze copy models to 'out.csv'
/* so */ explain analyze copy models to 'out.csv'
EXPLAIN ANALYZE explain analyze copy models to 'out.csv'
select 1; copy models to 'out.csv'
with t as (copy (select 1 a) to 'FILE' (format parquet, use_tmp_file false)) select * from t
with t as (select 1), u as materialized (copy (select 1 a) to 'FILE' (use_tmp_file false)) select * from t
explain analyze with t as (copy (select 1 a) to 'FILE' (use_tmp_file false)) select * from t
select * from query('with t as (copy (select 1 a) to ''FILE'' (use_tmp_file false)) select * from t')
select * from json_execute_serialized_sql(json_serialize_sql('with t as (copy (select 1 a) to ''FILE'') select 1'))
select * from "JSON_Execute_Serialized_SQL"(json_serialize_sql('select 1'))
with t as (insert into models values (1) returning *) select * from t
with t as (delete from manifest returning *) select * from t
attach 'out.db'
attach ':memory:' as other
export database 'out'
import database 'out'
create table t as select 1
create view models as select 1
create macro f(x) as x
insert into models select * from models
update models set model = 'x'
delete from models
drop view models
install httpfs
load httpfs
update extensions
load 'out.duckdb_extension'
set enable_external_access = true
set lock_configuration = false
set threads = 1
reset allowed_paths
pragma enable_profiling
call enable_logging(storage = 'file')
select * from enable_logging(storage = 'file', storage_config = {'path': 'out'})
select * from enable_profiling(save_location = 'out.json')
create secret (type huggingface, token 'x')
select * from which_secret('hf://x', 'huggingface')
select getenv('HOME')
select * from read_csv('own.csv')
select * from 'own.csv'
from 'FOLDER/../own.csv'
select * from read_text('/etc/passwd')
select * from read_blob('/proc/self/environ')
select * from read_text('FOLDER/models/*')
select * from read_text('FILE.json')
select * from read_json('FOLDER/manifest.json')
select * from glob('/etc/*')
select * from sniff_csv('own.csv')
select * from parquet_metadata('own.parquet')
select * from read_parquet('own.parquet')
select * from query_table('own.parquet')
select * from query('select * from read_text(''/etc/passwd'')')
select * from query('attach ''out.db''')
select * from read_parquet('http://127.0.0.1:9/x.parquet')
select * from read_parquet('hf://datasets/a/b/x.parquet')
select * from secret_of_python
prepare p as copy models to 'out.csv'
begin
use memory
"""

ESCAPES = """
copy models to 'out.csv'
copy models to 'HERE/out.parquet' (use_tmp_file false)
copy models to '.tmp/out.csv'
copy (select 1) to 'BANK/models/x.csv'
copy models from 'own.csv'
attach 'out.db'
attach 'HERE/.tmp/out.db'
attach 'BANK/models/m.parquet' (type sqlite)
export database 'out'
import database 'out'
select * from read_csv('own.csv')
select * from 'own.csv'
from 'BANK/models/link.csv'
from read_text('BANK/models/away/passwd')
from read_text('/etc/passwd')
from read_blob('/proc/self/environ')
from read_text('BANK/models/*')
from read_csv('.tmp/a.csv')
from read_csv('HERE/.tmp/a.csv')
from read_json('BANK/sidecars/models/m.json')
from glob('/etc/*')
from glob('BANK/*')
from glob('.tmp/*')
from sniff_csv('own.csv')
from parquet_metadata('own.parquet')
from parquet_schema('own.parquet')
from parquet_kv_metadata('own.parquet')
from read_parquet('own.parquet')
from query_table('own.parquet')
from query('select * from read_text(''/etc/passwd'')')
from read_csv_auto('own.csv')
from read_json_objects('own.csv')
from read_ndjson('own.csv')
from read_duckdb('x.db')
install httpfs
load httpfs
load 'HERE/x.duckdb_extension'
force install 'HERE/x.duckdb_extension'
set temp_directory = 'HERE'
reset temp_directory
set allowed_directories = ['/']
set allowed_paths = ['/etc/passwd']
set enable_external_access = true
set lock_configuration = false
set extension_directory = 'HERE'
set home_directory = 'HERE'
set secret_directory = 'HERE'
set log_query_path = 'HERE/q.log'
set file_search_path = '/etc'
set profiling_output = 'HERE/p.json'
pragma enable_profiling
pragma profiling_output = 'HERE/p.json'
call enable_logging(storage = 'file', storage_config = {'path': 'HERE/l'})
from enable_profiling(save_location = 'HERE/p.json')
create persistent secret (type huggingface, token 'x')
create secret (type huggingface, token 'x')
select getenv('HOME')
prepare p as copy models to 'HERE/out2.csv'
prepare r as from read_text('/etc/passwd')
create macro f() as table from read_text('/etc/passwd')
create view v as from read_csv('own.csv')
from which_secret('hf://x', 'huggingface')
from duckdb_secrets()
from read_parquet('http://127.0.0.1:9/x.parquet')
from read_parquet('hf://datasets/a/b/x.parquet')
prepare s as from read_text(?); execute s('/etc/passwd')
create table t as from read_text('/etc/passwd')
select (from read_text('/etc/passwd'))
attach ':memory:' as other; use other; from read_csv('HERE/own.csv')
create macro f(x) as table from read_text(x); from f('/etc/passwd')
from read_text('SPILL/../../etc/passwd')
from read_csv('SPILL/*/../../own.csv')
from glob('SPILL/../*')
copy (select 1) to 'SPILL/../out.csv'
attach 'SPILL/../out.db'
from read_parquet(['BANK/models/m.parquet', 'HERE/own.parquet'])
from 'BANK/models/m.parquet/../../../here/own.parquet'
from read_csv('file://HERE/own.csv')
from read_text('/proc/self/cwd/own.csv')
from st_read('HERE/own.csv')
attach 'sqlite:HERE/own.db'
attach 'ducklake:HERE/x.ducklake'
from sqlite_scan('HERE/own.db', 't')
update extensions
set python_enable_replacements = true
pragma import_database('HERE')
execute immediate 'from read_text(''HERE/own.csv'')'
create type e as enum (select content from read_text('HERE/own.csv'))
from a_frame
from query_table('a_frame')
"""
"""Statements that would read or write beside the bank, or open a way to; some need the ones before them."""


@pytest.fixture
def folder(own_bank, tmp_path, monkeypatch):
    """A working folder with files of its own, beside the bank."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "own.csv").write_text("a,b\n1,2\n")
    (here / "own.parquet").write_bytes((own_bank / "models/m.parquet").read_bytes())
    monkeypatch.chdir(here)
    return here


def contents(*folders):
    return {p: hashlib.sha256(p.read_bytes()).digest() for f in folders for p in f.rglob("*") if p.is_file()}


@pytest.mark.parametrize("attempt", ATTEMPTS.strip().splitlines())
def test_what_does_more_than_read_the_bank_is_refused_without_effect(own_bank, folder, attempt):
    secret_of_python = [1]
    bank = open_bank(own_bank)
    assert len(secret_of_python) == bank.sql("select count(*) as n from models").item()
    before = contents(own_bank, folder)
    query = attempt.replace("FILE", str(own_bank / "models/m.parquet")).replace("FOLDER", str(own_bank))
    with pytest.raises(BrainlakeError):
        bank.sql(query)
    assert contents(own_bank, folder) == before
    assert bank.sql("select model from models").item() == "m"


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("from surprisal select count(*)", 60),
        ("table surprisal", 60),
        ("with a as (select * from surprisal) select count(*) from a", 60),
        ("select count(*) from main.SURPRISAL", 60),
        ("select (select count(*) from surprisal)", 60),
        ("select count(*) from query('select * from surprisal')", 60),
        ("select count(*) from query_table('surprisal')", 60),
        ("select count(*) from (values (1)) t, lateral (select * from surprisal) s", 60),
        ("select count(*) from surprisal union all select 0 where false", 60),
        ('select max("count") from (summarize surprisal)', 60),
    ],
)
def test_however_a_table_is_named_all_its_rows_are_read(toy_bank, query, rows):
    found = open_bank(toy_bank).sql(query)
    assert (found.height if found.width > 1 else found.item()) == rows


def test_every_type_is_shown(toy_bank, capsys):
    assert main(["sql", str(toy_bank), "select * from test_all_types()", "--format", "csv"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("bool,tinyint,")
    assert shown.err == ""


def test_the_flag_lifts_the_limits(own_bank, folder):
    open_bank(own_bank).sql("copy models to 'out.csv'", unrestricted=True)
    assert (folder / "out.csv").exists()
    assert open_bank(own_bank).sql("select b from 'own.csv'", unrestricted=True).item() == 2


@pytest.mark.parametrize("escape", ESCAPES.strip().splitlines())
def test_both_doors_are_closed_to_all_that_is_beside_the_bank(own_bank, folder, escape):
    """Links inside the bank, and the folder that DuckDB would spill to, among what is beside it."""
    (folder / ".tmp").mkdir()
    (folder / ".tmp/a.csv").write_text("a,b\n1,2\n")
    (own_bank / "models/link.csv").symlink_to(folder / "own.csv")
    (own_bank / "models/away").symlink_to("/etc")
    bank = open_bank(own_bank)
    assert len(bank.connection.execute("from models").fetchall()) == 1
    [(spill,)] = bank.connection.execute("select current_setting('temp_directory')").fetchall()
    before = contents(own_bank, folder)
    a_frame = pl.DataFrame({"secret": [1]})
    statement = escape.replace("BANK", str(own_bank)).replace("HERE", str(folder)).replace("SPILL", spill)
    with pytest.raises(duckdb.Error):
        bank.connection.execute(statement)
    with pytest.raises(BrainlakeError):
        bank.sql(statement)
    assert contents(own_bank, folder) == before
    assert a_frame.height


DOORS = {
    "read_csv": lambda con: con.read_csv("own.csv"),
    "read_parquet": lambda con: con.read_parquet("own.parquet"),
    "table": lambda con: con.table("own.csv"),
    "table_function": lambda con: con.table_function("read_text", ["own.csv"]),
    "write_csv": lambda con: con.sql("select 1").write_csv("out.csv"),
    "to_parquet": lambda con: con.sql("select 1").to_parquet("out.parquet"),
    "a relation's query": lambda con: con.sql("select 1").query("r", "from 'own.csv'"),
    "a cursor": lambda con: con.cursor().execute("from 'own.csv'"),
    "a copy": lambda con: con.duplicate().execute("from 'own.csv'"),
    "a parameter": lambda con: con.execute("from read_text(?)", ["own.csv"]),
    "install": lambda con: con.install_extension("httpfs"),
    "load": lambda con: con.load_extension("httpfs"),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_the_connection_does_without_sql_is_as_closed(own_bank, folder, door):
    con = open_bank(own_bank).connection
    before = contents(own_bank, folder)
    with pytest.raises(duckdb.PermissionException):
        DOORS[door](con)
    assert contents(own_bank, folder) == before


@pytest.mark.parametrize("text", ["abs(" * 900 + "1" + ")" * 900, "+".join(["1"] * 990), "[" * 900 + "1" + "]" * 900])
def test_a_query_that_is_nested_too_deeply(toy_bank, text):
    with pytest.raises(BrainlakeError, match="nested too deeply"):
        open_bank(toy_bank).sql(f"select {text}")


@pytest.mark.parametrize("source", ["read_parquet('PATH')", "parquet_scan(['PATH'])", "'PATH'", '"PATH"'])
def test_a_file_that_is_named_by_its_path_is_believed_first(own_bank, source):
    """It might need gigabytes, or be another than its sidecar speaks of."""
    path = own_bank / "models/m.parquet"
    query = f"select model from {source.replace('PATH', str(path))}"
    assert open_bank(own_bank).sql(query).item() == "m"
    path.write_bytes((own_bank / "ceilings/toy.brain.parquet").read_bytes())
    with pytest.raises(BrainlakeError, match=r"m\.parquet is not a table of models"):
        open_bank(own_bank).sql(query)


def test_its_own_spill_is_all_that_the_connection_may_write_to(own_bank, folder):
    con = open_bank(own_bank).connection
    spill = con.execute("select current_setting('temp_directory')").fetchone()[0]
    con.execute(f"copy (select 1) to '{spill}/x.csv'")
    for place in (f"{spill}/../x.csv", f"{spill}-beside.csv"):
        with pytest.raises(duckdb.PermissionException):
            con.execute(f"copy (select 1) to '{place}'")
