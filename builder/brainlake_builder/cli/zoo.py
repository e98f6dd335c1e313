"""List the models that are studied: what `--model zoo:SET` stands for, and what their licences ask."""

import argparse

import polars as pl

from brainlake.cli.arguments import Names, add_format
from brainlake.report.tables import show
from brainlake_builder.models.zoo import members, zoo


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("sets", nargs="*", action=Names, metavar="SET", help="only these; default: all")
    add_format(parser)
    parser.epilog = (
        "aw2024 and aw2024.gpt2 are the models of Aw et al. (2024). All columns: --format csv.\n\n"
        "examples:\n  brainlake-build zoo smollm2\n"
        "  brainlake-build plan --model zoo:smollm2 --stimuli futrell2018 --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Print one row a model."""
    chosen = [model for name in options.sets for model in members(name)] if options.sets else zoo()
    table = pl.DataFrame([vars(model) for model in chosen], infer_schema_length=None)
    short = table.select(
        "set",
        model=pl.Series([model.source for model in chosen]),
        size=pl.Series([f"{model.n_params / 1e9:.2f} G" for model in chosen]),
        base=pl.col("base").str.split("/").list.last(),
        licence=pl.coalesce("asks", "licence"),
    )
    show(short, options.format, full=table)
