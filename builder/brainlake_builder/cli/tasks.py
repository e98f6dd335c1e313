"""What ``extract`` and ``plan`` share: which models read which stimuli, and how."""

import argparse
from pathlib import Path
from typing import Any

from brainlake.cli.arguments import add_names, parsed
from brainlake.cli.parser import UsageError
from brainlake.errors import BrainlakeError
from brainlake_builder.cli.models import add_loading, with_dtype
from brainlake_builder.extraction.request import ExtractionRequest, Shard


def add_tasks(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name models, stimuli and recipes."""
    add_names(parser, "--model", "M", "Hub ids or local folders", required=True)
    add_names(parser, "--stimuli", "S", "stimulus sets, or benchmarks", required=True)
    add_names(parser, "--recipe", "R", "document, aw2024, aw2024+readout=residual, ...", default=["document"])
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank that has the stimuli")
    parser.add_argument("--name", metavar="NAME", help="name in the bank of a local folder; default: the folder's")
    add_loading(parser)
    parser.add_argument(
        "--shard",
        type=parsed(Shard.parse),
        metavar="I/N",
        help="only every n-th task (model, recipe, stimulus set), from the i-th",
    )


def request_of(options: argparse.Namespace, **more: Any) -> ExtractionRequest:
    """What the arguments ask for; ``more`` are fields that one command alone has."""
    try:
        return ExtractionRequest(
            options.bank,
            options.model,
            options.stimuli,
            [with_dtype(recipe, options.dtype) for recipe in options.recipe],
            name=options.name,
            device=options.device,
            quantization=options.quantization,
            gguf=options.gguf,
            untrained_seed=options.untrained,
            shard=options.shard,
            trust_remote_code=options.trust_remote_code,
            **more,
        )
    except BrainlakeError as error:
        raise UsageError(str(error)) from None
