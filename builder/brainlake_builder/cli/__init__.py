"""The command ``brainlake-build``: one module a subcommand."""

from brainlake.cli.run import Command, run
from brainlake_builder.cli import (
    ceilings,
    demo,
    extract,
    features,
    humans,
    import_surprisal,
    kernels,
    manifest,
    plan,
    publish,
    remove,
    rename,
    scores,
    surprisal,
)

COMMANDS: dict[str, Command] = {
    "demo": demo,
    "humans": humans,
    "plan": plan,
    "extract": extract,
    "surprisal": surprisal,
    "import-surprisal": import_surprisal,
    "features": features,
    "kernels": kernels,
    "ceilings": ceilings,
    "manifest": manifest,
    "scores": scores,
    "remove": remove,
    "rename": rename,
    "publish": publish,
}


def main(arguments: list[str] | None = None) -> int:
    """Run ``brainlake-build``; returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    return run("brainlake-build", "Build a bank of language-model features and human data.", COMMANDS, arguments)
