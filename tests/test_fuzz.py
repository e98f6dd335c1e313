"""Structure-aware fuzz: whatever comes, a result or one of our errors. ``BRAINLAKE_FUZZ=1000`` runs as many of each."""

import json
import os
import shutil
import warnings

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brainlake import BrainlakeError, open_bank
from brainlake.bank.execution import fetch
from brainlake.report.tables import FORMATS, render
from brainlake_builder.demo.tables import model_folder
from brainlake_builder.extraction.own_text import word_surprisal
from brainlake_builder.humans.ingest import ingest_folder
from brainlake_builder.humans.templates import TEMPLATES, write_template

RUNS = int(os.environ.get("BRAINLAKE_FUZZ", "0"))
"""How many of each, where that is asked for."""

REFUSED = (BrainlakeError, duckdb.Error, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What :meth:`brainlake.bank.catalogue.Bank.sql` turns into one line."""

with duckdb.connect() as CON:
    TYPES = CON.sql("select * from test_all_types()").columns


def values(inner):
    """SQL of values that hold others."""
    return st.one_of(
        st.builds("[{}, null]".format, inner),
        st.builds("[{0}, {0}]".format, inner),
        st.builds("{{'k': {}, 'a b': {}}}".format, inner, inner),
        st.builds("map([{}], [{}])".format, inner, inner),
        st.builds("array_value({0}, {0})".format, inner),
        st.builds('union_value("u v" := {})'.format, inner),
        st.builds("row({}, {})".format, inner, inner),
        st.builds("{}::variant".format, inner),
        st.builds("to_json({})".format, inner),
    )


LITERALS = st.sampled_from(
    ["null", "''", "'\"\n,\x1b[31m'", "'nan'::float", "1e-300", "-0.0", "[]", "2::hugeint ** 126"]
)
EXPRESSIONS = st.recursive(st.sampled_from([f'"{name}"' for name in TYPES]) | LITERALS, values, max_leaves=4)
NAMES = st.sampled_from(["v", "V", "select", 'a""b', "a,b", "\n", "\U0001f9e0", "file"])


@settings(max_examples=RUNS or 50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(EXPRESSIONS, NAMES), min_size=1, max_size=3), st.sampled_from(["", " where false", " limit 1"])
)
def test_results_of_sql(tmp_path_factory, columns, rest):
    asked = ", ".join(f'{value} as "{name}"' for value, name in columns)
    query = f"select {asked} from test_all_types(){rest}"
    with duckdb.connect() as con:
        try:
            table = fetch(con, query)
        except REFUSED:
            return
    for form in FORMATS:
        assert render(table, form) or not table.height
    json.loads(render(table, "json"))
    table.write_parquet(tmp_path_factory.getbasetemp() / "fuzz.parquet")


CELLS = (
    "",
    "nan",
    "-999",
    "1e400",
    "-0",
    "\x00",
    "\ufeff",
    "e\u0301",
    '"',
    "a,b",
    "x" * 5000,
    "true",
    "0x10",
    "../a",
    "null",
)
"""What may stand in a cell."""


def damaged_text(text: str, rng: np.random.Generator) -> bytes:
    """A table with one thing changed that a person or a program may change."""
    lines = text.splitlines()
    at = int(rng.integers(len(lines)))
    cells = lines[at].split(",")
    column = int(rng.integers(len(cells)))
    content = text.encode()
    match int(rng.integers(12)):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2 | 3 | 4:
            lines[at] = ",".join([*cells[:column], CELLS[rng.integers(len(CELLS))], *cells[column + 1 :]])
        case 5:
            lines = [",".join(part for i, part in enumerate(line.split(",")) if i != column) for line in lines]
        case 6:
            lines[at] += ",more"
        case 7:
            lines = [line.replace(",", ";") for line in lines]
        case 8:
            return content[: int(rng.integers(len(content)))]
        case 9:
            place = int(rng.integers(len(content)))
            return content[:place] + rng.bytes(3) + content[place + 1 :]
        case 10:
            return content.decode().encode("utf-16")
        case _:
            rng.shuffle(lines)
    return "\n".join(lines).encode()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_folders_of_csv_files(tmp_path, kind):
    write_template(kind, tmp_path / "sound")
    for seed in range(-(-(RUNS or 50) // len(TEMPLATES))):
        rng = np.random.default_rng(seed)
        folder, bank = tmp_path / f"{seed}", tmp_path / f"{seed}.bank"
        shutil.copytree(tmp_path / "sound", folder)
        for _ in range(rng.integers(1, 4)):
            path = rng.choice(sorted(folder.glob("*.csv")))
            path.write_bytes(damaged_text(path.read_bytes().decode(errors="replace") or "x", rng))
        try:
            ingest_folder(folder, bank)
        except BrainlakeError:
            pass
        else:
            assert open_bank(bank).verify() == []
        shutil.rmtree(bank, ignore_errors=True)


ODD = (None, "", "x", -1, 0, 1, 10**12, 1.5, True, [], {}, [None], {"a": 1})
"""What may stand in a configuration in place of something else."""


def damaged_json(content: bytes, rng: np.random.Generator) -> bytes:
    """A configuration with one value changed or gone, at any depth."""
    whole = here = json.loads(content)
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(min(len(here), 40)))
        if not keys:
            break
        key = keys[int(rng.integers(len(keys)))]
        if isinstance(here[key], dict | list) and here[key] and rng.random() < 0.7:
            here = here[key]
            continue
        if rng.random() < 0.3:
            del here[key]
        else:
            here[key] = ODD[rng.integers(len(ODD))]
        break
    return json.dumps(whole).encode()


def damaged_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    """A file that was cut, or some of whose first bytes changed: of weights, the header."""
    if rng.random() < 0.4:
        return content[: int(rng.integers(len(content)))]
    changed = bytearray(content)
    for place in rng.integers(min(len(content), 3000), size=4):
        changed[place] = int(rng.integers(256))
    return bytes(changed)


def test_folders_of_models(tmp_path):
    for seed in range(min(RUNS, 500) or 25):
        rng = np.random.default_rng(seed)
        folder = tmp_path / f"{seed}"
        shutil.copytree(model_folder(), folder)
        path = rng.choice(sorted(p for p in folder.iterdir() if p.suffix in (".json", ".safetensors")))
        if rng.random() < 0.1:
            path.unlink()
        elif path.suffix == ".json" and rng.random() < 0.8:
            path.write_bytes(damaged_json(path.read_bytes(), rng))
        else:
            path.write_bytes(damaged_bytes(path.read_bytes(), rng))
        try:
            with warnings.catch_warnings(action="ignore"):
                word_surprisal(folder, "The boy who cried wolf.")
        except BrainlakeError:
            pass
        except Exception as error:
            raise AssertionError(f"seed {seed}: {path.name}") from error
        shutil.rmtree(folder)
