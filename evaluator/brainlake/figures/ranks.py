"""Models from the best to the worst, with their intervals, and beside them those that cannot be told apart."""

from typing import Final

import polars as pl

from brainlake.alignment.comparison import indistinguishable
from brainlake.figures.dots import MOST, axis_title, best_first, dots
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.questions import QUESTION, about, one_question
from brainlake.figures.rows import of_kind
from brainlake.figures.theme import BLACK, STEP, Width, label_space, pixels, styled, values
from brainlake.report.twins import SEEDS, seedless

MOST_GROUPS: Final = 14
_GROUP: Final = 9
"""Pixels between groups."""
_KEPT: Final = (
    *("benchmark", "model", "recipe", "label", "sort", "metric", "score", "ci_low", "ci_high", "ci_method", "ceiling"),
)


def ranking_rows(scores: pl.DataFrame, comparisons: pl.DataFrame | None = None) -> pl.DataFrame:
    """Headline rows, best first, with the groups (a, b, ...) of models that are not told apart.

    Raises
    ------
    BrainlakeError
        If scores answer several questions, or have no headline.
    """
    rows = best_first(of_kind(one_question(scores), "headline")).select(_KEPT)
    groups = _groups(rows, scores.row(0, named=True), comparisons)
    found: dict[str, str] = dict.fromkeys(rows["label"], "")
    for place, group in enumerate(groups):
        for label in group:
            found[label] += _letter(place)
    column = pl.Series("not_told_apart", [found[label] if groups else None for label in rows["label"]], dtype=pl.String)
    return rows.with_columns(column)


def ranking(scores: pl.DataFrame, comparisons: pl.DataFrame | None = None, *, width: Width = "page") -> Chart:
    """Draw models in the order of their scores, with intervals, ceilings and baselines.

    Parameters
    ----------
    scores
        Rows of ``scores`` that answer one question.
    comparisons
        What ``compare`` returned. Lines beside the scores then join the models that it does not tell apart: places
        inside such a group mean nothing.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If scores answer several questions, or have no headline.
    """
    rows = ranking_rows(scores, comparisons)
    shown = rows["label"].to_list()[:MOST]
    title = about(scores.row(0, named=True))
    more = f" (the best {MOST} of {len(rows)})" if len(rows) > MOST else ""
    plot = dots(rows, shown, axis=axis_title(rows), width=width)
    groups = [group for group in _groups(rows, scores.row(0, named=True), comparisons) if len(group) > 1]
    groups = [kept for group in groups if len(kept := [label for label in group if label in shown]) > 1]
    if not groups:
        return styled(plot, width, title + more)
    groups = groups[:MOST_GROUPS]
    beside = _GROUP * len(groups) + 8
    inner = pixels(width) - label_space(shown) - beside - 12
    return styled(
        alt.hconcat(plot.properties(width=inner), _bars(groups, shown, beside), spacing=6), width, title + more
    )


def _bars(groups: list[list[str]], labels: list[str], width: int) -> alt.LayerChart:
    rows = [
        {"group": place, "label": label, "place": labels.index(label)}
        for place, group in enumerate(groups)
        for label in group
    ]
    scale = alt.Scale(domain=labels, paddingOuter=0.4)
    y = alt.Y("label:N", scale=scale, axis=None)
    x = alt.X("group:O", axis=None, scale=alt.Scale(domain=list(range(len(groups)))))
    base = alt.Chart(values(pl.DataFrame(rows)))
    line = base.mark_line(color=BLACK, strokeWidth=1).encode(x, y, alt.Detail("group:O"), alt.Order("place:Q"))
    point = base.mark_point(filled=True, size=16, color=BLACK, opacity=1).encode(x, y)
    return alt.layer(line, point).properties(width=width, height=alt.Step(STEP))


def _groups(rows: pl.DataFrame, asked: dict[str, object], comparisons: pl.DataFrame | None) -> list[list[str]]:
    """Groups of labels, where the comparisons are about the same question."""
    if comparisons is None:
        return []
    same = [pl.col(name).eq_missing(pl.lit(asked[name])) for name in QUESTION if name in comparisons.columns]
    pairs = comparisons.filter(*same, pl.col("subject").is_null(), pl.col("roi").is_null())
    if pairs.is_empty() or pairs["p_adjusted"].is_null().all():
        return []
    # Of twins that are one line here each seed was compared: the line is in every group that one of them is in.
    names = {
        " ".join(filter(None, (row["model"].partition(SEEDS)[0], row["recipe"]))): row["label"]
        for row in rows.select("model", "recipe", "label").to_dicts()
    }
    found = [
        list(dict.fromkeys(names[one] for name in group if (one := name if name in names else seedless(name)) in names))
        for group in indistinguishable(pairs)
    ]
    return [group for group in found if group]


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else f"{chr(ord('a') + place % 26)}{place // 26}"
