"""A row of what tuning changes, and by which statistics."""

from dataclasses import dataclass
from typing import Final, Literal

from brainlake.study.model_scores import About

Statistic = Literal["mean_of_ratios", "ratio_of_means", "difference", "mean_of_parts_ratios"]
STATISTICS: Final[dict[Statistic, str]] = {
    "mean_of_ratios": "mean over tuned models of score / score of the base, less 1: what the paper reports",
    "ratio_of_means": "mean score of tuned models / mean score of their bases, less 1",
    "difference": "mean over tuned models of score less score of the base",
    "mean_of_parts_ratios": "of a mean of benchmarks: each benchmark's mean_of_ratios, averaged",
}
ALL: Final = "all"
"""The family of a row that is about all models."""


@dataclass(frozen=True, kw_only=True)
class Effect(About):
    """What tuning changes on one question, by one statistic.

    Attributes
    ----------
    parts
        Benchmarks whose mean it is about.
    overall
        Whether it is about the mean of all benchmarks of the protocol, or the only one, or behavior.
    family
        The family of models that it is about, or ``all``.
    value, ci_low, ci_high
        The change and its 95 % interval, robust to what models of one base share (CR2, Satterthwaite's t).
    ci_method
        How, or why there is none.
    se, df
        Standard error and degrees of freedom behind it.
    flip_low, flip_high
        Interval by inversion of the sign-flip test.
    boot_low, boot_high
        Percentiles of a bootstrap of bases, shown since others report it: it covers .75 with 3 bases, .88 with 8, .93
        with 32 (``tests/benchmarks/bench_study_coverage.py``).
    p_value, p_floor, p_method
        Sign-flip test, and the smallest p value that so many bases can show.
    p_adjusted, adjusted_over
        Adjusted by Benjamini and Hochberg, and over which tests.
    p_robust
        Of the interval.
    p_t, p_wilcoxon
        Paired t and Wilcoxon tests, as if tuned models of one base had nothing to do with each other. Wilcoxon's is
        exact, or where changes are tied a normal approximation.
    n_models, n_bases, n_families, families
        Tuned models, the untuned models that they go back to, the families that those belong to.
    """

    parts: str | None
    overall: bool
    family: str
    statistic: str
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_method: str
    se: float | None = None
    df: float | None = None
    flip_low: float | None = None
    flip_high: float | None = None
    boot_low: float | None = None
    boot_high: float | None = None
    p_value: float | None = None
    p_floor: float | None = None
    p_method: str | None = None
    p_adjusted: float | None = None
    adjusted_over: str | None = None
    p_robust: float | None = None
    p_t: float | None = None
    p_wilcoxon: float | None = None
    n_models: int
    n_bases: int
    n_families: int
    families: str


def counted(n_bases: int, n_families: int) -> str:
    """How many bases and families there are, in words that stand beside every p value.

    Examples
    --------
    >>> counted(8, 2), counted(1, 1)
    ('8 bases of 2 families', '1 base of 1 family')
    """
    bases, families = "base" if n_bases == 1 else "bases", "family" if n_families == 1 else "families"
    return f"{n_bases} {bases} of {n_families} {families}"
