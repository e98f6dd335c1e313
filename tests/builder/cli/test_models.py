"""How a model is loaded, as arguments."""

import argparse

import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.cli.models import add_loading, with_dtype


def test_a_precision_is_a_change_of_the_recipe():
    assert with_dtype("document", None) == "document"
    assert parse_recipe(with_dtype("document+pool=mean", "float16")).dtype == "float16"


def parse(*arguments):
    parser = argparse.ArgumentParser()
    add_loading(parser)
    return parser.parse_args(arguments)


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
