"""Write features of the stimuli that no model is needed for: word frequency."""

import argparse
import sys
from pathlib import Path

from brainlake.cli.arguments import name_of
from brainlake.cli.parser import UsageError
from brainlake.errors import counted
from brainlake_builder.tables.frequency import build_frequency, from_table, from_wordfreq

_SHOWN = 8


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("feature", choices=("frequency",), help="log frequency of every word")
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank that has the stimuli")
    parser.add_argument("--stimuli", nargs="+", metavar="S", help="stimulus sets; default: those with reading times")
    parser.add_argument(
        "--table",
        type=Path,
        metavar="FILE",
        help="CSV, TSV or Parquet of yours: word, and log_frequency, frequency or count; default: the package wordfreq",
    )
    parser.add_argument(
        "--source", type=name_of("source"), metavar="NAME", help="name of the table in the bank; default: the file's"
    )
    parser.add_argument("--language", metavar="L", help="of wordfreq; default: en")
    parser.epilog = (
        "The source stands in every score that rests on it (column controls).\n\n"
        "examples:\n  brainlake-build features frequency --bank bank\n"
        "  brainlake-build features frequency --table subtlex.csv --source subtlex-us --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Write it, and say which words have none."""
    if options.table is None and options.source is not None:
        raise UsageError("--source names a table: give --table too")
    if options.table is not None and options.language is not None:
        raise UsageError("--language is of wordfreq, and --table stands in its place")
    chosen = from_table(options.table, options.source) if options.table else from_wordfreq(options.language or "en")
    for sidecar, missing in build_frequency(options.bank, chosen, options.stimuli):
        sys.stdout.write(f"{sidecar.path}: {sidecar.rows} words\n")
        if missing:
            different = list(dict.fromkeys(missing))
            more = f" and {len(different) - _SHOWN} more" if len(different) > _SHOWN else ""
            sys.stderr.write(
                f"{counted(len(missing), 'word is', 'words are')} not in {chosen.source} and without frequency: "
                f"{', '.join(different[:_SHOWN])}{more}\n"
            )
