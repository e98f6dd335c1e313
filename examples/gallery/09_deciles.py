"""
Is the effect of surprisal linear?
==================================

Reading times in deciles of surprisal: a spline, fitted to the other stories, plus the residual.
"""

import polars as pl

import brainlake
from brainlake.figures import surprisal_deciles

bank = brainlake.open_bank("demo")
shapes = brainlake.surprisal_shapes(bank, "demo.reading", models="demo-llama")
figure = surprisal_deciles(shapes)
figure

# %%
# The numbers behind it:

shapes.select("bin", "predictor_mean", "value", "ci_low", "ci_high", "n_stimuli")

# %%
# The simulation is linear. What a quadratic and a spline add to the straight line, held out, is of kind ``curvature``;
# an interval above zero would say that the effect is not linear.

scores = brainlake.behavioral_alignment(bank, "demo.reading", models="demo-llama", protocol="delta_llh")
scores.filter(pl.col("kind").is_in(["headline", "curvature"])).select("kind", "metric", "score", "ci_low", "ci_high")
