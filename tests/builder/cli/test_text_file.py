"""A text as it stands in its file."""

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.cli.text_file import read_text


def test_every_character_but_the_byte_order_mark(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes("\ufeffcaf\u00e9\r\n  end".encode())
    assert read_text(str(path)) == "caf\u00e9\r\n  end"


def test_what_is_no_text(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes("caf\u00e9".encode("latin-1"))
    with pytest.raises(BrainlakeError, match="is no text in UTF-8: byte 4 does not fit"):
        read_text(str(path))
    with pytest.raises(BrainlakeError, match="cannot be read"):
        read_text(str(tmp_path / "nowhere"))
