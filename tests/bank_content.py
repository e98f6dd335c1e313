"""What two banks that were made at other times, or elsewhere, have in common: every byte that holds no time."""

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq


def content(bank: Path) -> dict[str, str]:
    """Every file of a bank by its bytes, the manifest by its rows, but for the times that they hold."""
    found = {}
    for path in sorted(p for p in bank.rglob("*") if p.is_file() and p.suffix != ".lock"):
        text = path.read_bytes()
        if path.suffix == ".json":
            text = json.dumps(without_times(json.loads(text))).encode()
        if path.name == "manifest.parquet":
            rows = pq.read_table(path).drop_columns(["created_at", "sidecar_sha256"]).to_pylist()
            text = json.dumps(rows, default=str).encode()
        found[path.relative_to(bank).as_posix()] = hashlib.sha256(text).hexdigest()
    return found


def without_times(value):
    if isinstance(value, dict):
        # The hashes are those of the sidecars, which hold times, and of manifest.parquet, which holds those of them.
        times = ("created_at", "sidecar_sha256", "manifest_parquet_sha256")
        return {k: without_times(v) for k, v in value.items() if k not in times}
    return [without_times(v) for v in value] if isinstance(value, list) else value
