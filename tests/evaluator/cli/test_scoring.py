"""What the scoring commands share."""

import argparse

import polars as pl
import pytest

from brainlake import behavioral_alignment, open_bank
from brainlake.cli.scoring import add_choices, deliver, show_summary
from brainlake.report.summary import WIDTH, summary


@pytest.fixture(scope="module")
def scores(toy_bank):
    return behavioral_alignment(open_bank(toy_bank), "toy.reading", protocol="pearson", n_boot=0)


def parse(*arguments):
    parser = argparse.ArgumentParser()
    add_choices(parser, {"first": 1, "second": 2}, ("second",), {"first": 1, "second": 2}.__getitem__)
    return parser.parse_args(["bank", "--benchmark", "b", *arguments])


def test_choices_have_defaults():
    options = parse()
    assert (options.benchmark, options.protocol, options.bootstrap, options.out) == (["b"], ["second"], 1000, None)
    assert options.model is options.recipe is None
    assert parse("--protocol", "first", "second", "--bootstrap", "0").protocol == ["first", "second"]


@pytest.mark.parametrize("number", ["-1", "1", "39", "many"])
def test_replicates_that_give_no_interval_are_wrong_usage(number):
    with pytest.raises(SystemExit) as stop:
        parse("--bootstrap", number)
    assert stop.value.code == 2


def test_people_see_a_summary_and_the_file_has_everything(scores, tmp_path, capsys):
    path = tmp_path / "scores.parquet"
    deliver(scores, summary(scores), argparse.Namespace(out=path, format="table"))
    assert pl.read_parquet(path).equals(scores)
    assert len(capsys.readouterr().out.splitlines()) < 12


def test_notes_are_no_wider_than_the_terminal_and_never_wider_than_can_be_read(scores, monkeypatch, capsys):
    for columns in (50, 300):
        monkeypatch.setenv("COLUMNS", str(columns))
        show_summary(summary(scores), "table", scores)
        below = capsys.readouterr().out.partition("\n\n")[2]
        assert below
        assert max(map(len, below.splitlines())) <= min(columns, WIDTH)
