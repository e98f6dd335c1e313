"""Run one select over the views of a bank."""

import argparse

from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import add_banks, add_format, at_least
from brainlake.report.tables import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser)
    parser.add_argument("query", metavar="QUERY", help="one select statement; views have the names of the tables")
    parser.add_argument(
        "--unrestricted", action="store_true", help="run any statement: write, attach, read files outside the bank"
    )
    parser.add_argument(
        "--timeout",
        type=at_least(1),
        default=600,
        metavar="SECONDS",
        help="how long it may take (default: %(default)s)",
    )
    parser.add_argument(
        "--memory", type=at_least(1), default=4, metavar="GB", help="GB for the query, and for its result (default: 4)"
    )
    add_format(parser)
    parser.epilog = 'example:\n  brainlake sql demo "select model, n_layers, width from models"'


def execute(options: argparse.Namespace) -> None:
    """Print the result."""
    bank = open_bank(*options.banks, download=options.download)
    limits = {"seconds": options.timeout, "memory": options.memory * 10**9}
    show(bank.sql(options.query, unrestricted=options.unrestricted, **limits), options.format)
