"""
Read a bank with datasets
=========================

A bank needs no library of ours: every file is Parquet, and ``README.md`` names the configurations that
``datasets.load_dataset`` takes, on disk as on the Hub.
"""

from datasets import load_dataset

surprisal = load_dataset("demo", "surprisal", split="train")
surprisal.to_polars().head()

# %%
# A configuration a model, stimulus set and recipe holds the activations, a row a layer and stimulus:

activations = load_dataset("demo", "demo-llama.demo.sentences.document", split="train")
one = activations.with_format("numpy")[0]
print(one["layer"], one["stimulus_id"], one["activation"].shape)

# %%
# Polars, pandas, pyarrow and DuckDB read the same files:

import polars as pl

pl.scan_parquet("demo/activations/demo-llama/demo.sentences/*.parquet").group_by("layer").len().sort("layer").collect()
