"""A study as text for people, and as one table for programs."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from brainlake.report.study_cells import interval, label, p_value, percent
from brainlake.report.study_sentences import sentences
from brainlake.study.answers import Answer
from brainlake.study.correlation_row import Correlation
from brainlake.study.effect_row import ALL, Effect, counted
from brainlake.study.frames import table_of

LEGEND: Final = (
    "[ ]: 95 % interval over bases; of gains by CR2 with Satterthwaite's t, of correlations by a jackknife of bases on "
    "Fisher's z with Student's t.",
    "p: of gains by flipping the signs of whole bases, * the smallest that so many bases can show; of correlations "
    "that of the interval. ranks: Spearman's correlation.",
    "n: models / bases that they share / families of these. Bases are what is counted; over families nothing here "
    "generalises.",
)
MEASURED: Final = "covers .75 with 3 bases, .88 with 8, .93 with 32"
"""Coverage that ``tests/benchmarks/bench_study_coverage.py`` counted where an interval of .95 was asked for."""


def everything(answers: Sequence[Answer]) -> pl.DataFrame:
    """Every row and column of the answers as one table, beside the question and what its answer says."""
    tables = []
    for place, answer in enumerate(answers, 1):
        facts = pl.DataFrame({"question": [place], "asked": [answer.asked], "says": [" ".join(sentences(answer))]})
        rows = table_of(answer.rows, type(answer.rows[0])) if answer.rows else None
        tables.append(facts if rows is None else facts.join(rows, how="cross"))
    return pl.concat(tables, how="diagonal")


def below(answer: Answer, width: int) -> list[str]:
    """What stands below the table of an answer, in lines of a width."""
    return _lines([*sentences(answer), *_beside(answer), *_families(answer)], width)


def legend(width: int) -> list[str]:
    """What the columns of all tables mean, in lines of a width."""
    return _lines(LEGEND, width)


def _lines(notes: Iterable[str], width: int) -> list[str]:
    return [line for note in notes for line in textwrap.wrap(note, width, subsequent_indent="  ")]


def _beside(answer: Answer) -> Iterator[str]:
    """Other averages, intervals and tests of the overall gain."""
    effects = [row for row in answer.rows if isinstance(row, Effect) and row.overall and row.family == ALL]
    for about in dict.fromkeys(label(row, answer.rows) for row in effects):
        by = {row.statistic: row for row in effects if label(row, answer.rows) == about}
        yield from _otherwise(about, by["mean_of_ratios"], by)
        yield from _plain_tests(about, by["difference"])


def _otherwise(about: str, ratio: Effect, by: Mapping[str, Effect]) -> Iterator[str]:
    if ratio.ci_low is None:
        return
    means = {"ratio of means": by.get("ratio_of_means"), "mean over parts": by.get("mean_of_parts_ratios")}
    other = [f"{name} {percent(row.value)} %" for name, row in means.items() if row and row.value is not None]
    flips = interval(ratio.flip_low, ratio.flip_high, percent)
    other += [f"by sign flips {flips}"] if flips else []
    drawn = interval(ratio.boot_low, ratio.boot_high, percent)
    yield f"{about}, otherwise: {', '.join(other)}, by a bootstrap of bases, which {MEASURED}, {drawn}."


def _plain_tests(about: str, difference: Effect) -> Iterator[str]:
    if difference.p_t is not None and difference.p_wilcoxon is not None:
        bases = counted(difference.n_bases, difference.n_families)
        yield (
            f"{about}, differences as if models of one base were independent: paired t {p_value(difference.p_t)}, "
            f"Wilcoxon {p_value(difference.p_wilcoxon)}; they are of {bases}."
        )


def _families(answer: Answer) -> Iterator[str]:
    """Over which tests p values are adjusted."""
    shown = [
        row.adjusted_over
        for row in answer.rows
        if (isinstance(row, Effect) and row.statistic == "mean_of_ratios")
        or (isinstance(row, Correlation) and row.method == "pearson")
    ]
    over = [one for one in dict.fromkeys(shown) if one]
    if over:
        yield f"FDR over {'; '.join(over)}."
