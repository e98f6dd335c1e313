"""What ``brain`` and ``behavior`` share: choices, and how scores are shown and written."""

import argparse
import sys
from pathlib import Path

import polars as pl

from brainlake.alignment.score_table import stored
from brainlake.cli.run import add_banks, add_format
from brainlake.errors import BrainlakeError
from brainlake.report.summary import Summary
from brainlake.report.tables import show
from brainlake.storage.files import atomic_path


def add_choices(parser: argparse.ArgumentParser, protocols: tuple[str, ...]) -> None:
    """Add the arguments of a scoring command."""
    add_banks(parser)
    parser.add_argument("--benchmark", nargs="+", required=True, metavar="B", help="benchmarks to score on")
    parser.add_argument("--model", nargs="+", metavar="M", help="models; default: every model in the bank")
    parser.add_argument("--recipe", nargs="+", metavar="R", help="recipes; default: every recipe in the bank")
    parser.add_argument(
        "--protocol",
        nargs="+",
        metavar="P",
        default=[protocols[0]],
        help=f"{', '.join(protocols)}; default: %(default)s",
    )
    parser.add_argument("--bootstrap", type=int, default=1000, metavar="N", help="replicates; default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows and columns to this Parquet file")
    add_format(parser)


def check_out(path: Path | None) -> None:
    """Refuse a file that cannot be written before any work is done."""
    if path is not None and (path.suffix != ".parquet" or not path.absolute().parent.is_dir()):
        raise BrainlakeError(f"--out {path}: name a .parquet file in a folder that exists")


def deliver(scores: pl.DataFrame, shown: Summary, options: argparse.Namespace) -> None:
    """Write all scores if asked to, and show them: as text a summary, all rows and columns as CSV or JSON."""
    if options.out is not None:
        with atomic_path(options.out) as temporary:
            stored(scores).write_parquet(temporary)
    if options.format != "table":
        show(scores, options.format)
        return
    show(shown.table, "table")
    sys.stdout.write(shown.footer())
