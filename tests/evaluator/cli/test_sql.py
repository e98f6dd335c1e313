"""The command ``sql``."""

import json

import pytest


def test_a_result_in_every_form(run, toy_bank):
    query = "select model, n_layers from models"
    assert run("sql", toy_bank, query)[:2] == (0, "model  n_layers\nm             2\n")
    assert run("sql", toy_bank, query, "--format", "csv")[1] == "model,n_layers\nm,2\n"
    assert json.loads(run("sql", toy_bank, query, "--format", "json")[1]) == [{"model": "m", "n_layers": 2}]


def test_nothing_but_the_bank_is_read_unless_that_is_asked_for(run, toy_bank, tmp_path):
    (tmp_path / "x.csv").write_text("a\n7\n")
    query = f"select a from '{tmp_path}/x.csv'"
    status, out, err = run("sql", toy_bank, query)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert run("sql", toy_bank, query, "--unrestricted")[1].split() == ["a", "7"]


@pytest.mark.parametrize("query", ["", "select", "delete from models", "select 1; select 2"])
def test_what_is_no_one_select_statement(run, toy_bank, query):
    assert run("sql", toy_bank, query)[0] == 1
