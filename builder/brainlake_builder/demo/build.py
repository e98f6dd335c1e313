"""The embedded default: a bank from our own model, texts and simulated participants, scored against the truth."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from brainlake import behavioral_alignment, brain_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.layout import SIDECARS
from brainlake.errors import BrainlakeError
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.demo import stimuli, tables
from brainlake_builder.demo.simulated_brain import BrainDesign, SimulatedBrain, simulate_brain
from brainlake_builder.demo.simulated_reading import ReadingDesign, SimulatedReading, simulate_reading
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.tables.frequency import build_frequency, from_texts
from brainlake_builder.tables.writer import write_table

MODEL = "demo-llama"
TRUE_LAYER = 2
"""The simulated voxels read from this layer of the model's four (0 is the embedding)."""
SEED = 0


@dataclass(frozen=True)
class Demo:
    """The truth that was simulated, and the scores that recovered it.

    Attributes
    ----------
    brain, reading
        Simulated participants, with what is expected of them.
    brain_scores, reading_scores
        Columns of ``scores``.
    """

    brain: SimulatedBrain
    reading: SimulatedReading
    brain_scores: pl.DataFrame
    reading_scores: pl.DataFrame

    def recovered(self) -> pl.DataFrame:
        """What was put in beside what came out.

        Returns
        -------
        Columns ``what``, ``truth`` (what the simulation lets a perfect model reach) and ``recovered``.
        """
        truth = self.brain.truth
        found = self.brain_scores.filter(model=MODEL)
        rows = [("layer that the voxels read from", float(TRUE_LAYER), self._layer(found))]
        for kind, folds, column in (
            ("headline", "disjoint", "max_r"),
            ("other_folds", "shuffled", "max_r_shuffled"),
        ):
            for roi in truth["roi"].unique(maintain_order=True):
                best = float(np.median(truth.filter(roi=roi)[column]))
                score = found.filter(kind=kind, roi=roi)["score"].item()
                rows.append((f"r in {roi}, {folds} folds", best, score))
        r = dict(self.reading_scores.select("model", "score").iter_rows())
        rows.append(("r of surprisal with reading time", self.reading.expected_r, r[MODEL]))
        rows.append(("r of word length with reading time", self.reading.expected_r_length, r["baseline:word_length"]))
        return pl.DataFrame(rows, schema=["what", "truth", "recovered"], orient="row")

    @staticmethod
    def _layer(found: pl.DataFrame) -> float:
        """The layer most outer folds chose."""
        chosen = found.filter(pl.col("roi").is_null(), kind="headline")["selected_layers"].item()
        return float(chosen.mode().sort()[0])


def build_demo(bank: Path, progress: Progress = SILENT) -> Demo:
    """Build, verify and score the demo bank.

    Nothing is downloaded, and what a finished demo bank has already is not computed again.

    Parameters
    ----------
    bank
        Folder of the bank.
    progress
        Says how far it is; by default nothing is said.

    Raises
    ------
    BrainlakeError
        If the folder holds something else, or a file of the bank is damaged.
    """
    if bank.exists() and not (bank / "manifest.json").exists() and not _begun(bank):
        raise BrainlakeError(f"{bank} is there already and is no bank: name another folder with --bank")
    sentences, words = stimuli.sentences(), stimuli.story_words()
    for name, items in ((stimuli.SENTENCES, sentences), (stimuli.STORY, words)):
        write_table(bank, "stimuli", name, tables.stimuli_table(name, items), **tables.TERMS)
    sets = [stimuli.SENTENCES, stimuli.STORY]
    for seed in (None, SEED):
        extract(ExtractionRequest(bank, str(tables.model_folder()), sets, name=MODEL, untrained_seed=seed), progress)
    brain, reading = _simulate(bank, sentences, words)
    build_frequency(bank, from_texts(tables.TEXTS, [*sentences["text"], *words["text"]]), [stimuli.STORY])
    _write_humans(bank, brain, reading, sentences, words)
    rebuild_manifest(bank)
    catalogue = open_bank(bank)
    problems = catalogue.verify()
    if problems:
        raise BrainlakeError(f"the demo bank is damaged: {problems[0].path} {problems[0].what}; remove {bank}")
    return Demo(
        brain,
        reading,
        brain_alignment(catalogue, tables.BRAIN, by=("roi",), progress=partial(progress.steps, unit="layers")),
        behavioral_alignment(catalogue, tables.READING, protocol="pearson"),
    )


def _begun(bank: Path) -> bool:
    """Whether a folder is empty, or a bank that was not finished: on a full disk it has no manifest yet."""
    return (bank / SIDECARS).is_dir() or not any(bank.iterdir())


def _simulate(bank: Path, sentences: pl.DataFrame, words: pl.DataFrame) -> tuple[SimulatedBrain, SimulatedReading]:
    catalogue = open_bank(bank)
    X = catalogue.activations(MODEL, stimuli.SENTENCES, TRUE_LAYER).values
    surprisal = catalogue.table("surprisal", model=MODEL, stimulus_set=stimuli.STORY)["surprisal"].to_numpy()
    length = words["text"].str.len_chars().to_numpy()
    rng = np.random.default_rng(SEED)
    design = BrainDesign(n_subjects=5)
    brain = simulate_brain(X, sentences["group_id"].to_list(), TRUE_LAYER, design, rng)
    return brain, simulate_reading(surprisal, length, ReadingDesign(), rng)


def _write_humans(
    bank: Path, brain: SimulatedBrain, reading: SimulatedReading, sentences: pl.DataFrame, words: pl.DataFrame
) -> None:
    described = {
        tables.BRAIN: (stimuli.SENTENCES, "stimulus", "simulated fmri"),
        tables.READING: (stimuli.STORY, None, "simulated self-paced reading"),
    }
    content = {
        tables.BRAIN: tables.brain_tables(brain, stimuli.SENTENCES, sentences["stimulus_id"].to_list()),
        tables.READING: tables.reading_tables(reading, stimuli.STORY, words["stimulus_id"].to_list()),
    }
    for benchmark, (stimulus_set, unit, modality) in described.items():
        row = {"benchmarks": tables.benchmark_table(benchmark, stimulus_set, unit, modality)}
        for table, rows in (row | content[benchmark]).items():
            write_table(bank, table, benchmark, rows, **tables.TERMS)
