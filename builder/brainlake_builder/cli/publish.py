"""Publish a bank as a dataset repository on the Hugging Face Hub, or add it to one."""

import argparse
from pathlib import Path

import polars as pl

from brainlake.cli.arguments import add_format, add_names
from brainlake.report.tables import show
from brainlake_builder.publishing.card_sections import size
from brainlake_builder.publishing.publish import publish
from brainlake_builder.publishing.repository import Publication, sizes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("bank", type=Path, metavar="DIR", help="folder of the bank")
    parser.add_argument("--repo", required=True, metavar="OWNER/NAME", help="repository; made if it is not there")
    visible = parser.add_mutually_exclusive_group()
    visible.add_argument("--private", action="store_true", help="the default if there is any human data")
    visible.add_argument("--public", action="store_true", help="the default if there is none")
    add_names(parser, "--model", "M", "models whose features go along; default: all")
    parser.add_argument("--metadata-only", action="store_true", help="leave activations, surprisal and kernels out")
    add_names(parser, "--index", "REPO", "be an index of these repositories, at their commits now", default=[])
    parser.add_argument(
        "--may-pass-on", action="store_true", help="human data may be passed on although their licence does not say so"
    )
    parser.add_argument("--tag", metavar="NAME", help="name for this version, such as v1")
    parser.add_argument("--dry-run", action="store_true", help="only say what would travel")
    add_format(parser)
    parser.epilog = (
        "What the repository has already does not travel, so a publication that was cut goes on where it was.\n"
        "The token is that of huggingface-hub: `hf auth login`, or HF_TOKEN.\n\n"
        "examples:\n  brainlake-build publish bank --repo lab/bank --dry-run\n"
        "  brainlake-build publish bank --repo lab/llama --model meta-llama--Llama-2-7b-hf --public --tag v1\n"
        "  brainlake-build publish bank --repo lab/index --metadata-only --index lab/llama lab/gpt2"
    )


def execute(options: argparse.Namespace) -> None:
    """Publish, and say what travelled."""
    publication = publish(
        options.bank,
        options.repo,
        private=True if options.private else False if options.public else None,
        models=options.model,
        metadata_only=options.metadata_only,
        index=options.index,
        may_pass_on=options.may_pass_on,
        tag=options.tag,
        dry_run=options.dry_run,
    )
    show(_summary(publication), options.format)
    visible = "private" if publication.private else "public"
    total = f"{len(publication.uploads)} files, {size(publication.n_bytes)}"
    if not publication.seen:
        note = f"{total} would travel to {publication.repo} if it is new ({visible}): the Hub cannot be reached"
    elif publication.commit is None:
        onto = f"{publication.repo}@{publication.parent}" if publication.parent else f"{publication.repo}, a new one"
        note = f"{total} would travel to {onto} ({visible})"
    else:
        gone = f", {len(publication.deletions)} files removed" if publication.deletions else ""
        note = (
            f"{total} travelled{gone}: {publication.repo}@{publication.commit} ({visible}), "
            f"read back and equal to the manifest"
        )
    options.progress.note(note)


def _summary(publication: Publication) -> pl.DataFrame:
    """Files and bytes a table."""
    rows = [(path.split("/")[0], n) for path, n in sizes(publication.uploads).items()]
    table = pl.DataFrame(rows, schema={"travels": pl.String, "bytes": pl.Int64}, orient="row")
    return table.group_by("travels").agg(files=pl.len(), bytes=pl.col("bytes").sum()).sort("travels")
