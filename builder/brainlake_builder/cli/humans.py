"""Bring human data into a bank, from their raw files."""

import argparse
import json
from pathlib import Path

from brainlake.cli.run import UsageError, say
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.ingest import ingest, ingest_folder


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help=", ".join(DATASETS))
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank to write to")
    parser.add_argument("--source", type=Path, metavar="DIR", help="folder with raw files that you have already")
    parser.add_argument(
        "--from", dest="folder", type=Path, metavar="FOLDER", help="your own data, as CSV or Parquet files"
    )
    parser.epilog = (
        "Raw files come from --source, from the folder named by BRAINLAKE_MIRROR, or from their public origin.\n\n"
        "examples:\n  brainlake-build humans futrell2018 tuckute2024 --bank bank\n"
        "  brainlake-build humans --from my_data --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Ingest, list the files written, and say what was left out."""
    if bool(options.benchmarks) == bool(options.folder):
        raise UsageError("name benchmarks, or give --from FOLDER")
    if options.folder:
        written = ingest_folder(options.folder, options.bank)
    else:
        written = ingest(options.benchmarks, options.bank, options.source)
    for sidecar in written:
        say(f"{sidecar.path}: {sidecar.rows} rows")
        for note in json.loads(sidecar.details or "{}").get("notes", []):
            options.progress.note(note)
