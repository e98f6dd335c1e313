"""Texts that would need a hundred times their size are not parsed."""

import json
from dataclasses import replace

import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import Manifest, rebuild_manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.small_text import SMALL_BYTES, read_small

NESTED = "[" + "{}," * (SMALL_BYTES // 3) + "{}]"


def test_a_text_up_to_the_limit_is_read(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b"x" * SMALL_BYTES)
    assert len(read_small(path)) == SMALL_BYTES
    path.write_bytes(b"x" * (SMALL_BYTES + 1))
    with pytest.raises(BrainlakeError, match=r"x\.json has over 2 MiB.*made to harm"):
        read_small(path)


@pytest.mark.parametrize("place", ["sidecars/models/m.json", "roots.json"])
def test_a_huge_sidecar_or_list_is_refused_by_every_reader(own_bank, place):
    (own_bank / place).write_text(NESTED)
    for use in (open_bank, rebuild_manifest):
        with pytest.raises(BrainlakeError, match="has over 2 MiB"):
            use(own_bank)


@pytest.mark.parametrize("name", ["details", "recipe_json"])
def test_a_huge_text_inside_a_manifest_is_not_parsed(own_bank, name):
    sidecar = replace(read_sidecars(own_bank)[0], **{name: json.dumps({"x": NESTED})})
    with pytest.raises(BrainlakeError, match=rf"is refused: {name} has over 2 MiB"):
        Manifest.from_parquet(Manifest([sidecar]).to_parquet(), "it")
