"""Write the Gram kernels of activations, a fraction of their bytes where stimuli are fewer than features."""

import argparse
from pathlib import Path

from brainlake.cli.run import say
from brainlake_builder.tables.kernels import build_kernels


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank with activations")
    parser.epilog = (
        "Scores come out the same from kernels as from activations, whatever a kernel can answer: not least squares\n"
        "on fewer features than stimuli, nor benchmarks that join several stimulus sets.\n\n"
        "example:\n  brainlake-build kernels --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say how large they are."""
    for file in build_kernels(options.bank):
        there = file.activations
        if file.written is None:
            say(
                f"{there.path}: {there.n} stimuli, {there.d} features: the activations are the smaller download, "
                f"no kernel written"
            )
        else:
            ratio = there.bytes / file.written.bytes
            say(f"{file.written.path}: {file.written.bytes:,} bytes, {ratio:.1f} times smaller")
