"""The command ``compare``: pairs and groups for people, all columns for programs and files."""

import io
import json

import numpy as np
import polars as pl
import pytest

import brainlake
from banks import build_wide, put_model
from brainlake import open_bank
from brainlake.contract.schema import COMPARISONS
from readings import simulated


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """A model that explains the responses, its twin, and noise."""
    root = tmp_path_factory.mktemp("compared")
    X, _ = build_wide(root)
    put_model(root, "noise", "s", np.random.default_rng(5).standard_normal((2, 60, 20)))
    put_model(root, "twin", "s", X)
    return root


def asked(bank, *more):
    return ("compare", bank, "--benchmark", "wide", "--bootstrap", 40, *more)


def test_people_see_pairs_and_groups_and_the_file_has_all(bank, tmp_path, run):
    target = tmp_path / "pairs.parquet"
    status, out, _ = run(*asked(bank, "--baselines", "position", "--out", target))
    table, groups = out.split("\n\n")
    head, *lines = table.splitlines()
    assert status == 0
    assert head.split() == ["model_a", "model_b", "difference", "p", "adjusted"]
    assert len(lines) == 6
    assert groups.startswith("wide: p is adjusted over 6 pairs")
    assert "Not told apart: m document, twin document" in groups
    expected = brainlake.compare(open_bank(bank), "wide", baselines=["position"], n_boot=40)
    written = pl.read_parquet(target)
    assert written.columns == COMPARISONS.names
    assert written.equals(expected)


def test_programs_get_every_column_and_no_groups(bank, run):
    arguments = asked(bank, "--model", "m", "noise", "--baselines")
    (row,) = json.loads(run(*arguments, "--format", "json")[1])
    table = pl.read_csv(io.StringIO(run(*arguments, "--format", "csv")[1]))
    assert list(row) == table.columns == COMPARISONS.names
    assert (row["model_a"], row["model_b"]) == ("m", "noise")
    assert row["difference"] == pytest.approx(table["difference"].item(), abs=1e-7)


def test_without_twins_all_are_told_apart(bank, run):
    _, out, _ = run(*asked(bank, "--model", "m", "noise", "--baselines"))
    assert out.endswith("All are told apart.\n")


@pytest.mark.parametrize(
    ("more", "status", "match"),
    [
        (("--bootstrap", 10), 2, "--bootstrap"),
        (("--model", "nope"), 1, "unknown model 'nope'"),
        (("--protocol", "aw2024"), 2, "its layers are chosen on the test folds"),
        (("--out", "pairs.csv"), 2, "name a .parquet file"),
        (("--protocol", "nope"), 2, "unknown protocol 'nope'"),
        (("--protocol", "delta_llh+subwords=maybe"), 2, "subwords"),
        (("--baselines", "lenght"), 2, "did you mean 'length'?"),
        (("--model", "m", "--baselines"), 1, "nothing to compare"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(bank, run, more, status, match):
    found, out, err = run(*asked(bank, *more))
    assert (found, out) == (status, "")
    assert match in err


def test_reading_times_say_their_measure_and_why_there_is_no_p_value(tmp_path, run):
    simulated(tmp_path, n_texts=5)
    _, out, _ = run("compare", tmp_path, "--benchmark", "b")
    assert out.endswith("b, rt: no p values (5 texts, fewer than 6).\n")
    _, out, _ = run(
        "compare", tmp_path, "--benchmark", "b", "--protocol", "pearson", "--measure", "rt", "--format", "json"
    )
    assert {row["measure"] for row in json.loads(out)} == {"rt"}


def test_options_of_reading_times_are_refused_for_responses(bank, run):
    status, _, err = run(*asked(bank, "--measure", "rt"))
    assert status == 1
    assert "wide has no reading times: leave measures out" in err
