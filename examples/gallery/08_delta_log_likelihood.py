"""
Delta log-likelihood
====================

What surprisal adds to length, frequency, punctuation, position and spillover on stories that were left out, in nats a
word.
"""

import brainlake
from brainlake.figures import reading_gains

bank = brainlake.open_bank("demo")
scores = brainlake.behavioral_alignment(bank, "demo.reading", protocol="delta_llh", by="text")
print(brainlake.summary(scores))

# %%
# As a figure:

figure = reading_gains(scores)
figure

# %%
# What was gained on every left-out story, for inference of your own:

scores.filter(kind="left_out").select("model", "target_id", "score", "n_stimuli")

# %%
# With the number of sub-words held constant too, an untrained network has nothing left to add:

stricter = brainlake.behavioral_alignment(bank, "demo.reading", protocol="delta_llh+subwords=true")
stricter.filter(kind="headline").select("model", "score", "ci_low", "ci_high", "controls")
