"""Compute the noise ceilings of a benchmark from its subjects, repeats or readers."""

import argparse
import sys
from pathlib import Path

import polars as pl


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("bank", type=Path, metavar="BANK", help="bank with the recordings")
    parser.add_argument("--benchmark", required=True, nargs="+", metavar="B", help="benchmarks")
    parser.epilog = (
        "Between subjects: the correlation of each with the mean of the others, and the reliability of their mean.\n"
        "Repeats: the reliability of the mean over presentations. Readers: that of the word means. Published ceilings\n"
        "stay as they are.\n\n"
        "example:\n  brainlake-build ceilings bank --benchmark mine"
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, show them, and say which cannot be had."""
    # Imported here so that the other commands do not wait for scipy.
    from brainlake_builder.humans.recompute import recompute_ceilings

    for benchmark in options.benchmark:
        computed = recompute_ceilings(options.bank, benchmark)
        for row in pl.DataFrame(computed.rows).iter_rows(named=True):
            what = row["target_id"] or row["roi"] or "all targets"
            interval = "" if row["ci_low"] is None else f" [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
            subject = f", {row['subject']}" if row["subject"] else ""
            sys.stdout.write(f"{what}{subject}: {row['scale']} {row['value']:.3f}{interval}, {row['method']}\n")
        for why in computed.why_not:
            sys.stderr.write(f"{why}\n")
