"""Draw figures of stored scores: all that they allow, with the numbers of each; nothing is computed again."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import Names
from brainlake.cli.run import say
from brainlake.errors import BrainlakeError

_FORMS = ("svg", "pdf", "png", "html")


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add what is drawn."""
    parser.add_argument(
        "places",
        nargs="+",
        action=Names,
        metavar="SCORES|BANK",
        help="files that `brainlake brain`, `behavior` or `compare ... --out FILE.parquet` wrote, and banks",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        action=Names,
        metavar="FILE",
        help="of the results that banks hold those in these files, for example scores/NAME.parquet; default: all",
    )
    parser.add_argument("--download", action="store_true", help="fetch whole repositories first")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_places(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the figures")
    parser.add_argument(
        "--forms",
        nargs="+",
        choices=_FORMS,
        action=Names,
        default=["svg", "pdf", "png"],
        metavar="FORM",
        help="svg, pdf, png, html (large: it holds the program that draws); default: svg pdf png",
    )
    parser.epilog = (
        "Each figure is NAME.column (88 mm) and NAME.page (180 mm); NAME.csv has its numbers, NAME.txt its caption.\n"
        "A bank says what models are: name it beside the scores.\n\nexamples:\n"
        "  brainlake figures scores.parquet pairs.parquet bank --out figures\n"
        "  brainlake figures OWNER/NAME@v1 --out figures --forms pdf"
    )


def execute(options: argparse.Namespace) -> None:
    """Draw them, and say what could not be drawn."""
    # Imported here so that --help, and the other commands, need no library that draws.
    from brainlake.figures.catalogue import figures_of
    from brainlake.figures.folder import check_folder, write_figures
    from brainlake.figures.results import read_results

    check_folder(options.out)
    figures, omitted = figures_of(read_results(options.places, only=options.only, download=options.download))
    for one in omitted:
        options.progress.note(f"not drawn: {one.title}: {one.why}")
    if not figures:
        raise BrainlakeError("there is nothing to draw: none of the results has a score")
    write_figures(figures, options.out, options.forms, say)
