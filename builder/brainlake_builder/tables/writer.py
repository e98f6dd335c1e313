"""Writes the tables of a bank: whole files, each with its sidecar, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.contract.digests import layer_sha256, stimuli_sha256
from brainlake.contract.layout import feature_path, table_path
from brainlake.contract.recipe import Procedure
from brainlake.contract.schema import TABLES, same_shape
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.packing import PackedGram
from brainlake.errors import BrainlakeError
from brainlake.version import __version__
from brainlake_builder.tables.assembly import ParquetAssembly
from brainlake_builder.tables.placing import WRITING, put

Float32 = npt.NDArray[np.float32]

ROW_GROUP_BYTES = 128 << 20
"""Largest row group of activations, in bytes of float32: a reader holds one at a time."""

LIBRARIES = ("numpy", "pyarrow", "torch", "transformers", "tokenizers")


def library_versions() -> list[dict[str, str]]:
    """Versions of the libraries that decide an extraction's numbers."""
    own = {"library": "brainlake", "version": __version__}
    return [own, *({"library": name, "version": version(name)} for name in LIBRARIES)]


def write_table(root: Path, table: str, name: str, content: pa.Table, **facts: Any) -> Sidecar:
    """Write one file of a table that has one file a name.

    Parameters
    ----------
    root
        Folder of the bank.
    table, name
        Table of the contract, and the name of the file.
    content
        Rows, with the columns of the contract.
    **facts
        Further fields of the sidecar, such as ``sources`` and ``licence``.

    Raises
    ------
    BrainlakeError
        If the content is not of the contract's schema.
    """
    content = _conform(content, table)
    facts.setdefault("n", content.num_rows)
    if table == "stimuli":
        facts["stimuli_sha256"] = stimuli_sha256(content)
    relative = table_path(table, name)

    def write(path: Path) -> dict[str, Any]:
        pq.write_table(content, path, **WRITING[table])
        return {}

    return put(root, relative, write, kind=table, name=name, **facts)


@dataclass(frozen=True)
class EncodedLayer:
    """One layer of a file of activations, encoded and compressed by itself, so that many can be at once.

    Attributes
    ----------
    layer, module
        Its number, and the module that it was read from.
    sha256
        Of its values.
    d
        Features.
    parquet
        A whole Parquet file of one or more row groups.
    """

    layer: int
    module: str
    sha256: str
    d: int
    parquet: bytes

    @classmethod
    def of(
        cls,
        model: str,
        stimulus_set: str,
        recipe: Procedure,
        layer: int,
        module: str,
        stimulus_ids: list[str],
        values: Float32,
    ) -> Self:
        """Encode the values of n stimuli in ``position`` order, shape (n, d).

        Raises
        ------
        BrainlakeError
            If a value is not finite.
        """
        if not np.isfinite(values).all():
            raise BrainlakeError(
                f"layer {layer} of {model} on {stimulus_set} holds NaN or infinity; nothing is written"
            )
        table = _activation_table(model, stimulus_set, recipe.name, layer, stimulus_ids, values)
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, table.schema, **WRITING["activations"]) as writer:
            writer.write_table(table, row_group_size=max(1, ROW_GROUP_BYTES // (4 * values.shape[1])))
        return cls(layer, module, layer_sha256([values]), values.shape[1], sink.getvalue().to_pybytes())


def write_activations(
    root: Path,
    model: str,
    stimulus_set: str,
    recipe: Procedure,
    stimulus_ids: list[str],
    layers: Iterable[tuple[int, str, Float32]],
    **facts: Any,
) -> Sidecar:
    """Write the activations of one (model, stimulus set, recipe): one row group a layer, one layer in memory.

    Parameters
    ----------
    stimulus_ids
        The n stimuli in ``position`` order.
    layers
        Layer number, module that it was read from, and values of shape (n, d), in ascending layer order.
    """
    what = (model, stimulus_set, recipe)
    encoded = (EncodedLayer.of(*what, k, module, stimulus_ids, values) for k, module, values in layers)
    return write_encoded(root, *what, len(stimulus_ids), encoded, **facts)


def write_encoded(
    root: Path, model: str, stimulus_set: str, recipe: Procedure, n: int, layers: Iterable[EncodedLayer], **facts: Any
) -> Sidecar:
    """Write activations of which each layer is encoded already.

    Parameters
    ----------
    n
        Stimuli.
    layers
        In ascending order, all of the same stimuli and features.
    """

    def write(path: Path) -> dict[str, Any]:
        recorded: list[dict[str, Any]] = []
        with path.open("wb") as file:
            assembly = ParquetAssembly(file)
            for one in layers:
                assembly.append(one.parquet)
                recorded.append({"layer": one.layer, "module": one.module, "sha256": one.sha256})
            assembly.close()
        return {"layers": recorded, "d": one.d, "sha256": assembly.sha256.hexdigest()}

    relative = feature_path("activations", model, stimulus_set, recipe)
    identity = _identity(model, stimulus_set, recipe)
    return put(root, relative, write, kind="activations", n=n, **identity, **facts)


def write_surprisal(
    root: Path, model: str, stimulus_set: str, recipe: Procedure, columns: dict[str, Any], **facts: Any
) -> Sidecar:
    """Write the word surprisal of one (model, stimulus set, recipe).

    Parameters
    ----------
    columns
        ``stimulus_id``, ``surprisal``, ``surprisal_tokens``, ``entropy`` and ``n_tokens``; null where there is none.
    """
    n = len(columns["stimulus_id"])
    constant = {"model": [model] * n, "stimulus_set": [stimulus_set] * n, "recipe": [recipe.name] * n}
    content = pa.Table.from_pydict(constant | columns, schema=TABLES["surprisal"])
    relative = feature_path("surprisal", model, stimulus_set, recipe)

    def write(path: Path) -> dict[str, Any]:
        pq.write_table(content, path, **WRITING["surprisal"])
        return {}

    identity = _identity(model, stimulus_set, recipe)
    return put(root, relative, write, kind="surprisal", n=n, **identity, **facts)


def write_kernels(root: Path, activations: Sidecar, layers: Iterable[tuple[int, str, PackedGram]]) -> Sidecar:
    """Write the kernels of one file of activations: one row, and one row group, a layer.

    Parameters
    ----------
    activations
        Sidecar of the activations; the file of kernels is called as theirs is.
    layers
        Layer number, module that it was read from, and packed Gram matrix, in ascending layer order.
    """
    constant = {name: getattr(activations, name) for name in ("model", "stimulus_set", "recipe")}
    schema = TABLES["kernels"]

    def write(path: Path) -> dict[str, Any]:
        recorded = []
        with pq.ParquetWriter(path, schema, **WRITING["kernels"]) as writer:
            for layer, module, gram in layers:
                vectors = {name: getattr(gram, name) for name in ("kernel", "columns", "side")}
                row = constant | {"layer": layer} | {name: [values] for name, values in vectors.items()}
                arrays = [pa.array(row[f.name] if f.name in vectors else [row[f.name]], f.type) for f in schema]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                recorded.append({"layer": layer, "module": module, "sha256": layer_sha256([*vectors.values()])})
        return {"layers": recorded}

    shared = ("model_revision", "stimuli_sha256", "recipe_digest", "recipe_json", "n", "d", "dtype", "licence")
    facts = {name: getattr(activations, name) for name in (*shared, "redistributable")}
    relative = f"kernels/{activations.path.removeprefix('activations/')}"
    return put(root, relative, write, kind="kernels", made_from=[made_from(activations)], **constant, **facts)


def made_from(file: Sidecar) -> dict[str, str]:
    """A file of a bank as what another one was made from."""
    return {"kind": file.kind, "path": file.path, "sha256": file.sha256}


def _identity(model: str, stimulus_set: str, recipe: Procedure) -> dict[str, str]:
    return {
        "model": model,
        "stimulus_set": stimulus_set,
        "recipe": recipe.name,
        "recipe_digest": recipe.digest,
        "recipe_json": recipe.to_json(),
    }


def _conform(content: pa.Table, table: str) -> pa.Table:
    difference = same_shape(content.schema, TABLES[table])
    if difference:
        raise BrainlakeError(f"this is not a table of {table}: {difference}")
    return content.cast(TABLES[table])


def _activation_table(
    model: str, stimulus_set: str, recipe: str, layer: int, stimulus_ids: list[str], values: Float32
) -> pa.Table:
    n, d = values.shape
    element = pa.field("element", pa.float32(), nullable=False)
    flat = pa.array(np.ascontiguousarray(values, np.float32).reshape(-1))
    schema = TABLES["activations"]
    kind = pa.list_(element, d)
    schema = schema.set(schema.get_field_index("activation"), schema.field("activation").with_type(kind))
    columns = [
        *(pa.repeat(pa.scalar(text), n) for text in (model, stimulus_set, recipe)),
        pa.repeat(pa.scalar(layer, pa.int16()), n),
        pa.array(stimulus_ids, pa.string()),
        pa.FixedSizeListArray.from_arrays(flat, type=kind),
    ]
    return pa.Table.from_arrays(columns, schema=schema)
