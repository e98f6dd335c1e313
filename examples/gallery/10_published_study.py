"""
The published study
===================

What Aw et al. (2023) published of 25 models ships with the package. What tuning on instructions changes, and what goes
with alignment, with intervals that count bases and not models.
"""

import polars as pl

import brainlake
from brainlake.figures import against_property, tuned_against_base

tables = brainlake.published()
gains = brainlake.tuning_effect(tables.scores, tables.models, tables.benchmarks)
of_all = gains.filter(family="all", statistic="mean_of_ratios")
of_all.select("benchmark", "value", "ci_low", "ci_high", "p_value", "n_models", "n_bases")

# %%
# Each tuned model joined to its base:

brain = tables.scores.filter(benchmark="aw2024.brain")
dumbbells = tuned_against_base(brain, tables.models, tables.benchmarks)
dumbbells

# %%
# Each tuned model beside its base:

pairs = brainlake.tuning_pairs(tables.scores, tables.models, tables.benchmarks)
pairs.filter(benchmark="aw2024.brain").select("model", "base", "score", "base_score", "difference").head(8)

# %%
# What goes with alignment over the 17 tuned models. ``p_independent`` takes models that share a base for independent.

r = brainlake.property_correlations(tables.scores, tables.model_properties, tables.models, tables.benchmarks)
whole = r.filter(pl.col("left_out").is_null(), pl.col("given").is_null(), benchmark="aw2024.brain", method="pearson")
whole.filter(models="tuned").select("property", "r", "ci_low", "ci_high", "p_value", "p_independent")

# %%
# Alignment against size:

size = against_property(brain, tables.models, tables.model_properties, benchmarks=tables.benchmarks)
size
