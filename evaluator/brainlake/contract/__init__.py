"""What a bank is: schemas, sidecars, recipes, names and paths, digests. Imports nothing of ours but errors."""
