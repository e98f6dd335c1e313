"""Language models: how they are loaded, and how each architecture is run."""
