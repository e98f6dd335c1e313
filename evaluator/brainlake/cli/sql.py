"""Run one select over the views of a bank."""

import argparse

from brainlake.bank import open_bank
from brainlake.cli.run import add_format
from brainlake.cli.table import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("banks", nargs="+", metavar="BANK", help="folder of a bank; several open as one")
    parser.add_argument("query", metavar="QUERY", help="one select statement; views have the names of the tables")
    add_format(parser)
    parser.epilog = 'example:\n  brainlake sql demo "select model, n_layers, width from models"'


def execute(options: argparse.Namespace) -> None:
    """Print the result."""
    show(open_bank(*options.banks).sql(options.query), options.format)
