"""No accepted command leaves a bank that cannot be opened or does not verify: random walks over one bank.

``BRAINLAKE_FUZZ=100`` walks so many times instead of three. Draws are uniform: of few examples, those that hypothesis
draws give one command over and over.
"""

import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.contract.schema import SCORES, TABLES
from brainlake_builder.cli import main
from brainlake_builder.tables.writer import write_table
from hub.banks import add_model, values

WALKS, STEPS = int(os.environ.get("BRAINLAKE_FUZZ", "3")), 40
MODELS, SETS, BENCHMARKS = ("m", "n", "gpt"), ("toy", "set"), ("toy.brain", "toy.reading", "mine")
NAMES = {"model": MODELS, "stimuli": SETS, "benchmark": BENCHMARKS, "scores": ("x", "y")}
RECIPES = ("document", "document+pool=mean")


class Walk:
    """One bank, and commands that any user may give in any order."""

    def __init__(self, place: Path, start: Path, seed: int) -> None:
        self.place, self.draw = place, random.Random(seed)
        self.bank = Path(shutil.copytree(start, place / "bank"))
        self.done: list[str] = []
        self.seen: dict[str, bytes] = {}

    def do(self, *arguments):
        status = main([*map(str, arguments), "--bank", str(self.bank), "--quiet"])
        self.done[-1] += f" {arguments}: {status}"

    def along(self):
        return self.draw.choice([(), ("--with-dependents",)])

    def named(self):
        kind = self.draw.choice(list(NAMES))
        return kind, self.draw.choice(NAMES[kind])

    def remove(self):
        self.do("remove", *self.named(), *self.along())

    def remove_features(self):
        self.do("remove", "features", "--recipe", self.draw.choice(RECIPES), *self.along())

    def remove_a_file(self):
        paths = [s.path for _, s in open_bank(self.bank).files]
        self.do("remove", "file", self.draw.choice([*paths, "models/nowhere.parquet"]), *self.along())

    def rename(self):
        kind, old = self.named()
        self.do("rename", kind, old, self.draw.choice(NAMES[kind]))

    def extract(self):
        if "toy" in open_bank(self.bank).names("stimuli"):
            model, recipe = self.draw.choice(MODELS), self.draw.choice(RECIPES)
            with suppress(BrainlakeError):  # the bank has a model of that name from elsewhere
                add_model(self.bank, model, values(d=70, seed=self.draw.randrange(2)), recipe)

    def kernels(self):
        self.do("kernels")

    def import_surprisal(self):
        table = self.place / "table.csv"
        texts = [f"{'w' * (1 + i % 7)} number {i}" for i in range(60)]
        pl.DataFrame({"word": texts, "surprisal": 1.0}).write_csv(table)
        model, stimuli = self.draw.choice(MODELS), self.draw.choice(SETS)
        unit = self.draw.choice(["nats", "bits"])
        self.do("import-surprisal", table, "--model", model, "--stimuli", stimuli, "--unit", unit)

    def scores(self):
        benchmark = self.draw.choice(BENCHMARKS)
        row = dict.fromkeys(SCORES.names) | {"benchmark": benchmark, "model": "m", "protocol": "grouped"}
        row |= {"selection": "none", "metric": "pearson", "n_stimuli": 1, "n_targets": 1, "engine_version": "0"}
        row |= {"score": self.draw.choice([0.1, 0.2, float("nan"), None])}
        file = self.place / "scores.parquet"
        pq.write_table(pa.Table.from_pylist([row] * self.draw.randrange(3), schema=SCORES), file)
        more = self.draw.choice([(), ("--replace",), ("--author", "me")])
        self.do("scores", file, "--name", self.draw.choice(NAMES["scores"]), *more)

    def read_again(self):
        bank = open_bank(self.bank)
        if "toy.reading" in bank.names("reading_times"):
            table = bank.table("reading_times", benchmark="toy.reading")
            table = table.with_columns(pl.col("value") * self.draw.uniform(0.5, 2))
            write_table(self.bank, "reading_times", "toy.reading", table.to_arrow().cast(TABLES["reading_times"]))
            self.do("manifest")

    def opens_and_verifies(self):
        """Looked at again where a command changed a file."""
        there = {str(path): path.read_bytes() for path in self.bank.rglob("*") if path.is_file()}
        if there == self.seen:
            return
        self.seen = there
        bank = open_bank(self.bank)
        assert not bank.unreliable, self.done
        assert bank.verify() == [], self.done
        for table in TABLES:
            bank.connection.execute(f"select count(columns(*)) from {table}")


COMMANDS = (
    *(Walk.remove, Walk.remove_features, Walk.remove_a_file, Walk.rename, Walk.extract, Walk.kernels),
    *(Walk.import_surprisal, Walk.scores, Walk.read_again),
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
def test_a_random_walk(toy_bank, tmp_path, seed):
    walk = Walk(tmp_path, toy_bank, seed)
    for _ in range(STEPS):
        command = walk.draw.choice(COMMANDS)
        walk.done.append(command.__name__)
        command(walk)
        walk.opens_and_verifies()
