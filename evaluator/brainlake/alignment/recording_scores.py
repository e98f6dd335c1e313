"""Scores of a benchmark with recordings: every layer of models and baselines, and what is chosen of them."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from brainlake.alignment.baselines import baseline_features
from brainlake.alignment.candidates import Benchmark, Candidate
from brainlake.alignment.design.ceilings import ceilings_of
from brainlake.alignment.design.features import Features, Layer, LayerFits, model_features
from brainlake.alignment.design.protocols import Protocol
from brainlake.alignment.design.score_row import ScoreRow
from brainlake.alignment.design.setting import Setting, target_groups
from brainlake.alignment.kept_rows import KeptRows
from brainlake.alignment.scorers.layer_choice import Measure, NestedLedger, TestLedger
from brainlake.alignment.scorers.regression import Regression, measured
from brainlake.alignment.scorers.representational import Similarity
from brainlake.alignment.scorers.unique_variance import Beyond
from brainlake.bank.catalogue import Bank
from brainlake.errors import Failures
from brainlake.recordings.responses import load_recording

if TYPE_CHECKING:
    from brainlake.alignment.scorers.aw2024_wehbe import Story

    Scorer = Regression | Similarity | Story
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


@dataclass(frozen=True)
class Run:
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
    kept: KeptRows | None = None


def recording_rows(run: Run, benchmark: Benchmark, chosen: Sequence[Candidate]) -> list[ScoreRow]:
    """Rows of a benchmark with recordings: of baselines, then of each model, unless they were kept.

    Parameters
    ----------
    run
        What is asked.
    benchmark
        One without parts.
    chosen
        Models and recipes.

    Raises
    ------
    BrainlakeError
        If no model can be scored.
    """
    bank, protocol = run.bank, run.protocol
    recording = load_recording(bank, benchmark.name)
    groups = target_groups(recording, run.by)
    ceilings = ceilings_of(bank, benchmark.name)
    setting = Setting(recording, protocol, groups, run.n_boot, run.n_permutations, ceilings, run.threads)
    models = dict.fromkeys(candidate.on(benchmark.name) for candidate in chosen)
    scorers = _scorers(setting)
    headline = scorers[0]

    def filled(source: Features, place: str = "") -> list[NestedLedger | TestLedger]:
        ledgers = [scorer.ledger(source) for scorer in scorers]
        layers = run.progress(source.layers, f"{source.identity.model}{place}")
        for measures in _measured(source, layers, scorers, setting):
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
    begun, scored = time.perf_counter(), 0
    for number, source in enumerate(sources, 1):
        with run.failures.of(f"{source.identity.model} by {source.identity.recipe} on {benchmark.name}"):
            found = None if run.kept is None else run.kept.rows(benchmark.name, source)
            if found is None:
                place = _place(number, len(sources), (time.perf_counter() - begun) / scored if scored else 0)
                ledgers = filled(source, place)
                scored += 1
                found = _rows_of(ledgers)
                if beyond is not None and isinstance(ledgers[0], NestedLedger):
                    found += beyond.rows(source, ledgers[0].choice)
                if run.kept is not None:
                    run.kept.keep(benchmark.name, source, found)
            rows += found
    return rows


def _place(number: int, count: int, seconds: float) -> str:
    """Which of the models it is, and how long they will all take where that is over a minute; one alone needs none."""
    left = seconds * (count - number + 1)
    return "" if count == 1 else f" ({number} of {count}{f'; {left / 60:.0f} min left' if left >= 60 else ''})"


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


def _measured(
    source: Features, layers: Iterable[int], scorers: "list[Scorer]", setting: Setting
) -> Iterator[list[Measure]]:
    """Layers in order, read here and scored in threads, a few at a time."""
    pending: deque[Future[list[Measure]]] = deque()
    regressions = [scorer for scorer in scorers if isinstance(scorer, Regression)]

    def measure(number: int, layer: LayerFits) -> list[Measure]:
        if regressions:
            return measured(regressions, source, number, layer)
        return [scorer.measure(source, number, layer) for scorer in scorers]

    before: tuple[Layer, Future[list[Measure]]] | None = None
    with ThreadPoolExecutor(setting.threads) as pool:
        for number in layers:
            layer = source.read(number)
            if before is not None and layer.same_as(before[0]):
                # Widths of a baseline that come to the same, as where every document is one item.
                pending.append(pool.submit(_renumbered, before[1], number))
            else:
                pending.append(pool.submit(measure, number, LayerFits(layer, setting.recording)))
            before = None if source.numbered else (layer, pending[-1])
            if len(pending) > setting.threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _renumbered(measures: "Future[list[Measure]]", number: int) -> list[Measure]:
    """What was measured of the same features under another number; it is asked for before this is, and done first."""
    return [replace(one, number=number) for one in measures.result()]
