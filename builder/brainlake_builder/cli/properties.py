"""Put properties of models into a bank: benchmark results, loss on a text, and what else is known, with its source."""

import argparse
import json
from pathlib import Path
from typing import Any

from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli.arguments import add_engine, add_names, at_least, name_of
from brainlake.cli.parser import UsageError
from brainlake.cli.run import say
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, Failures, listed
from brainlake_builder.cli.models import add_loading, add_untrained, loading
from brainlake_builder.cli.text_file import read_text
from brainlake_builder.models.zoo import sources
from brainlake_builder.tables.properties import check_place, read_properties, strangers, write_properties


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="results_*.json of lm-evaluation-harness; or a .csv or .tsv with model, property, value and source",
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    parser.add_argument(
        "--name",
        required=True,
        type=name_of("file of properties"),
        help="name of the properties; banks that open together need others",
    )
    parser.add_argument("--source", metavar="WHO", help="who measured the values of a table that does not say it")
    parser.add_argument(
        "--model-name", metavar="NAME", help="name in the bank of the model of a local folder, or of results"
    )
    parser.add_argument("--author", metavar="WHO", help="who brought them; stands in the sidecar")
    parser.add_argument("--replace", action="store_true", help="take the place of other properties of that name")
    parser.add_argument("--loss", metavar="TEXT", help="instead of files: the loss of models on this text")
    add_names(parser, "--model", "M", "with --loss: Hub ids, local folders, or zoo:SET")
    parser.add_argument(
        "--window", type=at_least(2), metavar="N", help="with --loss: tokens a pass; default: 1024, or the model's"
    )
    add_loading(parser)
    add_untrained(parser)
    add_engine(parser, "with --loss, models")
    parser.epilog = (
        "Values of different sources are never pooled: of the harness, its metric, the version of the task, the\n"
        "number of shots and the filter are part of the source. A model is called as in the bank, or by its Hub id.\n\n"
        "--loss writes nwp_loss (nats a token; tokenizers differ) and nwp_bits_per_byte of causal models: the text as\n"
        "it stands, in passes that move on by half a window, so that each token is predicted once and with half a\n"
        "window of text before it at least. Text and window are part of the source.\n\n"
        "examples:\n  brainlake-build properties results/*/results_*.json --bank bank --name harness\n"
        '  brainlake-build properties mmlu.csv --source "Aw et al. 2024, Table 7" --bank bank --name aw2024\n'
        "  brainlake-build properties --loss news.txt --model zoo:smollm2 --bank bank --name loss.news\n"
        '  brainlake sql bank "select * from model_properties"'
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say which models the bank does not have."""
    if bool(options.files) == bool(options.loss) or bool(options.loss) != bool(options.model):
        raise UsageError("give files of properties, or --loss TEXT and --model M")
    if options.loss and options.source:
        raise UsageError("the source of a loss is its text: leave out --source")
    if options.loss:
        _write_losses(options)
    else:
        given = {"source": options.source, "model": options.model_name}
        _write(options, [row for file in options.files for row in read_properties(file, **given)])


def _write(options: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    given = {"author": options.author, "replace": options.replace}
    _say(options, write_properties(options.bank, options.name, rows, options.files, **given), rows)


def _say(options: argparse.Namespace, sidecar: Sidecar, rows: list[dict[str, Any]]) -> None:
    rebuild_manifest(options.bank)
    say(f"{sidecar.path}: {sidecar.rows} rows")
    others = strangers(options.bank, {row["model"] for row in rows})
    if others:
        options.progress.note(f"the bank does not have models that these are about{listed(others)}")


def _write_losses(options: argparse.Namespace) -> None:
    """Write what the models lose, each as soon as it is known.

    One that cannot be run keeps no other from it, and its error comes last.
    """
    check_place(options.bank, options.name, replace=options.replace)
    text, models = read_text(options.loss), sources(options.model)
    if not text:
        raise BrainlakeError(f"{options.loss} is empty: a loss needs a text")
    if options.model_name is not None and len(models) != 1:
        raise UsageError("--model-name is for one model at a time")
    # Imported here so that what is refused above, and files of properties, do not wait for torch.
    from brainlake_builder.extraction.losses import losses_of

    rows: list[dict[str, Any]] = []
    details: dict[str, Any] = {}
    sidecar: Sidecar | None = None
    with Failures() as failures:
        found = losses_of(
            *(options.bank.absolute(), models, text, Path(options.loss).name),
            window=options.window,
            device=options.device,
            dtype=options.dtype or "float32",
            name=options.model_name,
            loading=loading(options),
            engine=options.engine,
            failures=failures,
            progress=options.progress,
        )
        for model, new, facts in found:
            details[model] = facts
            rows += new
            given = {"author": options.author, "replace": options.replace or sidecar is not None}
            said = json.dumps(details, sort_keys=True)
            sidecar = write_properties(options.bank, options.name, rows, **given, details=said)
            rebuild_manifest(options.bank)
        if sidecar is not None:
            _say(options, sidecar, rows)
