"""Show what a bank holds."""

import argparse

import polars as pl

from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import add_banks, add_format
from brainlake.report.tables import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser)
    add_format(parser)
    parser.epilog = "example:\n  brainlake info demo"


def execute(options: argparse.Namespace) -> None:
    """Print one row a file."""
    bank = open_bank(*options.banks, download=options.download)
    files = bank.sql("select * from manifest order by kind, name, model, stimulus_set, recipe")
    passed = pl.col("checks").list.eval(pl.element().struct.field("passed")).list.sum()
    total = pl.col("checks").list.len()
    table = files.select(
        "kind",
        pl.coalesce("name", "model").alias("name"),
        "stimulus_set",
        "recipe",
        "rows",
        pl.col("layers").list.len().replace(0, None).alias("layers"),
        "d",
        "bytes",
        pl.when(total > 0).then(pl.format("{} of {} passed", passed, total)).alias("checks"),
        "licence",
    )
    show(table, options.format)
