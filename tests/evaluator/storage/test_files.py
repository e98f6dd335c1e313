"""Paths that no file of a bank can have."""

import os

import pytest

from brainlake import BrainlakeError
from brainlake.storage.files import write_text


def test_a_path_that_is_not_utf8_is_refused_before_anything_is_made(tmp_path):
    folder = tmp_path / os.fsdecode(b"bad\xff")
    with pytest.raises(BrainlakeError, match="is not UTF-8"):
        write_text(folder / "a.txt", "x")
    assert not folder.exists()
