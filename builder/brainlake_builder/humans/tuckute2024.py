"""Tuckute et al. (2024): left-hemisphere language regions on 1,000 sentences, averaged over participants."""

import math
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, table_of
from brainlake_builder.humans.source import RawFile

BENCHMARK = "tuckute2024"
N_SENTENCES = 1000
SUBJECT = "mean of 5 participants"

NCSNR = {
    "lang_LH_AntTemp": 0.230227243,
    "lang_LH_IFG": 0.226915578,
    "lang_LH_IFGorb": 0.22673763,
    "lang_LH_MFG": 0.269002404,
    "lang_LH_PostTemp": 0.31750692,
    "lang_LH_netw": 0.3016193,
}
"""Noise-ceiling signal-to-noise ratio of every region (NC-allroi-data.csv of the paper), in the order of the file."""

RESPONSES = RawFile(
    "tuckute2024/bold_response_LH.csv",
    "sha256:7b794f7efbd2abd76012d629e4f7a19bb758bb0a85a1fae8c50e8fadd52f1e0f",
    "https://raw.githubusercontent.com/flawreen/LLM2vec/72a36f7bf5cc58df2bdee665856c2944afdf89db/bold_response_LH.csv",
)

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


def _build(paths: Mapping[str, Path]) -> HumanTables:
    path = paths[RESPONSES.name]
    table = pl.read_csv(path, infer_schema=False)
    expected = ["item_id", "sentence", *NCSNR]
    if table.columns != expected:
        raise BrainlakeError(f"{path} has the columns {', '.join(table.columns)}, not {', '.join(expected)}")
    if table.height != N_SENTENCES or table["item_id"].n_unique() != N_SENTENCES:
        raise BrainlakeError(f"{path} holds {table.height} sentences, not {N_SENTENCES} with an id each")
    values = table.select(pl.col(list(NCSNR)).cast(pl.Float32)).to_numpy()
    ids, regions = table["item_id"].to_list(), list(NCSNR)
    stimuli = table_of(
        "stimuli",
        N_SENTENCES,
        stimulus_set=BENCHMARK,
        stimulus_id=ids,
        position=range(N_SENTENCES),
        document_id=ids,
        separator="",
        context_id=ids,
        sentence_id=ids,
        text=table["sentence"].to_list(),
    )
    responses = table_of(
        "responses",
        N_SENTENCES,
        benchmark=BENCHMARK,
        stimulus_set=BENCHMARK,
        subject=SUBJECT,
        row_id=ids,
        presentation=0,
        response=list(values),
    )
    k = len(regions)
    targets = table_of(
        "targets", k, benchmark=BENCHMARK, subject=SUBJECT, index=range(k), target_id=regions, roi=regions
    )
    ceilings = table_of(
        "ceilings",
        k,
        benchmark=BENCHMARK,
        subject=SUBJECT,
        target_id=regions,
        roi=regions,
        method="noise ceiling of the Natural Scenes Dataset, from ncsnr and 5 participants",
        scale="max_r",
        value=[noise_ceiling(ncsnr, 5) for ncsnr in NCSNR.values()],
        source="Tuckute et al. (2024), NC-allroi-data.csv",
    )
    return HumanTables({BENCHMARK: stimuli}, {"responses": responses, "targets": targets, "ceilings": ceilings})


DATASETS = (
    HumanDataset(
        benchmark=BENCHMARK,
        stimulus_sets=(BENCHMARK,),
        files=(RESPONSES,),
        citation=CITATION,
        licence="none stated where the table was found; the authors' repository is MIT and holds no data",
        redistributable=False,
        origin="https://github.com/flawreen/LLM2vec/tree/72a36f7bf5cc58df2bdee665856c2944afdf89db",
        build=_build,
        modality="fmri",
        unit="stimulus",
        default_folds="by_stimulus",
    ),
)
