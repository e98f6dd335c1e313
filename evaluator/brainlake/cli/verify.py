"""Check every file of a bank: hashes, schemas, rows, ids, NaN and infinity."""

import argparse

from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import add_banks
from brainlake.cli.run import say


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser)
    parser.epilog = "example:\n  brainlake verify demo"


def execute(options: argparse.Namespace) -> int:
    """Print what is wrong; the exit status is 1 if anything is."""
    bank = open_bank(*options.banks, download=options.download)
    problems = bank.verify()
    for problem in problems:
        say(f"{problem.path}: {problem.what}")
    wrong = f"{len(problems)} problems" if problems else "all well"
    say(f"{len(bank.files)} files checked: {wrong}")
    return 1 if problems else 0
