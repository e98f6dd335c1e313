"""Characters to tokens, for every family of tokenizer."""

import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from brainlake.errors import BrainlakeError
from brainlake_builder.text.documents import Stimuli, refuse_alike, tokenize, whole_documents, word_windows
from brainlake_builder.text.tokenizer import Encoder

FAMILIES = ["byte_level", "metaspace", "unigram", "wordpiece"]
WORD = st.text("abwolfTe,.'-!é中😀 ", min_size=1, max_size=8).filter(lambda word: word.strip())


@pytest.fixture(scope="session")
def encoders(tokenizers):
    return {name: Encoder(tokenizer) for name, tokenizer in tokenizers.items()}


def read(make_stimuli, texts, separator=" "):
    return whole_documents(Stimuli.from_table("set", make_stimuli("set", [texts], separator)))


def surface(encoder, tokens, place):
    """Text of a stimulus's tokens, from their offsets."""
    (encoding,) = encoder.encode([tokens.document.text])
    offsets = np.array(encoding.offsets)[tokens.starts[place] : tokens.stops[place]]
    return tokens.document.text[offsets[:, 0].min() : offsets[:, 1].max()]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_word_owns_the_tokens_whose_text_it_is(family, encoders, make_stimuli):
    words = ["Don't", "the", "boys'", "(wolf,", "and", '"sheep")', "—", "naïve", "3.14", "😀", "élan!"]
    (document,) = read(make_stimuli, words)
    (tokens,) = tokenize(encoders[family], [document])
    assert [surface(encoders[family], tokens, k).strip() for k in range(len(words))] == words
    assert tokens.starts[0] == 0
    assert np.array_equal(tokens.starts[1:], tokens.stops[:-1])
    assert tokens.stops[-1] == len(tokens.ids)
    assert not tokens.blank[tokens.last].any()


@pytest.mark.parametrize("family", ["byte_level", "metaspace"])
@given(words=st.lists(WORD, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_words_tile_the_tokens(family, encoders, make_stimuli, words):
    (document,) = read(make_stimuli, words)
    (tokens,) = tokenize(encoders[family], [document])
    assert np.array_equal(np.append(tokens.starts, len(tokens.ids)), np.insert(tokens.stops, 0, 0))
    for k, word in enumerate(words):
        assert surface(encoders[family], tokens, k).strip() == word.strip()


def test_a_blank_token_goes_with_the_word_that_follows(encoders, make_stimuli):
    (document,) = read(make_stimuli, ["wolf ", " came ", "x "], separator="")
    (tokens,) = tokenize(encoders["byte_level"], [document])
    blanks = np.flatnonzero(tokens.blank)
    assert tokens.owner[blanks].tolist() == [1, 2, 2]
    assert tokens.blank[-1]
    assert tokens.stops[-1] == len(tokens.ids)


def test_a_token_over_two_stimuli_is_an_error(encoders, make_stimuli):
    documents = read(make_stimuli, ["wo", "lf"], separator="")
    with pytest.raises(BrainlakeError, match=r"set/d0: token 'olf' spans two stimuli, at 'wolf'"):
        tokenize(encoders["byte_level"], documents)


def test_characters_that_a_tokenizer_drops_are_an_error(make_stimuli):
    backend = Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    backend.normalizer = normalizers.Replace("b", "")
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]"))
    with pytest.raises(BrainlakeError, match="set/d0 has characters that the tokenizer drops, at 'a b a'"):
        tokenize(encoder, read(make_stimuli, ["a", "b", "a"]))


@pytest.mark.parametrize(
    "words",
    [
        ["naïve", "café,", "résumé"],
        ["ạ̇b", "a"],  # two marks, of which one is composed
        ["한글", "말"],  # jamo, which are no marks
        ["क़", "a"],  # excluded from composition: nothing may go missing
    ],
)
def test_a_tokenizer_that_composes_reads_decomposed_text_as_composed(words, tokenizers, make_stimuli):
    backend = Tokenizer.from_str(tokenizers["byte_level"].backend_tokenizer.to_str())
    backend.normalizer = normalizers.NFC()
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=backend))
    texts = {form: [unicodedata.normalize(form, word) for word in words] for form in ("NFC", "NFD")}
    found = {form: tokenize(encoder, read(make_stimuli, own))[0] for form, own in texts.items()}
    assert found["NFD"].ids.tolist() == found["NFC"].ids.tolist()
    assert found["NFD"].owner.tolist() == found["NFC"].owner.tolist()
    assert found["NFD"].last.tolist() == found["NFC"].last.tolist()


def test_a_tokenizer_that_drops_a_mark_without_composing_is_refused(tokenizers, make_stimuli):
    backend = Tokenizer.from_str(tokenizers["byte_level"].backend_tokenizer.to_str())
    backend.normalizer = normalizers.Replace("\u0301", "")
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=backend))
    with pytest.raises(BrainlakeError, match="characters that the tokenizer drops"):
        tokenize(encoder, read(make_stimuli, ["x\u0301", "a"]))  # no letter of Unicode is x with an acute


def test_text_between_stimuli_is_an_error(encoders, make_stimuli):
    with pytest.raises(BrainlakeError, match="set/d0 has text that belongs to no stimulus"):
        tokenize(encoders["byte_level"], read(make_stimuli, ["a", "b"], separator=" - "))


def test_special_tokens_written_in_a_text_are_text(encoders, make_stimuli):
    (document,) = read(make_stimuli, ["a", "<s>", "b"])
    (tokens,) = tokenize(encoders["metaspace"], [document])
    assert not set(tokens.ids.tolist()) & encoders["metaspace"].special


@pytest.mark.parametrize(
    ("family", "marker", "special"),
    [
        ("byte_level", "Ġ", ((), ())),
        ("metaspace", "▁", ((1,), ())),
        ("unigram", "▁", ((), (1,))),
        ("wordpiece", None, ((2,), (3,))),
    ],
)
def test_what_a_tokenizer_is_found_to_do(family, marker, special, encoders):
    assert encoders[family].marker == marker
    assert encoders[family].special_ids() == special
    assert encoders[family].spaces == ("leading" if marker else "none")


def test_a_tokenizer_with_spaces_at_the_end(make_stimuli):
    backend = Tokenizer(models.BPE({"a</w>": 0, "a": 1, "b": 2, "b</w>": 3}, [], end_of_word_suffix="</w>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    assert Encoder(PreTrainedTokenizerFast(tokenizer_object=backend)).spaces == "trailing"


def test_tokens_that_begin_with_a_space(encoders):
    encoder = encoders["metaspace"]
    begins = encoder.begins_with_space(430)
    surfaces = {token: k for token, k in encoder._backend.get_vocab().items() if k < 430}
    assert all(begins[k] == t.startswith(("▁", "<0x20>")) for t, k in surfaces.items())
    assert encoder.begins_with_space(430, white_space=True)[surfaces["<0x0A>"]]


def test_windows_of_words(make_stimuli):
    stimuli = Stimuli.from_table("set", make_stimuli("set", [["a", "b", "c"], ["d"]]))
    windows = word_windows(stimuli, 2)
    assert [w.text for w in windows] == ["a", "a b", "b c", "d"]
    assert [w.first_read for w in windows] == [0, 1, 1, 0]
    assert [w.following for w in windows] == [" ", " ", "", ""]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("position", [1, 0], "positions are not 0, 1, 2"),
        ("stimulus_id", ["x", "x"], "occurs twice"),
        ("text", ["a", " "], "the text of 0.1 is empty"),
    ],
)
def test_stimuli_that_cannot_be_read(column, values, message, make_stimuli):
    table = make_stimuli("set", [["a", "b"]])
    place = table.schema.get_field_index(column)
    table = table.set_column(place, table.schema.field(column), pa.array(values, table.schema.field(column).type))
    with pytest.raises(BrainlakeError, match=message):
        Stimuli.from_table("set", table)


def test_different_texts_of_equal_tokens_are_refused_by_name():
    refuse_alike([("s/d0", "The boy", [5, 6]), ("s/d1", "the  Boy", [5, 6]), ("s/d2", "a wolf", [7])])
    with pytest.raises(
        BrainlakeError, match="s/d1 and s/d0 hold different texts, and the tokenizer gives both the same"
    ):
        refuse_alike([("s/d0", "The boy", [0]), ("s/d1", "a wolf", [0])])


def test_stimuli_that_were_changed_are_read_by_no_model(own_bank):
    path = own_bank / "stimuli/toy.parquet"
    table = pq.read_table(path)
    texts = pa.array([text.upper() for text in table.column("text").to_pylist()])
    pq.write_table(table.set_column(table.schema.get_field_index("text"), table.schema.field("text"), texts), path)
    with pytest.raises(BrainlakeError, match="is not the file that its sidecar speaks of"):
        Stimuli.read(own_bank, "toy")
    with pytest.raises(BrainlakeError, match="is not there, or has no sidecar: build it again"):
        Stimuli.read(own_bank, "nope")
