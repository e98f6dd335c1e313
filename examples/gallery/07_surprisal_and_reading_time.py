"""
Surprisal and reading time
==========================

Word surprisal beside what people took to read the word, with the floors that need no language model.
"""

import brainlake
from brainlake.figures import ranking

bank = brainlake.open_bank("demo")
scores = brainlake.behavioral_alignment(bank, "demo.reading", protocol="pearson")
print(brainlake.summary(scores))

# %%
# Longer words take longer and surprise more. How much of the correlation is that, the floors show: the number of
# characters, and the number of sub-words of the model's tokenizer, which the untrained twin reaches as well.

figure = ranking(scores)
figure

# %%
# With how many words:

scores.filter(kind="headline").select("model", "score", "ci_low", "ci_high", "n_stimuli")
