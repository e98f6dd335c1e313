"""The story clock of the Alice chapter, by hand."""

import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake_builder.humans.readers.alice2016_words import PAUSE_S, read_words, story_clock


def test_segments_follow_each_other_with_a_pause():
    words = pl.DataFrame(
        {"Segment": [1, 1, 2, 2, 3], "onset": [0.1, 0.6, 0.2, 0.5, 0.0], "offset": [0.5, 1.0, 0.4, 0.9, 0.3]}
    )
    onsets, offsets = story_clock(words)
    second, third = 1.0 + PAUSE_S, 1.0 + PAUSE_S + 0.9 + PAUSE_S
    assert onsets == pytest.approx([0.1, 0.6, second + 0.2, second + 0.5, third])
    assert offsets == pytest.approx([0.5, 1.0, second + 0.4, second + 0.9, third + 0.3])
    assert onsets == sorted(onsets)


def test_a_table_of_other_counts_is_refused(tmp_path):
    names = ["Word", "Segment", "onset", "offset", "Sentence", "LogFreq", "Length", "SndPower", "Position", "IsLexical"]
    names += ["NGRAM", "RNN", "CFG"]
    (tmp_path / "w.csv").write_text(",".join(names) + "\nAlice,1,0.1,0.2,1" + ",1" * 8 + "\n")
    with pytest.raises(BrainlakeError, match=r"w\.csv holds 1 words, not 2,106"):
        read_words(tmp_path / "w.csv")
    (tmp_path / "w.csv").write_text(",".join(names[:-1]) + "\n")
    with pytest.raises(BrainlakeError, match=r"w\.csv has no column CFG"):
        read_words(tmp_path / "w.csv")
