"""What was hashed is what was loaded: a file that is written to, exchanged, moved or removed is noticed."""

import os

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.models.stamps import check_unchanged, check_unwritten, stamps


def written(path):
    path.write_bytes(b"other")


def longer(path):
    with path.open("ab") as file:
        file.write(b"x")


def exchanged(path):
    (path.parent / "new").write_bytes(path.read_bytes())
    (path.parent / "new").replace(path)


def there_and_back(path):
    path.rename(path.parent / "away")
    (path.parent / "away").rename(path)


def removed(path):
    path.unlink()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"bytes")
    os.utime(path, ns=(1, 1))
    return path


@pytest.mark.parametrize("change", [written, longer, exchanged, there_and_back, removed])
def test_any_change_between_hash_and_load_is_noticed(change, file):
    before = stamps([file])
    check_unchanged(before)
    change(file)
    with pytest.raises(BrainlakeError, match=r"model\.safetensors (was changed|cannot be read).*nothing is written"):
        check_unchanged(before)


@pytest.mark.parametrize(("change", "noticed"), [(written, True), (longer, True), (exchanged, False), (removed, False)])
def test_a_network_that_runs_minds_only_what_is_written_to_its_file(change, noticed, file):
    before = stamps([file])
    change(file)
    if noticed:
        with pytest.raises(BrainlakeError, match="was changed while its weights were in use"):
            check_unwritten(before)
    else:
        check_unwritten(before)
