"""Kernels: written where they are smaller, and the same scores from them as from activations."""

import shutil
from contextlib import nullcontext
from functools import partial

import numpy as np
import pytest

from banks import build_wide
from brainlake import brain_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.engines.unit import in_this_process
from brainlake.errors import BrainlakeError
from brainlake_builder.cli import main
from brainlake_builder.tables import kernels
from brainlake_builder.tables.arrival import check_arrived
from brainlake_builder.tables.kernels import build_kernels


@pytest.fixture(scope="module")
def wide_bank(tmp_path_factory):
    root = tmp_path_factory.mktemp("wide")
    build_wide(root)
    return root


@pytest.fixture(scope="module")
def kernels_only(wide_bank, tmp_path_factory):
    root = tmp_path_factory.mktemp("kernels") / "bank"
    shutil.copytree(wide_bank, root)
    assert [f.written is not None for f in build_kernels(root)] == [True]
    shutil.rmtree(root / "activations")
    rebuild_manifest(root)
    return root


@pytest.mark.parametrize(
    "protocol",
    ["grouped", "grouped+penalty=target", "aw2024", "rsa", "rsa+dissimilarity=euclidean", "cka", "cka+debiased=true"],
)
def test_scores_are_those_of_activations(wide_bank, kernels_only, protocol):
    here, there = (
        brain_alignment(open_bank(root), "wide", protocol=protocol, n_boot=40) for root in (wide_bank, kernels_only)
    )
    assert here.drop("score", "normalized", "ci_low", "ci_high").equals(
        there.drop("score", "normalized", "ci_low", "ci_high")
    )
    np.testing.assert_allclose(there["score"], here["score"], atol=1e-5)


def test_command_writes_none_where_activations_are_smaller(own_bank, capsys):
    assert main(["kernels", "--bank", str(own_bank)]) == 0
    assert "the activations are the smaller download, no kernel written" in capsys.readouterr().out
    assert not (own_bank / "kernels").exists()


def test_kernels_that_are_there_are_left_alone(wide_bank, tmp_path):
    root = tmp_path / "bank"
    shutil.copytree(wide_bank, root)
    (first,) = [f.written for f in build_kernels(root)]
    (second,) = [f.written for f in build_kernels(root)]
    assert first == second
    assert not open_bank(root).verify()


def test_kernels_that_another_machine_wrote_elsewhere_are_missed(wide_bank, tmp_path, monkeypatch):
    here, there = (shutil.copytree(wide_bank, tmp_path / name) for name in ("here", "there"))
    elsewhere = kernels._kernels_elsewhere
    monkeypatch.setattr(kernels, "engine_named", lambda _: nullcontext(in_this_process))
    monkeypatch.setattr(kernels, "_kernels_elsewhere", lambda _, sidecar: elsewhere(there, sidecar))
    monkeypatch.setattr(kernels, "check_arrived", partial(check_arrived, patience=0))
    with pytest.raises(BrainlakeError, match=r"kernels/.* was written by another machine and is not in .*here"):
        list(build_kernels(here, engine="ray"))
    monkeypatch.setattr(kernels, "_kernels_elsewhere", elsewhere)
    assert [file.written is not None for file in build_kernels(here, engine="ray")] == [True]
