"""Score word surprisal against reading times: correlation, and what it adds beyond length, frequency and spillover."""

import argparse
from pathlib import Path

import polars as pl

from brainlake.alignment.behavior import DEFAULT_PROTOCOLS, behavioral_alignment, surprisal_shapes
from brainlake.alignment.reading.protocols import READING_PROTOCOLS, reading_protocol
from brainlake.alignment.score_table import together
from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import Names, add_names
from brainlake.cli.output import check_out, write_out
from brainlake.cli.scoring import add_choices, deliver
from brainlake.errors import Failures
from brainlake.report.summary import summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_choices(parser, READING_PROTOCOLS, DEFAULT_PROTOCOLS, reading_protocol)
    add_names(parser, "--measure", "M", "measures; default: every measure of the benchmark")
    parser.add_argument(
        "--words", choices=("scored", "all"), default="scored", help="those that the benchmark scores, or all"
    )
    parser.add_argument(
        "--by",
        nargs="*",
        action=Names,
        default=[],
        choices=("subject", "text"),
        metavar="LEVEL",
        help="also each subject; each left-out text (text, in --out, csv and json); default: neither",
    )
    parser.add_argument(
        "--mixed", action="store_true", help="also fit mixed models of people and words (protocol mixed)"
    )
    parser.add_argument("--pooled", action="store_true", help="score several stimulus sets as one; default: each alone")
    parser.add_argument(
        "--frequency", metavar="SOURCE", help="which log_frequency, where the bank has several (stimulus_features)"
    )
    parser.add_argument(
        "--shapes",
        type=Path,
        metavar="FILE",
        help="write partial residuals in deciles of surprisal to this Parquet file",
    )
    parser.epilog = (
        "delta_llh needs word frequencies: `brainlake-build features frequency --bank BANK` writes them.\n\n"
        "examples:\n  brainlake behavior demo --benchmark demo.reading\n"
        "  brainlake behavior bank --benchmark mine --measure gaze_duration --by subject --mixed\n"
        "  brainlake behavior bank --benchmark futrell2018 --protocol delta_llh delta_llh+subwords=true"
    )


def execute(options: argparse.Namespace) -> None:
    """Score, write and show."""
    check_out(options.out, ".parquet")
    check_out(options.shapes, ".parquet", option="--shapes")
    bank = open_bank(*options.banks, download=options.download)
    choice = {
        "models": options.model,
        "recipes": options.recipe,
        "measures": options.measure,
        "words": options.words,
        "frequency": options.frequency,
        "n_boot": options.bootstrap,
    }
    found: list[pl.DataFrame] = []
    shapes: list[pl.DataFrame] = []
    with Failures(options.fail_fast) as failures:
        for benchmark in options.benchmark:
            with failures.of(benchmark):
                scores = behavioral_alignment(
                    bank,
                    benchmark,
                    protocol=[*options.protocol, *(["mixed"] if options.mixed else [])],
                    by=options.by,
                    pooled=options.pooled,
                    **choice,
                )
                if options.shapes is not None:
                    shapes.append(surprisal_shapes(bank, benchmark, **choice))
                found.append(scores)
        if shapes:
            write_out(pl.concat(shapes), options.shapes)
        if found:
            scores = together(found)
            deliver(scores, summary(scores), options)
