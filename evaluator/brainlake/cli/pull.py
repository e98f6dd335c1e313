"""Fetch a published bank, or chosen models, layers or kernels of it, into a folder."""

import argparse
import sys
from pathlib import Path

import polars as pl

from brainlake.bank.pull import Fetch, plan_pull, pull
from brainlake.cli.arguments import add_fail_fast, add_format, add_names, at_least, repository
from brainlake.cli.parser import UsageError
from brainlake.errors import Failures
from brainlake.report.tables import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "repo", type=repository, metavar="OWNER/NAME", help="repository, with @revision if not its newest state"
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="DIR", help="folder to fetch into")
    add_names(parser, "--model", "M", "models; default: all")
    add_names(parser, "--layers", "L", "layers of activations; default: all", type=at_least(0))
    features = parser.add_mutually_exclusive_group()
    features.add_argument("--kernels-only", action="store_true", help="kernels in place of activations")
    features.add_argument("--metadata-only", action="store_true", help="no activations, surprisal or kernels")
    parser.add_argument("--dry-run", action="store_true", help="only say how large it is")
    add_fail_fast(parser)
    add_format(parser)
    parser.epilog = (
        "What the folder has already is not fetched again. The bytes are printed before anything travels.\n\n"
        "examples:\n  brainlake pull lab/bank --bank bank --model openai-community--gpt2 --layers 6 7 8\n"
        "  brainlake pull lab/bank@v1 --bank bank --kernels-only"
    )


def execute(options: argparse.Namespace) -> None:
    """Say what will travel, fetch it, and list the files."""
    if options.layers is not None and (options.kernels_only or options.metadata_only):
        raise UsageError("--layers are those of activations: leave out what leaves them out")
    fetches = plan_pull(
        options.repo,
        options.bank,
        models=options.model,
        layers=options.layers,
        kernels_only=options.kernels_only,
        metadata_only=options.metadata_only,
    )
    show(_summary(fetches), options.format)
    sys.stdout.flush()
    sizes = [fetch.n_bytes for fetch in fetches]
    options.progress.note(f"{len(fetches)} files, {sum(sizes):,} bytes to fetch")
    if options.dry_run or not fetches:
        return
    with Failures(options.fail_fast) as failures:
        pulled = options.progress.steps(pull(fetches, options.bank, failures), options.repo, "bytes", sizes=sizes)
        for number, sidecar in enumerate(pulled, 1):
            if sidecar is not None:
                options.progress.note(f"{number} of {len(fetches)}: {options.bank / sidecar.path}")


def _summary(fetches: list[Fetch]) -> pl.DataFrame:
    """Files and bytes a table."""
    rows = [(fetch.sidecar.kind, fetch.n_bytes) for fetch in fetches]
    table = pl.DataFrame(rows, schema={"table": pl.String, "bytes": pl.Int64}, orient="row")
    return table.group_by("table").agg(files=pl.len(), bytes=pl.col("bytes").sum()).sort("table")
