"""Brain alignment: how well the layers of a model predict human responses to the same stimuli."""

import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from brainlake.alignment.candidates import benchmark_tree, candidates
from brainlake.alignment.composite import composite_rows
from brainlake.alignment.design.protocols import protocol_named
from brainlake.alignment.design.replicates import MAX_REPLICATES, check_permutations, check_replicates
from brainlake.alignment.kept_rows import KeptRows
from brainlake.alignment.recording_scores import Progress, Run, recording_rows
from brainlake.alignment.score_table import score_table
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, as_bank
from brainlake.errors import AT_ONCE, BrainlakeError, Failures


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
    unfinished: str | Path | None = None,
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
    unfinished
        Folder in which the rows of every model are kept as soon as it is done: a call that was interrupted, asked again
        with the same folder, goes on where it was and returns the same table. Rows of other questions or other data in
        it are left alone. Remove it when the table is at hand.

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
    check_permutations(n_permutations, how)
    benchmark, bank = arguments.one_name("benchmark", benchmark), as_bank(bank)
    tree = benchmark_tree(bank, benchmark)
    scans = [leaf.name for leaf in tree.leaves() if leaf.has_scans]
    if n_permutations and how.method == "ols" and scans:
        raise BrainlakeError(
            f"protocol {how.name} has no p values of scans ({', '.join(scans)}); leave out the permutations"
        )
    chosen = candidates(tree, *asked)
    lost = Failures(failures.fail_fast)
    kept = None
    if unfinished is not None:
        # What rows depend on beside the model; the number of threads changes nothing.
        question = (how.name, of_layers, of_baselines, levels, n_boot, n_permutations)
        kept = KeptRows(Path(unfinished), bank, {"asked": question})
    run = Run(bank, how, of_layers, of_baselines, levels, n_boot, n_permutations, threads, progress, lost, kept)
    with threadpool_limits(limits=1, user_api="blas"):
        rows = [row for leaf in tree.leaves() for row in recording_rows(run, leaf, chosen)]
    if chosen and all(row.identity.is_baseline for row in rows):
        lost.raise_all()
    with failures.of(benchmark):
        lost.raise_all()
    return score_table(composite_rows(tree, chosen, rows) + rows)
