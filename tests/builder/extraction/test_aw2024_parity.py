"""Recipe and protocol aw2024 against the slow obvious way (tests/naive_aw2024.py), on real data with a real model."""

import csv

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import pearsonr

import naive_aw2024 as naive
from brainlake import behavioral_alignment, brain_alignment, open_bank
from brainlake.contract.schema import TABLES
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.humans.ingest import ingest
from brainlake_builder.tables.writer import write_table

pytestmark = pytest.mark.mirror

MODEL = "stories260K_hf"
RECIPES = ("aw2024", "aw2024+readout=residual")
N_WORDS = 400
"""The first words of Futrell2018; the model's window holds about 165, so most are truncated on the left."""


@pytest.fixture(scope="module")
def bank(mirror, tmp_path_factory):
    root = tmp_path_factory.mktemp("parity")
    ingest(["tuckute2024", "futrell2018"], root)
    whole = open_bank(root)
    for table in ("stimuli", "reading_times"):
        rows = whole.table(table).filter(stimulus_set="futrell2018").head(N_WORDS).to_dicts()
        rows = [
            row | {"stimulus_set": "beginning"} | ({"benchmark": "beginning"} if "measure" in row else {})
            for row in rows
        ]
        write_table(root, table, "beginning", pa.Table.from_pylist(rows, schema=TABLES[table]))
    extract(ExtractionRequest(root, [str(mirror / MODEL)], ["tuckute2024"], RECIPES))
    extract(ExtractionRequest(root, [str(mirror / MODEL)], ["beginning"], ["aw2024"]))
    return open_bank(root)


@pytest.fixture(scope="module")
def loaded(mirror):
    return naive.load(mirror / MODEL)


@pytest.fixture(scope="module")
def slow(mirror, loaded):
    """Features the slow way, responses and their regions."""
    with (mirror / "tuckute2024/bold_response_LH.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    regions = [name for name in rows[0] if name.startswith("lang_")]
    Y = np.array([[float(row[name]) for name in regions] for row in rows])
    return naive.features(*loaded, [row["sentence"] for row in rows]), Y, regions


@pytest.mark.parametrize("recipe", RECIPES)
def test_layerwise_scores_on_tuckute2024(bank, slow, recipe):
    features, Y, regions = slow
    scores = brain_alignment(
        bank, "tuckute2024", recipes=[recipe], protocol="aw2024", by=("roi",), baselines=(), n_boot=0
    )
    shuffled = scores.filter(folds="shuffled", selection="none")
    for layer in range(1, 6):
        X = features[recipe, layer]
        values = bank.activations(MODEL, "tuckute2024", layer, recipe).values
        np.testing.assert_allclose(values, X, rtol=1e-4, atol=1e-4)
        r = naive.layer_scores(X, Y)
        found = dict(shuffled.filter(layer=layer).select("roi", "score").iter_rows())
        parts = [v for v, region in enumerate(regions) if region != "lang_LH_netw"]  # the network is the parts' mean
        assert found[None] == pytest.approx(np.median(r[:, parts], axis=1).mean(), abs=1e-3)
        for v, region in enumerate(regions):
            assert found[region] == pytest.approx(r[:, v].mean(), abs=1e-3)


@pytest.mark.slow
def test_surprisal_and_correlation_on_futrell2018(bank, loaded):
    words = bank.stimuli("beginning")["text"].to_list()
    expected = naive.surprisal(*loaded, words)
    found = bank.table("surprisal", stimulus_set="beginning")["surprisal"].to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    times = bank.table("reading_times", benchmark="beginning")
    scored = times["scored"].to_numpy()
    r = pearsonr(expected[scored], times["value"].to_numpy()[scored])[0]
    score = behavioral_alignment(bank, "beginning", protocol="aw2024", n_boot=0).filter(model=MODEL)
    assert score["n_stimuli"].item() == scored.sum()
    assert score["score"].item() == pytest.approx(abs(r), abs=1e-3)
