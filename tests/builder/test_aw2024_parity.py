"""Recipe and protocol aw2024 against the slow obvious way, on real data with a real model.

One forward pass a prefix, joined by Brain-Score's rule, truncated on the left by the tokenizer itself with its start
token kept; scikit-learn's LinearRegression on ShuffleSplit; nothing of brainlake but the data.
"""

import csv
import re

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import ShuffleSplit
from transformers import AutoModelForCausalLM, AutoTokenizer

from brainlake import behavioral_alignment, brain_alignment, open_bank
from brainlake_builder.extract import extract
from brainlake_builder.humans import ingest

pytestmark = pytest.mark.mirror

MODEL = "stories260K_hf"
SAMPLE = range(9, 10_256, 64)
"""Words whose surprisal is computed the slow way; all 10,256 take minutes (tests/benchmarks/naive_futrell2018.py)."""


def join(parts):
    return re.sub(r"\s+([.,!?;:])", r"\1", " ".join(part for part in parts if part != ""))


@pytest.fixture(scope="module")
def naive(mirror):
    path = mirror / MODEL
    tokenizer = AutoTokenizer.from_pretrained(path, truncation_side="left")
    return tokenizer, AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def bank(mirror, tmp_path_factory):
    root = tmp_path_factory.mktemp("parity")
    ingest(["tuckute2024", "futrell2018"], root)
    extract(root, [str(mirror / MODEL)], ["tuckute2024"], ["aw2024", "aw2024+readout=residual"])
    extract(root, [str(mirror / MODEL)], ["futrell2018"], ["aw2024"])
    return open_bank(root)


@pytest.fixture(scope="module")
def naive_features(mirror, naive):
    """Last-token output of both modules of every block: {(recipe, layer): (1000, 64)}, and the responses."""
    tokenizer, model = naive
    seen, features = {}, {}
    hooks = []
    for k, block in enumerate(model.model.layers, 1):
        for recipe, module in (("aw2024", block.post_attention_layernorm), ("aw2024+readout=residual", block)):

            def keep(_module, _inputs, output, key=(recipe, k)):
                seen[key] = (output[0] if isinstance(output, tuple) else output)[0, -1].numpy().copy()

            hooks.append(module.register_forward_hook(keep))
    with (mirror / "tuckute2024/bold_response_LH.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with torch.no_grad():
        for row in rows:
            model(**tokenizer(join([row["sentence"]]), truncation=True, return_tensors="pt"))
            for key, values in seen.items():
                features.setdefault(key, []).append(values)
    for hook in hooks:
        hook.remove()
    regions = [name for name in rows[0] if name.startswith("lang_")]
    Y = np.array([[float(row[name]) for name in regions] for row in rows])
    return {key: np.array(values) for key, values in features.items()}, Y, regions


@pytest.mark.parametrize("recipe", ["aw2024", "aw2024+readout=residual"])
def test_layerwise_scores_on_tuckute2024(bank, naive_features, recipe):
    features, Y, regions = naive_features
    scores = brain_alignment(bank, "tuckute2024", recipes=[recipe], protocol="aw2024", baselines=(), n_boot=0)
    shuffled = scores.filter(folds="shuffled", selection="none")
    for layer in range(1, 6):
        X = features[recipe, layer]
        np.testing.assert_allclose(
            bank.activations(MODEL, "tuckute2024", layer, recipe).values, X, rtol=1e-4, atol=1e-4
        )
        r = np.empty((10, len(regions)))
        for k, (train, test) in enumerate(ShuffleSplit(10, train_size=0.9, random_state=1).split(X)):
            P = LinearRegression().fit(X[train], Y[train]).predict(X[test])
            r[k] = [pearsonr(P[:, v], Y[test, v])[0] for v in range(len(regions))]
        found = dict(shuffled.filter(layer=layer).select("roi", "score").iter_rows())
        assert found[None] == pytest.approx(np.median(r, axis=1).mean(), abs=1e-3)
        for v, region in enumerate(regions):
            assert found[region] == pytest.approx(r[:, v].mean(), abs=1e-3)


def test_surprisal_on_futrell2018(bank, naive):
    tokenizer, model = naive
    words = bank.stimuli("futrell2018")["text"].to_list()
    expected = []
    with torch.no_grad():
        for k in SAMPLE:
            before, here = (len(tokenizer(join(words[:stop]))["input_ids"]) for stop in (k, k + 1))
            inputs = tokenizer(join(words[: k + 1]), truncation=True, return_tensors="pt")
            new = here - before
            logits = model(**inputs).logits[0, -new - 1 : -1]
            expected.append(torch.nn.functional.cross_entropy(logits, inputs["input_ids"][0, -new:], reduction="sum"))
    expected = np.array(expected) / np.log(2)
    found = bank.table("surprisal", stimulus_set="futrell2018")
    np.testing.assert_allclose(found["surprisal"].to_numpy()[list(SAMPLE)], expected, rtol=1e-4, atol=1e-4)
    times = bank.table("reading_times", benchmark="futrell2018").join(found, on="stimulus_id", maintain_order="left")
    scored = times["scored"].to_numpy()
    here = np.isin(np.arange(len(scored)), SAMPLE) & scored
    ours = pearsonr(times["surprisal"].to_numpy()[here], times["mean_ms"].to_numpy()[here])[0]
    naively = pearsonr(expected[here[list(SAMPLE)]], times["mean_ms"].to_numpy()[here])[0]
    assert ours == pytest.approx(naively, abs=1e-3)
    score = behavioral_alignment(bank, "futrell2018", protocol="aw2024", n_boot=0).filter(model=MODEL)
    whole = times.filter("scored")
    assert score["score"].item() == pytest.approx(abs(pearsonr(whole["surprisal"], whole["mean_ms"])[0]), abs=1e-12)
