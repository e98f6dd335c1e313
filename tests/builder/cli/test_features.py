"""The command ``features``."""

import pytest

from banks import put_stimuli
from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from readings import put_times


@pytest.fixture
def bank(tmp_path):
    root = tmp_path / "bank"
    ids = put_stimuli(root, "s", [{"text": word} for word in ("The", "river,", *"abcdefghij", "a")])
    put_stimuli(root, "unread", [{"text": "The"}])
    put_times(root, "b", [{"stimulus_id": i, "value": 300.0} for i in ids])
    rebuild_manifest(root)
    return root


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("word,count\nthe,60\nriver,5\n")
    return path


def test_files_are_listed_and_words_without_a_frequency_said_once(bank, table, run):
    status, out, err = run("features", "frequency", "--bank", bank, "--table", table)
    assert (status, out) == (0, "stimulus_features/s/mine.parquet: 13 words\n")
    assert err == "11 words are not in mine and without frequency: a, b, c, d, e, f, g, h and 2 more\n"


def test_sets_and_the_source_are_named(bank, table, run):
    arguments = ("--table", table, "--source", "theirs", "--stimuli", "unread")
    status, out, err = run("features", "frequency", "--bank", bank, *arguments)
    assert (status, out, err) == (0, "stimulus_features/unread/theirs.parquet: 1 words\n", "")
    assert open_bank(bank).sql("select distinct source from stimulus_features").item() == "theirs"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("--source", "x"), "--source names a table: give --table too"),
        (("--table", "mine.csv", "--language", "de"), "--language is of wordfreq"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(bank, run, arguments, match):
    status, out, err = run("features", "frequency", "--bank", bank, *arguments)
    assert (status, out) == (2, "")
    assert match in err


def test_another_feature_or_set_is_refused(bank, table, run):
    assert run("features", "length", "--bank", bank)[0] == 2
    status, out, err = run("features", "frequency", "--bank", bank, "--table", table, "--stimuli", "nope")
    assert (status, out) == (1, "")
    assert "nope" in err
