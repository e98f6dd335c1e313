"""Recipe and protocol aw2024 the slow obvious way, with nothing of brainlake.

One forward pass a prefix, joined by Brain-Score's rule, truncated on the left by the tokenizer itself with its start
token kept; scikit-learn's LinearRegression on ShuffleSplit; scipy's pearsonr.

As a program it computes the whole of Futrell2018 (10,256 passes, minutes) and prints the correlation:
``python tests/naive_aw2024.py MODEL_FOLDER NATURALSTORIES_RTS_FOLDER``.
"""

import csv
import re
import sys
from pathlib import Path

import numpy as np
import torch
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import ShuffleSplit
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(path):
    """Tokenizer and model of a local folder."""
    tokenizer = AutoTokenizer.from_pretrained(path, truncation_side="left")
    return tokenizer, AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()


def join(parts):
    """Brain-Score's join of the parts of a context."""
    return re.sub(r"\s+([.,!?;:])", r"\1", " ".join(part for part in parts if part != ""))


@torch.no_grad()
def features(tokenizer, model, texts):
    """Last-token output of both modules of every LLaMA block: {(recipe, layer): (n, d)}."""
    seen, found, hooks = {}, {}, []
    for k, block in enumerate(model.model.layers, 1):
        for recipe, module in (("aw2024", block.post_attention_layernorm), ("aw2024+readout=residual", block)):

            def keep(_module, _inputs, output, key=(recipe, k)):
                seen[key] = (output[0] if isinstance(output, tuple) else output)[0, -1].numpy().copy()

            hooks.append(module.register_forward_hook(keep))
    for text in texts:
        model(**tokenizer(join([text]), truncation=True, return_tensors="pt"))
        for key, values in seen.items():
            found.setdefault(key, []).append(values)
    for hook in hooks:
        hook.remove()
    return {key: np.array(values) for key, values in found.items()}


def layer_scores(X, Y):
    """Pearson of every split and target, shape (10, v)."""
    r = []
    for train, test in ShuffleSplit(10, train_size=0.9, random_state=1).split(X):
        P = LinearRegression().fit(X[train], Y[train]).predict(X[test])
        r.append([pearsonr(P[:, v], Y[test, v])[0] for v in range(Y.shape[1])])
    return np.array(r)


@torch.no_grad()
def surprisal(tokenizer, model, words):
    """Bits of the tokens that each word adds to the text before it; the first word's after the start token."""
    found, before = [], 1
    for stop in range(1, len(words) + 1):
        text = join(words[:stop])
        here = len(tokenizer(text)["input_ids"])
        inputs = tokenizer(text, truncation=True, return_tensors="pt")
        new, before = here - before, here
        logits = model(**inputs).logits[0, -new - 1 : -1]
        loss = torch.nn.functional.cross_entropy(logits, inputs["input_ids"][0, -new:], reduction="sum")
        found.append(loss.item() / np.log(2))
    return np.array(found)


def main(model, stories):
    """Print the correlation over the scored words of Futrell2018."""
    with (Path(stories) / "all_stories.tok").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    with (Path(stories) / "d5cbe5a/processed_wordinfo.tsv").open(newline="") as file:
        times = {(r["item"], r["zone"]): float(r["meanItemRT"]) for r in csv.DictReader(file, delimiter="\t")}
    words = [row["word"] for row in rows]
    ends = [
        word.endswith((".", "?", "!", ".'", "?'", "!'", ";'")) and not (after.islower() or word == "Mr.")
        for word, after in zip(words, [*words[1:], ""], strict=True)
    ]
    scored = ~np.array([True, *ends[:-1]])
    bits = surprisal(*load(model), words)
    y = np.array([times[row["item"], row["zone"]] for row in rows])
    print(f"{scored.sum()} words, r = {pearsonr(bits[scored], y[scored])[0]:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
