"""Brain alignment: how well the layers of a model predict human responses to the same stimuli."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from brainlake.alignment.baselines import baseline_features
from brainlake.alignment.composite import composite_rows, parts_of
from brainlake.alignment.design.ceilings import ceilings_of
from brainlake.alignment.design.features import Features, LayerFits, model_features
from brainlake.alignment.design.protocols import Protocol, protocol_named
from brainlake.alignment.design.setting import Row, Setting, target_groups
from brainlake.alignment.score_table import score_table
from brainlake.alignment.scorers.layer_choice import Measure, NestedLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.scorers.representational import Similarity
from brainlake.alignment.scorers.unique_variance import Beyond
from brainlake.bank.catalogue import Bank
from brainlake.recordings.responses import load_recording

if TYPE_CHECKING:
    from brainlake.alignment.scorers.aw2024_wehbe import Story

    Scorer = Regression | Similarity | Story
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def brain_alignment(
    bank: Bank,
    benchmark: str,
    *,
    models: Sequence[str] | None = None,
    recipes: Sequence[str] | None = None,
    protocol: str = "grouped",
    layers: Sequence[int] | None = None,
    baselines: Sequence[str] | None = None,
    by: Sequence[str] = ("roi",),
    n_boot: int = 1000,
    n_permutations: int = 0,
    threads: int | None = None,
    progress: Progress = lambda items, _: items,
) -> pl.DataFrame:
    """Score models and baselines on a brain benchmark.

    Parameters
    ----------
    bank
        Bank with the benchmark's responses and the models' activations, or their kernels.
    benchmark
        Name of the benchmark; a composite one is the mean of its parts, each with its own best layer.
    models, recipes
        What to score; by default every model and recipe with features of the benchmark's stimuli.
    protocol
        ``grouped``, ``aw2024``, ``rsa`` or ``cka``, or a variant such as ``grouped+penalty=target``; see
        :mod:`brainlake.alignment.design.protocols`.
    layers
        Layers to score and to choose from; by default all.
    baselines
        Model-free features scored beside the models; by default all that the benchmark has what is needed for. See
        :mod:`brainlake.alignment.baselines`.
    by
        What else than all targets together has scores of its own: ``subject``, ``roi``, ``target``.
    n_boot
        Bootstrap replicates of each interval; 0 for none.
    n_permutations
        Block permutations of each p value, of the choice over layers; 0 for none. See
        :mod:`brainlake.alignment.uncertainty.permutations`.
    threads
        Layers that are scored at a time; by default one a processor. The scores do not depend on it.
    progress
        Wraps the layers of a model while they are scored, with a label.

    Returns
    -------
    Columns of ``scores``. For each model or baseline, for the protocol's folds and those beside them, and for each
    group of targets: one row a layer, and one row for the choice over layers. Protocol ``grouped`` adds, of every
    model, the layer that is best on the test folds (selection ``test``: what it is above the nested choice is the
    optimism of choosing so), and rows of metric ``unique_r2``: the out-of-fold variance explained by model and
    baselines together less that explained by the baselines alone.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe or layer.
    BrainlakeError
        If features were made from other stimuli than the bank's, or a kernel cannot answer what is asked.
    """
    how = protocol_named(protocol)
    chosen = {"models": models, "recipes": recipes, "layers": layers, "baselines": baselines}
    with threadpool_limits(limits=1, user_api="blas"):
        run = _Run(bank, how, chosen, tuple(by), n_boot, n_permutations, threads or os.cpu_count() or 1, progress)
        return score_table(_rows(run, benchmark))


@dataclass(frozen=True)
class _Run:
    """What is the same for every part of a composite benchmark."""

    bank: Bank
    protocol: Protocol
    chosen: dict[str, Any]
    by: tuple[str, ...]
    n_boot: int
    n_permutations: int
    threads: int
    progress: Progress


def _rows(run: _Run, benchmark: str) -> list[Row]:
    parts = parts_of(run.bank, benchmark)
    if parts:
        of_parts = [_rows(run, part) for part in parts]
        return [row for part in of_parts for row in part] + composite_rows(benchmark, of_parts)
    bank, protocol, chosen = run.bank, run.protocol, run.chosen
    recording = load_recording(bank, benchmark)
    groups = target_groups(recording, run.by)
    ceilings = ceilings_of(bank, benchmark)
    setting = Setting(recording, protocol, groups, run.n_boot, run.n_permutations, ceilings, run.threads)
    of_words = protocol.method == "ols" and recording.volumes is not None
    sources = [
        *baseline_features(bank, recording, chosen["baselines"], of_words),
        *model_features(bank, recording, chosen["models"], chosen["recipes"], chosen["layers"]),
    ]
    scorers = _scorers(setting)
    headline = scorers[0]
    beyond = Beyond(headline) if isinstance(headline, Regression) and protocol.penalty == "layer" else None
    of_baselines: list[Row] = []
    of_models: list[Row] = []
    for source in sources:
        ledgers = [scorer.ledger(source) for scorer in scorers]
        for number, measures in _measured(run, source, scorers, setting):
            for ledger, measure in zip(ledgers, measures, strict=True):
                ledger.offer(number, measure)
        rows = [row | {"beside": i > 0} for i, ledger in enumerate(ledgers) for row in ledger.rows()]
        if beyond is not None and isinstance(ledgers[0], NestedLedger):
            rows += beyond.rows(source, ledgers[0].choice)
        (of_models if source.numbered else of_baselines).extend({**source.identity, **row} for row in rows)
    return of_models + of_baselines


def _scorers(setting: Setting) -> "list[Scorer]":
    """What scores every layer: the headline first, then what stands beside it."""
    protocol = setting.protocol
    if protocol.method in ("rsa", "cka"):
        return [Similarity(setting)]
    if protocol.method == "ols" and setting.recording.volumes is not None:
        # Imported here: scikit-learn takes a second to load, and only the paper's pipeline needs it.
        from brainlake.alignment.scorers.aw2024_wehbe import Story

        return [Story(setting)]
    return [Regression(setting, kind) for kind in (protocol.folds, protocol.beside) if kind is not None]


def _measured(
    run: _Run, source: Features, scorers: "list[Scorer]", setting: Setting
) -> Iterator[tuple[int, list[Measure]]]:
    """Layers in order, read here and scored in threads, a few at a time."""
    pending: deque[tuple[int, Future[list[Measure]]]] = deque()

    def measure(layer: LayerFits) -> list[Measure]:
        return [scorer.measure(layer) for scorer in scorers]

    with ThreadPoolExecutor(run.threads) as pool:
        for number in run.progress(source.layers, source.identity["model"]):
            pending.append((number, pool.submit(measure, LayerFits(source.read(number), setting.recording))))
            if len(pending) > run.threads:
                first, future = pending.popleft()
                yield first, future.result()
        for number, future in pending:
            yield number, future.result()
