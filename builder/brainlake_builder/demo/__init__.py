"""The embedded demo: a tiny language model, stimuli of our own, and simulated participants."""
