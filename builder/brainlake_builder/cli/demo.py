"""Build, verify and score a bank from the embedded model, texts and simulated participants."""

import argparse
import sys
from pathlib import Path

from brainlake.report.summary import summary
from brainlake.report.tables import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--bank", type=Path, default=Path("demo"), metavar="DIR", help="default: %(default)s")
    parser.epilog = "example:\n  brainlake-build demo --bank demo"


def execute(options: argparse.Namespace) -> None:
    """Build the bank and show what was recovered."""
    # Imported here so that the other commands, and --help, do not wait for torch.
    from brainlake_builder.demo.build import build_demo

    demo = build_demo(options.bank)
    out = sys.stdout
    out.write(
        f"{options.bank}: built and verified. Its participants are SIMULATED: nobody was scanned, nobody read.\n\n"
    )
    for title, scores in (
        ("Brain alignment with simulated voxels that read from layer 2", demo.brain_scores),
        ("Behavioral alignment with simulated reading times", demo.reading_scores),
    ):
        found = summary(scores)
        out.write(f"{title}\n")
        show(found.table, "table")
        out.write(f"{found.footer()}\n")
    out.write("What was simulated, and what was recovered\n")
    show(demo.recovered(), "table")
    bank = options.bank
    out.write(f'\nNext: brainlake info {bank}; brainlake sql {bank} "select * from benchmarks"\n')
