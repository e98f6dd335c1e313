"""Build, verify and score a bank from the embedded model, texts and simulated participants."""

import argparse
from pathlib import Path

from brainlake.cli.run import say
from brainlake.cli.scoring import show_summary
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

    demo = build_demo(options.bank, options.progress)
    say(f"{options.bank}: built and verified.")
    say("Its participants are SIMULATED: nobody was scanned, nobody read.")
    say()
    for title, scores in (
        ("Brain alignment with simulated voxels that read from layer 2", demo.brain_scores),
        ("Behavioral alignment with simulated reading times", demo.reading_scores),
    ):
        say(title)
        show_summary(summary(scores), "table", scores)
        say()
    say("What was simulated, and what was recovered")
    show(demo.recovered(), "table")
    say()
    say(f"Next: brainlake info {options.bank}")
    say(f'      brainlake sql {options.bank} "select * from benchmarks"')
