"""Brain and behavioral alignment of language models, from a bank of precomputed features."""
