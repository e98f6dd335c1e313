import os
from pathlib import Path

import pytest

from brainlake.bank import open_bank
from brainlake_builder import humans


@pytest.fixture(scope="session")
def mirror():
    if "BRAINLAKE_MIRROR" not in os.environ:
        pytest.skip("BRAINLAKE_MIRROR is not set")
    return Path(os.environ["BRAINLAKE_MIRROR"])


@pytest.fixture(scope="session")
def mirror_bank(mirror, tmp_path_factory):
    root = tmp_path_factory.mktemp("bank")
    humans.ingest(["futrell2018", "futrell2018.2021", "futrell2018.realigned", "tuckute2024"], root)
    return open_bank(root)
