"""The command ``brainlake``: one module a subcommand."""

from brainlake.cli import behavior, brain, compare, info, pull, sql, verify
from brainlake.cli.run import Command, run

COMMANDS: dict[str, Command] = {
    module.__name__.rpartition(".")[2]: module for module in (info, verify, pull, sql, brain, behavior, compare)
}


def main(arguments: list[str] | None = None) -> int:
    """Run ``brainlake``; returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    return run("brainlake", "Query a bank of language-model features and compute alignment.", COMMANDS, arguments)
