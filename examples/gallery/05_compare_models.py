"""
Compare models
==============

Whether one model is better than another is asked of their difference, on the same folds: two intervals that overlap say
little. Models that no adjusted p value tells apart stand together.
"""

import brainlake
from brainlake.figures import ranking

bank = brainlake.open_bank("demo")
pairs = brainlake.compare(bank, "demo.brain", baselines=["length", "oasm"])
pairs.select("model_a", "model_b", "difference", "ci_low", "ci_high", "p_value", "p_adjusted")

# %%
# From the pairs, groups: the best first, and no place numbers.

for group in brainlake.indistinguishable(pairs):
    print(" = ".join(group))

# %%
# The figure of ranks takes the pairs, and shows the groups:

scores = brainlake.brain_alignment(bank, "demo.brain", baselines=["length", "oasm"])
figure = ranking(scores, pairs)
figure

# %%
# Reading times are compared by what surprisal adds; stories are drawn instead of folds.

reading = brainlake.compare(bank, "demo.reading")
reading.select("model_a", "model_b", "metric", "difference", "ci_low", "ci_high", "p_value")
