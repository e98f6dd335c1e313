"""Build, verify and score a bank from the embedded model, texts and simulated participants."""

import argparse
import textwrap
from pathlib import Path

from brainlake.cli.run import say
from brainlake.cli.scoring import show_summary
from brainlake.errors import BrainlakeError
from brainlake.report.summary import WIDTH, summary
from brainlake.report.tables import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--bank", type=Path, default=Path("demo"), metavar="DIR", help="default: %(default)s")
    parser.epilog = "example:\n  brainlake-build demo --bank demo"


def execute(options: argparse.Namespace) -> None:
    """Build the bank and show what was recovered."""
    # Imported here so that the other commands, and --help, do not wait for torch.
    from brainlake_builder.demo.build import build_demo
    from brainlake_builder.demo.report import WHY_BELOW, commands, write_demo_report

    demo = build_demo(options.bank, options.progress)
    say(f"{options.bank}: built and verified.")
    say("Its participants are SIMULATED: nobody was scanned, nobody read.")
    say()
    made_by = commands(options.bank)
    for title, scores, command in (
        ("Brain alignment with simulated voxels that read from layer 2", demo.brain_scores, "brain alignment"),
        ("Behavioral alignment with simulated reading times", demo.reading_scores, "behavioral alignment"),
    ):
        say(title)
        say(f"  {made_by[command]}")
        show_summary(summary(scores), "table", scores)
        say()
    say("What was simulated, and what was recovered")
    show(demo.recovered(), "table")
    say()
    for line in textwrap.wrap(WHY_BELOW, WIDTH):
        say(line)
    say()
    try:
        say(f"Report: {write_demo_report(demo, options.bank, options.progress)}")
    except BrainlakeError as error:
        say(f"No report: {error}")
    say(f"Next: brainlake info {options.bank}")
    say(f'      brainlake sql {options.bank} "select * from benchmarks"')
