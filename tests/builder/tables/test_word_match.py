"""What counts as another word, and what as the same one."""

from pathlib import Path

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.tables.word_match import bare, compare_characters, compare_words

TABLE = Path("table.csv")
WORDS = ["a", "b"] * 600


def test_white_space_and_composition_do_not_count():
    assert bare(" caf\u00e9 ") == bare("cafe\u0301")


def test_a_slip_in_a_thousand_characters_is_told_and_two_are_refused():
    one = ["x", *WORDS[1:]]
    assert compare_words(one, WORDS, list(range(1, 1201)), TABLE) == ["'x' for 'a'"]
    assert compare_characters("".join(one), "".join(WORDS), TABLE) == ["'xbabababab' for 'ababababab'"]
    with pytest.raises(BrainlakeError, match=r"row 11 has 'x' where the stimuli have 'a' \(word 1\)"):
        compare_words(["x", "y", *WORDS[2:]], WORDS, list(range(11, 1211)), TABLE)
    with pytest.raises(BrainlakeError, match="is not the text of the stimuli: 'xyab"):
        compare_characters("xy" + "".join(WORDS[2:]), "".join(WORDS), TABLE)


def test_a_word_too_few_is_named_where_it_is_missed():
    with pytest.raises(
        BrainlakeError, match=r"has 1 words, the stimuli have 2; after row 7 has '\(nothing\)' where .* 'b'"
    ):
        compare_words(["a"], ["a", "b"], [7], TABLE)
