"""Score models on brain benchmarks: layerwise linear predictivity, with ceilings, intervals and baselines."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.brain import brain_alignment
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.bank.catalogue import open_bank
from brainlake.cli.scoring import add_choices, check_out, deliver
from brainlake.report.summary import summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_choices(parser, tuple(PROTOCOLS))
    parser.add_argument("--layers", nargs="*", type=int, metavar="L", help="show every layer, or only score these")
    parser.add_argument(
        "--baselines", nargs="*", metavar="X", help=f"{', '.join(BASELINES)}; default: those of the protocol"
    )
    parser.add_argument(
        "--by", nargs="*", default=[], metavar="LEVEL", help="also score each subject, roi, target; default: none"
    )
    parser.add_argument(
        "--permutations", type=int, default=0, metavar="N", help="block permutations of each p value; default: none"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="layers scored at a time; default: one a processor")
    parser.epilog = (
        "The table shows the choice over layers and the baselines; --layers shows every layer.\n"
        "CSV, JSON and --out always have every layer and column.\n\nexamples:\n"
        "  brainlake brain demo --benchmark demo.brain\n"
        "  brainlake brain bank --benchmark tuckute2024 --recipe aw2024 --protocol aw2024 --layers\n"
        "  brainlake brain bank --benchmark alice2016 --by subject roi --permutations 1000\n"
        "  brainlake brain bank --benchmark pereira2018.384 --protocol grouped+penalty=target --out scores.parquet"
    )


def execute(options: argparse.Namespace) -> None:
    """Score and show."""
    check_out(options.out)
    bank = open_bank(*options.banks, download=options.download)
    scores = pl.concat(
        brain_alignment(
            bank,
            benchmark,
            models=options.model,
            recipes=options.recipe,
            protocol=protocol,
            layers=options.layers or None,
            baselines=options.baselines,
            by=options.by,
            n_boot=options.bootstrap,
            n_permutations=options.permutations,
            threads=options.threads,
            progress=_progress,
        )
        for benchmark in options.benchmark
        for protocol in options.protocol
    )
    deliver(scores, summary(scores, layers=options.layers is not None), options)


def _progress(layers: Iterable[Any], label: str) -> Iterator[Any]:
    """One line on a terminal, rewritten; nothing elsewhere."""
    todo = list(layers)
    for done, layer in enumerate(todo, 1):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{label}: layer {done} of {len(todo)}")
        yield layer
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
