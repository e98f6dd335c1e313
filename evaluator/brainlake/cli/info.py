"""Show what a bank holds: how much, and what can be scored on what."""

import argparse
import shutil

import polars as pl

from brainlake.bank.catalogue import Bank, open_bank
from brainlake.bank.identity import bank_digest
from brainlake.bank.overview_text import with_matrix
from brainlake.cli.arguments import add_banks, add_format
from brainlake.cli.run import say
from brainlake.contract.schema import FEATURE_TABLES
from brainlake.report.tables import FORMATS, show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser)
    parser.add_argument("--files", action="store_true", help="one row a file")
    add_format(parser)
    parser.epilog = (
        "CSV and JSON have one row for each model, stimulus set and recipe, or for each file.\n\nexamples:\n"
        "  brainlake info demo\n  brainlake info demo --files\n  brainlake info demo --format csv"
    )


def execute(options: argparse.Namespace) -> None:
    """Print a summary; rows of features or files if asked to."""
    bank = open_bank(*options.banks, download=options.download)
    for why in dict.fromkeys(bank.unreliable.values()):
        options.progress.note(f"not read: {why}")
    if options.files:
        show(_files(bank), options.format)
    elif FORMATS[options.format].for_people:
        for line in with_matrix(bank.overview, shutil.get_terminal_size((100, 24)).columns).splitlines():
            say(line)
        say()
        say(f"digest {bank_digest(sidecar for _, sidecar in bank.files)}")
    else:
        show(_features(bank), options.format)


def _features(bank: Bank) -> pl.DataFrame:
    """One row a model, stimulus set and recipe: which features there are, and of how many layers."""
    kinds = [pl.col("kind").eq(table).any().alias(table) for table in FEATURE_TABLES]
    layers = pl.col("layers").list.len().max().replace(0, None)
    rows = bank.sql(f"select * from manifest where kind in {FEATURE_TABLES}")
    key = ("model", "stimulus_set", "recipe")
    return rows.group_by(key).agg(pl.col("n").max(), layers, pl.col("d").max(), *kinds).sort(key)


def _files(bank: Bank) -> pl.DataFrame:
    """One row a file."""
    files = bank.sql("select * from manifest order by kind, name, model, stimulus_set, recipe")
    passed = pl.col("checks").list.eval(pl.element().struct.field("passed")).list.sum()
    total = pl.col("checks").list.len()
    return files.select(
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
