"""What stands below a table of scores: what was scored and how, and what its columns mean."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from brainlake.alignment.design.score_row import BASELINE
from brainlake.report.twins import RANGE

Row = Mapping[str, Any]

_WHOLE = {
    "groups": "no group is split",
    "stretches": "stretches of successive rows are kept whole",
    "stimuli": "single stimuli, neighbours may leak",
}


_AGGREGATION = {
    "mean_then_median": "mean over folds, then median over targets",
    "median_then_mean": "median over targets, then mean over folds",
    "mean_of_subjects": "mean over subjects",
}


def notes_on(
    lines: Sequence[Row],
    mute: Collection[tuple[str, str, str]],
    other_folds: Sequence[Row],
    beyond: Sequence[Row],
    *,
    brackets: bool = True,
) -> Iterator[str]:
    """Sentences on the lines of a summary.

    Parameters
    ----------
    lines
        Rows of ``scores`` that are shown.
    mute
        Benchmark, protocol and model of baselines that say nothing, and are not shown.
    other_folds, beyond
        Rows of these kinds, of all that was scored.
    brackets
        Whether intervals stand in brackets, as in a table, and not as bars or bands.
    """
    questions = ("benchmark", "stimulus_set", "measure", "protocol")
    for question in dict.fromkeys(tuple(row[name] for name in questions) for row in lines):
        here = [row for row in lines if tuple(row[name] for name in questions) == question]
        whole = max(here, key=lambda row: (row["score"] is not None, row["n_targets"] or 0))
        benchmark, stimulus_set, measure, protocol = question
        what = [
            benchmark,
            *([stimulus_set] if stimulus_set and _several(lines, "stimulus_set") else []),
            *([measure] if measure else []),
        ]
        if any(row["score"] is not None for row in here):
            yield f"{', '.join(map(str, what))}, protocol {protocol}: {'; '.join(_facts(whole))}."
        for reason in dict.fromkeys(row["ci_method"] for row in here if row["score"] is None):
            why = "no score" if reason is None else f"no score: {reason.removeprefix('none: ')}"
            yield f"{', '.join(map(str, what))}, protocol {protocol}: {why}."
    recipes = {row["recipe"] for row in lines if row["recipe"] is not None}
    if len(recipes) == 1:
        yield f"Recipe {recipes.pop()}."
    spans = dict.fromkeys(row["ci_method"] for row in lines if row["ci_low"] is not None and row["ci_method"])
    how = [method for method in spans if method != RANGE]
    scored = [row for row in lines if row["score"] is not None]
    why_not = dict.fromkeys(row["ci_method"] for row in scored if row["ci_low"] is None and row["ci_method"])
    if how:
        yield f"{'[ ]' if brackets else 'Interval'}: 95 %{' interval' if brackets else ''}, {', '.join(how)}."
    elif why_not:
        yield f"No intervals: {', '.join(one.removeprefix('none: ') for one in why_not)}."
    if RANGE in spans:
        where = "in [ ]" if brackets else "as interval"
        yield f"Untrained twins of several seeds: their mean, and {where} the {RANGE}."
    tested = dict.fromkeys(row["p_method"] for row in lines if row["p_value"] is not None and row["p_method"])
    if tested:
        yield f"p: {', '.join(tested)}."
    untested = dict.fromkeys(str(row["p_method"]) for row in scored if row["p_value"] is None and row["p_method"])
    if untested and not tested:
        yield f"No p values: {', '.join(one.removeprefix('none: ') for one in untested)}."
    ceilings = dict.fromkeys(row["ceiling_method"] or "not said how" for row in scored if row["ceiling"] is not None)
    if len(ceilings) == 1:
        yield f"ceiling: {ceilings.popitem()[0]}."
    elif ceilings:
        yield "ceiling: of each line's own targets; ceiling_method in the scores says how it was found."
    above = [row for row in scored if row["ceiling"] is not None and row["score"] > row["ceiling"]]
    if above:
        yield f"Above the ceiling, which is an estimate: {', '.join(dict.fromkeys(row['model'] for row in above))}."
    for folds in dict.fromkeys(row["folds"] for row in other_folds):
        yield f"{folds}: the same under {_folds(next(row for row in other_folds if row['folds'] == folds))}."
    if beyond:
        yield f"beyond: {beyond[0]['aggregation']}."
    if any(row["model"].startswith(BASELINE) for row in lines):
        yield "Of the baselines the strongest is shown."
    silent = dict.fromkeys(model.removeprefix(BASELINE) for _, _, model in sorted(mute))
    if silent:
        yield f"Baselines that predict nothing here, under any folds: {', '.join(silent)}."


def _several(lines: Sequence[Row], column: str) -> bool:
    return len({row[column] for row in lines}) > 1


def _facts(row: Row) -> Iterator[str]:
    how = _AGGREGATION.get(row["aggregation"], row["aggregation"])
    yield f"{row['metric']}, {how}" if how else row["metric"]
    if row["folds"] is not None:
        yield _folds(row)
    if row["controls"]:
        yield f"beyond {row['controls']}"
    if row["n_stimuli"] is not None:
        yield f"n = {row['n_stimuli']}" + (f" x {row['n_targets']} targets" if (row["n_targets"] or 1) > 1 else "")
    if row["measure"] and row["n_subjects"]:
        yield f"{row['n_subjects']} people"


def _folds(row: Row) -> str:
    number = f"{row['n_folds']} " if row["n_folds"] else ""
    whole = f" ({_WHOLE.get(row['kept_whole'], row['kept_whole'])})" if row["kept_whole"] else ""
    return f"{number}{row['folds']} folds{whole}"
