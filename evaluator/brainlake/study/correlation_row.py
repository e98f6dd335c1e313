"""A row of what goes with alignment."""

from dataclasses import dataclass
from typing import Literal

from brainlake.study.model_scores import About

Method = Literal["pearson", "spearman"]


@dataclass(frozen=True, kw_only=True)
class Correlation(About):
    """A correlation of a property of models with their scores.

    Attributes
    ----------
    property, source
        What was measured, and by whom: values of two sources are never pooled.
    overall
        Whether it is about the mean of all benchmarks of the protocol, or the only one, or behavior.
    models
        ``tuned`` (on instructions) or ``all``. Of checkpoints of one training the last counts; untrained models and
        controls do not.
    method
        ``pearson`` or ``spearman``.
    given, given_source
        The property that both are freed from by regression; None for the plain correlation.
    left_out
        The family of models that is left out.
    r, ci_low, ci_high, ci_method
        The correlation and its 95 % interval, from a jackknife over bases; or why there is none.
    p_value
        Two-sided p value of no correlation, from the same.
    p_adjusted, adjusted_over
        Adjusted by Benjamini and Hochberg, and over which properties.
    p_independent
        The usual p value, as if models of one base had nothing to do with each other.
    n_models, n_bases, n_families, families
        Models, the untuned models that they go back to, the families of those.
    """

    property: str
    source: str
    overall: bool = False
    models: str
    method: str
    given: str | None
    given_source: str | None
    left_out: str | None
    r: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_method: str = "none"
    p_value: float | None = None
    p_adjusted: float | None = None
    adjusted_over: str | None = None
    p_independent: float | None = None
    n_models: int
    n_bases: int
    n_families: int
    families: str
