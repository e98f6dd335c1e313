"""What the answers of a study show and do not show, a sentence a question."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from brainlake.report.cells import number
from brainlake.report.study_cells import interval, label, p_value, percent, sourced, training
from brainlake.study.answers import Answer, Kind, Row
from brainlake.study.correlation_row import Correlation
from brainlake.study.effect_row import ALL, Effect, counted
from brainlake.study.pairs import NO_PAIR
from brainlake.study.paper import Statement
from brainlake.study.properties import LOG_SIZE, RAW_SIZE
from brainlake.study.training import Checkpoint

NOTHING: Final[dict[Kind, str]] = {
    "gains": NO_PAIR,
    "correlations": "no scores of it, or none of models with a size or another property",
    "given": "the models have no property beside their size; `brainlake-build properties` writes some",
    "left_out": "the models are of one family, or too few",
    "training": "no training of several checkpoints has a score; the table models says which step a model is",
    "text": "there are no statements",
}
"""Why a question has no answer."""
LEVEL: Final = 0.05
LISTED: Final = 4
"""Names that a sentence on what is lacking lists."""
TURNS: Final = 0.3
"""Difference between two correlations from which on a conclusion is said to turn on what they differ in."""


def sentences(answer: Answer) -> list[str]:
    """What an answer shows and what it does not, one sentence for each question that its rows are about."""
    if not answer.rows:
        return [f"Not answered: {NOTHING[answer.kind]}."]
    return [*_OF[answer.kind](answer.rows), *_lacking(answer.rows)]


def _lacking(rows: Sequence[Row]) -> Iterator[str]:
    """What has no correlation, a sentence a reason."""
    reasons: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for row in rows:
        if isinstance(row, Correlation) and row.r is None:
            given = f" given {sourced(row.given, row.given_source, rows)}" if row.given else ""
            left_out = f" without {row.left_out}" if row.left_out else ""
            name = sourced(row.property, row.source, rows)
            reasons[row.models, row.ci_method][f"{name}{given}{left_out}"] = None
    for (models, why), names in reasons.items():
        listed = ", ".join(list(names)[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
        yield f"{listed}, {models} models: {why}."


def _gains(rows: Sequence[Effect]) -> Iterator[str]:
    for ratio in rows:
        if not (ratio.overall and ratio.family == ALL and ratio.statistic == "mean_of_ratios"):
            continue
        one = ratio
        if ratio.value is None:  # then the difference, which every question has
            same = (row for row in rows if row.statistic == "difference" and row.family == ALL)
            one = next(row for row in same if label(row, rows) == label(ratio, rows))
        size, unit = (number, "") if one.statistic == "difference" else (percent, " %")
        no_ratio = "" if ratio.value is not None else f" ({ratio.ci_method})"
        models = f"{one.n_models} tuned model{'' if one.n_models == 1 else 's'}"
        found = f"{label(one, rows)}: over {models} the change is {size(one.value or 0.0)}{unit}{no_ratio}"
        where = f"for bases like these {one.n_bases}"
        if one.ci_low is None or one.ci_high is None:
            shown = (
                f"without an interval ({one.ci_method.removeprefix('none: ')}), which shows these models and no others"
            )
        elif one.ci_low <= 0 <= one.ci_high:
            shown = f"{interval(one.ci_low, one.ci_high, size)}, which holds 0: neither gain nor loss is shown {where}"
            if one.p_value is not None and one.p_value <= LEVEL:
                shown += f", though flipping their signs gives {p_value(one.p_value)}"
        else:
            word = "a gain" if one.ci_low > 0 else "a loss"
            shown = f"{interval(one.ci_low, one.ci_high, size)}, which leaves out 0: {word} is shown {where}"
            if one.p_value is not None and one.p_value > LEVEL:
                least = one.p_floor or 0.0
                few = f", and so few can show no less than {number(least)}" if least > LEVEL else ""
                shown += f", if what they add is normal: flipping their signs gives {p_value(one.p_value)}{few}"
        yield f"{found} {shown}; nothing is shown for families other than {one.families}."


def _correlations(rows: Sequence[Correlation]) -> Iterator[str]:
    for about in dict.fromkeys(label(row, rows) for row in rows if row.overall):
        here = [row for row in rows if label(row, rows) == about and row.method == "pearson" and row.r is not None]
        if not here:
            continue
        shown = [row for row in here if (row.ci_low or 0.0) * (row.ci_high or 0.0) > 0]  # what leaves out 0
        most = max(shown or here, key=lambda row: abs(row.r or 0.0))
        found, name = f"r = {_r(most)} over {_models(most)}", sourced(most.property, most.source, rows)
        if shown:
            yield (
                f"{about}: {name} goes with it most, {found}; that is how models differ, not what would "
                "change if one were changed, and properties may go with each other."
            )
        else:
            none = "no property is shown to go with it, nor that none does"
            yield f"{about}: {none}; most does {name}, {found}."


def _given(rows: Sequence[Correlation]) -> Iterator[str]:
    pearson: dict[tuple[object, ...], Correlation] = {
        (label(row, rows), row.models, row.property, row.source, row.given, row.given_source): row
        for row in rows
        if row.method == "pearson"
    }
    for (about, models, what, source, given, _), row in pearson.items():
        raw = pearson.get((about, models, what, source, RAW_SIZE, row.given_source))
        size = pearson.get((about, models, LOG_SIZE, row.given_source, what, source))
        if given != LOG_SIZE or row.r is None or raw is None or raw.r is None or size is None or size.r is None:
            continue
        name = sourced(row.property, row.source, rows)
        turns = "turns on the logarithm" if abs(row.r - raw.r) > TURNS else "does not turn on the logarithm"
        yield (
            f"{about}: given the logarithm of size, {name} keeps r = {_r(row)}, and size given {name} {_r(size)}, over "
            f"{_models(row)}; given raw size, {name} keeps {number(raw.r)}: what is concluded {turns}, and which of "
            "the two acts is not shown."
        )


def _left_out(rows: Sequence[Correlation]) -> Iterator[str]:
    whole = [row for row in rows if row.left_out is None and row.method == "pearson" and row.r is not None]
    for row in whole:
        same = (label(row, rows), row.models, row.property, row.source)
        without = [
            f"{number(one.r)} without {one.left_out} ({_models(one)})"
            for one in rows
            if one.left_out is not None and one.method == "pearson" and one.r is not None
            if (label(one, rows), one.models, one.property, one.source) == same
        ]
        if without and row.property == LOG_SIZE:
            yield (
                f"{label(row, rows)}: {row.property} has r = {number(row.r or 0.0)} over {row.models} models, "
                f"{', '.join(without)}; what holds over families may be what they differ in, and so few bases a family "
                "show no more."
            )


def _training(rows: Sequence[Checkpoint]) -> Iterator[str]:
    for about in dict.fromkeys((label(row, rows), training(row, rows), row.tuning) for row in rows if row.overall):
        steps = [row for row in rows if (label(row, rows), training(row, rows), row.tuning) == about]
        scored = [(row.training_step, row.score) for row in steps if row.score is not None]
        (first, at_first), (last, at_last) = scored[0], scored[-1]
        beside = [row.over_control for row in steps if row.over_control is not None]
        control = f", {number(beside[-1])} over the control at the last step that both have" if beside else ""
        lacking = ", ".join(str(row.training_step) for row in steps if row.score is None)
        lack = f"; step {lacking} has no score" if lacking else ""
        went = f"has {number(at_last)} at step {last}"
        if len(scored) > 1:
            went = f"goes from {number(at_first)} at step {first} to {number(at_last)} at step {last}"
        yield (
            f"{about[0]}: {about[1]} ({about[2] or 'tuning not known'}) {went}{control}{lack}; one training shows no "
            "spread between trainings."
        )


def _text(rows: Sequence[Statement]) -> Iterator[str]:
    for row in rows:
        if row.remark is None or (row.recomputed is None and row.recomputed_p is None):
            continue
        there = "" if row.stated is None else f"{number(row.stated)} in the text, "
        here = f"{number(row.recomputed)} from the tables" if row.recomputed is not None else ""
        p = f"{p_value(row.recomputed_p)} from the tables" if row.recomputed_p is not None and not here else ""
        yield f"{row.benchmark}, {row.property}: {there}{here}{p}; {row.remark}."


def _r(row: Correlation) -> str:
    span = interval(row.ci_low, row.ci_high, number)
    return f"{number(row.r or 0.0)}{' ' + span if span else ''}"


def _models(row: Correlation) -> str:
    return f"{row.n_models} models of {counted(row.n_bases, row.n_families)}"


_OF: Final[dict[Kind, Callable[..., Iterator[str]]]] = {
    "gains": _gains,
    "correlations": _correlations,
    "given": _given,
    "left_out": _left_out,
    "training": _training,
    "text": _text,
}
