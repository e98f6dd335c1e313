"""What a study asks, in order, and the rows that answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from brainlake.study.correlation_row import Correlation
from brainlake.study.effect_row import Effect
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import model_scores, overall
from brainlake.study.paper import Statement, statements
from brainlake.study.properties import correlations
from brainlake.study.published_tables import published
from brainlake.study.tables import StudyTables
from brainlake.study.training import Checkpoint, curves
from brainlake.study.tuning import effects

Kind = Literal["gains", "correlations", "given", "left_out", "training", "text"]
Row = Effect | Correlation | Checkpoint | Statement
T = TypeVar("T", Effect, Correlation, Checkpoint)


@dataclass(frozen=True)
class Answer:
    """A question with the rows that answer it; none where the tables hold nothing on it.

    Attributes
    ----------
    kind
        What the rows are: ``gains`` of ``tuning_effect``, ``training`` of ``training_curves``, ``text`` statements of
        the paper, the others of ``property_correlations``.
    """

    asked: str
    kind: Kind
    rows: Sequence[Row]


def answers(tables: StudyTables) -> list[Answer]:
    """Answer the questions of a study, in order.

    Raises
    ------
    BrainlakeError
        If columns are missing, or scores, models or properties contradict each other.
    """
    return _answers(tables)[0]


def papers_answers() -> list[Answer]:
    """Answer them from what the paper published, and hold its text against its tables."""
    asked, gains, found = _answers(published())
    tables = published(gpt2=True)
    scored, models = model_scores(tables.scores, tables.benchmarks), lineage(tables.models)
    more = [row for row in effects(scored, models) if row.overall]
    whole = {question: values for question, values in scored.items() if question in overall(scored)}
    with_them = correlations(whole, tables.model_properties, models)
    return [
        *asked,
        Answer("Gains with the eight GPT-2 models of its appendix?", "gains", more),
        Answer("What goes with alignment then?", "correlations", [row for row in with_them if _is_plain(row)]),
        Answer("Where does the paper's text differ from its tables?", "text", statements(gains, found)),
    ]


def _answers(tables: StudyTables) -> tuple[list[Answer], list[Effect], list[Correlation]]:
    """The answers, with all gains and correlations."""
    scored, models = model_scores(tables.scores, tables.benchmarks), lineage(tables.models)
    gains = effects(scored, models)
    found = correlations(scored, tables.model_properties, models)
    plain = [row for row in found if _is_plain(row)]
    brain = [row for row in found if row.overall and row.measure is None]
    apart = {row.property for row in brain if row.left_out is not None}
    asked = [
        Answer("Does tuning on instructions raise brain alignment?", "gains", _of(gains, reading=False)),
        Answer("Does it change behavioral alignment?", "gains", _of(gains, reading=True)),
        Answer("What goes with brain alignment?", "correlations", _of(plain, reading=False)),
        Answer("Knowledge, or size?", "given", [row for row in brain if row.given is not None]),
        Answer(
            "Does it hold without one of the families?",
            "left_out",
            [row for row in brain if row.given is None and row.property in apart],
        ),
        Answer("What goes with behavioral alignment?", "correlations", _of(plain, reading=True)),
        Answer("How does alignment change in training?", "training", _means_first(curves(scored, models))),
    ]
    return asked, gains, found


def _is_plain(row: Correlation) -> bool:
    return row.given is None and row.left_out is None


def _of(rows: Sequence[T], *, reading: bool) -> list[T]:
    """Those about behavior, or about the brain."""
    return _means_first([row for row in rows if (row.measure is not None) is reading])


def _means_first(rows: Sequence[T]) -> list[T]:
    """Those about the mean of all benchmarks before the others."""
    return sorted(rows, key=lambda row: not row.overall)
