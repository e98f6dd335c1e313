import numpy as np
import pytest
import xarray

from brainlake.bank.catalogue import open_bank
from brainlake_builder.humans.ingest import ingest

ON_THE_MIRROR = (
    "futrell2018",
    "futrell2018.2021",
    "futrell2018.realigned",
    "tuckute2024",
    "alice2016",
    "pereira2018.langnet",
)


@pytest.fixture(scope="session")
def mirror_bank(mirror, tmp_path_factory):
    """A bank of everything that the real data hold."""
    root = tmp_path_factory.mktemp("bank")
    ingest(ON_THE_MIRROR, root)
    return open_bank(root)


@pytest.fixture
def write_assembly(tmp_path):
    """Writes an assembly the way Brain-Score's packaging does: one compressed variable, no index on either axis."""

    def write(values, presentation, neuroid, name="assembly.nc", as_bytes=False, transposed=False):
        def coordinate(axis, labels):
            labels = np.asarray(labels)
            if as_bytes and labels.dtype.kind == "U":
                labels = np.char.encode(labels, "utf-8")
            return axis, labels

        coords = {key: coordinate("presentation", labels) for key, labels in presentation.items()}
        coords |= {key: coordinate("neuroid", labels) for key, labels in neuroid.items()}
        array = xarray.DataArray(np.asarray(values, np.float64), dims=("presentation", "neuroid"), coords=coords)
        dataset = (array.T if transposed else array).to_dataset(name="data")
        encoding = {"data": {"zlib": True, "complevel": 1}}
        dataset.to_netcdf(tmp_path / name, engine="netcdf4", encoding=encoding)
        return tmp_path / name

    return write
