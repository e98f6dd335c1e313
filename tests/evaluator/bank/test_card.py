"""The card of a local bank: its configurations, and whose text it is."""

import pytest
import yaml

from brainlake.bank.card import card_to_write, local_card
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import digest_path
from brainlake.contract.sidecar import Sidecar


def activations(model, stimulus_set):
    path = digest_path("activations", model, stimulus_set, "document", "26c1721e")
    facts = {"model": model, "stimulus_set": stimulus_set, "recipe": "document", "recipe_digest": "26c1721e"}
    return Sidecar(path, "0", 1, 1, "activations", "2026", **facts)


def names(text):
    return [config["config_name"] for config in yaml.safe_load(text.split("---\n")[1])["configs"]]


def test_one_configuration_a_table_and_a_file_of_activations(toy_bank):
    text = (toy_bank / "README.md").read_text()
    assert names(text) == [
        *("models", "benchmarks", "stimuli", "surprisal", "responses", "targets", "reading_times", "ceilings"),
        *("manifest", "m.toy.document"),
    ]
    assert 'load_dataset(FOLDER, "models", split="train")' in text


def test_files_that_would_share_a_name_have_none():
    text = local_card([activations("a.b", "c"), activations("a", "b.c"), activations("a", "c")])
    assert names(text) == ["manifest", "a.c.document"]


def test_it_is_written_again_when_the_bank_changes(own_bank):
    before = (own_bank / "README.md").read_text()
    (own_bank / "models/m.parquet").unlink()
    (own_bank / "sidecars/models/m.json").unlink()
    rebuild_manifest(own_bank)
    after = (own_bank / "README.md").read_text()
    assert "models" in names(before)
    assert "models" not in names(after)


@pytest.mark.parametrize("change", ["all", "a word", "behind the seal", "not UTF-8"])
def test_what_a_person_wrote_stays(own_bank, change):
    path = own_bank / "README.md"
    text = path.read_text()
    changed = {
        "all": b"# My bank\n",
        "a word": text.replace("Features", "Our features").encode(),
        "behind the seal": f"{text}And more.\n".encode(),
        "not UTF-8": b"\xff\xfe bank",
    }[change]
    path.write_bytes(changed)
    assert card_to_write(own_bank, read_sidecars(own_bank)[1:]) is None
    rebuild_manifest(own_bank)
    assert path.read_bytes() == changed
