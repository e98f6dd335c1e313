"""Small filled examples of each kind of data, to overwrite with one's own: they ingest and score as they stand.

The passages are our own; the values are made up, from word length, place in the text and noise.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from brainlake.errors import BrainlakeError, UnknownNameError

Frames = dict[str, pl.DataFrame]

PASSAGES: Final = {
    "harbour": ("The harbour was empty before dawn. A single lamp burned on the pier. Nobody came to meet the boat."),
    "bread": (
        "She kneaded the dough until it shone. The oven had been hot since four. By six the queue reached the corner."
    ),
    "winter": (
        "Snow closed the upper road again. The postman left his van below the bridge. He walked the last mile alone."
    ),
    "garden": (
        "The beans had climbed past the window. Something small was eating the lettuces. My uncle blamed the hedgehogs."
    ),
    "letter": (
        "The letter had no stamp and no name. "
        "He turned it over twice before opening it. "
        "Inside was a pressed blue flower."
    ),
    "train": (
        "The train stopped between two stations. "
        "A child asked whether we had broken down. "
        "The driver said nothing for an hour."
    ),
    "market": (
        "Two women argued about the price of plums. "
        "The seller pretended to count his coins. "
        "In the end they bought pears."
    ),
    "music": (
        "The piano was out of tune in the bass. She played the slow piece anyway. Even the neighbours stopped talking."
    ),
}

FACTS: Final = {
    "citation": "@misc{me2026, title = {Overwrite this}}",
    "licence": "not decided",
    "redistributable": "false",
}
WORD_S, TR_S = 0.5, 2.0


def template(kind: str) -> Frames:
    """The tables of a filled example.

    Parameters
    ----------
    kind
        One of ``TEMPLATES``.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """
    if kind not in TEMPLATES:
        raise UnknownNameError("template", kind, list(TEMPLATES))
    return TEMPLATES[kind](np.random.default_rng(0))


def write_template(kind: str, folder: Path) -> list[Path]:
    """Write a filled example as CSV files into a folder, which is made, or empty.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    BrainlakeError
        If the folder holds anything.
    """
    frames = template(kind)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BrainlakeError(f"{folder} is there and not empty: give another folder, so that nothing is overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{table}.csv" for table in frames]
    for path, frame in zip(paths, frames.values(), strict=True):
        frame.write_csv(path)
    return paths


def _fmri(random: np.random.Generator) -> Frames:
    """Sentences, with one response a sentence, region and subject."""
    rows = [
        (f"{topic}.{k + 1}", topic, sentence + ".")
        for topic, text in PASSAGES.items()
        for k, sentence in enumerate(text.removesuffix(".").split(". "))
    ]
    ids, topics, texts = (list(cells) for cells in zip(*rows, strict=True))
    stimuli = pl.DataFrame({"stimulus_id": ids, "document_id": topics, "group_id": topics, "text": texts})
    length = np.array([len(text) for text in texts])
    regions, subjects = ("IFG", "PostTemp"), ("sub-01", "sub-02", "sub-03")
    values = {s: _standard(length)[:, None] + random.normal(size=(len(ids), len(regions))) for s in subjects}
    return {
        "benchmarks": _facts("my_fmri", "fmri", "stimulus"),
        "stimuli": stimuli,
        "targets": pl.DataFrame({"target_id": regions, "roi": regions}),
        "responses": _responses(ids, regions, values),
    }


def _story(random: np.random.Generator) -> Frames:
    """Words with their onsets, and scans of two runs on one clock."""
    words = _words()
    onsets = [WORD_S * k for k in range(words.height)]
    stimuli = words.with_columns(onset_s=pl.Series(onsets), document_id=pl.lit("story")).drop("group_id")
    n = int(np.ceil(words.height * WORD_S / TR_S))
    rate = np.bincount((np.array(onsets) // TR_S).astype(int), words["text"].str.len_chars().to_numpy(), n)
    lagged = _standard(np.concatenate([[rate.mean()] * 2, rate[:-2]]))
    scans = [f"scan{k:03d}" for k in range(n)]
    regions, subjects = ("IFG", "PostTemp"), ("sub-01", "sub-02", "sub-03")
    values = {s: lagged[:, None] + random.normal(size=(n, len(regions))) for s in subjects}
    time = pl.DataFrame({"row_id": scans, "run": ["1" if k < n // 2 else "2" for k in range(n)]}).with_columns(
        time_s=pl.Series([TR_S * k for k in range(n)])
    )
    return {
        "benchmarks": _facts("my_story", "fmri", "tr").with_columns(tr_s=pl.lit(TR_S)),
        "stimuli": stimuli,
        "targets": pl.DataFrame({"target_id": regions, "roi": regions}),
        "responses": _responses(scans, regions, values).join(time, on="row_id", maintain_order="left"),
    }


def _ecog(random: np.random.Generator) -> Frames:
    """Words, with one response a word and electrode; every subject has electrodes of their own."""
    words = _words()
    ids = words["stimulus_id"].to_list()
    length = _standard(words["text"].str.len_chars().to_numpy())
    electrodes = {"sub-01": ("LTG1", "LTG2"), "sub-02": ("IFG4",)}
    responses = [
        _responses(ids, names, {s: length[:, None] + random.normal(size=(len(ids), len(names)))})
        for s, names in electrodes.items()
    ]
    targets = [{"subject": s, "target_id": name, "roi": name[:3]} for s, names in electrodes.items() for name in names]
    return {
        "benchmarks": _facts("my_ecog", "ecog", "stimulus"),
        "stimuli": words,
        "targets": pl.DataFrame(targets),
        "responses": pl.concat(responses),
    }


def _eeg(random: np.random.Generator) -> Frames:
    """Words, with one amplitude (microvolt) a word and reader."""
    words = _words()
    n = words.height
    length = _standard(words["text"].str.len_chars().to_numpy())
    times = [
        pl.DataFrame({"stimulus_id": words["stimulus_id"], "subject": [reader] * n}).with_columns(
            measure=pl.lit("n400"), value=pl.Series((-2 - length + random.normal(0, 2, n)).round(3)),
            unit=pl.lit("microvolt"),
        )
        for reader in ("sub-01", "sub-02", "sub-03")
    ]  # fmt: skip
    return {"benchmarks": _facts("my_eeg", "eeg"), "stimuli": words, "reading_times": pl.concat(times)}


def _eyetracking(random: np.random.Generator) -> Frames:
    """Words, with two durations a word and reader; a word that was skipped has none."""
    words = _words()
    n = words.height
    length = words["text"].str.len_chars().to_numpy()
    times = []
    for reader in ("r1", "r2", "r3"):
        skipped = random.random(n) < np.where(length < 4, 0.4, 0.1)
        first = 200 + 5 * length + random.normal(0, 25, n)
        for measure, value in (("first_fixation", first), ("gaze_duration", first + 8 * length)):
            stored = [None if skip else round(float(ms)) for skip, ms in zip(skipped, value, strict=True)]
            frame = pl.DataFrame(
                {"stimulus_id": words["stimulus_id"], "measure": [measure] * n, "subject": [reader] * n}
            )
            times.append(frame.with_columns(value=pl.Series(stored, dtype=pl.Int64), skipped=pl.Series(skipped)))
    return {"benchmarks": _facts("my_eyetracking", "eye tracking"), "stimuli": words, "reading_times": pl.concat(times)}


def _reading(random: np.random.Generator) -> Frames:
    """Words, with the mean over readers of a reading time, its standard deviation and the number of readers."""
    words = _words()
    n = words.height
    value = 300 + 6 * words["text"].str.len_chars().to_numpy() + random.normal(0, 20, n)
    times = words.select("stimulus_id").with_columns(
        measure=pl.lit("self_paced_rt"),
        value=pl.Series(value.round(1)),
        sd=pl.Series(random.uniform(60, 120, n).round(1)),
        n_subjects=pl.lit(24),
    )
    return {"benchmarks": _facts("my_reading", "self-paced reading"), "stimuli": words, "reading_times": times}


TEMPLATES: Final[dict[str, Callable[[np.random.Generator], Frames]]] = {
    "fmri": _fmri,
    "story": _story,
    "ecog": _ecog,
    "eeg": _eeg,
    "eyetracking": _eyetracking,
    "reading": _reading,
}
"""Kinds of examples: fMRI of sentences, fMRI of a story in scans, ECoG, EEG, eye tracking, self-paced reading."""


def _facts(benchmark: str, modality: str, unit: str | None = None) -> pl.DataFrame:
    row = {"benchmark": benchmark, "modality": modality} | ({"unit": unit} if unit else {})
    return pl.DataFrame(row | FACTS)


def _words() -> pl.DataFrame:
    """Words of the passages; a passage is a document and a group."""
    rows = [
        (f"{topic}.{k + 1:02d}", topic, topic, word)
        for topic, text in PASSAGES.items()
        for k, word in enumerate(text.split())
    ]
    return pl.DataFrame(rows, ["stimulus_id", "document_id", "group_id", "text"], orient="row")


def _responses(rows: list[str], targets: tuple[str, ...], values: dict[str, np.ndarray]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"subject": subject, "row_id": row, "target_id": target, "value": round(float(matrix[i, j]), 4)}
            for subject, matrix in values.items()
            for i, row in enumerate(rows)
            for j, target in enumerate(targets)
        ]
    )


def _standard(values: np.ndarray) -> np.ndarray:
    return np.asarray((values - values.mean()) / values.std())
