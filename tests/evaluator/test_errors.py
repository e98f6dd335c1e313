"""What a message about an unknown name suggests and lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.errors import SHOWN, BrainlakeError, FailedError, Failures, UnknownNameError, by_number, nearest

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


def attempted(*things, fail_fast=False):
    """What is done of things; those in capitals fail."""
    done = []
    with Failures(fail_fast) as failures:
        for thing in things:
            with failures.of(thing):
                if thing.isupper():
                    raise BrainlakeError(f"no\n {thing}")
                done.append(thing)
    return done


def test_the_rest_is_done_before_what_failed_is_said():
    assert attempted("a", "b") == ["a", "b"]
    with pytest.raises(FailedError, match=r"^B: no B$"):
        attempted("a", "B", "c")
    with pytest.raises(FailedError, match=r"^2 failed:\n  B: no B\n  D: no D$"):
        attempted("B", "c", "D")


def test_the_error_of_a_single_thing_is_its_own():
    with pytest.raises(BrainlakeError, match=r"^no\n A$") as raised:
        attempted("A")
    assert not isinstance(raised.value, FailedError)


def test_the_first_failure_ends_it_if_asked_to():
    with pytest.raises(BrainlakeError, match=r"^no\n A$"):
        attempted("A", "B", fail_fast=True)


def test_failures_of_parts_are_a_line_each():
    failures = Failures()
    for name, parts in {"x": ("A", "B"), "z": ("C",)}.items():
        with failures.of(name):
            attempted(*parts)
    assert list(failures.found) == ["A", "B", "z"]


def test_what_is_no_failure_of_ours_ends_it():
    with pytest.raises(KeyboardInterrupt), Failures() as failures, failures.of("x"):
        raise KeyboardInterrupt


def test_an_endless_name_is_shown_in_short():
    assert len(str(UnknownNameError("model", "x" * 10**5, ["m"]))) < 300


def test_what_a_traceback_shows_commands_no_terminal():
    error = BrainlakeError("could not convert 'a\x1b[2J\u202e\r'\nLINE 1")
    assert str(error) == "could not convert 'a\\x1b[2J\\u202e\\r'\nLINE 1"
    assert f"{BrainlakeError(str(error))}" == str(error)
