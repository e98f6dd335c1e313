"""Say what an extraction would take, before a weight is loaded: tokens, FLOPs, bytes, and what is there."""

import argparse

import polars as pl

from brainlake.cli.arguments import add_format
from brainlake.report.tables import show
from brainlake_builder.cli.tasks import add_tasks, request_of

UNSEEN = ("checking_flops", "staging_bytes", "weights_bytes", "writing_bytes", "batch_tokens")
"""Columns that are left to programs."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_tasks(parser)
    add_format(parser)
    parser.add_argument(
        "--measure",
        action="store_true",
        help="load the weights, read texts for two seconds a task, and say how long the passes will take",
    )
    parser.epilog = "example:\n  brainlake-build plan --model openai-community/gpt2 --stimuli futrell2018 --bank bank"


def execute(options: argparse.Namespace) -> None:
    """Print one row a task, and their sum."""
    request = request_of(options)
    # Imported here so that the other commands, --help, and what is refused, do not wait for torch.
    from brainlake_builder.extraction.preflight import check_request

    check_request(request)
    from brainlake_builder.extraction.plan import plan

    table = plan(request, options.measure)
    show(_for_people(table), options.format, full=table)


def _for_people(table: pl.DataFrame) -> pl.DataFrame:
    """With the sum of what is left, and short numbers."""
    lines = pl.concat([table, _total(table)], how="diagonal").drop(*UNSEEN)
    short = [_aligned(lines[name].rename(name.removesuffix("_bytes"))) for name in lines.columns[4:]]
    return pl.DataFrame([*lines.iter_columns()][:4] + short)


def _aligned(numbers: pl.Series) -> pl.Series:
    texts = ["-" if number is None else _short(number) for number in numbers]
    return pl.Series(numbers.name, [text.rjust(max(map(len, texts))) for text in texts])


def _total(table: pl.DataFrame) -> pl.DataFrame:
    """What is left to do, all together; memory is needed once."""
    todo = table.filter(pl.col("state") != "there")
    sums = (
        pl.col("documents", "passes", "tokens", "flops", "disk_bytes", "staging_bytes").sum(),
        pl.col("memory_bytes").max(),
        *(pl.col(name).sum() for name in todo.columns if name == "seconds"),
    )
    return todo.select(pl.lit("to do").alias("model"), *sums)


def _short(value: float) -> str:
    """A number with a decimal prefix.

    Examples
    --------
    >>> _short(61536000)
    '61.5 M'
    """
    for prefix in ("", "k", "M", "G", "T", "P"):
        if abs(value) < 1000:
            return f"{value:.4g} {prefix}".rstrip() if not prefix else f"{value:.3g} {prefix}"
        value /= 1000
    return f"{value:.3g} E"
