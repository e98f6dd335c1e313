"""What ``extract`` and ``plan`` share."""

import argparse

import pytest

from brainlake_builder.cli import main
from brainlake_builder.cli.tasks import add_tasks, request_of
from brainlake_builder.extraction.request import ExtractionRequest, Shard


@pytest.mark.parametrize("arguments", [("--shard", "0/3"), ("--shard", "3/2"), ("--untrained", "-1")])
def test_numbers_that_make_no_sense_are_wrong_usage(demo_bank, capsys, arguments, tasks):
    with pytest.raises(SystemExit) as stop:
        main(["plan", *map(str, tasks(demo_bank)), *arguments])
    assert stop.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def parse(*arguments):
    parser = argparse.ArgumentParser()
    add_tasks(parser)
    return request_of(parser.parse_args(["--model", "m", "m", "--stimuli", "s", "--bank", "b", *arguments]))


def test_arguments_become_a_request():
    request = parse("--recipe", "document", "aw2024", "--dtype", "float16", "--shard", "2/3", "--untrained", "5")
    assert (request.models, request.stimuli) == (("m",), ("s",))
    assert request.recipes == ("document+dtype=float16", "aw2024+dtype=float16")
    assert (request.shard, request.untrained_seed) == (Shard.parse("2/3"), (5,))


def test_untrained_twins_without_seeds_are_five():
    assert parse("--untrained").seeds == (0, 1, 2, 3, 4)
    assert parse("--untrained", "7", "9").seeds == (7, 9)
    assert parse().seeds == (None,)


def test_defaults_are_those_of_a_request():
    request = parse()
    assert request.recipes == ("document",)
    assert request == ExtractionRequest(request.bank, ["m"], ["s"])
