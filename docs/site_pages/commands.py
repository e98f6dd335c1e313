"""The page of commands: the help of each, as it prints it."""

import argparse

import brainlake.cli
import brainlake_builder.cli
from brainlake.cli.parser import Parser
from site_pages.markdown import page

PROGRAMS = {"brainlake": brainlake.cli, "brainlake-build": brainlake_builder.cli}


def commands() -> str:
    """Every subcommand of both programs, with its options and examples."""
    parts = []
    for program, module in PROGRAMS.items():
        parts.append(f"## {program}")
        for name, load in module.COMMANDS.items():
            command = load()
            summary = (command.__doc__ or "").strip().splitlines()[0]
            parser = Parser(
                f"{program} {name}",
                formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=90),
            )
            command.configure(parser)
            parts += [f"### {program} {name}", summary, f"```text\n{parser.format_help().rstrip()}\n```"]
    return page(
        "Commands",
        "Results go to stdout, progress to stderr. Exit status: 0 done, 1 could not, 2 wrong usage.",
        *parts,
    )
