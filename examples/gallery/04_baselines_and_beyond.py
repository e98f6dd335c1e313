"""
Baselines, and what a model explains beyond them
================================================

Position in the passage, length, neighbours in time, hashed word vectors: features that need no model are scored on the
same folds.
"""

import polars as pl

import brainlake
from brainlake.figures import ranking

scores = brainlake.brain_alignment("demo", "demo.brain")
figure = ranking(scores)
figure

# %%
# Untrained twins and baselines have marks of their own. The baselines in numbers:

headline = scores.filter(kind="headline")
headline.filter(pl.col("model").str.starts_with("baseline:")).select("model", "score", "ci_low", "ci_high")

# %%
# Kind ``beyond`` is the variance that model and baselines explain together less that of the baselines alone: unique
# variance, of cross-validated R². It may be negative.

scores.filter(kind="beyond").select("model", "score", "ci_low", "ci_high", "metric", "controls")

# %%
# Which baselines count is a choice, and stands in ``controls``:

other = brainlake.brain_alignment("demo", "demo.brain", baselines=["length"])
other.filter(kind="beyond").select("model", "score", "ci_low", "ci_high", "controls")
