"""Files go nowhere but into their bank, and to places that are theirs alone on every system."""

import pytest

from brainlake import BrainlakeError
from brainlake.bank.places import check_inside, check_places


@pytest.mark.parametrize(
    ("there", "wanted", "named"),
    [
        ("models/m.parquet", ["models/M.parquet"], r"models/M\.parquet beside models/m\.parquet"),
        ("activations/m/toy/x.parquet", ["activations/M/toy/x.parquet"], "activations/M beside activations/m"),
        ("models/x.parquet", ["models/a.parquet", "models/A.parquet"], r"models/A\.parquet beside models/a\.parquet"),
        ("models/x.parquet", ["kernels/a/s/x.parquet", "kernels/A/s/x.parquet"], "kernels/A beside kernels/a"),
    ],
)
def test_names_that_differ_in_case_alone(tmp_path, there, wanted, named):
    place = tmp_path / there
    place.parent.mkdir(parents=True)
    place.touch()
    with pytest.raises(BrainlakeError, match=named):
        check_places(tmp_path, wanted)
    check_places(tmp_path, [there, "models/other.parquet", "activations/m/toy/y.parquet"])


@pytest.mark.parametrize("link", ["models", "sidecars", "activations/m", "sidecars/activations", "models/m.parquet"])
def test_links_that_lead_out(tmp_path, link):
    root, outside = tmp_path / "bank", tmp_path / "outside"
    outside.mkdir()
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)
    with pytest.raises(BrainlakeError, match=r"leads out of .* by a link: nothing was written"):
        check_places(root, ["models/m.parquet", "activations/m/toy/x.parquet"])
    with pytest.raises(BrainlakeError, match="leads out"):
        check_inside(root, root / link / "x")
    assert list(outside.iterdir()) == []
