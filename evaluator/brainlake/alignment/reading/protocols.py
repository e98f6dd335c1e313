"""Named, frozen protocols of reading measures: what is computed, and beyond which covariates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from brainlake.contract.variant import Value, Values, read_variant, variant_name


@dataclass(frozen=True)
class ReadingProtocol:
    """How surprisal is scored against a reading measure.

    Attributes
    ----------
    name
        Name, stored with every score.
    method
        ``correlation`` (Pearson); ``regression``, held-out log-likelihood of a linear regression with surprisal less
        that of one without; ``mixed``, the same of a linear mixed model of people and words.
    brain_score
        Of correlations: their absolute value, divided by the reliability itself and not its square root.
    ahead
        Whether covariates and surprisal enter with the word ahead, beside the word itself and the two before it.
    subwords
        Whether the number of sub-words is a covariate.
    predictor
        What is added: ``surprisal``, ``entropy`` of the next-word distribution, or ``both``.
    """

    name: str
    method: Literal["correlation", "regression", "mixed"]
    brain_score: bool = False
    ahead: bool = True
    subwords: bool = False
    predictor: Literal["surprisal", "entropy", "both"] = "surprisal"


READING_PROTOCOLS: Final = {
    protocol.name: protocol
    for protocol in (
        ReadingProtocol("pearson", "correlation"),
        ReadingProtocol("delta_llh", "regression"),
        ReadingProtocol("mixed", "mixed"),
        ReadingProtocol("aw2024", "correlation", brain_score=True),
    )
}
"""``pearson`` and ``delta_llh`` stand beside one another by default."""

COVARIATES: Final[Mapping[str, Values]] = {
    "ahead": Values({"true": "with the word ahead", "false": "without the word ahead"}, kind="flag"),
    "subwords": Values(
        {"true": "beyond the number of sub-words too", "false": "without the number of sub-words"}, kind="flag"
    ),
    "predictor": Values({"surprisal": "surprisal", "entropy": "entropy", "both": "surprisal and entropy"}),
}


def reading_protocol(text: str) -> ReadingProtocol:
    """Read ``NAME`` or ``NAME+field=value+...``, such as ``delta_llh+subwords=true``.

    Raises
    ------
    UnknownNameError
        If there is no protocol, or no field of it, of that name.
    BrainlakeError
        If a variant is not written ``field=value``, names a field twice, or a value that the field does not take.
    """
    fields = {name: {} if p.method == "correlation" else COVARIATES for name, p in READING_PROTOCOLS.items()}
    name, given = read_variant("behavioral protocol", text, fields)
    plain = READING_PROTOCOLS[name]
    changes: dict[str, Value] = {field: value for field, value in given.items() if value != getattr(plain, field)}
    return replace(plain, name=variant_name(name, changes), **changes)  # type: ignore[arg-type]
