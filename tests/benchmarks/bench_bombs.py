"""Memory that readers need for files made to harm, above an honest bank: `python tests/benchmarks/bench_bombs.py`.

Each reader runs in a process of its own; its peak is compared with that of the same reader on a bank whose manifest,
or whose one table, has as many bytes. It prints a line a bomb and a reader, and ends with status 1 if one needs over
256 MB.
"""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import Manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.contract.schema import TABLES
from brainlake.storage.parquet import file_facts

LIMIT = 256 << 20
MEGABYTE = "x" * (1 << 20)
TABLE = "model_properties"

READERS: dict[str, Callable[[Path], object]] = {
    "open": open_bank,
    "table": lambda root: open_bank(root).table(TABLE),
    "sql": lambda root: open_bank(root).sql(f"select count(source), max(length(source)) from {TABLE}"),
    "verify": lambda root: open_bank(root).verify(),
    "manifest": lambda root: Manifest.from_parquet((root / "manifest.parquet").read_bytes(), "it"),
}


def _rows(n: int, source: pa.Array, value: float = 1.0) -> pa.Table:
    """So many rows of the table, a text repeated in each."""
    schema = TABLES[TABLE]
    values = {"model": pa.repeat("m", n), "property": pa.repeat("p", n), "value": pa.repeat(value, n), "source": source}
    kinds = [f.with_type(values[f.name].type) for f in schema]
    return pa.Table.from_arrays([values[f.name] for f in schema], schema=pa.schema(kinds))


def _once(n: int, text: str = MEGABYTE) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([text]))


def _written(table: pa.Table, compression: str = "zstd", **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=compression, store_schema=False, **options)
    return sink.getvalue()


def _prefixes() -> bytes:
    table = _rows(400, pa.array([MEGABYTE + str(i) for i in range(400)]))
    return _written(table, use_dictionary=False, column_encoding={"source": "DELTA_BYTE_ARRAY"})


def _one_page(n_bytes: int, compression: str = "zstd") -> bytes:
    page = {"use_dictionary": False, "data_page_size": 1 << 30, "write_statistics": False}
    return _written(_rows(1, pa.array(["x" * n_bytes])), compression=compression, **page)


def _one_length() -> bytes:
    values = pa.DictionaryArray.from_arrays(np.zeros(2500, np.int32), pa.array([b"x" * (1 << 20)], pa.binary(1 << 20)))
    return _written(pa.table({"source": values}), dictionary_pagesize_limit=1 << 30)


def _nested() -> bytes:
    lists = pa.ListArray.from_arrays(pa.array([0, 80_000_000], pa.int32()), pa.array(np.zeros(80_000_000, np.float32)))
    return _written(pa.table({"source": pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), lists)}))


def _footer() -> bytes:
    return b"PAR1" + b"\x19\xfc" + b"\0" * (64 << 20) + ((64 << 20) + 2).to_bytes(4, "little") + b"PAR1"


TABLES_OF_HARM: dict[str, Callable[[], bytes]] = {
    "a string in a dictionary": lambda: _written(_rows(2500, _once(2500))),
    "shared prefixes": _prefixes,
    "run lengths": lambda: _written(_rows(20_000_000, _once(20_000_000, "s"))),
    "one compressed page": lambda: _one_page(400 << 20),
    "values of one length": _one_length,
    "a page just below the limit": lambda: _one_page(63 << 20),
    "the same in gzip": lambda: _one_page(63 << 20, "gzip"),
    "strings just below the limit": lambda: _written(_rows(60, _once(60))),
    "many row groups": lambda: _written(_rows(2500, _once(2500)), row_group_size=10),
    "many columns": lambda: _written(pa.table({f"c{i}": _once(10) for i in range(300)})),
    "lists of lists": _nested,
    "a footer": _footer,
}


def _table_bank(root: Path, content: bytes) -> None:
    """A bank of one table, whose sidecar says of the file what the file says of itself."""
    path = f"{TABLE}/x.parquet"
    (root / TABLE).mkdir(parents=True)
    (root / path).write_bytes(content)
    try:
        facts = file_facts(root / path)
    except BrainlakeError:
        facts = {"sha256": "0" * 64, "bytes": len(content), "rows": 1}
    place = root / sidecar_path(path)
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({"path": path, "kind": TABLE, "name": "x", "created_at": "", "format": "2"} | facts))


def _honest(n_bytes: int) -> bytes:
    """A table of about so many bytes that cannot be compressed."""
    n = max(1, n_bytes // 40)
    noise = np.random.default_rng(0).integers(0, 256, (n, 16), dtype=np.uint8)
    return _written(_rows(n, pa.array([row.tobytes().hex() for row in noise])))


def _peak(reader: str, root: Path) -> tuple[int, str]:
    """Largest memory of a reader in a process of its own, and what it said."""
    done = subprocess.run([sys.executable, __file__, reader, str(root)], capture_output=True, text=True, check=True)
    peak, _, said = done.stdout.partition(" ")
    return int(peak), said.strip()


def _child(reader: str, root: Path) -> None:
    try:
        found = READERS[reader](root)
        said = f"found {found[0].what[:60]}" if isinstance(found, list) and found else "read"
    except BrainlakeError as error:
        said = f"refused: {str(error)[-60:]}"
    # Of this program alone: getrusage counts what its parent had when it was forked.
    status = Path("/proc/self/status").read_text()
    (peak,) = (int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))
    sys.stdout.write(f"{peak} {said}\n")


def _cases(place: Path) -> list[tuple[str, Path, Path, tuple[str, ...]]]:
    """Name, bank to harm, honest bank, readers."""
    found = []
    for number, (name, make) in enumerate(TABLES_OF_HARM.items()):
        bomb, honest = place / f"bomb{number}", place / f"honest{number}"
        content = make()
        _table_bank(bomb, content)
        _table_bank(honest, _honest(len(content)))
        found.append((name, bomb, honest, ("table", "sql", "verify")))
    honest = place / "honest0"
    sidecar = read_sidecars(honest)[0]
    noise = json.dumps({"x": np.random.default_rng(0).bytes((1 << 20) - 100).hex()})
    manifests = {
        "details of 1 MB in a manifest": [replace(sidecar, details=json.dumps({"x": MEGABYTE}))] * 2500,
        "a manifest of 40,000 rows": [sidecar] * 40_000,
        "rows that noise pays for": [*[replace(sidecar, details=noise)] * 2, *[sidecar] * 60_000],
    }
    many = [replace(sidecar, name=f"x{i}", path=f"{TABLE}/x{i}.parquet", sha256=f"{i:064x}") for i in range(300)]
    fair = place / "fair"
    fair.mkdir()
    (fair / "manifest.parquet").write_bytes(Manifest(many).to_parquet())
    for number, (name, rows) in enumerate(manifests.items()):
        root = place / f"manifest{number}"
        root.mkdir()
        (root / "manifest.parquet").write_bytes(Manifest(rows).to_parquet())
        found.append((name, root, fair, ("manifest",)))
    _table_bank(place / "side", _honest(1000))
    (place / "side" / sidecar_path(f"{TABLE}/x.parquet")).write_text("[" + "{}," * (20 << 20) + "{}]")
    found.append(("a sidecar of 60 MB", place / "side", honest, ("open",)))
    return found


def main() -> int:
    """Measure every bomb with every reader."""
    worst = 0
    with tempfile.TemporaryDirectory() as place:
        for name, bomb, honest, readers in _cases(Path(place)):
            for reader in readers:
                (peak, said), (fair, _) = _peak(reader, bomb), _peak(reader, honest)
                worst = max(worst, peak - fair)
                line = f"{name:32} {reader:9} {(peak - fair) / (1 << 20):7.0f} MB above {fair / (1 << 20):.0f}  {said}"
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
    return int(worst > LIMIT)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _child(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main())
