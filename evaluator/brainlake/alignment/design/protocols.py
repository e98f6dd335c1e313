"""Named, frozen protocols: what is fitted, on which folds, how a layer is chosen and targets are aggregated."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from brainlake.encoding.ridge import Inner
from brainlake.errors import BrainlakeError, UnknownNameError


@dataclass(frozen=True)
class Protocol:
    """How brain alignment is scored.

    Attributes
    ----------
    name
        Name, stored with every score.
    method
        ``ols``; ``ridge``, its penalty chosen by nested folds; ``rsa`` (Spearman correlation of the dissimilarities,
        1 - Pearson, of every two stimuli) or ``cka`` (linear), of each subject, for which nothing is fitted.
    folds
        Folds of the headline score: ``shuffled``, or the ``default`` ones of the benchmark, which never split a group.
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
        ``layer``: one penalty a layer (and subject, where subjects differ in nuisance or missing rows); ``target``: one
        a target.
    inner
        What penalties are chosen by: the other ``folds``, ``leave_one_out`` or ``gcv``; only the first keeps groups
        whole.
    debiased
        Whether ``cka`` uses the unbiased estimate.
    """

    name: str
    method: Literal["ols", "ridge", "rsa", "cka"]
    folds: Literal["shuffled", "default"] | None
    beside: Literal["shuffled", "default"] | None
    selection: Literal["test", "nested"]
    aggregation: Literal["median_then_mean", "mean_then_median", "mean_of_subjects"]
    divides_by_reliability: bool = False
    penalty: Literal["layer", "target"] = "layer"
    inner: Inner = "folds"
    debiased: bool = False


PROTOCOLS: Final[dict[str, Protocol]] = {
    protocol.name: protocol
    for protocol in (
        Protocol("grouped", "ridge", "default", "shuffled", "nested", "mean_then_median"),
        Protocol("aw2024", "ols", "shuffled", "default", "test", "median_then_mean", divides_by_reliability=True),
        Protocol("rsa", "rsa", None, None, "test", "mean_of_subjects"),
        Protocol("cka", "cka", None, None, "test", "mean_of_subjects"),
    )
}
"""``grouped`` is the default; ``aw2024`` is what Aw et al. (2023) ran, through Brain-Score Language."""

_VARIANTS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "grouped": {
        "penalty": {"layer": "layer", "target": "target"},
        "inner": {"folds": "folds", "leave_one_out": "leave_one_out", "gcv": "gcv"},
    },
    "cka": {"debiased": {"true": True, "false": False}},
}
"""What of a protocol can be changed by name, and to what."""


def protocol_named(text: str) -> Protocol:
    """Read ``NAME`` or ``NAME+field=value+...``, such as ``grouped+penalty=target`` or ``cka+debiased=true``.

    Raises
    ------
    UnknownNameError
        If there is no protocol, or no field or value of it, of that name.
    BrainlakeError
        If a variant is not written ``field=value``.
    """
    name, *changes = text.split("+")
    if name not in PROTOCOLS:
        raise UnknownNameError("protocol", name, tuple(PROTOCOLS))
    protocol, known = PROTOCOLS[name], _VARIANTS.get(name, {})
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals:
            raise BrainlakeError(f"protocol {text!r}: write {change!r} as field=value")
        if field not in known:
            raise UnknownNameError(f"field of protocol {name}", field, tuple(known))
        if value not in known[field]:
            raise UnknownNameError(f"{field} of protocol {name}", value, tuple(known[field]))
        protocol = replace(protocol, **{field: known[field][value]})
    canonical = [f"{f}={v}" for f, values in known.items() for v in values if _differs(protocol, f, values[v])]
    return replace(protocol, name="+".join([name, *canonical]))


def _differs(protocol: Protocol, field: str, value: Any) -> bool:
    return bool(getattr(protocol, field) == value != getattr(PROTOCOLS[protocol.name], field))
