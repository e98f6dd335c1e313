"""What ``brain`` and ``behavior`` share: choices, and how scores are shown and written."""

import argparse
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from brainlake.alignment.design.replicates import check_replicates
from brainlake.cli.arguments import add_banks, add_fail_fast, add_format, add_names, at_least, parsed, read_by
from brainlake.cli.output import write_out
from brainlake.report.summary import WIDTH, Summary
from brainlake.report.tables import show


def add_choices(
    parser: argparse.ArgumentParser,
    protocols: Mapping[str, object],
    default: Sequence[str],
    read: Callable[[str], object],
) -> None:
    """Add the arguments of a scoring command; ``read`` reads a protocol of it."""
    add_banks(parser)
    add_names(parser, "--benchmark", "B", "benchmarks to score on", required=True)
    add_names(parser, "--model", "M", "models; default: every model in the bank")
    add_names(parser, "--recipe", "R", "recipes; default: every recipe in the bank")
    known = f"{', '.join(protocols)}; default: {', '.join(default)}"
    add_names(parser, "--protocol", "P", known, default=list(default), type=read_by(read))
    parser.add_argument(
        "--bootstrap",
        type=parsed(_replicates),
        default=1000,
        metavar="N",
        help="replicates of each interval, 0 for none; default: %(default)s",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows and columns to this Parquet file")
    add_fail_fast(parser)
    add_format(parser)


def deliver(scores: pl.DataFrame, shown: Summary, options: argparse.Namespace) -> None:
    """Write all scores if asked to, and show them: a summary to people, all rows and columns to programs."""
    if options.out is not None:
        write_out(scores, options.out)
    show_summary(shown, options.format, scores)


def show_summary(shown: Summary, form: str, scores: pl.DataFrame) -> None:
    """Show a summary and its notes to people, the scores to programs."""
    # Lines of text are read best when they are not too long, however wide the terminal is.
    width = min(shutil.get_terminal_size((WIDTH, 0)).columns, WIDTH)
    show(shown.table, form, full=scores, below=shown.footer(width))


def _replicates(text: str) -> int:
    number = at_least(0)(text)
    check_replicates(number)
    return number
