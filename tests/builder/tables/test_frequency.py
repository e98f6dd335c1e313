"""Word frequencies as stimulus features: from wordfreq, and from tables of the user's."""

import math

import pytest

from banks import put_stimuli
from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.tables.frequency import build_frequency, from_table, from_wordfreq
from readings import put_times

WORDS = ("The", '"river,"', "qqzzx", "null", "The.")


@pytest.fixture
def bank(tmp_path):
    root = tmp_path / "bank"
    ids = put_stimuli(root, "s", [{"text": word} for word in WORDS])
    put_stimuli(root, "unread", [{"text": word} for word in WORDS])
    put_times(root, "b", [{"stimulus_id": i, "value": 300.0} for i in ids])
    rebuild_manifest(root)
    return root


def values(bank):
    return open_bank(bank).table("stimulus_features").sort("stimulus_id")["value"].to_list()


def table(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_wordfreq_knows_words_without_their_punctuation(bank):
    wordfreq = pytest.importorskip("wordfreq")
    ((sidecar, missing),) = build_frequency(bank, from_wordfreq())
    assert (sidecar.rows, missing) == (5, [])
    assert values(bank) == [wordfreq.zipf_frequency(w, "en") for w in ("the", "river", "qqzzx", "null", "the")]
    assert values(bank)[2] == 0


def test_counts_of_a_table_add_up_over_spellings_and_what_is_absent_is_null(bank, tmp_path):
    path = table(tmp_path, "word,count\nthe,60\nThe,40\nriver,5\nnull,2\n")
    ((_, missing),) = build_frequency(bank, from_table(path))
    assert values(bank) == [math.log(100), math.log(5), None, math.log(2), math.log(100)]
    assert missing == ["qqzzx"]
    source = open_bank(bank).sql("select distinct source from stimulus_features").item()
    assert source == "mine"


def test_log_frequencies_are_taken_as_they_stand(bank, tmp_path):
    path = table(tmp_path, "word\tlog_frequency\nthe\t-2.5\nriver\t-9\n", "mine.tsv")
    build_frequency(bank, from_table(path, "theirs"))
    assert values(bank) == [-2.5, -9.0, None, None, -2.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ottoman,-10.2\nkeep,-9.5\n", "needs a header with word and one of log_frequency, frequency, count"),
        ("word,count\nthe,many\n", "'many' in column count, row 1"),
        ("word,count\nthe,-3\n", "'-3' in column count, row 1"),
        ("word,log_frequency\nthe,-3\nThe,-4\n", "'the' two log frequencies"),
        ("word,count\nelsewhere,3\n", "has none of the words of s"),
    ],
)
def test_other_tables_are_refused(bank, tmp_path, text, message):
    with pytest.raises(BrainlakeError, match=message):
        build_frequency(bank, from_table(table(tmp_path, text)))
    assert values(bank) == []


def test_sets_without_reading_times_are_written_when_named(bank, tmp_path):
    path = table(tmp_path, "word,count\nthe,60\n")
    build_frequency(bank, from_table(path), ["unread"])
    found = open_bank(bank).table("stimulus_features")
    assert found["stimulus_set"].unique().to_list() == ["unread"]
