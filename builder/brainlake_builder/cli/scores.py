"""Put scores into a bank, so that they are published with it."""

import argparse
from pathlib import Path

from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli.arguments import name_of
from brainlake.cli.run import say
from brainlake_builder.tables.imported_scores import add_scores


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="what `brainlake brain ... --out FILE.parquet` wrote; or a .csv or .tsv of published scores",
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    parser.add_argument(
        "--name",
        required=True,
        type=name_of("file of scores"),
        help="name of the scores; banks that open together need different ones, so start with yours",
    )
    parser.add_argument("--source", metavar="WHO", help="who published them, where a table does not say it itself")
    parser.add_argument("--author", metavar="WHO", help="who made them; stands beside every row")
    parser.add_argument("--replace", action="store_true", help="take the place of other scores of that name")
    parser.epilog = (
        "A table of published scores has the columns model, benchmark and score (or normalized: divided by its\n"
        "ceiling), and what else is known, called as in the table scores: metric, roi, ceiling, n_stimuli, ...\n"
        "Their protocol is published:<source>, so that they stand beside ours and are averaged with none.\n\n"
        "examples:\n  brainlake brain bank --benchmark pereira2018 --out scores.parquet\n"
        "  brainlake-build scores scores.parquet --bank bank --name lab.pereira2018 --author lab\n"
        '  brainlake-build scores table5.csv --source "Aw et al. 2024, Table 5" --bank bank --name aw2024.table5\n'
        '  brainlake sql lab/bank other/bank "select benchmark, model, recipe, score, list(file) as files from scores '
        'where layer is null group by all"\n\n'
        "The same score in two files is one row there, with both files."
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say where."""
    given = {"source": options.source, "author": options.author, "replace": options.replace}
    sidecar = add_scores(options.bank, options.name, options.file, **given)
    rebuild_manifest(options.bank)
    say(f"{sidecar.path}: {sidecar.rows} rows")
