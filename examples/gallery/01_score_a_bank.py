"""
Score a bank
============

Every layer of every model of a bank against brain responses: a line a model, best first.
"""

import brainlake
from brainlake.figures import ranking

bank = brainlake.open_bank("demo")
scores = brainlake.brain_alignment(bank, "demo.brain")
print(brainlake.summary(scores))

# %%
# The same as a figure, which saves as SVG, PDF, PNG or HTML (:doc:`save </api/brainlake.figures.save>`):

figure = ranking(scores)
figure

# %%
# The frame has every row; the column ``kind`` says what a row is. What to report is the headline:

columns = ["model", "score", "ci_low", "ci_high", "ceiling", "selected_layers", "n_stimuli", "n_targets"]
scores.filter(kind="headline").select(columns)
