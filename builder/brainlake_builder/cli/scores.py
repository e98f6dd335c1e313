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
    parser.epilog = (
        "examples:\n  brainlake brain bank --benchmark pereira2018 --out scores.parquet\n"
        "  brainlake-build scores scores.parquet --bank bank --name lab.pereira2018\n"
        '  brainlake sql lab/bank other/bank "select benchmark, model, score from scores where layer is null"'
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say where."""
    sidecar = add_scores(options.bank, options.name, options.file)
    rebuild_manifest(options.bank)
    say(f"{sidecar.path}: {sidecar.rows} rows")
