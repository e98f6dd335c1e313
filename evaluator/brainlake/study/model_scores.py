"""One number a model and question, from tables of scores: what is compared has to mean the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.errors import BrainlakeError
from brainlake.study.frames import check_table
from brainlake.study.likeness import ALIKE, refuse_unlike

_WHOLE: Final = ("layer", "subject", "roi", "target_id")


@dataclass(frozen=True, kw_only=True)
class About:
    """What a row is about: columns of ``scores``.

    Attributes
    ----------
    scale
        ``score``, or ``normalized`` where only scores divided by their ceiling are known.
    """

    benchmark: str
    stimulus_set: str | None
    measure: str | None
    metric: str
    protocol: str
    recipe: str | None
    scale: str


QUESTION: Final = tuple(one.name for one in fields(About))
_NEEDED: Final = (
    *("kind", "model", "score", "normalized", "ci_low", "ci_high", "file", *QUESTION[:-1], *_WHOLE),
    *ALIKE,
)


@dataclass(frozen=True, kw_only=True)
class Question(About):
    """What scores answer; those of different questions are never averaged.

    Attributes
    ----------
    parts
        The benchmarks whose mean this one is.
    """

    parts: tuple[str, ...] = field(default=(), compare=False)

    @property
    def about(self) -> dict[str, Any]:
        """Its fields as columns."""
        return {name: getattr(self, name) for name in QUESTION}

    @property
    def is_reading(self) -> bool:
        """Whether it is about behavior."""
        return self.measure is not None

    @property
    def way(self) -> "Question":
        """The same question whatever the benchmark."""
        return replace(self, benchmark="", parts=())


@dataclass(frozen=True)
class Score:
    """A model's score, and its interval where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


Answers = dict[Question, dict[str, Score]]


def model_scores(scores: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> Answers:
    """Return the headline score of every model, a question at a time, and averages over brain benchmarks.

    Where the scores have several brain benchmarks under one protocol, none of which is the mean of the others, their
    mean is a question of its own, for models that have all of them. Reading times have no mean: measures differ.

    Parameters
    ----------
    scores
        Rows of ``scores``.
    benchmarks
        The table ``benchmarks``, which says which benchmark is the mean of others.

    Raises
    ------
    BrainlakeError
        If columns are missing, a model has two different scores on one question, or two models have scores on it from
        other stimuli, folds, controls, or numbers of stimuli, targets or subjects.
    """
    check_table("scores", scores, _NEEDED, "a table of scores, all columns of it")
    whole = (pl.col(name).is_null() for name in _WHOLE)
    model = ~pl.col("model").str.starts_with(BASELINE)
    rows = scores.filter(pl.col("kind") == "headline", model, *whole).with_columns(
        scale=pl.when(pl.col("score").is_null()).then(pl.lit("normalized")).otherwise(pl.lit("score")),
        value=pl.coalesce("score", "normalized"),
    )
    composites = _composites(benchmarks)
    found: Answers = defaultdict(dict)
    origin: dict[tuple[Question, str], Mapping[str, Any]] = {}
    seen: dict[Question, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows.filter(pl.col("value").is_not_null() & pl.col("value").is_finite()).to_dicts():
        asked = Question(**{name: row[name] for name in QUESTION}, parts=composites.get(row["benchmark"], ()))
        first = origin.setdefault((asked, row["model"]), row)
        if first["value"] != row["value"]:
            raise _contradiction(row["model"], asked, first, row)
        # The interval of a score is none of what was divided by a ceiling.
        ends = (row["ci_low"], row["ci_high"]) if row["scale"] == "score" else ()
        found[asked][row["model"]] = Score(row["value"], *ends)
        refuse_unlike(seen[asked], row)
    return dict(found) | _averages(found)


def _composites(benchmarks: pl.DataFrame | None) -> dict[str, tuple[str, ...]]:
    if benchmarks is None:
        return {}
    check_table("benchmarks", benchmarks, ("benchmark", "composite_of"), "the table benchmarks of a bank")
    rows = benchmarks.select("benchmark", "composite_of").unique().iter_rows()
    return {name: tuple(parts) for name, parts in rows if parts}


def _averages(found: Answers) -> Answers:
    """Means over the benchmarks of one protocol, where none of them is their mean already."""
    ways: dict[Question, list[Question]] = defaultdict(list)
    for question in found:
        if not question.is_reading:
            ways[question.way].append(question)
    means: Answers = {}
    for way, questions in ways.items():
        outermost = _outermost(questions)
        if len(outermost) < 2:
            continue
        names = sorted(question.benchmark for question in outermost)
        everywhere = set.intersection(*(set(found[question]) for question in outermost))
        mean = replace(way, benchmark=f"mean of {len(names)}", parts=tuple(names))
        means[mean] = {
            model: Score(sum(found[question][model].value for question in outermost) / len(outermost))
            for model in sorted(everywhere)
        }
    return {question: values for question, values in means.items() if values}


def _outermost(questions: Sequence[Question]) -> list[Question]:
    """Those that are no part of another one."""
    inside = {part for question in questions for part in question.parts}
    return [question for question in questions if question.benchmark not in inside]


def parts_of(question: Question, answers: Iterable[Question]) -> list[Question]:
    """The same question about the parts of a mean; none if one of them is lacking."""
    there = [other for other in answers if other.way == question.way and other.benchmark in question.parts]
    return there if len(there) == len(question.parts) else []


def overall(answers: Iterable[Question]) -> set[Question]:
    """Questions about the mean of all benchmarks of a protocol, or about the only one, and those about behavior."""
    ways: dict[Question, list[Question]] = defaultdict(list)
    for question in answers:
        ways[question.way].append(question)
    found: set[Question] = set()
    for questions in ways.values():
        means = [question for question in _outermost(questions) if question.parts]
        found |= set(questions if questions[0].is_reading else means or questions)
    return found


def _contradiction(
    model: str, question: Question, first: Mapping[str, Any], other: Mapping[str, Any]
) -> BrainlakeError:
    both = " and ".join(f"{row['value']:.4g} ({row['file'] or 'no file'})" for row in (first, other))
    return BrainlakeError(
        f"{model} has two scores on {question.benchmark} under protocol {question.protocol}: {both}; "
        "filter the scores to those that belong together"
    )
