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
from brainlake.alignment.candidates import Benchmark, Candidate, benchmark_tree, candidates
from brainlake.alignment.composite import composite_rows
from brainlake.alignment.design.ceilings import ceilings_of
from brainlake.alignment.design.features import Features, LayerFits, model_features
from brainlake.alignment.design.protocols import Protocol, protocol_named
from brainlake.alignment.design.replicates import MAX_REPLICATES, check_replicates
from brainlake.alignment.design.score_row import ScoreRow
from brainlake.alignment.design.setting import Setting, target_groups
from brainlake.alignment.score_table import score_table
from brainlake.alignment.scorers.layer_choice import Measure, NestedLedger, TestLedger
from brainlake.alignment.scorers.regression import Regression, measured
from brainlake.alignment.scorers.representational import Similarity
from brainlake.alignment.scorers.unique_variance import Beyond
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, Bank, as_bank
from brainlake.errors import AT_ONCE, BrainlakeError, Failures
from brainlake.recordings.responses import load_recording

if TYPE_CHECKING:
    from brainlake.alignment.scorers.aw2024_wehbe import Story

    Scorer = Regression | Similarity | Story
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def brain_alignment(
    bank: AnyBank,
    benchmark: str,
    *,
    models: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    protocol: str = "grouped",
    layers: int | Sequence[int] | None = None,
    baselines: str | Sequence[str] | None = None,
    by: str | Sequence[str] = (),
    n_boot: int = 1000,
    n_permutations: int = 0,
    threads: int | None = None,
    progress: Progress = lambda items, _: items,
    failures: Failures = AT_ONCE,
) -> pl.DataFrame:
    """Score models and baselines on a brain benchmark.

    Parameters
    ----------
    bank
        Bank with the benchmark's responses and the models' activations, or their kernels; open, or where it lies.
    benchmark
        Name of the benchmark; a composite one is the mean of its parts, each with its own best layer.
    models, recipes
        What to score; by default every model and recipe with features of the benchmark's stimuli. On a composite
        benchmark every part must have them, under that recipe or another of its family.
    protocol
        ``grouped``, ``aw2024``, ``rsa`` or ``cka``, or a variant such as ``grouped+penalty=target`` or
        ``grouped+folds=5``; see :mod:`brainlake.alignment.design.protocols`.
    layers
        Layers to score and to choose from; by default all.
    baselines
        Model-free features scored beside the models; by default those of the protocol that the benchmark has what is
        needed for. See :mod:`brainlake.alignment.baselines`.
    by
        What else than all targets together has scores of its own: ``subject``, ``roi``, ``target``; by default nothing.
    n_boot
        Bootstrap replicates of each interval, at least 40; 0 for none.
    n_permutations
        Exchanges behind each p value, layer and penalty chosen again in each; 0 for none. See
        :mod:`brainlake.alignment.uncertainty.permutations`.
    threads
        Layers that are scored at a time; by default one a processor. The scores do not depend on it.
    progress
        Wraps the layers of a model while they are scored, with a label.
    failures
        Where models that cannot be scored are put while the others are; by default the first one ends it, as it does
        where no other is left.

    Returns
    -------
    Columns of ``scores``, and ``kind``: what a row is, in the order of
    :data:`brainlake.KINDS`. Headlines come first, those of models before those of baselines;
    take them by ``scores.filter(kind="headline")``. Beside them stand every layer, the same under other folds, the
    layer that is best on the test folds (protocol ``grouped``: what it is above the nested choice is the optimism of
    choosing so), and what models explain beyond the baselines, each for all targets and for each group of ``by``.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe or layer.
    BrainlakeError
        If features were made from other stimuli than the bank's, or a kernel cannot answer what is asked.
    """
    how = protocol_named(arguments.one_name("protocol", protocol))
    asked = arguments.names("models", models), arguments.some_names("recipes", recipes)
    of_layers, of_baselines = arguments.numbers("layers", layers), arguments.names("baselines", baselines)
    levels = arguments.names("by", by) or ()
    n_boot, n_permutations = (
        check_replicates(n_boot),
        arguments.number("n_permutations", n_permutations, at_most=MAX_REPLICATES),
    )
    threads = arguments.number("threads", (os.cpu_count() or 1) if threads is None else threads, at_least=1)
    if not callable(progress):
        raise arguments.impossible("progress", progress, "a function of the layers of a model, and a label")
    if not isinstance(failures, Failures):
        raise arguments.impossible("failures", failures, "a brainlake.errors.Failures")
    benchmark, bank = arguments.one_name("benchmark", benchmark), as_bank(bank)
    tree = benchmark_tree(bank, benchmark)
    _check_permutations(n_permutations, how, tree)
    chosen = candidates(tree, *asked)
    lost = Failures(failures.fail_fast)
    run = _Run(bank, how, of_layers, of_baselines, levels, n_boot, n_permutations, threads, progress, lost)
    with threadpool_limits(limits=1, user_api="blas"):
        rows = [row for leaf in tree.leaves() for row in _rows(run, leaf, chosen)]
    if chosen and all(row.identity.is_baseline for row in rows):
        lost.raise_all()
    with failures.of(benchmark):
        lost.raise_all()
    return score_table(composite_rows(tree, chosen, rows) + rows)


@dataclass(frozen=True)
class _Run:
    """What is the same for every part of a composite benchmark."""

    bank: Bank
    protocol: Protocol
    layers: Sequence[int] | None
    baselines: Sequence[str] | None
    by: tuple[str, ...]
    n_boot: int
    n_permutations: int
    threads: int
    progress: Progress
    failures: Failures


def _check_permutations(n_permutations: int, protocol: Protocol, benchmark: Benchmark) -> None:
    """Refuse permutations where they would be ignored."""
    if not n_permutations:
        return
    if protocol.folds is None:
        raise BrainlakeError(f"protocol {protocol.name} has no p values: it fits nothing; leave out the permutations")
    if protocol.penalty == "target":
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values: penalties of single targets are not refitted; leave out the "
            f"permutations or penalty=target"
        )
    if protocol.criterion != "squared_error":
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values: penalties are chosen again in each exchange by squared error; "
            f"leave out the permutations or criterion={protocol.criterion}"
        )
    if protocol.inner != "folds":
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values: penalties are chosen again in each exchange by inner folds; "
            f"leave out the permutations or inner={protocol.inner}"
        )
    scans = [leaf.name for leaf in benchmark.leaves() if leaf.has_scans]
    if protocol.method == "ols" and scans:
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values of scans ({', '.join(scans)}); leave out the permutations"
        )


def _rows(run: _Run, benchmark: Benchmark, chosen: Sequence[Candidate]) -> list[ScoreRow]:
    """Rows of a benchmark with recordings."""
    bank, protocol = run.bank, run.protocol
    recording = load_recording(bank, benchmark.name)
    groups = target_groups(recording, run.by)
    ceilings = ceilings_of(bank, benchmark.name)
    setting = Setting(recording, protocol, groups, run.n_boot, run.n_permutations, ceilings, run.threads)
    models = dict.fromkeys(candidate.on(benchmark.name) for candidate in chosen)
    scorers = _scorers(setting)
    headline = scorers[0]

    def filled(source: Features) -> list[NestedLedger | TestLedger]:
        ledgers = [scorer.ledger(source) for scorer in scorers]
        for measures in _measured(run, source, scorers, setting):
            for ledger, measure in zip(ledgers, measures, strict=True):
                ledger.offer(measure)
        return ledgers

    baselines = list(baseline_features(bank, recording, run.baselines, protocol))
    sources: list[Features] = []
    for model, recipe in models:  # all of them before any is scored: what cannot be done is known at once
        with run.failures.of(f"{model} by {recipe} on {benchmark.name}"):
            sources += model_features(bank, recording, [(model, recipe)], run.layers)
    if models and not sources:
        run.failures.raise_all()
    of_baselines = [(source, filled(source)) for source in baselines]
    rows = [row for _, ledgers in of_baselines for row in _rows_of(ledgers)]
    beyond = _beyond(headline, of_baselines)
    for source in sources:
        with run.failures.of(f"{source.identity.model} by {source.identity.recipe} on {benchmark.name}"):
            ledgers = filled(source)
            found = _rows_of(ledgers)
            if beyond is not None and isinstance(ledgers[0], NestedLedger):
                found += beyond.rows(source, ledgers[0].choice)
            rows += found
    return rows


def _rows_of(ledgers: list[NestedLedger | TestLedger]) -> list[ScoreRow]:
    """Rows of the headline's folds, then of those beside it."""
    rows = list(ledgers[0].rows())
    return rows + [row.under_other_folds() for ledger in ledgers[1:] for row in ledger.rows()]


def _beyond(headline: "Scorer", baselines: Sequence[tuple[Features, list[NestedLedger | TestLedger]]]) -> Beyond | None:
    """What models are compared with where there are baselines and each layer has one penalty."""
    if not isinstance(headline, Regression) or headline.setting.protocol.penalty != "layer":
        return None
    chosen = [(one, ledgers[0].choice) for one, ledgers in baselines if isinstance(ledgers[0], NestedLedger)]
    return Beyond(headline, chosen) if chosen else None


def _scorers(setting: Setting) -> "list[Scorer]":
    """What scores every layer: the headline first, then what stands beside it."""
    protocol = setting.protocol
    if protocol.method in ("rsa", "cka"):
        return [Similarity(setting)]
    if protocol.method == "ols" and setting.recording.volumes is not None:
        # Imported here: scikit-learn takes a second to load, and only the paper's pipeline needs it.
        from brainlake.alignment.scorers.aw2024_wehbe import Story

        return [Story(setting)]
    return [Regression(setting, plan) for plan in (protocol.folds, protocol.beside) if plan is not None]


def _measured(run: _Run, source: Features, scorers: "list[Scorer]", setting: Setting) -> Iterator[list[Measure]]:
    """Layers in order, read here and scored in threads, a few at a time."""
    pending: deque[Future[list[Measure]]] = deque()

    regressions = [scorer for scorer in scorers if isinstance(scorer, Regression)]

    def measure(number: int, layer: LayerFits) -> list[Measure]:
        if regressions:
            return measured(regressions, source, number, layer)
        return [scorer.measure(source, number, layer) for scorer in scorers]

    with ThreadPoolExecutor(run.threads) as pool:
        for number in run.progress(source.layers, source.identity.model):
            pending.append(pool.submit(measure, number, LayerFits(source.read(number), setting.recording)))
            if len(pending) > run.threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
