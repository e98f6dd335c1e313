"""Builds banks: layerwise activations and word surprisal of language models, and human data, in Parquet."""
