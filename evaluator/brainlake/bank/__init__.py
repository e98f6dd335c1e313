"""What lies in a bank, one root or many, as one catalogue: manifest, views, queries, verification, pulling; no scores."""
