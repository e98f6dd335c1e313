"""Names that are file names everywhere."""

import pytest

from brainlake import BrainlakeError
from brainlake.contract.layout import check_name


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
