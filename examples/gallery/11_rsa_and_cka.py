"""
Representational similarity and CKA
===================================

Nothing is fitted: are stimuli that are far apart in the model far apart in the brain, and do the two kernels agree?
"""

import polars as pl

import brainlake
from brainlake.figures import layer_profile

bank = brainlake.open_bank("demo")
found = [brainlake.brain_alignment(bank, "demo.brain", protocol=name) for name in ("rsa", "cka+debiased=true")]
figure = layer_profile(found[0])
figure

# %%
# Both in numbers:

both = pl.concat(found).filter(kind="layer")
both.select("protocol", "metric", "model", "layer", "score").sort("protocol", "model", "layer")

# %%
# How dissimilarities are measured, and compared, are options: :doc:`/generated/protocols`.

cosine = brainlake.brain_alignment(bank, "demo.brain", protocol="rsa+dissimilarity=cosine+comparison=whitened_cosine")
cosine.filter(kind="headline").select("model", "metric", "score", "ci_low", "ci_high")
