"""Write the Gram kernels of activations, a fraction of their bytes where stimuli are fewer than features."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import add_engine, add_fail_fast
from brainlake.cli.run import say
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import Failures
from brainlake_builder.tables.kernels import build_kernels


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="bank with activations")
    add_fail_fast(parser)
    add_engine(parser, "files")
    parser.epilog = (
        "Scores come out the same from kernels as from activations, whatever a kernel can answer: not least squares\n"
        "on fewer features than stimuli, nor benchmarks that join several stimulus sets.\n\n"
        "example:\n  brainlake-build kernels --bank bank"
    )


def execute(options: argparse.Namespace) -> None:
    """Write them, and say how large they are."""
    with Failures(options.fail_fast) as failures:
        for file in build_kernels(options.bank, failures, options.engine):
            say(_line(file.activations, file.written))


def _line(there: Sidecar, written: Sidecar | None) -> str:
    if written is None:
        why = "the activations are the smaller download, no kernel written"
        return f"{there.path}: {there.n} stimuli, {there.d} features: {why}"
    return f"{written.path}: {written.bytes:,} bytes, {there.bytes / written.bytes:.1f} times smaller"
