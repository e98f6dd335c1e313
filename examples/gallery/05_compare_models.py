"""
Compare models
==============

Whether one model is better than another is asked of their difference, on the same folds: two intervals that overlap say
little. Models that no adjusted p value tells apart stand together.
"""

import brainlake

bank = brainlake.open_bank("demo")
pairs = brainlake.compare(bank, "demo.brain", baselines=["length", "oasm"])
pairs.select("model_a", "model_b", "difference", "ci_low", "ci_high", "p_value", "p_adjusted")

# %%
# From the pairs, groups: the best first, and no place numbers.

for group in brainlake.indistinguishable(pairs):
    print(" = ".join(group))

# %%
# Reading times are compared by what surprisal adds; stories are drawn instead of folds.

reading = brainlake.compare(bank, "demo.reading")
reading.select("model_a", "model_b", "metric", "difference", "ci_low", "ci_high", "p_value")
