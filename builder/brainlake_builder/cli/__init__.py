"""The command ``brainlake-build``: one module a subcommand."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from brainlake.cli.run import Command, run

NAMES = (
    "demo",
    "humans",
    "zoo",
    "plan",
    "extract",
    "slurm",
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


COMMANDS: Mapping[str, Callable[[], Command]] = {
    name: partial(import_module, f"{__name__}.{name.replace('-', '_')}") for name in NAMES
}
"""What imports each."""


def main(arguments: list[str] | None = None) -> int:
    """Run ``brainlake-build``; returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    return run("brainlake-build", "Build a bank of language-model features and human data.", COMMANDS, arguments)
