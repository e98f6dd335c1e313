"""Score models on brain benchmarks: layerwise linear predictivity, with ceilings, intervals and baselines."""

import argparse
import shutil
from collections.abc import Iterable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.brain import brain_alignment
from brainlake.alignment.design.protocols import PROTOCOLS, protocol_named
from brainlake.alignment.design.replicates import MAX_REPLICATES, check_permutations
from brainlake.alignment.design.setting import LEVELS
from brainlake.alignment.score_table import together
from brainlake.alignment.shared_out import shared_brain_alignment
from brainlake.bank.catalogue import open_bank
from brainlake.cli.arguments import Names, add_engine, as_usage, at_least
from brainlake.cli.output import check_out
from brainlake.cli.scoring import add_choices, deliver
from brainlake.engines.ray_cluster import engine_named
from brainlake.errors import Failures
from brainlake.report.progress import Progress
from brainlake.report.summary import summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_choices(parser, PROTOCOLS, ("grouped",), protocol_named)
    parser.add_argument(
        "--layers", nargs="*", action=Names, type=at_least(0), metavar="L", help="show every layer, or only score these"
    )
    parser.add_argument(
        "--baselines",
        nargs="*",
        action=Names,
        choices=tuple(BASELINES),
        metavar="X",
        help=f"{', '.join(BASELINES)}; default: those of the protocol",
    )
    parser.add_argument(
        "--by",
        nargs="*",
        action=Names,
        default=[],
        choices=LEVELS,
        metavar="LEVEL",
        help="also score each subject, roi, target; default: none",
    )
    parser.add_argument(
        "--permutations",
        type=at_least(0, MAX_REPLICATES),
        default=0,
        metavar="N",
        help="exchanges behind each p value; default: none",
    )
    parser.add_argument(
        "--threads", type=at_least(1), metavar="N", help="layers scored at a time; default: one a processor"
    )
    add_engine(parser, "models")
    parser.epilog = (
        "The table shows the choice over layers and the strongest baseline; --layers shows every layer.\n"
        "CSV, JSON and --out always have every layer and column. With --out FILE each model's scores are kept in\n"
        "FILE.unfinished when they are done: the same command, run again after an interruption, goes on from there.\n\n"
        "examples:\n"
        "  brainlake brain demo --benchmark demo.brain\n"
        "  brainlake brain bank --benchmark tuckute2024 --recipe aw2024 --protocol aw2024 --layers\n"
        "  brainlake brain bank --benchmark alice2016 --by subject roi --permutations 1000\n"
        "  brainlake brain bank --benchmark pereira2018.384 --protocol grouped+penalty=target --out scores.parquet"
    )


def execute(options: argparse.Namespace) -> None:
    """Score and show."""
    check_out(options.out, ".parquet")
    with as_usage():
        for protocol in options.protocol:
            check_permutations(options.permutations, protocol_named(protocol))
    bank = open_bank(*options.banks, download=options.download)
    found: list[pl.DataFrame] = []
    unfinished = _unfinished(options)
    with Failures(options.fail_fast) as failures, engine_named(options.engine) as engine:
        for benchmark, protocol in product(options.benchmark, options.protocol):
            question = f"{benchmark}, {protocol}"
            asked: dict[str, Any] = {
                "models": options.model,
                "recipes": options.recipe,
                "protocol": protocol,
                "layers": options.layers or None,
                "baselines": options.baselines,
                "by": options.by,
                "n_boot": options.bootstrap,
                "n_permutations": options.permutations,
                "failures": failures,
                "unfinished": unfinished,
            }
            with failures.of(question):
                if options.engine == "local":
                    steps = partial(_steps, options.progress, question)
                    scores = brain_alignment(bank, benchmark, threads=options.threads, progress=steps, **asked)
                else:
                    more = {"cpus": options.threads or 1, "note": options.progress.note}
                    scores = shared_brain_alignment(engine, options.banks, benchmark, **more, **asked)
                found.append(scores)
        if found:
            scores = together(found)
            deliver(scores, summary(scores, layers=options.layers is not None), options)
        if unfinished is not None and not failures.found:
            shutil.rmtree(unfinished, ignore_errors=True)


def _unfinished(options: argparse.Namespace) -> Path | None:
    """Folder beside ``--out`` in which the scores of models that are done wait for the others."""
    if options.out is None:
        return None
    folder: Path = options.out.with_name(f"{options.out.name}.unfinished").absolute()
    if folder.exists():
        options.progress.note(f"{folder} holds what an interrupted run had done: going on from there")
    return folder


def _steps(progress: Progress, question: str, layers: Iterable[int], model: str) -> Iterable[int]:
    return progress.steps(layers, f"{question}: {model}", "layers")
