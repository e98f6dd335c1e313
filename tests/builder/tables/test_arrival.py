"""Files that another machine wrote: waited for, and missed where they do not come."""

import shutil
import threading
import time

import pytest

from brainlake.bank.sidecars import read_sidecars
from brainlake.errors import BrainlakeError
from brainlake_builder.tables.arrival import check_arrived


def test_what_is_there_and_what_comes_late_has_arrived(own_bank, tmp_path):
    written = read_sidecars(own_bank)
    check_arrived(own_bank, written, 0)
    late = own_bank / "sidecars/models/m.json"
    late.rename(tmp_path / "m.json")
    mover = threading.Thread(target=lambda: (time.sleep(0.2), (tmp_path / "m.json").rename(late)))
    mover.start()
    check_arrived(own_bank, written, 0.3)
    mover.join()


@pytest.mark.parametrize("gone", ["models/m.parquet", "sidecars/models/m.json"])
def test_what_does_not_come_was_written_elsewhere(own_bank, gone):
    written = read_sidecars(own_bank)
    (own_bank / gone).unlink()
    with pytest.raises(BrainlakeError, match=r"models/m\.parquet was written by another machine and is not in .*bank"):
        check_arrived(own_bank, written, 0.01)
    shutil.rmtree(own_bank)
    with pytest.raises(BrainlakeError, match="put the bank on a disk that all machines see"):
        check_arrived(own_bank, written, 0)
