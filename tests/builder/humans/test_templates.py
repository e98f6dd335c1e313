"""Filled examples: every kind ingests as it stands and can be scored."""

import pytest

from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.humans.ingest import ingest_folder
from brainlake_builder.humans.templates import TEMPLATES, template, write_template


@pytest.mark.parametrize("kind", TEMPLATES)
def test_it_ingests_without_a_word_and_the_bank_is_sound(kind, tmp_path):
    paths = write_template(kind, tmp_path / "mine")
    assert {path.stem for path in paths} == set(template(kind)) <= set(COLUMNS)
    ingest_folder(tmp_path / "mine", tmp_path / "bank", ())
    bank = open_bank(tmp_path / "bank")
    assert bank.verify() == []
    assert len(bank.benchmarks) == 1


@pytest.mark.parametrize("kind", TEMPLATES)
def test_it_is_the_same_every_time(kind):
    first, second = template(kind), template(kind)
    assert all(first[table].equals(second[table]) for table in first)


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.csv").touch()
    for folder in (tmp_path, tmp_path / "mine.csv"):
        with pytest.raises(BrainlakeError, match="is there and not empty: give another folder"):
            write_template("fmri", folder)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


def test_a_kind_that_there_is_not(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown template 'fmr'"):
        write_template("fmr", tmp_path / "x")
    assert not (tmp_path / "x").exists()
