"""The list of an index bank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError
from brainlake.bank.root_list import ROOTS, check_roots, read_roots, roots_json

ENTRIES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,9}/[a-z][a-z0-9-]{0,9}@[0-9a-f]{40}", fullmatch=True))


def test_an_ordinary_bank_has_none(tmp_path):
    assert read_roots(tmp_path) == []


@given(roots=ENTRIES)
def test_what_was_written_is_read(tmp_path_factory, roots):
    folder = tmp_path_factory.mktemp("index")
    (folder / ROOTS).write_text(roots_json(roots))
    assert read_roots(folder) == roots


@pytest.mark.parametrize("text", ["", "[", "\x00", "[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path, text):
    (tmp_path / ROOTS).write_text(text)
    with pytest.raises(BrainlakeError, match=r"roots\.json is not a list of repositories"):
        read_roots(tmp_path)


@pytest.mark.parametrize("roots", [{}, "a/b", None, [1], ["a"], ["a/b/c"], ["/a/b"], ["a/b@"], ["a/../b"], [["a/b"]]])
def test_what_is_no_list_of_addresses_is_refused(roots):
    with pytest.raises(BrainlakeError, match="it is refused: its roots are not a list of OWNER/NAME@REVISION"):
        check_roots(roots, "it")


def test_a_link_out_of_the_bank_is_not_followed(tmp_path):
    bank = tmp_path / "bank"
    bank.mkdir()
    (tmp_path / ROOTS).write_text("[]")
    (bank / ROOTS).symlink_to(tmp_path / ROOTS)
    with pytest.raises(BrainlakeError, match="is a link that leaves the bank"):
        read_roots(bank)
