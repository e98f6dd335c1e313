"""
Shuffled and grouped folds
==========================

Sentences of one passage are alike, and so are the responses to them. Shuffled folds put them on both sides; folds that
split no passage do not.
"""

import polars as pl

import brainlake
from brainlake.figures import by_targets, folds_beside

scores = brainlake.brain_alignment("demo", "demo.brain", by="roi")
figure = folds_beside(scores)
figure

# %%
# As a table, with the difference:

whole = scores.filter(pl.col("roi").is_null())
grouped = whole.filter(kind="headline").select("model", grouped="score")
shuffled = whole.filter(kind="other_folds").select("model", shuffled="score")
beside = grouped.join(shuffled, on="model").with_columns(leak=pl.col("shuffled") - pl.col("grouped"))
beside.sort("leak", descending=True)

# %%
# ``baseline:oasm`` knows nothing but which sentences are neighbours. The simulation says what a perfect model
# would reach; under shuffled folds that is more, as passages leak there too:

ceilings = brainlake.open_bank("demo").table("ceilings", benchmark="demo.brain")
ceilings.group_by("roi", "folds", maintain_order=True).agg(pl.col("value").median().round(3))

# %%
# The two regions were simulated with a strong and a weak signal:

regions = by_targets(scores, "roi")
regions
