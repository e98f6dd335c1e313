"""Put scores into a bank, so that they are published with it."""

import argparse
from pathlib import Path

from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli.run import say
from brainlake_builder.tables.imported_scores import add_scores


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `brainlake brain ... --out FILE` wrote")
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    parser.add_argument(
        "--name",
        required=True,
        help="name of the scores; banks that open together need different ones, so start with yours",
    )
    parser.add_argument("--author", metavar="WHO", help="who made them; stands beside every row")
    parser.add_argument("--replace", action="store_true", help="take the place of other scores of that name")
    parser.epilog = (
        "examples:\n  brainlake brain bank --benchmark pereira2018 --out scores.parquet\n"
        "  brainlake-build scores scores.parquet --bank bank --name lab.pereira2018 --author lab\n"
        '  brainlake sql lab/bank other/bank "select benchmark, model, recipe, score, list(file) as files from scores '
        'where layer is null group by all"\n\n'
        "The same score in two files is one row there, with both files."
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say where."""
    sidecar = add_scores(options.bank, options.name, options.file, author=options.author, replace=options.replace)
    rebuild_manifest(options.bank)
    say(f"{sidecar.path}: {sidecar.rows} rows")
