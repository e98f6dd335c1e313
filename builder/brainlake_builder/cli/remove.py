"""Take something out of a bank, with what depends on it."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import add_names
from brainlake.cli.parser import UsageError
from brainlake.cli.run import say
from brainlake.errors import BrainlakeError
from brainlake_builder.tables.removal import KINDS, plan_removal, remove


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("name", nargs="?", metavar="NAME", help="its name; of a file, its path in the bank")
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder of the bank")
    add_names(parser, "--model", "M", "features of these models")
    add_names(parser, "--stimuli", "S", "features on these stimulus sets")
    add_names(parser, "--recipe", "R", "features by these recipes")
    parser.add_argument(
        "--with-dependents", action="store_true", help="and what was made from it or refers to it, which is named first"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.epilog = (
        "examples:\n  brainlake-build remove model openai-community--gpt2 --bank bank\n"
        "  brainlake-build remove stimuli mine --bank bank --with-dependents\n"
        "  brainlake-build remove features --model openai-community--gpt2 --recipe aw2024 --bank bank\n"
        "  brainlake-build remove file surprisal/gpt3/futrell2018/imported-0123abcd.parquet --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Remove it, and say what is gone."""
    if (options.name is None) != (options.kind == "features"):
        raise UsageError("features are chosen by --model, --stimuli and --recipe, everything else by its name")
    which = {"models": options.model, "stimuli": options.stimuli, "recipes": options.recipe}
    if options.kind != "features" and any(which.values()):
        raise UsageError("--model, --stimuli and --recipe choose among features")
    removal = plan_removal(options.bank, options.kind, options.name, **which)
    if removal.dependents:
        options.progress.note(f"depends on it: {', '.join(removal.dependents)}")
        if not (options.with_dependents or options.dry_run):
            raise BrainlakeError(
                f"{len(removal.dependents)} files were made from it or refer to it, and nothing was removed: "
                f"let them go along, --with-dependents, or rename it"
            )
    if not options.dry_run:
        remove(options.bank, removal)
    for path in [*removal.chosen, *removal.dependents]:
        say(f"{'would go' if options.dry_run else 'removed'}: {path}")
