"""What a plan says an extraction needs, beside what it takes: ``python tests/benchmarks/bench_scaling.py``.

Models of three sizes with random weights and GPT-2's tokenizer read stories of Natural Stories, each in a process of
its own. Said before: the passes timed for two seconds (``plan --measure``), and what loading, encoding and writing add
(``extraction/needs.py``). Found after: seconds, peak memory of the process, bytes of the files. With ``--flops`` time
is said from operations alone. Seconds are those of the processor, of one thread, which hold on a busy machine too.
BRAINLAKE_MIRROR names the folder with the tokenizer and the texts.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import torch
from bench_extraction import save_gpt2, story

from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake_builder.extraction import plan as planning
from brainlake_builder.extraction.cost import Cost
from brainlake_builder.extraction.needs import Hardware, need_of
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.tables.writer import write_table

SHAPES = {
    "small": {"n_embd": 128, "n_layer": 4, "n_head": 4},
    "middle": {"n_embd": 512, "n_layer": 8, "n_head": 8},
    "gpt2": {"n_embd": 768, "n_layer": 12, "n_head": 12},
}
WORDS = 10_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=int, default=WORDS)
    parser.add_argument("--flops", action="store_true", help="time from operations alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    planning.time = SimpleNamespace(perf_counter=time.process_time)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in SHAPES.items():
            bank, model = Path(folder) / f"bank-{name}", Path(folder) / name
            save_gpt2(model, **shape)
            write_table(bank, "stimuli", "story", story(options.words))
            rebuild_manifest(bank)
            rows.append({"model": name} | measured(bank, model, options.flops))
    with pl.Config(tbl_cols=-1, tbl_width_chars=200, float_precision=2):
        print(pl.DataFrame(rows))


def measured(bank: Path, model: Path, flops: bool) -> dict[str, float]:
    """Said and found, of one model."""
    row = planning.plan(ExtractionRequest(bank, [str(model)], ["story"]), measure=not flops).row(0, named=True)
    cost = Cost(**{name: row[name] for name in Cost.__dataclass_fields__})
    need = need_of([cost], Hardware(), row.get("seconds"))
    asked = ("extract", "--model", model, "--stimuli", "story", "--bank", bank, "--quiet")
    begun = _of_children()
    subprocess.run(
        [sys.executable, "-m", "brainlake_builder", *map(str, asked)],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    seconds = _of_children() - begun
    written = sum(s.bytes for s in read_sidecars(bank) if s.kind in ("activations", "surprisal"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024  # of the largest so far: models grow
    found = {
        "seconds": (need.seconds, seconds),
        "bytes": (cost.disk_bytes, written),
        "memory": (need.memory_bytes, memory),
    }
    ratios = {f"{what}, said/found": said / there for what, (said, there) in found.items()}
    return {
        "params": float(cost.weights_bytes / 4e6),
        "tokens": float(cost.tokens),
        "GFLOP": cost.flops / 1e9,
        "seconds": seconds,
        "GFLOP/s": cost.flops / 1e9 / seconds,
        "MB": written / 1e6,
        "peak GB": memory / 1e9,
        **ratios,
    }


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
