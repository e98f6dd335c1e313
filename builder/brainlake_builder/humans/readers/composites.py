"""Benchmarks that are the mean of others: they have a row of ``benchmarks`` and no recordings of their own."""

import brainlake_builder.humans.readers.pereira2018 as pereira2018
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, Paths

_EXPERIMENTS = tuple(experiment.benchmark for experiment in pereira2018.EXPERIMENTS)

CITATION = """@inproceedings{aw2024instruction,
  title = {Instruction-tuning Aligns {LLM}s to the Human Brain},
  author = {Aw, Khai Loong and Montariol, Syrielle and AlKhamissi, Badr and Schrimpf, Martin and Bosselut, Antoine},
  booktitle = {Conference on Language Modeling},
  year = {2024}
}"""


def _no_tables(_: Paths) -> HumanTables:
    return HumanTables()


DATASETS = (
    HumanDataset(
        benchmark="pereira2018",
        stimulus_sets=_EXPERIMENTS,
        files=(),
        citation=pereira2018.CITATION,
        licence="that of its parts",
        redistributable=True,
        origin="the mean of its two experiments, as in Brain-Score Language",
        build=_no_tables,
        modality="fmri",
        what="The mean of the two experiments of Pereira2018",
        size="627 sentences, 2 experiments",
        use="what the literature calls Pereira2018",
        composite_of=_EXPERIMENTS,
    ),
    HumanDataset(
        benchmark="aw2024.brain",
        stimulus_sets=(*_EXPERIMENTS, "blank2014", "wehbe2014"),
        files=(),
        citation=CITATION,
        licence="that of its parts",
        redistributable=True,
        origin="the mean of its three datasets, as in Aw et al. (2024)",
        build=_no_tables,
        modality="fmri",
        what="The mean of pereira2018, blank2014 and wehbe2014",
        size="3 data sets",
        use="brain alignment as Aw et al. (2024) report it",
        composite_of=("pereira2018", "blank2014", "wehbe2014"),
    ),
)
