"""Ask a bank what tuning changes and what goes with alignment; or ask what the paper published."""

import argparse
import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa

from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import add_banks, add_format, add_names
from brainlake.cli.output import check_out, write_out
from brainlake.cli.parser import UsageError
from brainlake.cli.run import say
from brainlake.contract.schema import SCORES
from brainlake.errors import BrainlakeError, listed
from brainlake.report.study_tables import study_table
from brainlake.report.study_text import below, everything, legend
from brainlake.report.summary import WIDTH
from brainlake.report.tables import FORMATS, show
from brainlake.study.answers import Answer, answers, papers_answers
from brainlake.study.tables import tables_of, unknown_models, unpaired_models


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser, nargs="*")
    parser.add_argument("--published", action="store_true", help="study what the paper published, instead of a bank")
    parser.add_argument(
        "--scores",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="scores that `brainlake brain ... --out FILE` wrote, instead of the bank's",
    )
    add_names(parser, "--benchmark", "B", "benchmarks; default: all that have scores")
    add_names(parser, "--protocol", "P", "protocols; default: all that have scores")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows and columns to this Parquet file")
    add_format(parser)
    parser.epilog = (
        "The bank's tables say which model was tuned from which (models: tuning, base_model, training_step), what is\n"
        "known of models (model_properties), and how they score (scores). CSV and JSON have every row and column.\n\n"
        "examples:\n  brainlake study --published\n  brainlake study bank --protocol grouped\n"
        "  brainlake study bank --scores brain.parquet reading.parquet --out study.parquet"
    )


def execute(options: argparse.Namespace) -> None:
    """Answer the questions, and show them."""
    check_out(options.out, ".parquet")
    found = _answers(options)
    if options.out is not None:
        write_out(everything(found), options.out)
    if not FORMATS[options.format].for_people:
        show(everything(found), options.format)
        return
    width = min(shutil.get_terminal_size((WIDTH, 0)).columns, WIDTH)
    for number, answer in enumerate(found, 1):
        say(f"{number}. {answer.asked}")
        say()
        table = study_table(answer)
        if table is not None:
            show(table, options.format)
            say()
        for line in [*below(answer, width), ""]:
            say(line)
    for line in legend(width):
        say(line)


def _answers(options: argparse.Namespace) -> list[Answer]:
    if options.published:
        given = ["a bank"] if options.banks else []
        given += [f"--{name}" for name in ("scores", "benchmark", "protocol", "download") if getattr(options, name)]
        if given:
            raise UsageError(f"--published goes without {', '.join(given)}")
        return papers_answers()
    if not options.banks:
        raise UsageError("name a bank, or ask for what is --published")
    bank = open_bank(*options.banks, download=options.download)
    scores = None if options.scores is None else pl.concat([_read(file) for file in options.scores])
    tables = tables_of(bank, scores=scores, benchmarks=options.benchmark, protocols=options.protocol)
    unknown = unknown_models(tables)
    if unknown:
        options.progress.note(f"not studied, since the table models does not know them{listed(unknown)}")
    unpaired = unpaired_models(tables)
    if unpaired:
        options.progress.note(f"in no pair, since no score of a base stands beside theirs{listed(unpaired)}")
    return answers(tables)


def _read(file: Path) -> pl.DataFrame:
    """A file of scores, as columns of the contract."""
    try:
        found = pl.read_parquet(file)
        lacking = [name for name in SCORES.names if name not in found.columns]
        if lacking:
            raise BrainlakeError(f"{file} holds no scores: no column {', '.join(lacking)}")
        return pl.DataFrame(found.select(SCORES.names).to_arrow().cast(SCORES))
    except (OSError, ValueError, pl.exceptions.PolarsError, pa.ArrowException) as error:
        raise BrainlakeError(f"{file} holds no scores: {error}; write one with `brainlake brain ... --out`") from None
