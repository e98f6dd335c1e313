"""Parts on disk: whole or not there, of one setting, by one process at a time."""

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.staging import Staging, sweep_staging
from brainlake_builder.models.runner import BatchResult


def part(items, slots, seed=0, dtype=torch.float32):
    rng = np.random.default_rng(seed)
    numbers = [rng.normal(size=len(slots)).astype(np.float32) for _ in range(4)]
    states = torch.from_numpy(rng.normal(size=(2, len(items), 3))).to(dtype)
    return BatchResult(np.array(items, np.int64), states, np.array(slots, np.int64), *numbers)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_parts_are_put_together_by_place_as_precise_as_they_came(dtype, tmp_path):
    first, second = part([2, 0], [3, 1], 0, dtype), part([3], [0], 1, dtype)
    with Staging(tmp_path, "task", "one", 2) as staging:
        staging.write(0, first)
        staging.write(1, second)
        for layer in range(2):
            values = staging.layer(layer, 5)
            assert values.dtype == dtype
            assert torch.equal(values[[2, 0]], first.states[layer])
            assert torch.equal(values[[3]], second.states[layer])
            assert values[[1, 4]].isnan().all()
        table = staging.slots(4)
    np.testing.assert_array_equal(table["log_p"][[3, 1, 0]], [*first.log_p, *second.log_p])
    np.testing.assert_array_equal(table["entropy"][[3, 1, 0]], [*first.entropy, *second.entropy])
    assert np.isnan(table["log_new"][2])


def test_a_part_is_there_for_whoever_comes_next_and_for_the_same_setting_only(tmp_path):
    with Staging(tmp_path, "task", "one", 1) as staging:
        assert not staging.has(0)
        staging.write(0, part([0], [0]))
    with Staging(tmp_path, "task", "one", 1) as staging:
        assert staging.has(0)
    with Staging(tmp_path, "task", "two", 1) as staging:
        assert not staging.has(0)


@pytest.mark.parametrize("kept", [0, 4, 100])
def test_half_a_part_is_not_there(tmp_path, kept):
    with Staging(tmp_path, "task", "one", 1) as staging:
        staging.write(0, part([0], [0]))
        (path,) = staging.folder.iterdir()
        path.write_bytes(path.read_bytes()[:kept])
        assert not staging.has(0)


def test_removing_leaves_no_part_of_any_setting(tmp_path):
    with Staging(tmp_path, "task", "one", 1) as staging:
        staging.write(0, part([0], [0]))
    with Staging(tmp_path, "task", "two", 1) as staging:
        staging.write(0, part([0], [0]))
        staging.remove()
    assert not list(tmp_path.rglob("*.safetensors"))


def test_one_process_at_a_time(tmp_path):
    with (
        Staging(tmp_path, "task", "one", 1),
        pytest.raises(BrainlakeError, match="another process is extracting this"),
        Staging(tmp_path, "task", "two", 1),
    ):
        pass
    with Staging(tmp_path, "task", "two", 1), Staging(tmp_path, "other", "one", 1):
        pass


def test_parts_that_a_killed_run_left_are_swept_unless_another_is_at_work(tmp_path):
    with Staging(tmp_path, "task", "one", 1) as staging:
        staging.write(0, part([0], [0]))
        sweep_staging(tmp_path, "task")
        assert staging.has(0)
    sweep_staging(tmp_path, "task")
    sweep_staging(tmp_path, "never")
    assert not list(tmp_path.rglob("*.safetensors"))


@pytest.mark.parametrize("link", [".staging", ".staging/task"])
def test_a_link_that_leads_out_of_the_bank(tmp_path, link):
    bank, outside = tmp_path / "bank", tmp_path / "outside"
    (outside / "task").mkdir(parents=True)
    (outside / "one").mkdir()
    (bank / link).parent.mkdir(parents=True)
    (bank / link).symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with pytest.raises(BrainlakeError, match=r"leads out of .* by a link"), Staging(bank, "task", "one", 1):
        pass
    with pytest.raises(BrainlakeError, match=r"leads out of .* by a link"):
        sweep_staging(bank, "task")
    assert sorted(outside.rglob("*")) == before


def test_a_disk_that_fills_is_an_error_of_the_system(tmp_path, monkeypatch):
    def full(*_):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("brainlake_builder.extraction.staging.save_file", full)
    with Staging(tmp_path, "task", "one", 1) as staging:
        with pytest.raises(OSError, match=r"part-000000.* cannot be written: .*No space left"):
            staging.write(0, part([0], [0]))
        assert list(staging.folder.iterdir()) == []
