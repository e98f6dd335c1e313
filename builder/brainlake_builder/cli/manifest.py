"""Rebuild the manifest of a bank from the sidecars of its files."""

import argparse
from pathlib import Path

from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.cli.run import say
from brainlake.errors import BrainlakeError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    parser.epilog = "example:\n  brainlake-build manifest --bank bank"


def execute(options: argparse.Namespace) -> None:
    """Rebuild it."""
    if not options.bank.is_dir():
        raise BrainlakeError(f"there is no bank at {options.bank}: no such folder")
    rebuild_manifest(options.bank)
    say(f"{options.bank}/manifest.parquet: {len(read_sidecars(options.bank))} files")
