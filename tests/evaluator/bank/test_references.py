"""References that lead nowhere are named, each by the file that makes it."""

import shutil

import pyarrow as pa
import pytest

from banks import build_wide
from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import remove_sidecar
from brainlake.contract.schema import TABLES
from brainlake_builder.tables.kernels import build_kernels
from brainlake_builder.tables.writer import write_table

FEATURES = {f"{table}/m/toy/document-26c1721e.parquet" for table in ("activations", "surprisal")}
HUMAN = {f"{table}/toy.brain.parquet" for table in ("responses", "targets", "ceilings")}


def without(bank, *paths):
    """What verify says once these files were taken out."""
    for path in paths:
        remove_sidecar(bank, path)
        (bank / path).unlink()
    rebuild_manifest(bank)
    return {(p.path, p.what.split(",")[0]) for p in open_bank(bank).verify()}


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (
            "stimuli/toy",
            FEATURES
            | {f"benchmarks/toy.{b}.parquet" for b in ("brain", "reading")}
            | {"responses/toy.brain.parquet", "reading_times/toy.reading.parquet"},
        ),
        ("models/m", FEATURES),
        ("benchmarks/toy.brain", HUMAN),
        ("targets/toy.brain", {"responses/toy.brain.parquet"}),
    ],
)
def test_what_is_gone_is_named_by_all_that_refer_to_it(own_bank, gone, named):
    assert without(own_bank, f"{gone}.parquet") == {(path, f"refers to {gone}") for path in named}


def test_parts_of_a_composite_and_sets_of_features(own_bank):
    row = {"benchmark": "both", "stimulus_sets": ["toy"], "composite_of": ["toy.brain", "nowhere"]}
    write_table(own_bank, "benchmarks", "both", pa.Table.from_pylist([row], schema=TABLES["benchmarks"]))
    row = {"stimulus_set": "lost", "stimulus_id": "a", "name": "length", "value": 1.0, "source": "us"}
    features = pa.Table.from_pylist([row], schema=TABLES["stimulus_features"])
    write_table(own_bank, "stimulus_features", "lost/us", features)
    assert without(own_bank) == {
        ("benchmarks/both.parquet", "refers to benchmarks/nowhere"),
        ("stimulus_features/lost/us.parquet", "refers to stimuli/lost"),
    }


def test_kernels_of_other_activations_and_kernels_that_stand_for_them(tmp_path):
    build_wide(tmp_path)
    list(build_kernels(tmp_path))
    path = "activations/m/s/document-26c1721e.parquet"
    assert without(tmp_path) == set()
    sidecar = tmp_path / "sidecars/kernels/m/s/document-26c1721e.json"
    text = sidecar.read_text()
    sidecar.write_text(text.replace(open_bank(tmp_path).feature_files("activations", "s")[0].sha256, "0" * 64))
    ((_, what),) = without(tmp_path)
    assert f"was made from another {path} than the one there" in what
    sidecar.write_text(text)
    assert without(tmp_path, path) == set()


def test_what_one_root_lacks_another_may_hold(own_bank, tmp_path):
    other = tmp_path / "other"
    for part in ("stimuli", "sidecars/stimuli"):
        shutil.copytree(own_bank / part, other / part)
    assert without(own_bank, "stimuli/toy.parquet")
    assert open_bank(own_bank, other).verify() == []
