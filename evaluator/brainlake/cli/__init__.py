"""The command ``brainlake``: one module a subcommand."""

from brainlake.cli.run import Command, run


def commands() -> dict[str, Command]:
    """The subcommands, by name; imported where Ctrl-C is minded already."""
    from brainlake.cli import behavior, brain, compare, info, pull, sql, study, verify

    modules = (info, verify, pull, sql, brain, behavior, compare, study)
    return {module.__name__.rpartition(".")[2]: module for module in modules}


def main(arguments: list[str] | None = None) -> int:
    """Run ``brainlake``; returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    return run("brainlake", "Query a bank of language-model features and compute alignment.", commands, arguments)
