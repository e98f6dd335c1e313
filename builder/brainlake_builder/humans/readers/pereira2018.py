"""Pereira et al. (2018): fMRI of sentences in short passages, experiments 2 (384 sentences) and 3 (243)."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.assembly import assembly_file, read_assembly
from brainlake_builder.humans.dataset import (
    HumanDataset,
    HumanTables,
    Paths,
    Subject,
    responses_and_targets,
    spaced,
    table_of,
)
from brainlake_builder.humans.raw_table import expect, read_columns
from brainlake_builder.humans.source import RawFile

_STIMULI_COMMIT = "03825af1143001df3e8cb715b8008543bf4c28bb"
STIMULI = RawFile(
    "pereira2018_stimuli/stimulus_set.csv",
    "sha256:830822354c2d4df82b66c5b2ed75f2d1c780ce8a1c4a744c2f3796a1530654f4",
    f"https://raw.githubusercontent.com/carina-kauf/perturbed-neural-nlp/{_STIMULI_COMMIT}/ressources/"
    "stimuli_creation/add_paraphrase_condition/chatGPT_csvs/Pereira2018_stimulus_set_20220209.csv",
)
ASSEMBLY = assembly_file("assy_Pereira2018_language.nc", "f8434b4022f5b2c862f0ff2854d5b3f5f2a7fb96")
LANGNET = RawFile(
    "pereira2018_langnet/pereira_langnet_joined.csv",
    "sha256:ec3441950869db7ea9e1982162545bfcf695862a83de0a8821e453ae1961b04b",
)

CITATION = """@article{pereira2018toward,
  title = {Toward a universal decoder of linguistic meaning from brain activation},
  author = {Pereira, Francisco and Lou, Bin and Pritchett, Brianna and Ritter, Samuel and Gershman, Samuel J. and
            Kanwisher, Nancy and Botvinick, Matthew and Fedorenko, Evelina},
  journal = {Nature Communications},
  volume = {9},
  number = {963},
  year = {2018}
}"""
LICENCE = "none stated; the original data are on OSF (crwz7)"


@dataclass(frozen=True)
class Experiment:
    """One experiment as Brain-Score holds it.

    Attributes
    ----------
    benchmark, name
        Name here, and in the coordinate ``experiment``.
    n_sentences, n_subjects, n_voxels
        What is left after voxels with missing values are dropped.
    shuffled_ceiling, grouped_ceiling
        Brain-Score's ceilings: for shuffled OLS, and for ridge on folds grouped by topic.
    """

    benchmark: str
    name: str
    n_sentences: int
    n_subjects: int
    n_voxels: int
    shuffled_ceiling: float
    grouped_ceiling: float


EXPERIMENTS = (
    Experiment("pereira2018.243", "243sentences", 243, 6, 8_031, 0.35378928, 0.1337),
    Experiment("pereira2018.384", "384sentences", 384, 9, 12_155, 0.36343748, 0.1352),
)


def stimuli_of(path: Path, experiment: Experiment) -> pa.Table:
    """Stimuli of one experiment, in the order of the assembly.

    A passage is a document. Brain-Score's context is the passage label, which in the 243 experiment is a topic of
    three passages; the topic is the group in both.
    """
    columns = ("sentence", "stimulus_id", "experiment", "story", "passage_index", "passage_label")
    table = read_columns(path, dict.fromkeys(columns, pl.String))
    rows = table.filter(pl.col("experiment") == experiment.name)
    n = rows.height
    expect(path, f"sentences of {experiment.name}", n, experiment.n_sentences)
    passages = rows["passage_index"].to_list()
    return table_of(
        "stimuli",
        n,
        stimulus_set=experiment.benchmark,
        stimulus_id=rows["stimulus_id"].to_list(),
        position=range(n),
        document_id=passages,
        separator=spaced(passages),
        context_id=rows["passage_label"].to_list(),
        group_id=rows["story"].to_list(),
        sentence_id=rows["stimulus_id"].to_list(),
        text=rows["sentence"].to_list(),
    )


def _build(experiment: Experiment, paths: Paths) -> HumanTables:
    stimuli = stimuli_of(paths[STIMULI.name], experiment)
    everything = read_assembly(
        paths[ASSEMBLY.name],
        ("experiment", "stimulus_id", "stimulus", "story", "passage_label"),
        ("subject", "neuroid_id", "roi"),
    )
    mine = [str(name) == experiment.name for name in everything.presentation["experiment"]]
    assembly = everything.rows(mine).complete_neuroids()
    assembly.expect(f"presentations of {experiment.name}", len(assembly.values), experiment.n_sentences)
    for coordinate, column in (("stimulus_id",) * 2, ("stimulus", "text"), ("story", "group_id")):
        for row, (found, known) in enumerate(
            zip(assembly.presentation[coordinate], stimuli.column(column).to_pylist(), strict=True)
        ):
            if str(found).strip() != known.strip():
                raise BrainlakeError(
                    f"{assembly.path}: {coordinate} of presentation {row + 1} of {experiment.name} is {found!r}, "
                    f"not {known!r} as in the stimulus set; the rows are not in the known order"
                )
    subjects = assembly.subjects("subject", "neuroid_id", "roi")
    assembly.expect(
        f"voxels without missing values in {experiment.name}", assembly.values.shape[1], experiment.n_voxels
    )
    assembly.expect(f"subjects of {experiment.name}", len(subjects), experiment.n_subjects)
    ids = stimuli.column("stimulus_id").to_pylist()
    recordings = responses_and_targets(experiment.benchmark, experiment.benchmark, ids, subjects)
    recordings["ceilings"] = table_of(
        "ceilings",
        2,
        benchmark=experiment.benchmark,
        protocol=["aw2024", "grouped"],
        folds=["shuffled", "grouped"],
        method=[
            "extrapolation over subjects, least squares on shuffled splits (published constant)",
            "extrapolation over subjects, ridge on folds of topics (published constant)",
        ],
        scale="max_r",
        value=[experiment.shuffled_ceiling, experiment.grouped_ceiling],
        source=["Brain-Score Language, Pereira2018-linear", "Brain-Score Language, compute_ridge_ceilings.ipynb"],
    )
    return HumanTables({experiment.benchmark: stimuli}, recordings)


def _build_langnet(paths: Paths) -> HumanTables:
    benchmark, region = "pereira2018.langnet", "language network, left hemisphere"
    stimuli = {e.benchmark: stimuli_of(paths[STIMULI.name], e) for e in EXPERIMENTS}
    path = paths[LANGNET.name]
    table = read_columns(path, {"stimulus_id": pl.String, "effect_size": pl.Float32})
    expect(path, "sentences", table.height, sum(experiment.n_sentences for experiment in EXPERIMENTS))
    effects = dict(table.iter_rows())
    rows = [(name, i) for name, content in stimuli.items() for i in content.column("stimulus_id").to_pylist()]
    unknown = sorted({i for _, i in rows} ^ set(effects))
    if unknown:
        raise BrainlakeError(f"{path} and {STIMULI.name} do not have the same sentences: {unknown[0]} is in one only")
    values = np.array([[effects[i]] for _, i in rows], np.float32)
    subject = Subject("mean of participants", values, [region], ["language network"])
    sets, ids = [name for name, _ in rows], [i for _, i in rows]
    return HumanTables(stimuli, responses_and_targets(benchmark, sets, ids, [subject]))


DATASETS = (
    *(
        HumanDataset(
            benchmark=experiment.benchmark,
            stimulus_sets=(experiment.benchmark,),
            files=(STIMULI, ASSEMBLY),
            citation=CITATION,
            licence=LICENCE,
            redistributable=False,
            origin="https://github.com/brain-score/language (Pereira2018.language)",
            build=partial(_build, experiment),
            modality="fmri",
            what="BOLD of language voxels while people read short passages sentence by sentence",
            size=f"{experiment.n_sentences} sentences, {experiment.n_voxels:,} voxels, {experiment.n_subjects} people",
            use="one half of pereira2018; sentences in passages, grouped by topic",
            unit="stimulus",
            default_folds="grouped",
        )
        for experiment in EXPERIMENTS
    ),
    HumanDataset(
        benchmark="pereira2018.langnet",
        stimulus_sets=tuple(experiment.benchmark for experiment in EXPERIMENTS),
        files=(STIMULI, LANGNET),
        citation=CITATION,
        licence=LICENCE,
        redistributable=False,
        origin="transcribed and joined from https://github.com/Andrea-de-Varda/multilingual-models-brain",
        build=_build_langnet,
        modality="fmri",
        what="Mean BOLD of the language network on both experiments of Pereira2018, averaged over people",
        size="627 sentences, 1 region",
        use="a first look: small, and both experiments at once",
        unit="stimulus",
        default_folds="grouped",
    ),
)
