"""Bring human data into a bank, from their raw files."""

import argparse
import sys
from pathlib import Path

from brainlake_builder.humans import DATASETS, ingest


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("benchmarks", nargs="+", metavar="BENCHMARK", help=", ".join(DATASETS))
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank to write to")
    parser.add_argument("--source", type=Path, metavar="DIR", help="folder with raw files that you have already")
    parser.epilog = (
        "Raw files come from --source, from the folder named by BRAINLAKE_MIRROR, or from their public origin.\n\n"
        "example:\n  brainlake-build humans futrell2018 tuckute2024 --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Ingest, and list the files written."""
    for sidecar in ingest(options.benchmarks, options.bank, options.source):
        sys.stdout.write(f"{sidecar.path}: {sidecar.rows} rows\n")
