"""What ``extract`` and ``plan`` share: which models read which stimuli, and how."""

import argparse
from pathlib import Path
from typing import Any

from brainlake.cli.arguments import add_names, as_usage, at_least, name_of, parsed
from brainlake_builder.cli.models import SEEDS, add_loading, add_twins, loading, with_dtype
from brainlake_builder.extraction.request import TUNINGS, ExtractionRequest, Shard


def add_tasks(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name models, stimuli and recipes."""
    add_names(parser, "--model", "M", "Hub ids, local folders, or zoo:SET (see zoo)", required=True)
    add_names(parser, "--stimuli", "S", "stimulus sets, or benchmarks", required=True)
    add_names(parser, "--recipe", "R", "document, aw2024, aw2024+readout=residual, ...", default=["document"])
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank that has the stimuli")
    parser.add_argument(
        "--name",
        type=name_of("model"),
        metavar="NAME",
        help="name in the bank of a local folder; default: the folder's",
    )
    parser.add_argument("--tuning", choices=TUNINGS, help="what the models are; default: as the zoo says")
    parser.add_argument("--base-model", metavar="M", help="what they were tuned from: a Hub id, or a name in the bank")
    parser.add_argument(
        "--training-step", type=at_least(0), metavar="N", help="of a checkpoint; default: as its revision says"
    )
    add_loading(parser)
    add_twins(parser)
    parser.add_argument(
        "--shard",
        type=parsed(Shard.parse),
        metavar="I/N",
        help="only part i of n that cost alike; the stimulus sets of a model stay together where n allows",
    )


def request_of(options: argparse.Namespace, **more: Any) -> ExtractionRequest:
    """What the arguments ask for; ``more`` are fields that one command alone has."""
    seeds = None if options.untrained is None else options.untrained or range(SEEDS)
    with as_usage():
        return ExtractionRequest(
            options.bank,
            options.model,
            options.stimuli,
            [with_dtype(recipe, options.dtype) for recipe in options.recipe],
            name=options.name,
            device=options.device,
            tuning=options.tuning,
            base_model=options.base_model,
            training_step=options.training_step,
            shard=options.shard,
            **loading(options) | {"untrained_seed": seeds},
            **more,
        )
