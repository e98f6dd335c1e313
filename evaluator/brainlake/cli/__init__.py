"""The command ``brainlake``: one module a subcommand."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from brainlake.cli.run import Command, run

NAMES = ("info", "verify", "pull", "sql", "brain", "behavior", "compare", "study", "figures", "report")
"""The subcommands, in the order of the help; each is the module of its name."""

COMMANDS: Mapping[str, Callable[[], Command]] = {name: partial(import_module, f"{__name__}.{name}") for name in NAMES}
"""What imports each."""


def main(arguments: list[str] | None = None) -> int:
    """Run ``brainlake``; returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    return run("brainlake", "Query a bank of language-model features and compute alignment.", COMMANDS, arguments)
