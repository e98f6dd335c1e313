"""Words of one's own text have the numbers that a bank would hold for them."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from brainlake import open_bank
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.own_text import word_surprisal, words_of
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.loading import load_model

STORY = [
    "The",
    "boy",
    "cried",
    "wolf,",
    "and",
    "nobody",
    "came;",
    "the",
    "sheep",
    "ran",
    "away",
    "over",
    "the",
    "hill.",
]
DOCUMENTS = [STORY * 12, ["He", "walked", "and", "walked."]]
"""The first is several windows of the models long."""


def written(documents):
    """As a person may write them: lines of a few words, empty lines between documents."""
    lines = ["\n".join(" ".join(d[k : k + 5]) for k in range(0, len(d), 5)) for d in documents]
    return "\n\n \n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("gpt2", "document"),
        ("llama", "document"),
        ("t5", "document"),
        ("gpt2", "aw2024"),
        ("gpt2", "document+dtype=bfloat16"),
    ],
)
def test_equal_to_a_bank(name, recipe, make_bank, make_stimuli, model_folder):
    bank = make_bank(words=make_stimuli("words", DOCUMENTS))
    extract(ExtractionRequest(bank, str(model_folder(name)), "words", recipe))
    expected = open_bank(bank).table("surprisal").select("surprisal", "entropy", pl.col("n_tokens").cast(pl.Int32))
    found = word_surprisal(str(model_folder(name)), written(DOCUMENTS), recipe)
    assert_frame_equal(found.select(expected.columns), expected, check_exact=True)
    assert found["word"].to_list() == [word for document in DOCUMENTS for word in document]
    assert found["document"].to_list() == [k for k, document in enumerate(DOCUMENTS, 1) for _ in document]


@pytest.mark.parametrize(
    ("model", "text", "message"),
    [
        (3, "He walked.", "model=3 is not possible: it is a local folder, a Hub id, or what load_model returned"),
        (None, "He walked.", "model=None is not possible"),
        ("gpt2", ["He", "walked."], r"text=\['He', 'walked\.'\] is not possible: it is words, as text"),
        ("gpt2", None, "text=None is not possible"),
        ("x" * 5000, "He walked.", "model=.* is not possible: it is a path, and this cannot be one"),
    ],
)
def test_arguments_of_another_type(model, text, message):
    with pytest.raises(BrainlakeError, match=message):
        word_surprisal(model, text)


def test_progress_of_another_type():
    with pytest.raises(BrainlakeError, match="progress=None is not possible"):
        word_surprisal("gpt2", "He walked.", progress=None)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_lines_may_end_as_any_system_ends_them(end):
    assert words_of(f"He{end}walked.{end}{end}Nobody{end}came.").document_ids == ["1", "1", "2", "2"]


def test_a_model_that_is_loaded_already(model_folder):
    loaded = load_model(str(model_folder("gpt2")))
    assert word_surprisal(model_folder("gpt2"), "He walked.").equals(word_surprisal(loaded, "He walked."))
    assert word_surprisal(loaded, "He walked.").equals(word_surprisal(str(model_folder("gpt2")), "He  walked."))
    with pytest.raises(BrainlakeError, match="gpt2 is loaded in torch"):
        word_surprisal(loaded, "He walked.", "document+dtype=float16")


@pytest.mark.parametrize(
    ("name", "text", "recipe", "message"),
    [
        ("gpt2", " \n\n", "document", "there is no word in this text"),
        ("bert", "He walked.", "document+boundary=none", "bert is an encoder: it gives no word probabilities"),
        ("gpt2", "He walked.", "documents", "unknown recipe"),
        ("gpt2", "He walked.", "document+prompt=haiku", "unknown prompt"),
    ],
)
def test_what_cannot_be_done(name, text, recipe, message, model_folder):
    with pytest.raises((BrainlakeError, UnknownNameError), match=message):
        word_surprisal(str(model_folder(name)), text, recipe)
