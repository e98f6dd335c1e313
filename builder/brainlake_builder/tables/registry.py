"""The models of a bank: one name, one set of weights."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.contract.layout import table_path
from brainlake.contract.schema import MODELS
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake_builder.tables.writer import write_table


def check_model(root: Path, model: str, revision: str) -> bool:
    """Whether the bank has this model already.

    Parameters
    ----------
    revision
        Commit, or sha256 of the weights where there is no commit.

    Raises
    ------
    BrainlakeError
        If the bank has another model of the same name.
    """
    sidecar = Sidecar.find(root, table_path("models", model))
    if sidecar is None:
        return False
    there = sidecar.model_revision
    if there != revision:
        raise BrainlakeError(
            f"the bank at {root} has a model {model} from elsewhere ({there}, not {revision}): "
            f"give this one another name (--name), or build another bank"
        )
    return True


def register_model(root: Path, row: dict[str, Any], revision: str) -> None:
    """Write a row of ``models`` unless it is there; refuse another model of the same name."""
    model = str(row["model"])
    if not check_model(root, model, revision):
        write_table(
            root, "models", model, pa.Table.from_pylist([row], schema=MODELS), model=model, model_revision=revision
        )


def register_imported(root: Path, model: str) -> None:
    """Write a row of ``models`` for surprisal that others computed; its files say each where they come from.

    Raises
    ------
    BrainlakeError
        If the bank has a model of that name which was run, not imported.
    """
    path = root / table_path("models", model)
    if not path.exists():
        write_table(root, "models", model, pa.Table.from_pylist([{"model": model}], schema=MODELS), model=model)
        return
    (row,) = pq.read_table(path).to_pylist()
    if any(value is not None for name, value in row.items() if name != "model"):
        raise BrainlakeError(
            f"the bank at {root} has a model {model} from elsewhere, which was run, not imported: "
            f"give the imported one another name"
        )
