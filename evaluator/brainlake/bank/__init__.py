"""What lies in a bank, of one root or many: manifest, catalogue, views, queries, verification, pulling; no scores."""
