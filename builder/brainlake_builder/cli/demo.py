"""Build, verify and score a bank from the embedded model, texts and simulated participants."""

import argparse
import sys
from pathlib import Path

import polars as pl

from brainlake.report.summary import digest
from brainlake.report.tables import show

SCORES = ["model", "roi", "score", "ci_low", "ci_high", "shuffled", "best_on_test", "beyond", "ceiling", "n_stimuli"]
TIMES = ["model", "score", "ci_low", "ci_high", "ceiling", "n_stimuli"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--bank", type=Path, default=Path("demo"), metavar="DIR", help="default: %(default)s")
    parser.epilog = "example:\n  brainlake-build demo --bank demo"


def execute(options: argparse.Namespace) -> None:
    """Build the bank and show what was recovered."""
    # Imported here so that the other commands, and --help, do not wait for torch.
    from brainlake_builder.demo.build import build_demo

    demo = build_demo(options.bank, options.progress)
    out = sys.stdout
    out.write(
        f"{options.bank}: built and verified. Its participants are SIMULATED: nobody was scanned, nobody read.\n\n"
    )
    out.write("Brain alignment with simulated voxels that read from layer 2 (protocol grouped)\n")
    lines = digest(demo.brain_scores, every_layer=False).filter(pl.col("score").is_not_null())
    show(lines.select(SCORES).with_columns(pl.col("roi").fill_null("all")), "table")
    out.write("\nBehavioral alignment with simulated reading times\n")
    show(demo.reading_scores.select(TIMES), "table")
    out.write("\nWhat was simulated, and what was recovered\n")
    show(demo.recovered(), "table")
    bank = options.bank
    out.write(f'\nNext: brainlake info {bank}; brainlake sql {bank} "select * from benchmarks"\n')
