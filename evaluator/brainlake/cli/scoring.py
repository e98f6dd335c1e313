"""What ``brain`` and ``behavior`` share: choices, and how scores are shown and written."""

import argparse
from pathlib import Path

import polars as pl

from brainlake.alignment.design.replicates import check_replicates
from brainlake.cli.arguments import add_banks, add_format, add_names, at_least, parsed
from brainlake.cli.output import write_out
from brainlake.report.tables import show


def add_choices(parser: argparse.ArgumentParser, protocols: tuple[str, ...]) -> None:
    """Add the arguments of a scoring command."""
    add_banks(parser)
    add_names(parser, "--benchmark", "B", "benchmarks to score on", required=True)
    add_names(parser, "--model", "M", "models; default: every model in the bank")
    add_names(parser, "--recipe", "R", "recipes; default: every recipe in the bank")
    add_names(parser, "--protocol", "P", f"{', '.join(protocols)}; default: {protocols[0]}", default=[protocols[0]])
    parser.add_argument(
        "--bootstrap",
        type=parsed(_replicates),
        default=1000,
        metavar="N",
        help="replicates of each interval, 0 for none; default: %(default)s",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows and columns to this Parquet file")
    add_format(parser)


def deliver(scores: pl.DataFrame, digest: pl.DataFrame, options: argparse.Namespace) -> None:
    """Write all scores if asked to, and show them: a digest without empty columns to people, all to programs."""
    if options.out is not None:
        write_out(scores, options.out)
    shown = [name for name in digest.columns if name == "score" or digest[name].null_count() < len(digest)]
    lines = digest.select(shown).with_columns(pl.col("^(subject|roi|target_id)$").fill_null("all"))
    show(lines, options.format, full=scores)


def _replicates(text: str) -> int:
    number = at_least(0)(text)
    check_replicates(number)
    return number
