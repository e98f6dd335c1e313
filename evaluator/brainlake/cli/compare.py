"""Compare models with each other, and with baselines, on brain benchmarks: paired differences on the same folds."""

import argparse
from pathlib import Path

import polars as pl

from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.comparison import compare, indistinguishable
from brainlake.alignment.design.protocols import protocol_named
from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import Names, add_banks, add_format, add_names, at_least, read_by
from brainlake.cli.output import check_out, write_out
from brainlake.report import cells
from brainlake.report.tables import show

_SMALLEST = 0.001
"""P values are shown from here on."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser)
    add_names(parser, "--benchmark", "B", "benchmarks to compare on", required=True)
    add_names(parser, "--model", "M", "models; default: every model in the bank")
    add_names(parser, "--recipe", "R", "recipes; default: every recipe in the bank")
    parser.add_argument(
        "--baselines",
        nargs="*",
        action=Names,
        choices=tuple(BASELINES),
        metavar="X",
        help="baselines; default: those of the protocol",
    )
    parser.add_argument(
        "--protocol", type=read_by(protocol_named), default="grouped", metavar="P", help="default: %(default)s"
    )
    parser.add_argument(
        "--bootstrap",
        type=at_least(40),
        default=1000,
        metavar="N",
        help="draws of each interval; default: %(default)s",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows and columns to this Parquet file")
    add_format(parser)
    parser.epilog = (
        "Every two are compared; p is adjusted for all pairs of the table. Below it stand the groups in which no two\n"
        "are told apart.\n\nexamples:\n"
        "  brainlake compare demo --benchmark demo.brain\n"
        "  brainlake compare bank --benchmark tuckute2024 --model gpt2 gpt2-xl --baselines --out pairs.parquet"
    )


def execute(options: argparse.Namespace) -> None:
    """Compare and show."""
    check_out(options.out, ".parquet")
    bank = open_bank(*options.banks, download=options.download)
    tables = [
        compare(
            bank,
            benchmark,
            models=options.model,
            recipes=options.recipe,
            protocol=options.protocol,
            baselines=options.baselines,
            n_boot=options.bootstrap,
        )
        for benchmark in options.benchmark
    ]
    found = pl.concat(tables)
    if options.out is not None:
        write_out(found, options.out)
    show(_shown(found), options.format, full=found, below="".join(_groups(table) for table in tables))


def _shown(found: pl.DataFrame) -> pl.DataFrame:
    """What people read: both sides, the difference and its adjusted p value."""
    rows = found.to_dicts()
    columns: dict[str, list[str | None]] = {}
    for name in ("benchmark", "model_a", "recipe_a", "model_b", "recipe_b"):
        if name.startswith("model") or found[name].drop_nulls().n_unique() > 1:
            columns[name] = [row[name] for row in rows]
    columns["difference"] = cells.intervals([(row["difference"], row["ci_low"], row["ci_high"]) for row in rows])
    columns["p"] = cells.p_values([(row["p_value"], _SMALLEST) for row in rows])
    columns["adjusted"] = cells.p_values([(row["p_adjusted"], _SMALLEST) for row in rows])
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _groups(table: pl.DataFrame) -> str:
    groups = [group for group in indistinguishable(table) if len(group) > 1]
    over = table["adjusted_over"][0]
    lines = [f"\n{table['benchmark'][0]}: p is adjusted over {over}.\n"]
    lines += [f"Not told apart: {', '.join(group)}\n" for group in groups] or ["All are told apart.\n"]
    return "".join(lines)
