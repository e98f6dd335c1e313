"""No accepted command leaves a bank that cannot be opened or does not verify: a random walk over one bank."""

import shutil
import tempfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from brainlake import open_bank
from brainlake.contract.schema import SCORES, TABLES
from brainlake_builder.cli import main
from brainlake_builder.tables.writer import write_table
from hub.banks import add_model, values

MODELS, SETS, BENCHMARKS = ("m", "n", "gpt"), ("toy", "set"), ("toy.brain", "toy.reading", "mine")
NAMES = {"model": MODELS, "stimuli": SETS, "benchmark": BENCHMARKS, "scores": ("x", "y")}
names = st.sampled_from([(kind, name) for kind, known in NAMES.items() for name in known])
recipes = st.sampled_from(["document", "document+pool=mean"])


class Walk(RuleBasedStateMachine):
    """One bank, and commands that any user may give in any order."""

    start: Path

    def __init__(self):
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.bank = Path(shutil.copytree(self.start, Path(self.place.name) / "bank"))

    def teardown(self):
        self.place.cleanup()

    def do(self, *arguments):
        return main([*map(str, arguments), "--bank", str(self.bank), "--quiet"])

    @rule(kind_name=names, along=st.booleans())
    def remove(self, kind_name, along):
        self.do("remove", *kind_name, *(["--with-dependents"] if along else []))

    @rule(recipe=recipes, along=st.booleans())
    def remove_features(self, recipe, along):
        self.do("remove", "features", "--recipe", recipe, *(["--with-dependents"] if along else []))

    @rule(data=st.data(), along=st.booleans())
    def remove_a_file(self, data, along):
        paths = [s.path for _, s in open_bank(self.bank).files]
        path = data.draw(st.sampled_from([*paths, "models/nowhere.parquet"]))
        self.do("remove", "file", path, *(["--with-dependents"] if along else []))

    @rule(kind_name=names, data=st.data())
    def rename(self, kind_name, data):
        kind, old = kind_name
        self.do("rename", kind, old, data.draw(st.sampled_from(NAMES[kind])))

    @rule(model=st.sampled_from(MODELS), recipe=recipes, seed=st.integers(0, 1))
    def extract(self, model, recipe, seed):
        if "toy" in open_bank(self.bank).names("stimuli"):
            add_model(self.bank, model, values(d=70, seed=seed), recipe)

    @rule()
    def kernels(self):
        self.do("kernels")

    @rule(model=st.sampled_from(MODELS), stimuli=st.sampled_from(SETS), unit=st.sampled_from(["nats", "bits"]))
    def import_surprisal(self, model, stimuli, unit):
        table = Path(self.place.name) / "table.csv"
        pl.DataFrame({"word": [f"{'w' * (1 + i % 7)} number {i}" for i in range(60)], "surprisal": 1.0}).write_csv(
            table
        )
        self.do("import-surprisal", table, "--model", model, "--stimuli", stimuli, "--unit", unit)

    @rule(
        name=st.sampled_from(NAMES["scores"]),
        score=st.sampled_from([0.1, 0.2, float("nan"), None]),
        n=st.integers(0, 2),
        more=st.sampled_from([(), ("--replace",), ("--author", "me")]),
        benchmark=st.sampled_from(BENCHMARKS),
    )
    def scores(self, name, score, n, more, benchmark):
        row = dict.fromkeys(SCORES.names) | {"benchmark": benchmark, "model": "m", "protocol": "grouped"}
        row |= {"selection": "none", "metric": "pearson", "n_stimuli": 1, "n_targets": 1, "engine_version": "0"}
        file = Path(self.place.name) / "scores.parquet"

        pq.write_table(pa.Table.from_pylist([row | {"score": score}] * n, schema=SCORES), file)
        self.do("scores", file, "--name", name, *more)

    @rule(factor=st.floats(0.5, 2))
    def read_again(self, factor):
        bank = open_bank(self.bank)
        if "toy.reading" in bank.names("reading_times"):
            table = bank.table("reading_times", benchmark="toy.reading").with_columns(pl.col("value") * factor)
            content = table.to_arrow().cast(TABLES["reading_times"])
            write_table(self.bank, "reading_times", "toy.reading", content)
            self.do("manifest")

    @invariant()
    def opens_and_verifies(self):
        bank = open_bank(self.bank)
        assert not bank.unreliable
        assert bank.verify() == []
        for table in TABLES:
            bank.table(table)


@pytest.mark.slow
def test_a_random_walk(toy_bank):
    Walk.start = toy_bank
    few = settings(
        max_examples=4, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    run_state_machine_as_test(Walk, settings=few)
