"""Import word surprisal that others computed, as a model of its own."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import name_of
from brainlake.cli.run import say
from brainlake_builder.tables.imported_surprisal import import_surprisal


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "table", type=Path, metavar="TABLE", help="CSV, TSV or Parquet: word, surprisal; or token, logprob"
    )
    parser.add_argument(
        "--model", required=True, type=name_of("model"), metavar="NAME", help="name to give to the model"
    )
    parser.add_argument("--stimuli", required=True, metavar="S", help="stimulus set whose words these are")
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank that has the stimuli")
    parser.add_argument("--unit", choices=("nats", "bits"), default="nats", help="of `surprisal`; default: %(default)s")
    parser.epilog = (
        "The bank stores bits. Columns surp_bits and surp_nats say their unit themselves; logprob is natural.\n\n"
        "example:\n  brainlake-build import-surprisal gpt2.tsv --model gpt2 --stimuli futrell2018 --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Import, and say what was read."""
    sidecar, words = import_surprisal(options.table, options.bank, options.model, options.stimuli, options.unit)
    for place in words.misspelt:
        options.progress.note(f"spelt otherwise than the stimuli: {place}")
    missing = int((words.surprisal != words.surprisal).sum())
    without = f", {missing} without a surprisal" if missing else ""
    say(f"{sidecar.path}: {sidecar.rows} words{without}")
