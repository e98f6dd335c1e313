"""Every Parquet file of a bank as JSON, for readers in other languages to compare with: ``expected.py BANK``."""

import json
import math
import sys
from pathlib import Path

import pyarrow.parquet as pq


def plain(value):
    """NaN as null, as JSON has it."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


bank = Path(sys.argv[1])
files = sorted(bank.rglob("*.parquet"))
json.dump(
    {path.relative_to(bank).as_posix(): plain(pq.ParquetFile(path).read().to_pylist()) for path in files}, sys.stdout
)
