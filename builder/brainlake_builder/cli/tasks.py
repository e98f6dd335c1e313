"""What ``extract`` and ``plan`` share: which models read which stimuli, and how."""

import argparse
from pathlib import Path
from typing import Any

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.request import ExtractionRequest, Shard


def add_tasks(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name models, stimuli and recipes."""
    parser.add_argument("--model", nargs="+", required=True, metavar="M", help="Hub ids or local folders")
    parser.add_argument("--stimuli", nargs="+", required=True, metavar="S", help="stimulus sets, or benchmarks")
    parser.add_argument(
        "--recipe", nargs="+", default=["document"], metavar="R", help="document, aw2024, aw2024+readout=residual, ..."
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank that has the stimuli")
    parser.add_argument("--name", metavar="NAME", help="name in the bank of a local folder; default: the folder's")
    parser.add_argument("--device", default="cpu", metavar="D", help="cpu, cuda, cuda:N or auto; default: %(default)s")
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="default: the recipe's")
    parser.add_argument("--quantization", choices=("8bit", "4bit"), help="of the weights, by bitsandbytes (untested)")
    parser.add_argument("--untrained", type=int, metavar="SEED", help="the same architecture with random weights")
    parser.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="only every n-th task (model, recipe, stimulus set), from the i-th",
    )
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that the model's repository brings")


def request_of(options: argparse.Namespace, **more: Any) -> ExtractionRequest:
    """What the arguments ask for; ``more`` are fields that one command alone has."""
    return ExtractionRequest(
        options.bank,
        options.model,
        options.stimuli,
        [r if options.dtype is None else f"{r}+dtype={options.dtype}" for r in options.recipe],
        name=options.name,
        device=options.device,
        quantization=options.quantization,
        untrained_seed=options.untrained,
        shard=options.shard,
        trust_remote_code=options.trust_remote_code,
        **more,
    )


def _shard(text: str) -> Shard:
    try:
        return Shard.parse(text)
    except BrainlakeError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
