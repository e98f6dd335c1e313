"""
Your own table of recordings
============================

A table with a row a sentence, region and subject becomes a benchmark, and the demo model is scored on it. Here the
table is simulated; yours may be polars, pandas, pyarrow, or CSV files in a folder.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

import brainlake
import brainlake_builder
from brainlake.figures import by_targets

demo = brainlake.open_bank("demo")
sentences = demo.stimuli("demo.sentences")
layer = demo.activations("demo-llama", "demo.sentences", layer=2).values
rng = np.random.default_rng(0)
signal = {region: layer @ rng.standard_normal(layer.shape[1]) for region in ("IFG", "PostTemp")}
rows = [
    pl.DataFrame(
        {
            "subject": subject,
            "sentence": sentences["text"],
            "group_id": sentences["group_id"],
            "region": region,
            "value": of_region + of_region.std() * rng.standard_normal(len(layer)),
        }
    )
    for subject in ("anna", "ben")
    for region, of_region in signal.items()
]
mine = pl.concat(rows)
mine.head()

# %%
# Beside the values stand facts: what it is, whom to cite, and whether it may be passed on.

facts = {"benchmark": "mine", "modality": "fmri", "unit": "stimulus", "citation": "me", "licence": "not decided"}
frames = {"benchmarks": facts | {"redistributable": False}, "data": mine}

with tempfile.TemporaryDirectory() as folder:
    bank = Path(folder) / "bank"
    brainlake_builder.humans(frames, bank)
    brainlake_builder.extract(
        bank, str(Path(brainlake_builder.__file__).parent / "demo" / "model"), "mine", name="demo"
    )
    scores = brainlake.brain_alignment(bank, "mine", by="roi")
print(brainlake.summary(scores))

# %%
# A small plot a region:

figure = by_targets(scores, "roi")
figure
