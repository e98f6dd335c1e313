"""Natural Stories with published surprisals: what Oh and Schuler (2023), and Pimentel and Meister (2024), report."""

import csv

import numpy as np
import pytest
from scipy.stats import spearmanr

from brainlake import behavioral_alignment
from brainlake_builder.humans.ingest import ingest
from brainlake_builder.tables.frequency import build_frequency, from_wordfreq
from brainlake_builder.tables.imported_surprisal import import_surprisal

PYTHIA = ("70m", "160m", "410m", "14b", "28b", "69b", "120b")
"""By size, as the files are named: 1.4, 2.8, 6.9 and 12 billion parameters last."""


@pytest.fixture(scope="module")
def gains(tmp_path_factory, mirror):
    """Delta log-likelihood by model."""
    pytest.importorskip("wordfreq")
    bank = tmp_path_factory.mktemp("stories") / "bank"
    ingest(["futrell2018.realigned"], bank, mirror)
    tables = {
        name: mirror / f"pimentel_word_surprisal/surprisals/suprisal-natural_stories-{name}.tsv"
        for name in ("gpt2-small", *(f"pythia-{size}" for size in PYTHIA))
    } | {"gpt3": mirror / "naturalstories/ns_gpt3_word_surprisal.csv"}
    for name, table in tables.items():
        import_surprisal(table, bank, name, "futrell2018")
    build_frequency(bank, from_wordfreq())
    scores = behavioral_alignment(bank, "futrell2018.realigned", protocol="delta_llh").filter(kind="headline")
    assert scores["n_stimuli"].unique().to_list() == [9745]
    assert scores["ci_low"].null_count() == 0
    return dict(scores.select("model", "score").iter_rows())


@pytest.mark.mirror
def test_larger_pythias_add_less_and_gpt3_least(gains):
    pythia = [gains[f"pythia-{size}"] for size in PYTHIA]
    assert spearmanr(pythia, range(len(PYTHIA))).statistic <= -0.85
    assert 0 < gains["gpt3"] < min(pythia)


@pytest.mark.mirror
def test_ranks_agree_with_the_published_scores(gains, mirror):
    published = []
    for size in PYTHIA:
        path = mirror / f"pimentel_word_surprisal/delta_llh/llh-natural_stories-pythia-{size}.tsv"
        rows = list(csv.reader(path.open(encoding="utf-8"), delimiter="\t"))[1:]
        published.append(np.mean([float(row[5]) for row in rows if row[3] == "surprisal"]))
    assert spearmanr([gains[f"pythia-{size}"] for size in PYTHIA], published).statistic >= 0.85
