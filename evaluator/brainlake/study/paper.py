"""What the text of the paper states, beside what its tables give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from brainlake.study.correlation_row import Correlation
from brainlake.study.effect_row import ALL, Effect
from brainlake.study.published_tables import read_table

GAIN: Final = "gain"
NOT_PUBLISHED: Final = "not recomputable: values of single models were not published"
_MODELS: Final = {
    "17 tuned": ("tuned", None),
    "all 25": ("all", None),
    "12 T5": ("tuned", "llama"),
    "5 LLaMA": ("tuned", "t5"),
}
"""Models that the text speaks of: which, and which family is left out."""
_REASONS: Final = {
    ("aw2024.brain", GAIN): "the text has the mean of its three rounded gains; the gain of its average column is this",
    ("aw2024.brain", "nwp_loss"): "other sign: its figure shows losses of 5 to 15, its Table 7 losses of 0.6 to 4.6",
}


@dataclass(frozen=True)
class Statement:
    """A number of the paper's text.

    Attributes
    ----------
    benchmark, property
        What it is about; of the property ``gain`` the mean of ratios, of others Pearson's r.
    models
        Over which models.
    stated, stated_p
        As the text has it, with the p value that stands there.
    recomputed, recomputed_p
        From the published tables, with the p value that takes models for independent, as the paper does.
    remark
        Why there is no other number, or where the difference comes from; None where the digits agree.
    """

    benchmark: str
    property: str
    models: str
    stated: float | None
    stated_p: float | None
    recomputed: float | None = None
    recomputed_p: float | None = None
    remark: str | None = None


def statements(gains: Sequence[Effect], found: Sequence[Correlation]) -> list[Statement]:
    """Hold every number of the text against the same from the tables, and add the tests that it does not report."""
    stated = [_beside(row, gains, found) for row in read_table("aw2024_text").to_dicts()]
    return stated + [_unsaid(row) for row in gains if (row.statistic, row.family) == ("difference", ALL)]


def _unsaid(row: Effect) -> Statement:
    """The paired test of a gain: the paper calls gains significant, and tests none."""
    scale = ""
    if row.scale == "normalized":
        scale = "; these scores are divided by their ceiling, the brain's are raw: their sizes do not compare"
    remark = f"paired t over {row.n_models} pairs as if independent; the text reports no test of a gain{scale}"
    return Statement(row.benchmark, "p of the gain", f"{row.n_models} tuned", None, None, None, row.p_t, remark)


def _beside(row: dict[str, Any], gains: Sequence[Effect], found: Sequence[Correlation]) -> Statement:
    about, what, which = row["benchmark"], row["property"], row["models"]
    bare = {"benchmark": about, "property": what, "models": which, "stated": row["value"], "stated_p": row["p_value"]}
    if not row["recomputable"]:
        return Statement(**bare, remark=NOT_PUBLISHED)
    value, p = next(_gain(about, gains) if what == GAIN else _correlation(about, what, which, found))
    return Statement(**bare, recomputed=value, recomputed_p=p, remark=_REASONS.get((about, what)))


def _gain(benchmark: str, gains: Sequence[Effect]) -> Iterator[tuple[float | None, float | None]]:
    for row in gains:
        if (row.benchmark, row.statistic, row.family) == (benchmark, "mean_of_ratios", ALL):
            yield row.value, None  # of which the text has no test


def _correlation(
    benchmark: str, what: str, which: str, found: Sequence[Correlation]
) -> Iterator[tuple[float | None, float | None]]:
    asked = (benchmark, what, *_MODELS[which], "pearson", None)
    for row in found:
        if (row.benchmark, row.property, row.models, row.left_out, row.method, row.given) == asked:
            yield row.r, row.p_independent
