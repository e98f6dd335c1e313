"""Correlate word surprisal with reading times, beside word length and sub-word count."""

import argparse

from brainlake.alignment.behavior import behavioral_alignment
from brainlake.alignment.score_table import together
from brainlake.bank.catalogue import open_bank
from brainlake.cli.output import check_out
from brainlake.cli.scoring import add_choices, deliver
from brainlake.report.summary import summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_choices(parser, ("pearson", "aw2024"))
    parser.add_argument(
        "--words", choices=("scored", "all"), default="scored", help="those that the benchmark scores, or all"
    )
    parser.epilog = "examples:\n  brainlake behavior demo --benchmark demo.reading"


def execute(options: argparse.Namespace) -> None:
    """Score and show."""
    check_out(options.out, ".parquet")
    bank = open_bank(*options.banks, download=options.download)
    scores = together(
        behavioral_alignment(
            bank,
            benchmark,
            models=options.model,
            recipes=options.recipe,
            protocol=protocol,
            words=options.words,
            n_boot=options.bootstrap,
        )
        for benchmark in options.benchmark
        for protocol in options.protocol
    )
    deliver(scores, summary(scores), options)
