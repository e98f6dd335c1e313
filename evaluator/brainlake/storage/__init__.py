"""Files, Parquet footers and the Hub's endpoints: bytes that are whole, checked and pinned; no catalogue, no query."""
