"""What every command that runs models has: how a model is loaded."""

import argparse
from typing import Any, Final

from brainlake.cli.arguments import Names, as_usage, at_least, read_by
from brainlake.contract.recipe import parse_recipe
from brainlake_builder.extraction.preflight import check_device_name

SEEDS: Final = 5
"""Untrained twins where no seeds are named."""


def add_loading(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how a model is loaded; whether it is trained: `add_untrained` or `add_twins`."""
    parser.add_argument(
        "--device",
        type=read_by(check_device_name),
        default="cpu",
        metavar="D",
        help="cpu, cuda, cuda:N or auto; default: %(default)s",
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="default: the recipe's")
    parser.add_argument("--quantization", choices=("8bit", "4bit"), help="of the weights, by bitsandbytes (untested)")
    parser.add_argument("--gguf", metavar="FILE", help="take reduced weights from this file in the model's folder")
    parser.add_argument("--adapter", metavar="DIR", help="merge this LoRA adapter into the weights")
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that the model's repository brings")


def add_untrained(parser: argparse.ArgumentParser) -> None:
    """Add the choice of one untrained twin."""
    parser.add_argument(
        "--untrained", type=at_least(0), metavar="SEED", help="the same architecture with random weights"
    )


def add_twins(parser: argparse.ArgumentParser) -> None:
    """Add the choice of untrained twins: one draw of weights says little about an architecture."""
    parser.add_argument(
        "--untrained",
        nargs="*",
        action=Names,
        type=at_least(0),
        metavar="SEED",
        help=f"the same architecture with random weights, a twin a seed; without seeds: 0 to {SEEDS - 1}",
    )


def loading(options: argparse.Namespace) -> dict[str, Any]:
    """What they say, as arguments of ``locate_model``; device and precision are not among them."""
    return {
        "untrained_seed": options.untrained,
        "quantization": options.quantization,
        "gguf": options.gguf,
        "adapter": options.adapter,
        "trust_remote_code": options.trust_remote_code,
    }


def with_dtype(recipe: str, dtype: str | None) -> str:
    """A recipe in the precision that was asked for, if any was.

    Raises
    ------
    UsageError
        If it is no recipe, or has a precision already.
    """
    asked = recipe if dtype is None else f"{recipe}+dtype={dtype}"
    with as_usage():
        parse_recipe(asked)
    return asked
