import hashlib

import pooch
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.source import RawFile, fetch


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("BRAINLAKE_MIRROR", raising=False)


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.tsv").write_text(text)


def file_of(text, algorithm="sha256", **changes):
    return RawFile("words.tsv", f"{algorithm}:{hashlib.new(algorithm, text.encode()).hexdigest()}", **changes)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_the_source_folder_comes_before_the_mirror(tmp_path, monkeypatch, algorithm):
    for folder in ("source", "mirror"):
        write(tmp_path / folder, "the words")
    monkeypatch.setenv("BRAINLAKE_MIRROR", str(tmp_path / "mirror"))
    file = file_of("the words", algorithm)
    assert fetch(file, tmp_path / "source") == tmp_path / "source" / "words.tsv"
    assert fetch(file) == tmp_path / "mirror" / "words.tsv"


def test_a_file_of_another_hash_is_refused(tmp_path):
    write(tmp_path, "other words")
    with pytest.raises(BrainlakeError, match=r"words.tsv is not the words.tsv that is known: its sha256 is .*, not "):
        fetch(file_of("the words"), tmp_path)


def test_a_missing_file_without_a_public_copy_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(BrainlakeError, match=f"words.tsv is not under {tmp_path}, and there is no public copy"):
        fetch(file_of("the words"), tmp_path)
    with pytest.raises(BrainlakeError, match=r"--source \(none given\) or \$BRAINLAKE_MIRROR \(not set\)"):
        fetch(file_of("the words"))


def test_a_source_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(BrainlakeError, match="is not a folder"):
        fetch(file_of("the words"), tmp_path / "nowhere")


def test_an_optional_file_may_be_missing(tmp_path):
    assert fetch(file_of("the words", required=False, url="https://example.org/words.tsv"), tmp_path) is None


def test_a_download_that_fails_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path)

    def fail(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(pooch, "retrieve", fail)
    with pytest.raises(BrainlakeError, match=r"cannot be had from https://example.org/words.tsv: no network; download"):
        fetch(file_of("the words", url="https://example.org/words.tsv"))
