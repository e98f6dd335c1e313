"""Files that contradict each other are named and not read; the rest of the bank is."""

import dataclasses
import json
import shutil

import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.layout import sidecar_path
from brainlake.contract.recipe import recipe_digest

DOCUMENT = "surprisal/m/toy/document-26c1721e.parquet"


def twin(bank):
    """Another file of surprisal of the same model, set and name of recipe."""
    sidecar = next(s for _, s in open_bank(bank).files if s.path == DOCUMENT)
    facts = sidecar.recipe_json.replace('"bos"', '"own"')
    digest = recipe_digest(json.loads(facts))
    path = DOCUMENT.replace("26c1721e", digest)
    shutil.copy(bank / DOCUMENT, bank / path)
    other = dataclasses.replace(sidecar, path=path, recipe_json=facts, recipe_digest=digest)
    (bank / sidecar_path(path)).write_text(other.to_json())
    rebuild_manifest(bank)
    return path


def test_two_files_of_one_key(own_bank):
    other = twin(own_bank)
    bank = open_bank(own_bank)
    for read in (lambda: bank.table("surprisal"), lambda: bank.sql("select * from surprisal")):
        with pytest.raises(BrainlakeError) as error:
            read()
        assert DOCUMENT in str(error.value)
        assert other in str(error.value)
        assert "`brainlake-build remove file" in str(error.value)
    assert bank.activations("m", "toy", 1).values.shape == (60, 5)
    assert {problem.path for problem in bank.verify()} == {DOCUMENT, other}


def test_two_networks_under_one_name(own_bank):
    sidecar = next(s for _, s in open_bank(own_bank).files if s.path == DOCUMENT)
    text = dataclasses.replace(sidecar, model_revision="r2").to_json()
    (own_bank / sidecar_path(DOCUMENT)).write_text(text)
    for path in ("models/m.parquet", sidecar_path("models/m.parquet")):
        (own_bank / path).unlink()
    rebuild_manifest(own_bank)
    bank = open_bank(own_bank)
    with pytest.raises(BrainlakeError, match="two networks are named m"):
        bank.activations("m", "toy", 1)
    with pytest.raises(BrainlakeError, match="two networks are named m"):
        bank.table("surprisal")
    assert len(bank.table("responses")) == 60
