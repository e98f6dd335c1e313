"""The command ``brainlake-build``: one module a subcommand."""

from importlib import import_module

from brainlake.cli.run import Command, run

NAMES = (
    "demo",
    "humans",
    "zoo",
    "plan",
    "extract",
    "surprisal",
    "import-surprisal",
    "features",
    "kernels",
    "ceilings",
    "manifest",
    "properties",
    "scores",
    "remove",
    "rename",
    "publish",
)
"""The subcommands, in the order of the help; each is the module of its name."""


def commands() -> dict[str, Command]:
    """The subcommands, by name; imported where Ctrl-C is minded already."""
    return {name: import_module(f"{__name__}.{name.replace('-', '_')}") for name in NAMES}


def main(arguments: list[str] | None = None) -> int:
    """Run ``brainlake-build``; returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    return run("brainlake-build", "Build a bank of language-model features and human data.", commands, arguments)
