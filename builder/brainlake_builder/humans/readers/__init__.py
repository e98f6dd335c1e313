"""One module a human dataset, or a family of them: its raw files, its facts, and how they become tables."""
