"""Compare models with each other, and with baselines: paired differences on the same folds, stories or people."""

import argparse
import shutil
import textwrap
from pathlib import Path

import polars as pl

from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.brain_comparison import comparing_protocol
from brainlake.alignment.comparison import compare, indistinguishable
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.replicates import MAX_REPLICATES, MIN_REPLICATES
from brainlake.alignment.reading.comparison import comparing_reading_protocol
from brainlake.alignment.reading.protocols import READING_PROTOCOLS
from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import Names, add_banks, add_format, add_names, as_usage, at_least, read_by
from brainlake.cli.output import check_out, write_out
from brainlake.errors import UnknownNameError
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
        type=read_by(_baseline),
        metavar="X",
        help="baselines; default: those of the protocol",
    )
    parser.add_argument(
        "--protocol",
        type=read_by(_protocol),
        metavar="P",
        help="default: grouped; of reading times delta_llh, or pearson, or mixed",
    )
    add_names(parser, "--measure", "M", "measures of reading times; default: each")
    add_names(parser, "--stimuli", "S", "stimulus sets of reading times, scored as one; default: the only one")
    parser.add_argument("--frequency", metavar="SOURCE", help="which log_frequency, where the bank has several")
    parser.add_argument(
        "--bootstrap",
        type=at_least(MIN_REPLICATES, MAX_REPLICATES),
        default=1000,
        metavar="N",
        help="draws of each interval; default: %(default)s",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows and columns to this Parquet file")
    add_format(parser)
    parser.epilog = (
        "Every two are compared; p is adjusted for all pairs of the table (of a measure). Below stand the groups\n"
        "in which no two are told apart.\n\nexamples:\n"
        "  brainlake compare demo --benchmark demo.brain\n"
        "  brainlake compare bank --benchmark tuckute2024 --model gpt2 gpt2-xl --baselines --out pairs.parquet\n"
        "  brainlake compare bank --benchmark futrell2018 --protocol pearson"
    )


def _protocol(text: str) -> object:
    """A protocol of responses or of reading times that compares."""
    name = text.split("+")[0]
    if name in PROTOCOLS:
        return comparing_protocol(text)
    if name in READING_PROTOCOLS:
        return comparing_reading_protocol(text, None)
    raise UnknownNameError("protocol", text, [*PROTOCOLS, *READING_PROTOCOLS])


def _baseline(text: str) -> str:
    """A baseline of responses, or a floor of reading times: the sub-words of each model are one."""
    if text not in (*BASELINES, "word_length") and not text.startswith("n_tokens("):
        raise UnknownNameError("baseline", text, [*BASELINES, "word_length", "n_tokens(MODEL)"])
    return text


def execute(options: argparse.Namespace) -> None:
    """Compare and show."""
    check_out(options.out, ".parquet")
    if options.protocol is not None and options.protocol.split("+")[0] in READING_PROTOCOLS:
        with as_usage():
            comparing_reading_protocol(options.protocol, options.baselines)
    bank = open_bank(*options.banks, download=options.download)
    tables = [
        compare(
            bank,
            benchmark,
            models=options.model,
            recipes=options.recipe,
            protocol=options.protocol,
            baselines=options.baselines,
            measures=options.measure,
            stimuli=options.stimuli,
            frequency=options.frequency,
            n_boot=options.bootstrap,
        )
        for benchmark in options.benchmark
    ]
    found = pl.concat(tables)
    parts = found.partition_by("benchmark", "measure", maintain_order=True)
    if options.out is not None:
        write_out(found, options.out)
    show(_shown(found), options.format, full=found, below="".join(map(_groups, parts)))


def _shown(found: pl.DataFrame) -> pl.DataFrame:
    """What people read: both sides, the difference and its adjusted p value."""
    rows = found.to_dicts()
    columns: dict[str, list[str | None]] = {}
    for name in ("benchmark", "measure", "model_a", "recipe_a", "model_b", "recipe_b"):
        if name.startswith("model") or found[name].drop_nulls().n_unique() > 1:
            columns[name] = [row[name] for row in rows]
    # Gains are nats a word, of which hundredths count.
    digits = 4 if (found["metric"] == "delta_llh").any() else 3
    columns["difference"] = cells.intervals([(r["difference"], r["ci_low"], r["ci_high"]) for r in rows], digits)
    columns["p"] = cells.p_values([(row["p_value"], _SMALLEST) for row in rows])
    columns["adjusted"] = cells.p_values([(row["p_adjusted"], _SMALLEST) for row in rows])
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _groups(table: pl.DataFrame) -> str:
    first = table.row(0, named=True)
    about = first["benchmark"] + (f", {first['measure']}" if first["measure"] else "")
    if first["p_value"] is None:
        return f"\n{about}: no p values ({first['ci_method'].removeprefix('none: ')}).\n"
    groups = [group for group in indistinguishable(table) if len(group) > 1]
    lines = [f"{about}: p is adjusted over {first['adjusted_over']}."]
    lines += [f"Not told apart: {', '.join(group)}" for group in groups] or ["All are told apart."]
    width = shutil.get_terminal_size().columns
    return "\n" + "".join(
        f"{textwrap.fill(line, width, subsequent_indent='  ', break_on_hyphens=False)}\n" for line in lines
    )
