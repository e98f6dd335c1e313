"""Run models on stimulus sets: layerwise activations and word surprisal."""

import argparse
import sys
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--model", nargs="+", required=True, metavar="M", help="Hub ids or local folders")
    parser.add_argument("--stimuli", nargs="+", required=True, metavar="S", help="stimulus sets, or benchmarks")
    parser.add_argument(
        "--recipe", nargs="+", default=["document"], metavar="R", help="document, aw2024, aw2024+readout=residual, ..."
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank that has the stimuli")
    parser.add_argument("--name", metavar="NAME", help="name in the bank of a local folder; default: the folder's")
    parser.add_argument("--device", default="cpu", metavar="D", help="cpu, cuda, cuda:N or auto; default: %(default)s")
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="default: the recipe's")
    parser.add_argument("--untrained", type=int, metavar="SEED", help="the same architecture with random weights")
    parser.add_argument("--overwrite", action="store_true", help="replace files that were made from something else")
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that the model's repository brings")
    parser.epilog = (
        "What is there already for the same weights, tokenizer, recipe and stimuli is not computed again, and a run\n"
        "that was killed goes on where it was.\n\n"
        "example:\n  brainlake-build extract --model openai-community/gpt2 --stimuli futrell2018 --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Extract, and list the files."""
    # Imported here so that the other commands, and --help, do not wait for torch.
    from brainlake_builder.extract import extract

    recipes = [r if options.dtype is None else f"{r}+dtype={options.dtype}" for r in options.recipe]
    written = extract(
        options.bank,
        options.model,
        options.stimuli,
        recipes,
        name=options.name,
        device=options.device,
        untrained_seed=options.untrained,
        trust_remote_code=options.trust_remote_code,
        overwrite=options.overwrite,
    )
    for sidecar in written:
        sys.stdout.write(f"{sidecar.path}: {sidecar.rows} rows\n")
