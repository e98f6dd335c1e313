"""What a message about an unknown name suggests and lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.errors import SHOWN, UnknownNameError, by_number, nearest

MODELS = [f"lab--model-{n}b" for n in range(1, 41)]


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("pereira2018.234", ["blank2014", "pereira2018.243", "pereira2018.384"], "pereira2018.243"),
        ("openai-community/gpt2", ["openai-community--gpt2", "huggyllama--llama-7b"], "openai-community--gpt2"),
        ("GPT2", ["openai-community--gpt2", "huggyllama--llama-7b"], "openai-community--gpt2"),
        ("Document", ["aw2024", "document"], "document"),
        ("bran", ["info", "brain"], "brain"),
        ("nothing like it", ["info", "brain"], None),
        ("7", ["0", "70", "17"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_name(name, known, meant):
    assert nearest(name, known) == meant


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, unique=True))
def test_only_what_there_is_is_suggested(known):
    assert nearest("abc", known) in [*known, None]
    if not known[0].casefold().isdigit():
        assert nearest(known[0], known[:1]) == known[0]


def test_a_long_list_is_cut():
    message = str(UnknownNameError("model", "nope", MODELS))
    assert message.endswith("lab--model-9b, lab--model-10b and 30 more")
    assert message.count("lab--") == SHOWN - 2
    assert "more" not in str(UnknownNameError("model", "nope", MODELS[:SHOWN]))
    assert str(UnknownNameError("model", "nope")) == "unknown model 'nope'; there is none"


@given(st.lists(st.text()))
def test_any_names_sort(names):
    assert sorted(sorted(names, key=by_number)) == sorted(names)


def test_numbers_sort_by_size():
    assert sorted(["step10", "step9", "step"], key=by_number) == ["step", "step9", "step10"]
