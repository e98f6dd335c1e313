"""Arguments that several commands take."""

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.cli.arguments import add_banks, add_format, add_names, at_least, parsed
from brainlake.errors import BrainlakeError


def test_the_same_thing_named_twice_is_once(toy_bank, run):
    once = run("behavior", toy_bank, "--benchmark", "toy.reading", "--protocol", "pearson", "--format", "csv")[1]
    twice = ("--benchmark", "toy.reading", "toy.reading", "--model", "m", "m", "--protocol", "pearson", "pearson")
    assert run("behavior", toy_bank, toy_bank, *twice, "--format", "csv")[1] == once


@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_whole_numbers_from_the_least_one(least, number):
    read = at_least(least)
    if number >= least:
        assert read(str(number)) == number
    else:
        with pytest.raises(argparse.ArgumentTypeError, match=f"a whole number of at least {least}, not '{number}'"):
            read(str(number))


@pytest.mark.parametrize("text", ["", "1.0", "1e3", "one", " 1", "--1", "+1", "²", "٢", "9" * 19])
def test_what_is_no_whole_number(text):
    with pytest.raises(argparse.ArgumentTypeError, match="a whole number of at least 0"):
        at_least(0)(text)


def test_a_whole_number_up_to_the_most_there_is_use_for():
    assert at_least(0, 9)("9") == 9
    with pytest.raises(argparse.ArgumentTypeError, match="a whole number of at most 9, not '10'"):
        at_least(0, 9)("10")


def test_what_a_function_refuses_is_an_error_of_usage():
    def refuse(text):
        raise BrainlakeError(f"not {text}")

    assert parsed(int)("7") == 7
    with pytest.raises(argparse.ArgumentTypeError, match="not this"):
        parsed(refuse)("this")


def test_banks_names_and_a_format():
    parser = argparse.ArgumentParser()
    add_banks(parser)
    add_names(parser, "--model", "M", "models")
    add_format(parser)
    options = parser.parse_args(["b", "a", "b", "--model", "y", "x", "y"])
    assert (options.banks, options.model, options.format, options.download) == (["b", "a"], ["y", "x"], "table", False)
