"""Published banks, or parts of them, fetched into a folder."""

import json

import numpy as np
import pytest

from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.bank.pull import plan_pull
from brainlake.cli import main
from brainlake_builder.publishing.publish import publish
from hub.banks import add_model, values

MODEL = "gpt+untrained-s0"


@pytest.fixture
def published(hub, bank, repo):
    add_model(bank, "other", values(seed=1))
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    return repo


def pull(capsys, *arguments):
    """Pull; the bytes that were announced, and what was said on stderr."""
    status = main(["pull", *map(str, arguments), "--format", "json"])
    out, err = capsys.readouterr()
    assert status == 0, err
    return sum(row["bytes"] for row in json.loads(out)), err


def test_a_whole_bank(published, bank, tmp_path, hub, capsys):
    target = tmp_path / "target"
    announced, err = pull(capsys, published, "--bank", target)
    assert announced == sum(s.bytes for _, s in open_bank(bank).files)
    assert f"{announced:,} bytes to fetch" in err.splitlines()[0]
    assert open_bank(target).verify() == []
    assert {s.sha256 for _, s in open_bank(target).files} == {s.sha256 for _, s in open_bank(bank).files}
    hub.forget()
    assert pull(capsys, published, "--bank", target)[0] == 0
    assert all(not r.path.endswith(".parquet") or "manifest" in r.path for r in hub.requests)


def test_a_dry_run_fetches_nothing(published, tmp_path, capsys):
    announced, _ = pull(capsys, published, "--bank", tmp_path / "target", "--dry-run")
    assert announced > 0
    assert not (tmp_path / "target").exists()


def test_chosen_models_and_layers_travel_alone(published, tmp_path, hub, capsys):
    target = tmp_path / "target"
    announced, _ = pull(capsys, published, "--bank", target, "--model", MODEL, "--layers", 1)
    moved = hub.sent
    found = open_bank(target)
    assert "other" not in found.names("models")
    np.testing.assert_array_equal(found.activations(MODEL, "toy", 1).values, values()[1])
    with pytest.raises(UnknownNameError, match="unknown layer '2'; there is: 1"):
        found.activations(MODEL, "toy", 2)
    assert found.verify() == []
    whole = found.feature_file("activations", MODEL, "toy", "document")
    assert whole.sources[-1]["url"].startswith(f"hf://datasets/{published}@")
    pull(capsys, published, "--bank", target, "--model", MODEL, "--layers", 0, 2)
    for layer in range(3):
        np.testing.assert_array_equal(open_bank(target).activations(MODEL, "toy", layer).values, values()[layer])
    assert 0 < announced < moved


def test_kernels_or_metadata_only(published, tmp_path, capsys):
    for option, left_out in (("--kernels-only", {"activations"}), ("--metadata-only", {"activations", "surprisal"})):
        target = tmp_path / option
        pull(capsys, published, "--bank", target, option)
        kinds = {s.kind for _, s in open_bank(target).files}
        assert {"stimuli", "responses", "models"} <= kinds
        assert not kinds & left_out


def test_something_else_under_the_same_name_is_not_overwritten(published, bank, tmp_path, capsys):
    add_model(bank, MODEL, values(seed=9))
    assert main(["pull", published, "--bank", str(bank)]) == 1
    assert "is not what" in capsys.readouterr().err
    np.testing.assert_array_equal(open_bank(bank).activations(MODEL, "toy", 1).values, values(seed=9)[1])


def test_what_comes_damaged_is_not_kept(published, tmp_path, hub):
    path = "stimuli/toy.parquet"
    file = hub.files(published)[path]
    content = bytearray(hub.blobs[file.sha256])
    content[100] ^= 1
    hub.blobs[file.sha256], sound = bytes(content), hub.blobs[file.sha256]
    target = tmp_path / "target"
    assert main(["pull", published, "--bank", str(target)]) == 1
    assert not (target / path).exists()
    hub.blobs[file.sha256] = sound
    assert main(["pull", published, "--bank", str(target)]) == 0
    assert open_bank(target).verify() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [({"models": ["nope"]}, "unknown model 'nope'"), ({"layers": [77]}, "unknown layer '77'")],
)
def test_a_model_or_layer_that_is_not_there(published, tmp_path, options, message):
    with pytest.raises(UnknownNameError, match=message):
        plan_pull(published, tmp_path / "target", **options)


def test_a_folder_cannot_be_pulled(bank, tmp_path):
    with pytest.raises(BrainlakeError, match="only what is on the Hub can be pulled"):
        plan_pull(str(bank), tmp_path / "target")
