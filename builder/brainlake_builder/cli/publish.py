"""Publish a bank as a dataset repository on the Hugging Face Hub, or add it to one."""

import argparse
from itertools import groupby
from pathlib import Path

import polars as pl

from brainlake.cli.arguments import add_format, add_names, read_by, repository
from brainlake.cli.run import say
from brainlake.report.tables import show
from brainlake_builder.publishing.card_sections import size
from brainlake_builder.publishing.publish import check_tag, publish, repository_name
from brainlake_builder.publishing.repository import Publication, sizes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("bank", type=Path, metavar="DIR", help="folder of the bank")
    parser.add_argument(
        "--repo",
        required=True,
        type=read_by(repository_name),
        metavar="OWNER/NAME",
        help="repository; made if it is not there",
    )
    visible = parser.add_mutually_exclusive_group()
    visible.add_argument("--private", action="store_true", help="the default if there is any human data")
    visible.add_argument("--public", action="store_true", help="the default if there is none")
    add_names(parser, "--model", "M", "models whose features go along; default: all")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--features",
        action="store_true",
        help="leave human data at home, and stimuli that may not be passed on",
    )
    part.add_argument("--metadata-only", action="store_true", help="leave activations, surprisal and kernels out")
    add_names(
        parser,
        "--index",
        "REPO",
        "be an index of these repositories, at their commits now",
        default=[],
        type=repository,
    )
    parser.add_argument(
        "--may-pass-on", action="store_true", help="what travels may be passed on although its licence does not say so"
    )
    parser.add_argument("--replace", action="store_true", help="replace what is fuller there, or someone else's")
    parser.add_argument("--prune", action="store_true", help="remove what the repository has and the bank does not")
    parser.add_argument("--tag", type=read_by(check_tag), metavar="NAME", help="name for this version, such as v1")
    parser.add_argument("--dry-run", action="store_true", help="only say what would travel, and show the card")
    add_format(parser)
    parser.epilog = (
        "What the repository has already does not travel, so a publication that was cut goes on where it was.\n"
        "Stimuli, recordings and imported surprisal go where their table says that they may be passed on; numbers\n"
        "that a model gave go unless their table forbids it. Human data that may not go stop the publication: with\n"
        "--features the rest is published, and what stays at home is listed.\n"
        "The token is that of huggingface-hub: `hf auth login`, or HF_TOKEN.\n\n"
        "examples:\n  brainlake-build publish bank --repo lab/bank --features --dry-run\n"
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
        features=options.features,
        index=options.index,
        may_pass_on=options.may_pass_on,
        replace=options.replace,
        prune=options.prune,
        tag=options.tag,
        dry_run=options.dry_run,
    )
    show(_moves(publication) if options.dry_run else _summary(publication), options.format)
    _say_rest(publication, options)
    if options.dry_run and options.format == "table":
        for line in ["", *publication.card.splitlines()]:
            say(line)
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


def _say_rest(publication: Publication, options: argparse.Namespace) -> None:
    """Say what stays at home, by why, and what only the repository has."""
    note = options.progress.note
    for why, files in groupby(sorted(publication.stays, key=lambda held: held.why), key=lambda held: held.why):
        note(f"stays at home, {why}: {', '.join(held.path for held in files)}")
    if publication.only_there:
        what = "removed, since" if options.prune else "stays there (--prune removes it):"
        note(f"{what} {options.bank} does not have it: {', '.join(publication.only_there)}")


def _moves(publication: Publication) -> pl.DataFrame:
    """What happens to each file."""
    rows: list[tuple[str, str, int | None]] = [(p, "travels", n) for p, n in sizes(publication.uploads).items()]
    rows += [(path, "is removed there", None) for path in publication.deletions]
    rows += [(held.path, f"stays at home: {held.why}", None) for held in publication.stays]
    return pl.DataFrame(rows, schema={"file": pl.String, "what": pl.String, "bytes": pl.Int64}, orient="row")


def _summary(publication: Publication) -> pl.DataFrame:
    """Files and bytes a table."""
    rows = [(path.split("/")[0], n) for path, n in sizes(publication.uploads).items()]
    table = pl.DataFrame(rows, schema={"travels": pl.String, "bytes": pl.Int64}, orient="row")
    return table.group_by("travels").agg(files=pl.len(), bytes=pl.col("bytes").sum()).sort("travels")
