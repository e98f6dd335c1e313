"""Put properties of models into a bank: benchmark results, and whatever else is known, each with its source."""

import argparse
from pathlib import Path

from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli.run import say
from brainlake_builder.tables.properties import read_properties, strangers, write_properties


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="results_*.json of lm-evaluation-harness; or a .csv or .tsv with model, property, value and source",
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    parser.add_argument("--name", required=True, help="name of the properties; banks that open together need others")
    parser.add_argument("--source", metavar="WHO", help="who measured the values of a table that does not say it")
    parser.add_argument(
        "--model-name", metavar="NAME", help="name in the bank of the model that results of the harness are about"
    )
    parser.add_argument("--author", metavar="WHO", help="who brought them; stands in the sidecar")
    parser.add_argument("--replace", action="store_true", help="take the place of other properties of that name")
    parser.epilog = (
        "Values of different sources are never pooled: of the harness, its metric, the version of the task, the\n"
        "number of shots and the filter are part of the source. A model is called as in the bank, or by its Hub id.\n\n"
        "examples:\n  brainlake-build properties results/*/results_*.json --bank bank --name harness\n"
        '  brainlake-build properties mmlu.csv --source "Aw et al. 2024, Table 7" --bank bank --name aw2024\n'
        '  brainlake sql bank "select * from model_properties"'
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say which models the bank does not have."""
    rows = [
        row for file in options.files for row in read_properties(file, source=options.source, model=options.model_name)
    ]
    given = {"author": options.author, "replace": options.replace}
    sidecar = write_properties(options.bank, options.name, rows, options.files, **given)
    rebuild_manifest(options.bank)
    say(f"{sidecar.path}: {sidecar.rows} rows")
    others = strangers(options.bank, {row["model"] for row in rows})
    if others:
        options.progress.note(f"the bank has no such model, its properties wait for it: {', '.join(others)}")
