"""Named, frozen protocols: what is fitted, on which folds, how a layer is chosen and targets are aggregated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from brainlake.contract.variant import Value, Values, read_variant, variant_name
from brainlake.encoding.folds import FoldPlan
from brainlake.encoding.inner_errors import Inner
from brainlake.encoding.nested import Criterion
from brainlake.encoding.similarity import Comparison, Dissimilarity
from brainlake.errors import BrainlakeError

GAP_ROWS: Final = 5
"""TRs on either side of a test stretch that are not trained on (10 s at a TR of 2 s)."""
_DISJOINT: Final = FoldPlan("disjoint", gap=GAP_ROWS)
_SHUFFLED: Final = FoldPlan("shuffled", seed=1)
_BASELINES: Final = ("position", "length", "word_rate", "oasm", "random_embedding", "log_frequency")


@dataclass(frozen=True)
class Protocol:
    """How brain alignment is scored.

    Attributes
    ----------
    name
        Name, stored with every score.
    method
        ``ols``; ``ridge``, its penalty chosen by nested folds; ``rsa`` (similarity of the dissimilarities of every two
        stimuli) or ``cka`` (linear), of each subject, for which nothing is fitted.
    folds
        Folds of the headline score; None where nothing is fitted.
    beside
        Folds of the same score shown beside it.
    selection
        How the layer of the headline is chosen: ``test`` (the highest score on the test folds) or ``nested`` (without
        the outer test fold in any term).
    aggregation
        ``median_then_mean``: median over targets in each fold, mean over folds; ``mean_then_median``: mean over folds
        weighted by their size for each target, median over targets; ``mean_of_subjects``.
    divides_by_reliability
        Whether a reliability is used as a ceiling as it is (Brain-Score), or by its square root.
    penalty
        ``layer``: one penalty a layer, shared by all subjects and targets; ``target``: one a target.
    inner
        What penalties are chosen by: the other ``folds``, ``leave_one_out`` or ``gcv``; only the first keeps groups
        whole.
    criterion
        By what of the inner folds: ``squared_error``, or ``correlation``, which takes no gaps.
    debiased
        Whether ``cka`` uses the unbiased estimate.
    dissimilarity, comparison
        How ``rsa`` measures two stimuli, and two sets of dissimilarities, against each other.
    baselines
        Model-free features that are scored beside the models, and that "beyond the baselines" means, where a benchmark
        has what they need.
    ceilings
        Of a variant: the protocol whose ceilings it keeps, its name without the options that change no ceiling.
    """

    name: str
    method: Literal["ols", "ridge", "rsa", "cka"]
    folds: FoldPlan | None
    beside: FoldPlan | None
    selection: Literal["test", "nested"]
    aggregation: Literal["median_then_mean", "mean_then_median", "mean_of_subjects"]
    divides_by_reliability: bool = False
    penalty: Literal["layer", "target"] = "layer"
    inner: Inner = "folds"
    criterion: Criterion = "squared_error"
    debiased: bool = False
    dissimilarity: Dissimilarity = "correlation"
    comparison: Comparison = "spearman"
    baselines: tuple[str, ...] = _BASELINES
    ceilings: str | None = None


PROTOCOLS: Final[dict[str, Protocol]] = {
    protocol.name: protocol
    for protocol in (
        Protocol("grouped", "ridge", _DISJOINT, _SHUFFLED, "nested", "mean_then_median"),
        Protocol("aw2024", "ols", _SHUFFLED, _DISJOINT, "test", "median_then_mean", divides_by_reliability=True),
        Protocol("rsa", "rsa", None, None, "test", "mean_of_subjects"),
        Protocol("cka", "cka", None, None, "test", "mean_of_subjects"),
    )
}
"""``grouped`` is the default; ``aw2024`` is what Aw et al. (2023) ran, through Brain-Score Language."""


@dataclass(frozen=True)
class Option:
    """What of a protocol can be changed by name.

    Attributes
    ----------
    values
        What it takes.
    change
        The protocol with one of them.
    keeps_ceilings
        Whether the ceilings of the protocol hold for the variant: how penalties are chosen changes how well a model is
        fitted, and not how much of the responses can be predicted at all.
    """

    values: Values
    change: Callable[[Protocol, Any], Protocol]
    keeps_ceilings: bool = False


def _with_folds(protocol: Protocol, number: int) -> Protocol:
    if number < 3:
        raise BrainlakeError(
            f"protocol {protocol.name}: {number} folds; strictly nested choices leave two out, so 3 are needed"
        )
    assert protocol.folds is not None
    return replace(protocol, folds=replace(protocol.folds, number=number))


def _choice(field: str, words: Mapping[str, str], keeps_ceilings: bool = False) -> Option:
    """One of several values of a field, with what each means."""
    return Option(Values(words), lambda protocol, value: replace(protocol, **{field: value}), keeps_ceilings)


OPTIONS: Final[Mapping[str, Mapping[str, Option]]] = {
    "grouped": {
        "penalty": _choice(
            "penalty", {"layer": "one penalty a layer", "target": "one penalty a target"}, keeps_ceilings=True
        ),
        "inner": _choice(
            "inner",
            {
                "folds": "penalties chosen by the other folds",
                "leave_one_out": "penalties chosen by leaving out single rows",
                "gcv": "penalties chosen by generalised cross-validation",
            },
            keeps_ceilings=True,
        ),
        "criterion": _choice(
            "criterion",
            {
                "squared_error": "penalties chosen by squared error",
                "correlation": "penalties chosen by correlation",
            },
            keeps_ceilings=True,
        ),
        "folds": Option(Values({}, "{value} folds", kind="number"), _with_folds),
    },
    "rsa": {
        "dissimilarity": _choice(
            "dissimilarity",
            {
                "correlation": "1 - Pearson correlation",
                "cosine": "1 - cosine",
                "euclidean": "distance",
                "squared_euclidean": "squared distance",
            },
        ),
        "comparison": _choice(
            "comparison",
            {
                "spearman": "Spearman correlation",
                "pearson": "Pearson correlation",
                "kendall": "Kendall's tau-b",
                "whitened_cosine": "whitened cosine (Diedrichsen et al., 2021)",
            },
        ),
    },
    "cka": {
        "debiased": Option(
            Values({"true": "the unbiased estimate", "false": "the plain estimate"}, kind="flag"),
            lambda protocol, value: replace(protocol, debiased=value),
        ),
    },
}
"""Options of the protocols that have any."""


def protocol_named(text: str) -> Protocol:
    """Read ``NAME`` or ``NAME+field=value+...``, such as ``grouped+penalty=target`` or ``grouped+folds=5``.

    Raises
    ------
    UnknownNameError
        If there is no protocol, or no field of it, of that name.
    BrainlakeError
        If a variant is not written ``field=value``, names a field twice, or a value that the field does not take.
    """
    fields = {name: {f: option.values for f, option in OPTIONS.get(name, {}).items()} for name in PROTOCOLS}
    name, given = read_variant("protocol", text, fields)
    protocol, changes = PROTOCOLS[name], dict[str, Value]()
    for field, value in given.items():
        changed = OPTIONS[name][field].change(protocol, value)
        if changed != protocol:
            changes[field] = value
        protocol = changed
    if protocol.criterion == "correlation" and protocol.inner != "folds":
        raise BrainlakeError(f"protocol {text!r}: {protocol.inner} has no correlation; use inner=folds")
    bound = {field: value for field, value in changes.items() if not OPTIONS[name][field].keeps_ceilings}
    return replace(protocol, name=variant_name(name, changes), ceilings=variant_name(name, bound))
