"""What a user's own data may hold: every table, every column, its unit and range, and what an empty cell means.

Checks, ``brainlake-build humans --columns`` and the page of columns in ``docs/`` are made from these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["name", "text", "number", "integer", "truth", "names", "numbers"]

KINDS: Final[dict[Kind, str]] = {
    "name": "name",
    "text": "text",
    "number": "number",
    "integer": "whole number",
    "truth": "true or false",
    "names": "names, separated by ;",
    "numbers": "list of numbers (Parquet)",
}


@dataclass(frozen=True)
class Column:
    """A column of a user's file.

    Attributes
    ----------
    name, kind, meaning
        What it is called, what its cells are, and what they say.
    missing
        What it means if the column is not there; empty for a column that has to be.
    gaps
        Whether single cells may be empty; a column that is given without ``gaps`` is given in every row.
    unit
        Unit of a number.
    low, high
        Range, ends included.
    choices
        The only values.
    aliases
        Other names of the column.
    """

    name: str
    kind: Kind
    meaning: str
    missing: str = ""
    gaps: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether a file without it is refused."""
        return not self.missing

    @property
    def range(self) -> str:
        """Its range, for people."""
        if self.choices:
            return ", ".join(self.choices)
        ends = [f"{end:g}" for end in (self.low, self.high) if end is not None]
        if self.low is None or self.high is None:
            return f"from {ends[0]}" if ends else ""
        return f"{ends[0]} to {ends[1]}"


_SET = Column("stimulus_set", "name", "stimulus set", "the only set, named as the benchmark")
_BENCHMARK = Column("benchmark", "name", "as in benchmarks", "that of benchmarks")
_STIMULUS = Column("stimulus_id", "name", "as in stimuli")
_SUBJECT = Column("subject", "name", "participant, or what was averaged over")
_ROW = Column("row_id", "name", "a stimulus_id; where rows are scans, the name of the scan")
_RUN = Column("run", "name", "scanner run; one a scan", "all in one run")

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "benchmarks": (
        Column("benchmark", "name", "name of the benchmark"),
        Column("modality", "text", "fmri, ecog, eeg, eye tracking, self-paced reading, ..."),
        Column("unit", "name", "what a row of responses is", "no responses", gaps=True, choices=("stimulus", "tr")),
        Column("tr_s", "number", "repetition time", "rows are no scans", True, "s", 0.01, 60),
        Column("response_shift_s", "number", "shift applied to the responses already", "none", True, "s", 0, 60),
        Column("citation", "text", "whom to cite (BibTeX)"),
        Column("licence", "text", "licence of the data"),
        Column("redistributable", "truth", "whether the licence allows to publish the data again"),
        Column(
            "default_folds",
            "name",
            "folds of the grouped protocol",
            "grouped where there are groups",
            gaps=True,
            choices=("grouped", "contiguous", "by_stimulus"),
        ),
        Column("stimulus_sets", "names", "sets of the bank, in a folder without stimuli", "those of stimuli", True),
        Column("composite_of", "names", "benchmarks whose mean this one is", "none", True),
        Column("origin", "text", "where the raw data come from", "a user's own data", True),
    ),
    "stimuli": (
        _STIMULUS,
        Column("document_id", "name", "text that the item is a part of; its items stand together, in reading order"),
        Column("text", "text", "the words, exactly as shown or heard"),
        Column("group_id", "name", "topic, story, ...: what folds must not split", "there are no groups"),
        Column("onset_s", "number", "start, on the clock of responses.time_s", "not known", True, "s"),
        Column("offset_s", "number", "end", "not known", True, "s"),
        Column("sentence_id", "name", "sentence that the item belongs to", "not known"),
        _SET,
        Column("separator", "text", "text before the item in its document", "a space, but for the first", True),
        Column("context_id", "name", "what recipe aw2024 accumulates context over", "the document"),
        Column("position", "integer", "place in the set, from 0, in row order", "the row", False, "", 0),
    ),
    "targets": (
        Column("target_id", "name", "voxel, electrode, sensor or region"),
        Column("roi", "name", "region of interest", "no regions", True),
        Column("made_of", "names", "targets whose mean this one is, such as those of a network", "recorded", True),
        Column("subject", "name", "whose target it is", "every subject has all targets"),
        Column("space", "text", "space of x, y, z", "not known", True),
        *(Column(axis, "number", "coordinate", "not known", True, "mm") for axis in "xyz"),
        _BENCHMARK,
    ),
    "responses": (
        _SUBJECT,
        _ROW,
        Column("target_id", "name", "as in targets; with value, one row a value", "a list response is there"),
        Column("value", "number", "response", "a list response is there", True),
        Column("response", "numbers", "all targets of the subject, in place of value", "value is there"),
        Column("presentation", "integer", "repeat of the same row, from 0", "0", False, "", 0, 32767),
        _RUN,
        Column("time_s", "number", "start of the scan", "rows are stimuli", False, "s"),
        _SET,
        _BENCHMARK,
    ),
    "reading_times": (
        _STIMULUS,
        Column("measure", "name", "self_paced_rt, first_fixation, gaze_duration, n400, ..."),
        Column("value", "number", "reading time, amplitude or probability", "", True, aliases=("mean_ms",)),
        Column(
            "unit", "name", "unit of value; s is stored as ms", "ms", choices=("ms", "s", "microvolt", "probability")
        ),
        Column("subject", "name", "reader", "every value is a mean over readers", True, aliases=("reader",)),
        Column(
            "sd",
            "number",
            "standard deviation over readers",
            "not known",
            True,
            "that of value",
            0,
            None,
            (),
            ("sd_ms",),
        ),
        Column("n_subjects", "integer", "readers in the mean", "not known", True, "", 1, 2**31 - 1),
        Column("skipped", "truth", "the word was not fixated: its value is empty", "not known", True),
        Column("scored", "truth", "whether the word is scored", "it is where it has a value"),
        Column("why_not_scored", "text", "why it is not", "it has no value", True),
        _SET,
        _BENCHMARK,
    ),
    "nuisance": (
        _SUBJECT,
        _ROW,
        Column("name", "name", "motion_x, sound_power, ..."),
        Column("value", "number", "value, for every row of the subject"),
        _RUN,
        _BENCHMARK,
    ),
    "ceilings": (
        Column("method", "text", "how it was computed"),
        Column("scale", "name", "its square root bounds r, or it bounds r itself", choices=("reliability", "max_r")),
        Column("value", "number", "the ceiling", "", False, "", 0, 1),
        Column("source", "text", "who computed it"),
        *(
            Column(name, "name", meaning, "all", True)
            for name, meaning in (("subject", "participant"), ("target_id", "as in targets"), ("roi", "region"))
        ),
        *(Column(name, "name", f"{name} that it belongs to", "any", True) for name in ("measure", "protocol", "folds")),
        Column("n_subjects", "integer", "subjects that it was computed from", "not known", True, "", 1, 2**31 - 1),
        *(Column(f"ci_{end}", "number", f"{end} end of its 95 % interval", "none", True) for end in ("low", "high")),
        _BENCHMARK,
    ),
    "stimulus_features": (
        _STIMULUS,
        Column("name", "name", "log_frequency, length, ..."),
        Column("value", "number", "value", "", True),
        Column("source", "name", "where it comes from; names the file in the bank"),
        _SET,
    ),
    "data": (
        Column("subject", "name", "participant or reader", "values are means", aliases=("reader", "participant")),
        Column("sentence", "text", "the item, where it is a sentence", "word is there"),
        Column("text", "name", "document of the item", "a sentence is a document of its own"),
        Column("word", "text", "the item, where it is a word", "sentence is there"),
        Column("position", "integer", "place of the item in its text", "the order of rows", False, "", 0),
        Column(
            "target_id", "name", "region, electrode, ...: brain data", "reading times", aliases=("region", "electrode")
        ),
        Column("value", "number", "response, or reading time", "", True, aliases=("time",)),
        Column("roi", "name", "as in targets", "the region of a target is its own name"),
        Column("measure", "name", "as in reading_times", "reading_time"),
        Column("unit", "name", "as in reading_times", "ms", choices=("ms", "s", "microvolt", "probability")),
        Column("sd", "number", "as in reading_times", "not known", True, "that of value", 0),
        Column("n_subjects", "integer", "as in reading_times", "not known", True, "", 1, 2**31 - 1),
        Column("skipped", "truth", "as in reading_times", "not known", True),
        Column("group_id", "name", "as in stimuli", "there are no groups"),
        Column("presentation", "integer", "as in responses", "0", False, "", 0, 32767),
    ),
}
"""Columns of every table, those that have to be there first; ``data`` is one tidy table in place of the others."""

PURPOSES: Final[Mapping[str, str]] = {
    "benchmarks": "one row of facts; always there",
    "stimuli": "what was read or heard, in order",
    "targets": "voxels, electrodes or regions, in the order of responses",
    "responses": "brain responses: one row a value, or one row a scan with a list",
    "reading_times": "reading times or word-by-word amplitudes: one row a word, measure and reader",
    "nuisance": "regressors of no interest, a row a scan and name",
    "ceilings": "noise ceilings that you know already",
    "stimulus_features": "features of stimuli that you know already",
    "data": "one tidy table in place of stimuli, targets and responses, or of stimuli and reading times",
}


def summary() -> str:
    """Tables with the names of their columns; those that have to be there are marked."""
    lines = []
    for table, columns in COLUMNS.items():
        names = " ".join(column.name + ("*" if column.required else "") for column in columns)
        lines.append(f"  {table}: {names}")
    return "\n".join(lines)


def as_markdown(*tables: str) -> str:
    """The columns of tables (all of them by default), as Markdown."""
    parts = []
    for table in tables or COLUMNS:
        rows = [
            f"| `{c.name}`{''.join(f' or `{alias}`' for alias in c.aliases)} | {KINDS[c.kind]} | {c.unit} | {c.range} "
            f"| {c.meaning} | {c.missing or 'refused'} | {'may be' if c.gaps else 'refused'} |"
            for c in COLUMNS[table]
        ]
        head = ["| column | holds | unit | range | meaning | without the column | empty cell |", "|---" * 7 + "|"]
        purpose = PURPOSES[table][0].upper() + PURPOSES[table][1:]
        parts.append("\n".join([f"## {table}", "", f"{purpose}.", "", *head, *rows]))
    return "\n\n".join(parts) + "\n"
