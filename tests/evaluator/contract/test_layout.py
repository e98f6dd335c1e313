"""Names and paths: safe everywhere, and the same on the way back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError
from brainlake.contract import layout
from brainlake.contract.layout import (
    Walls,
    check_name,
    digest_path,
    feature_path,
    find_sidecar,
    first_sidecar_path,
    inside,
    model_name,
    sidecar_path,
    table_path,
)
from brainlake.contract.recipe import RECIPES


@given(st.text(min_size=1))
def test_a_name_is_a_safe_path_or_refused(name):
    try:
        check_name("model", name)
    except BrainlakeError:
        return
    path = feature_path("surprisal", name, "s", RECIPES["document"])
    assert path.count("/") == 3
    assert ".." not in path
    assert not set(path) & set("'\"\\ \n;$`")


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a\\b", "a b", "a\nb", "..", "a..b", "é", "'", None, "-a"])
def test_what_can_be_no_name(name):
    with pytest.raises(BrainlakeError, match=r"cannot name a model: use letters, digits and \. _ @"):
        check_name("model", name)


def test_a_name_that_is_too_long_is_told_its_length():
    assert check_name("model", "x" * 200)
    with pytest.raises(BrainlakeError, match=r"^'x{40}'\.\.\. cannot name a model: it has 201 characters, 200 at most"):
        check_name("model", "x" * 201)


@pytest.mark.parametrize(
    ("hub_id", "revision", "name"),
    [("gpt2", None, "gpt2"), ("a/b", "main", "a--b"), ("a/b", "v1.0", "a--b@v1.0"), ("a/b", "refs/pr/1", None)],
)
def test_a_model_is_named_after_its_repository(hub_id, revision, name):
    if name is None:
        with pytest.raises(BrainlakeError, match="cannot name a model"):
            model_name(hub_id, revision)
    else:
        assert model_name(hub_id, revision) == name


def test_features_of_stimuli_lie_in_the_folder_of_their_set():
    assert table_path("stimulus_features", "toy/frequency") == "stimulus_features/toy/frequency.parquet"
    with pytest.raises(BrainlakeError, match="cannot name a responses"):
        table_path("responses", "toy/brain")


def test_a_feature_file_bears_the_digest_of_its_recipe():
    recipe = RECIPES["document"]
    path = feature_path("kernels", "m", "toy", recipe)
    assert path == f"kernels/m/toy/document-{recipe.digest}.parquet"
    assert path == digest_path("kernels", "m", "toy", "document", recipe.digest)


@pytest.mark.parametrize("digest", ["", "1234567", "123456789", "ABCDEF01", "../../ab"])
def test_what_is_no_digest(digest):
    with pytest.raises(BrainlakeError, match="is not the digest of a recipe"):
        digest_path("kernels", "m", "toy", "document", digest)


def test_a_sidecar_is_found_in_the_place_that_it_has_before_the_one_that_it_had(tmp_path):
    path = "models/m.parquet"
    assert find_sidecar(tmp_path, path) is None
    for place in (first_sidecar_path(path), sidecar_path(path)):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
        assert find_sidecar(tmp_path, path) == tmp_path / place


def test_links_are_followed_to_see_what_stays_inside(tmp_path):
    bank, other = tmp_path / "bank", tmp_path / "bank-and-more"
    bank.mkdir()
    other.mkdir()
    (bank / "in").symlink_to(bank / "file")
    (bank / "out").symlink_to(other / "file")
    (bank / "round").symlink_to(bank / "round")
    assert inside(bank, bank / "in")
    assert not inside(bank, bank / "out")
    assert not inside(bank, bank / "round")
    assert not inside(bank, other)
    assert not inside(bank, bank / ".." / "file")


@pytest.mark.parametrize("within", ["", "folder"])
def test_many_paths_are_told_apart_as_one_is(tmp_path, monkeypatch, within):
    monkeypatch.chdir(tmp_path)
    bank, other = Path("bank"), tmp_path / "other"
    for folder in (bank / "folder/deep", other / "deep"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    for name, target in (("in", "folder"), ("out", other), ("up", ".."), ("gone", "nowhere")):
        (bank / within / name).symlink_to(target)
    walls = Walls(bank)
    ways = ["folder/deep/file", "in/deep/file", "out/deep/file", "up/other/deep/file", "out", "in", "gone", "gone/file"]
    paths = [bank / within / way for way in ways] + [
        bank / "../other/deep/file",
        bank / "folder/../../other/deep",
        other,
    ]
    paths += [bank, Path(), Path("/"), tmp_path / "bank/folder/deep/file"]
    for path in (*paths, *paths):
        assert walls.hold(path) == inside(bank, path), path
    assert {walls.hold(path) for path in paths} == {True, False}


def test_what_no_link_leads_to_is_told_without_following_paths_again(tmp_path, monkeypatch):
    bank = tmp_path / "bank"
    (bank / "folder").mkdir(parents=True)
    monkeypatch.setattr(layout, "inside", None)
    assert all(Walls(bank).hold(bank / "folder" / str(k)) for k in range(3))


def test_links_of_a_snapshot_lead_into_the_blobs_of_its_repository_and_no_other(tmp_path):
    repository, other = tmp_path / "datasets--a--b", tmp_path / "datasets--c--d"
    snapshot = repository / "snapshots" / "abc"
    for folder in (snapshot, repository / "blobs", other / "blobs"):
        folder.mkdir(parents=True)
    (snapshot / "own").symlink_to(repository / "blobs" / "1")
    (snapshot / "foreign").symlink_to(other / "blobs" / "1")
    assert inside(snapshot, snapshot / "own")
    assert not inside(snapshot, snapshot / "foreign")


@pytest.mark.parametrize("name", ["CON", "con", "aux.txt", "Lpt1", "COM9.parquet", "nul.x.y", "a.", "model."])
def test_names_that_windows_does_not_take(name):
    with pytest.raises(BrainlakeError, match="it is no file name on Windows"):
        check_name("model", name)


@pytest.mark.parametrize("name", ["connect", "auxiliary", "com", "lpt10", "a.b", "console.log"])
def test_names_that_only_look_like_them(name):
    assert check_name("model", name) == name


@pytest.mark.parametrize("name", ["", ".a", "a/b", "a b", "..", "a..b", "é", "x" * 201, None])
def test_names_that_no_file_has(name):
    with pytest.raises(BrainlakeError, match="cannot name a model"):
        check_name("model", name)
