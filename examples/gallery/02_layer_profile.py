"""
Layer profile
=============

Where in a model the responses are predicted best, with the interval of every layer, its ceiling, and an untrained twin
beside it.
"""

import brainlake
from brainlake.figures import layer_profile

bank = brainlake.open_bank("demo")
scores = brainlake.brain_alignment(bank, "demo.brain")
figure = layer_profile(scores)
figure

# %%
# The numbers behind it:

layers = scores.filter(kind="layer").sort("model", "layer")
layers.select("model", "layer", "score", "ci_low", "ci_high", "ceiling")

# %%
# The simulated voxels read from layer 2. The headline does not take the best of these rows: every outer fold chooses
# its layer by its training part alone, and what it chose stands beside the score.

scores.filter(kind="headline").select("model", "selected_layers", "score")

# %%
# What choosing on the test folds would have added is optimism. It is a row of its own:

scores.filter(kind="best_on_test").select("model", "score", "ci_method")
