"""Give a model, a stimulus set, a benchmark or scores of a bank another name."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import as_usage
from brainlake.cli.run import say
from brainlake.contract.layout import check_name
from brainlake_builder.tables.renaming import COLUMNS, rename


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("kind", choices=tuple(COLUMNS), metavar="KIND", help=", ".join(COLUMNS))
    parser.add_argument("old", metavar="OLD", help="its name")
    parser.add_argument("new", metavar="NEW", help="the name that it gets")
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    parser.epilog = (
        "Every file that speaks of it is written again, with the same values; a run that was killed goes on when\n"
        "it is started again.\n\nexample:\n  brainlake-build rename model my_model lab--my-model --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Rename it, and list the files that were written."""
    with as_usage():
        check_name(options.kind, options.new)
    for sidecar in rename(options.bank, options.kind, options.old, options.new):
        say(sidecar.path)
