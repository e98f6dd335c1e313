"""Say what an extraction would take, before a weight is loaded: tokens, FLOPs, bytes, and what is there."""

import argparse

import polars as pl

from brainlake.cli.run import add_format
from brainlake.report.tables import show
from brainlake_builder.cli.tasks import add_tasks, request_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_tasks(parser)
    add_format(parser)
    parser.epilog = "example:\n  brainlake-build plan --model openai-community/gpt2 --stimuli futrell2018 --bank bank"


def execute(options: argparse.Namespace) -> None:
    """Print one row a task, and their sum."""
    # Imported here so that the other commands, and --help, do not wait for torch.
    from brainlake_builder.extraction.plan import plan

    table = plan(request_of(options))
    if options.format == "table":
        table = pl.concat([table, _total(table)], how="diagonal").with_columns(
            *(pl.col(name).map_elements(_short, return_dtype=pl.String) for name in table.columns[4:])
        )
    show(table, options.format)


def _total(table: pl.DataFrame) -> pl.DataFrame:
    """What is left to do, all together; memory is needed once."""
    todo = table.filter(pl.col("state") != "there")
    sums = (
        pl.col("documents", "passes", "tokens", "flops", "disk_bytes", "staging_bytes").sum(),
        pl.col("memory_bytes").max(),
    )
    return todo.select(pl.lit("to do").alias("model"), *sums)


def _short(value: float) -> str:
    """A number with a decimal prefix.

    Examples
    --------
    >>> _short(61536000)
    '61.5 M'
    """
    for prefix in ("", "k", "M", "G", "T", "P"):
        if abs(value) < 1000:
            return f"{value:.4g} {prefix}".rstrip() if not prefix else f"{value:.3g} {prefix}"
        value /= 1000
    return f"{value:.3g} E"
