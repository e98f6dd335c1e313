"""Bring human data into a bank: known data sets from their raw files, or your own."""

import argparse
import json
import sys
import textwrap
from pathlib import Path

from brainlake.cli.arguments import add_fail_fast
from brainlake.cli.parser import UsageError
from brainlake.cli.run import say
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, Failures, UnknownNameError
from brainlake.report.progress import Progress
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.columns import COLUMNS, PURPOSES, as_markdown, summary
from brainlake_builder.humans.folder_table import ACCEPT
from brainlake_builder.humans.ingest import ingest, ingest_folder, with_parts
from brainlake_builder.humans.templates import TEMPLATES, write_template

_WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "benchmarks", nargs="*", type=_known_name, metavar="BENCHMARK", help="known data sets; --list says which"
    )
    parser.add_argument("--bank", type=Path, metavar="DIR", help="bank to write to")
    parser.add_argument("--source", type=Path, metavar="DIR", help="folder with raw files that you have already")
    parser.add_argument(
        "--from", dest="folder", type=Path, metavar="FOLDER", help="your own data, as CSV, TSV or Parquet files"
    )
    parser.add_argument(
        "--accept",
        nargs="+",
        default=(),
        choices=tuple(ACCEPT),
        metavar="WHAT",
        help="what --from would refuse and you mean: " + "; ".join(f"{name}, {what}" for name, what in ACCEPT.items()),
    )
    parser.add_argument(
        "--template",
        nargs=2,
        metavar=("KIND", "DIR"),
        help=f"write a filled example to overwrite: {', '.join(TEMPLATES)}",
    )
    parser.add_argument(
        "--columns",
        nargs="*",
        choices=tuple(COLUMNS),
        metavar="TABLE",
        help="print the columns of your own files, in full",
    )
    add_fail_fast(parser)
    parser.add_argument("--list", action="store_true", help="print what the known data sets are")
    parser.epilog = (
        "Raw files come from --source, from the folder named by BRAINLAKE_MIRROR, or from their public origin.\n\n"
        "A folder of your own has a file a table (* is a column that has to be there):\n"
        + "\n".join(textwrap.fill(line, _WIDTH, subsequent_indent="    ") for line in summary().splitlines())
        + "\n\nexamples:\n  brainlake-build humans futrell2018 tuckute2024 --bank bank\n"
        "  brainlake-build humans --template reading my_data\n"
        "  brainlake-build humans --from my_data --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Do the one thing that is asked for."""
    asked = [
        bool(options.benchmarks),
        options.folder is not None,
        options.template is not None,
        options.columns is not None,
        options.list,
    ]
    if sum(asked) != 1:
        raise UsageError("name benchmarks, or give one of --from, --template, --columns, --list")
    if (options.benchmarks or options.folder) and options.bank is None:
        raise UsageError("--bank is needed: the folder to write to")
    if options.accept and not options.folder:
        raise UsageError("--accept goes with --from")
    if options.source is not None and not options.benchmarks:
        raise UsageError("--source has raw files of known data sets: name them")
    if options.list:
        sys.stdout.write(_known())
    elif options.columns is not None:
        sys.stdout.write(as_markdown(*options.columns))
    elif options.template:
        kind, folder = options.template
        if kind not in TEMPLATES:
            raise UsageError(str(UnknownNameError("template", kind, TEMPLATES)))
        for path in write_template(kind, Path(folder)):
            say(f"{path}: {PURPOSES[path.stem]}")
    elif options.folder:
        _show(ingest_folder(options.folder, options.bank, options.accept), options.progress)
    else:
        with Failures(options.fail_fast) as failures:
            _ingest_each(options.benchmarks, options.bank, options.source, failures, options.progress)


def _known_name(text: str) -> str:
    if text not in DATASETS:
        raise argparse.ArgumentTypeError(str(UnknownNameError("benchmark", text, DATASETS)))
    return text


def _ingest_each(
    benchmarks: list[str], bank: Path, source: Path | None, failures: Failures, progress: Progress
) -> None:
    """Ingest what can be had, parts before what is made of them."""
    for name in with_parts(benchmarks):
        with failures.of(name):
            absent = [part for part in DATASETS[name].composite_of if part in failures.found]
            if absent:
                raise BrainlakeError(f"its part {absent[0]} is not there")
            _show(ingest([name], bank, source, parts=False), progress)


def _show(written: list[Sidecar], progress: Progress) -> None:
    for sidecar in written:
        say(f"{sidecar.path}: {sidecar.rows} rows")
        for note in json.loads(sidecar.details or "{}").get("notes", []):
            progress.note(note)


def _known() -> str:
    """What every known data set is, how large, under which licence, and what for."""
    parts = []
    for name, dataset in DATASETS.items():
        passed_on = "may be passed on" if dataset.redistributable else "may not be passed on"
        facts = (
            f"{dataset.what}. {dataset.size}. For: {dataset.use}.",
            f"Licence: {dataset.licence}; {passed_on}.",
        )
        indented = [textwrap.fill(f, _WIDTH, initial_indent="    ", subsequent_indent="    ") for f in facts]
        parts.append("\n".join([f"{name} ({dataset.modality})", *indented]))
    return "\n".join(parts) + "\n"
