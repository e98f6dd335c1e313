"""Tuckute et al. (2024): left-hemisphere language regions on 1,000 sentences.

``tuckute2024`` is averaged over participants; ``tuckute2024.participants`` has each of them, for who holds the
authors' own table.
"""

import math

import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ceilings import computed_ceilings
from brainlake_builder.humans.dataset import (
    HumanDataset,
    HumanTables,
    Paths,
    Subject,
    responses_and_targets,
    table_of,
)
from brainlake_builder.humans.raw_table import expect, read_columns
from brainlake_builder.humans.source import RawFile

BENCHMARK, PARTICIPANTS = "tuckute2024", "tuckute2024.participants"
N_SENTENCES = 1000
SUBJECT = "mean of 5 participants"

NETWORK = "lang_LH_netw"

NCSNR = {
    "lang_LH_AntTemp": 0.230227243,
    "lang_LH_IFG": 0.226915578,
    "lang_LH_IFGorb": 0.22673763,
    "lang_LH_MFG": 0.269002404,
    "lang_LH_PostTemp": 0.31750692,
    NETWORK: 0.3016193,
}
"""Noise-ceiling signal-to-noise ratio of every region (NC-allroi-data.csv of the paper), in the order of the file."""

MADE_OF = [[roi for roi in NCSNR if roi != NETWORK] if name == NETWORK else None for name in NCSNR]
"""The network is the mean of its five regions."""

_COMMIT = "72a36f7bf5cc58df2bdee665856c2944afdf89db"
RESPONSES = RawFile(
    "tuckute2024/bold_response_LH.csv",
    "sha256:7b794f7efbd2abd76012d629e4f7a19bb758bb0a85a1fae8c50e8fadd52f1e0f",
    f"https://raw.githubusercontent.com/flawreen/LLM2vec/{_COMMIT}/bold_response_LH.csv",
)

LONG = RawFile("tuckute2024/brain-lang-data_participant_20230728.csv")

CITATION = """@article{tuckute2024driving,
  title = {Driving and suppressing the human language network using large language models},
  author = {Tuckute, Greta and Sathe, Aalok and Srikant, Shashank and Taliaferro, Maya and Wang, Mingye and
            Schrimpf, Martin and Kay, Kendrick and Fedorenko, Evelina},
  journal = {Nature Human Behaviour},
  year = {2024},
  doi = {10.1038/s41562-023-01783-7}
}"""


def noise_ceiling(ncsnr: float, n: int) -> float:
    """Largest correlation with a mean over ``n`` noisy measurements (Allen et al., 2022, square root of eq. 7)."""
    return math.sqrt(ncsnr**2 / (ncsnr**2 + 1 / n))


def _build(paths: Paths) -> HumanTables:
    path = paths[RESPONSES.name]
    columns: dict[str, type[pl.DataType]] = {"item_id": pl.String, "sentence": pl.String}
    table = read_columns(path, columns | dict.fromkeys(NCSNR, pl.Float32))
    expect(path, "sentences", table.height, N_SENTENCES)
    expect(path, "ids of sentences", table["item_id"].n_unique(), N_SENTENCES)
    regions = list(NCSNR)
    values = table.select(regions).to_numpy()
    stimuli = _stimuli(table["item_id"].to_list(), table["sentence"].to_list())
    ids = stimuli.column("stimulus_id").to_pylist()
    subject = Subject(SUBJECT, values, regions, regions, MADE_OF)
    recordings = responses_and_targets(BENCHMARK, BENCHMARK, ids, [subject])
    recordings["ceilings"] = table_of(
        "ceilings",
        len(regions),
        benchmark=BENCHMARK,
        subject=SUBJECT,
        target_id=regions,
        roi=regions,
        method="noise ceiling of the Natural Scenes Dataset, from ncsnr and 5 participants",
        scale="max_r",
        value=[noise_ceiling(ncsnr, 5) for ncsnr in NCSNR.values()],
        source="Tuckute et al. (2024), NC-allroi-data.csv",
    )
    return HumanTables({BENCHMARK: stimuli}, recordings)


def _build_participants(paths: Paths) -> HumanTables:
    """Baseline sentences of every participant, from the official table: a row a sentence, region and participant."""
    path = paths[LONG.name]
    words = ("item_id", "sentence", "cond", "roi", "target_UID")
    columns: dict[str, type[pl.DataType]] = {**dict.fromkeys(words, pl.String), "response_target": pl.Float32}
    table = read_columns(path, columns).filter(pl.col("cond") == "B", pl.col("roi").is_in(list(NCSNR)))
    key = ("target_UID", "item_id", "roi")
    if table.select(key).is_duplicated().any():
        twice = table.filter(table.select(key).is_duplicated()).row(0, named=True)
        raise BrainlakeError(f"{path}: {twice['item_id']}, {twice['roi']} of {twice['target_UID']} stands in two rows")
    order = pl.col("item_id").str.strip_prefix("B.").cast(pl.Int64)
    sentences = table.select("item_id", "sentence").unique().sort(order)
    expect(path, "baseline sentences", sentences.height, N_SENTENCES)
    expect(path, "ids of baseline sentences", sentences["item_id"].n_unique(), N_SENTENCES)
    subjects = []
    for (name,), part in table.group_by("target_UID", maintain_order=True):
        wide = part.pivot("roi", index="item_id", values="response_target")
        absent = [roi for roi in NCSNR if roi not in wide.columns]
        if absent:
            raise BrainlakeError(f"{path}: participant {name} has no responses of {', '.join(absent)}")
        values = sentences.join(wide, on="item_id", how="left", maintain_order="left").select(list(NCSNR))
        responses = values.fill_null(float("nan")).to_numpy()
        subjects.append(Subject(str(name), responses, list(NCSNR), list(NCSNR), MADE_OF))
    stimuli = _stimuli(sentences["item_id"].to_list(), sentences["sentence"].to_list())
    ids = stimuli.column("stimulus_id").to_pylist()
    recordings = responses_and_targets(PARTICIPANTS, BENCHMARK, ids, subjects)
    ceilings = computed_ceilings(PARTICIPANTS, recordings, {BENCHMARK: stimuli}, "stimulus")
    if ceilings.rows.num_rows:
        recordings["ceilings"] = ceilings.rows
    return HumanTables({BENCHMARK: stimuli}, recordings, notes=ceilings.why_not)


def _stimuli(ids: list[str], sentences: list[str]) -> pa.Table:
    return table_of(
        "stimuli",
        len(ids),
        stimulus_set=BENCHMARK,
        stimulus_id=ids,
        position=range(len(ids)),
        document_id=ids,
        separator="",
        context_id=ids,
        sentence_id=ids,
        text=sentences,
    )


DATASETS = (
    HumanDataset(
        benchmark=BENCHMARK,
        stimulus_sets=(BENCHMARK,),
        files=(RESPONSES,),
        citation=CITATION,
        licence="none stated where the table was found; the authors' repository is MIT and holds no data",
        redistributable=False,
        origin=f"https://github.com/flawreen/LLM2vec/tree/{_COMMIT}",
        build=_build,
        modality="fmri",
        what="BOLD of the left language network on unrelated six-word sentences, mean over people",
        size="1,000 sentences, 6 regions, mean of 5 people",
        use="single sentences: no context, no groups, a ceiling a region",
        unit="stimulus",
        default_folds="by_stimulus",
    ),
    HumanDataset(
        benchmark=PARTICIPANTS,
        stimulus_sets=(BENCHMARK,),
        files=(LONG,),
        citation=CITATION,
        licence="none stated; the authors' repository is MIT and fetches the data from elsewhere",
        redistributable=False,
        origin="https://github.com/gretatuckute/drive_suppress_brains (its download script fetches the table)",
        build=_build_participants,
        modality="fmri",
        what="The same as tuckute2024, a row a person, from the table of the authors",
        size="1,000 sentences, 6 regions, every participant of the table",
        use="differences between people",
        unit="stimulus",
        default_folds="by_stimulus",
    ),
)
