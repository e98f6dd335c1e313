"""What a tokenizer does to a text, for every family."""

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

from brainlake.errors import BrainlakeError
from brainlake_builder.text.tokenizer import Encoder, tokenizer_errors

FAMILIES = {"byte_level": ("Ġ", "leading"), "metaspace": ("▁", "leading"), "unigram": ("▁", "leading")}


@pytest.fixture(scope="module")
def encoders(tokenizers):
    return {name: Encoder(tokenizer) for name, tokenizer in tokenizers.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_space_belongs_to_the_token_that_follows(family, encoders):
    assert (encoders[family].marker, encoders[family].spaces) == FAMILIES[family]


def test_some_keep_no_space(encoders):
    assert (encoders["wordpiece"].marker, encoders["wordpiece"].spaces) == (None, "none")
    assert not encoders["wordpiece"].begins_with_space(300).any()


@pytest.mark.parametrize(
    ("family", "before", "after"),
    [("byte_level", 0, 0), ("metaspace", 1, 0), ("unigram", 0, 1), ("wordpiece", 1, 1)],
)
def test_what_a_tokenizer_puts_around_a_text(family, before, after, encoders):
    encoder = encoders[family]
    opening, closing = encoder.special_ids()
    assert (len(opening), len(closing)) == (before, after)
    bare, full = (encoder.encode(["The wolf"], add_special_tokens=add)[0].ids for add in (False, True))
    assert full == [*opening, *bare, *closing]
    assert {*opening, *closing} <= encoder.special


@pytest.mark.parametrize("text", ["wolf", " a  wolf,", "über älter", "", "a.b c\n"])
def test_offsets_of_bytes_cover_the_text(text, encoders):
    offsets = encoders["byte_level"].encode([text])[0].offsets
    assert {k for start, stop in offsets for k in range(start, stop)} == set(range(len(text)))


def test_special_tokens_written_out_are_characters_unless_they_are_asked_for(encoders):
    encoder = encoders["metaspace"]
    start = encoder.token_id("<s>")
    assert start not in encoder.encode(["a <s> b"])[0].ids
    assert start in encoder.encode(["a <s> b"], parse_special=True)[0].ids
    assert encoder.token_id("no such token") is None


@pytest.mark.parametrize("family", FAMILIES)
def test_tokens_that_begin_a_word(family, encoders):
    encoder = encoders[family]
    mask = encoder.begins_with_space(1000)
    ids = encoder.encode(["The wolf ran away"])[0].ids
    tokens = encoder.encode(["The wolf ran away"])[0].tokens
    for index, token in zip(ids, tokens, strict=True):
        assert mask[index] == token.startswith(encoder.marker)
    assert (mask <= encoder.begins_with_space(1000, white_space=True)).all()
    assert len(encoder.begins_with_space(3)) == 3
    assert mask.dtype == np.bool_


def test_a_tokenizer_without_offsets_is_refused():
    class Slow:
        is_fast = False

    with pytest.raises(BrainlakeError, match="tokenizer Slow gives no character offsets"):
        Encoder(Slow())


def test_a_pattern_that_backtracks_without_end_is_one_error():
    backend = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    backend.pre_tokenizer = Split(Regex("(x+x+)+y"), "isolated")
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=backend))
    with pytest.raises(BrainlakeError, match=r"its tokenizer cannot read a text: .*retry-limit"):
        encoder.encode(["x" * 40])


def test_what_ends_a_program_passes():
    with pytest.raises(KeyboardInterrupt), tokenizer_errors("a model"):
        raise KeyboardInterrupt
