"""
SQL
===

Every table of a bank is a view, and every number of it within a query's reach. More recipes: :doc:`/sql`.
"""

import brainlake

bank = brainlake.open_bank("demo")
bank.sql("select model, n_layers, width, n_params, untrained_seed from models")

# %%
# Correlation of surprisal with reading times, without brainlake's functions:

bank.sql("""
    select model, corr(surprisal, value) as r
    from reading_times join surprisal using (stimulus_set, stimulus_id)
    where benchmark = 'demo.reading' and scored
    group by model order by r desc
""")

# %%
# The size of activations over layers:

bank.sql("""
    select model, layer, avg(sqrt(list_inner_product(activation, activation))) as norm
    from activations where stimulus_set = 'demo.sentences'
    group by all order by all
""")

# %%
# The words that surprised the model most:

bank.sql("""
    select text, round(surprisal, 1) as bits, round(value) as ms
    from surprisal s join stimuli using (stimulus_set, stimulus_id) join reading_times using (stimulus_set, stimulus_id)
    where model = 'demo-llama' order by surprisal desc limit 5
""")
