"""How a model is loaded, as arguments."""

import argparse

import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.cli.models import SEEDS, add_loading, add_twins, add_untrained, with_dtype


def test_a_precision_is_a_change_of_the_recipe():
    assert with_dtype("document", None) == "document"
    assert parse_recipe(with_dtype("document+pool=mean", "float16")).dtype == "float16"


def parse(*arguments):
    parser = argparse.ArgumentParser()
    add_loading(parser)
    add_untrained(parser)
    return parser.parse_args(arguments)


def test_twins_are_as_many_as_seeds_are_named():
    parser = argparse.ArgumentParser()
    add_twins(parser)
    assert parser.parse_args([]).untrained is None
    assert parser.parse_args(["--untrained", "3", "4", "3"]).untrained == [3, 4]
    assert SEEDS == 5


def test_a_model_runs_on_the_processor_with_its_own_weights_and_code_of_nobody():
    options = parse()
    assert options.device == "cpu"
    assert options.untrained is options.dtype is options.quantization is None
    assert options.trust_remote_code is False


@pytest.mark.parametrize("wrong", [("--untrained", "-1"), ("--dtype", "float64"), ("--quantization", "3bit")])
def test_wrong_use(wrong, capsys):
    with pytest.raises(SystemExit) as stop:
        parse(*wrong)
    assert stop.value.code == 2
    assert wrong[0] in capsys.readouterr().err
