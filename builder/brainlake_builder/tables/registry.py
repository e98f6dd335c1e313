"""The models of a bank: one name, one set of weights."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from brainlake.bank.local_root import read_named
from brainlake.contract.layout import table_path
from brainlake.contract.schema import MODELS
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake_builder.tables.writer import write_table


def has_model(root: Path, model: str) -> bool:
    """Whether the bank has a model of this name."""
    return Sidecar.find(root, table_path("models", model)) is not None


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


def state_training(root: Path, model: str, **stated: Any) -> None:
    """Fill in what a bank does not know of a model's training; nothing that was made with the model changes.

    Parameters
    ----------
    model
        A model that the bank has.
    **stated
        Columns of ``models``; null for what is not known.

    Raises
    ------
    BrainlakeError
        If the bank says otherwise.
    """
    path = table_path("models", model)
    (row,) = read_named(root, "models", model).to_pylist()
    new = {name: value for name, value in stated.items() if value is not None and row[name] != value}
    for name, value in new.items():
        if row[name] is not None:
            raise BrainlakeError(
                f"the bank at {root} has {model} with {name} {row[name]}, not {value}: "
                f"leave it so, or remove the model and extract it again"
            )
    there = Sidecar.find(root, path)
    if new and there is not None:
        content = pa.Table.from_pylist([row | new], schema=MODELS)
        write_table(root, "models", model, content, model=model, model_revision=there.model_revision)


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
    (row,) = read_named(root, "models", model).to_pylist()
    if any(value is not None for name, value in row.items() if name != "model"):
        raise BrainlakeError(
            f"the bank at {root} has a model {model} from elsewhere, which was run, not imported: "
            f"give the imported one another name"
        )
