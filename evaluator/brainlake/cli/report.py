"""Write one HTML file of stored scores that needs no network: findings, figures, tables, and how it was made."""

import argparse
from pathlib import Path

from brainlake.cli.figures import add_places
from brainlake.cli.output import check_out
from brainlake.cli.run import say


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_places(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the report, .html")
    parser.add_argument("--title", default="Brain and behavioral alignment", help="default: %(default)s")
    parser.epilog = (
        "A bank says what models and benchmarks are: name it beside the scores.\n\nexamples:\n"
        "  brainlake report scores.parquet pairs.parquet bank --out report.html\n"
        "  brainlake report OWNER/NAME@v1 --out report.html"
    )


def execute(options: argparse.Namespace) -> None:
    """Write it."""
    check_out(options.out, ".html")
    # Imported here so that --help, and the other commands, need no library that draws.
    from brainlake.figures.results import read_results
    from brainlake.page.report import write_report

    results = read_results(options.places, only=options.only, download=options.download)
    size = write_report(results, options.out, title=options.title, progress=options.progress)
    say(f"{options.out}: {size / 1e6:.1f} MB")
