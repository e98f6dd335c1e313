"""Where a bank lies, as people write it."""

import os

import pytest

from brainlake import BrainlakeError, open_bank


def test_the_home_folder(own_bank, monkeypatch):
    monkeypatch.setenv("HOME", str(own_bank.parent))
    assert str(open_bank(f"~/{own_bank.name}").roots[0]) == str(own_bank)
    with pytest.raises(BrainlakeError, match=r"there is no bank at .*/nowhere: no such folder"):
        open_bank("~/nowhere")


@pytest.mark.parametrize("name", ["\udcff", "a" * 300])
def test_what_no_file_can_be_called_is_one_line(tmp_path, name):
    with pytest.raises(BrainlakeError) as error:
        open_bank(tmp_path / name)
    assert len(str(error.value).splitlines()) == 1


def test_a_folder_that_is_not_utf8_is_refused(own_bank):
    there = os.fsdecode(os.fsencode(own_bank.parent) + b"/bad\xff")
    own_bank.rename(there)
    with pytest.raises(BrainlakeError, match="is not UTF-8"):
        open_bank(there)


def test_nothing_is_a_usage(own_bank):
    with pytest.raises(BrainlakeError, match="needs at least one bank"):
        open_bank()
    with pytest.raises(BrainlakeError, match="needs at least one bank"):
        open_bank([])
    assert len(open_bank([own_bank], own_bank).roots) == 1
