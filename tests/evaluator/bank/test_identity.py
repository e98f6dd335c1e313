"""A digest that sha256sum gives too, and the files in which banks differ."""

import hashlib
import subprocess

from brainlake.bank.identity import Difference, bank_digest, differences
from brainlake.bank.sidecars import read_sidecars
from hub.banks import add_model, take_away, values


def test_the_digest_is_that_of_what_sha256sum_says_of_the_tables(toy_bank):
    sidecars = read_sidecars(toy_bank)
    paths = sorted(path.relative_to(toy_bank).as_posix() for path in toy_bank.glob("*/**/*.parquet"))
    said = subprocess.run(["sha256sum", *paths], cwd=toy_bank, capture_output=True, check=True).stdout
    assert bank_digest(sidecars) == f"sha256:{hashlib.sha256(said).hexdigest()}"
    assert bank_digest(reversed(sidecars)) == bank_digest(sidecars)
    assert bank_digest(sidecars[1:]) != bank_digest(sidecars)


def test_files_that_are_missing_others_and_extra(own_bank):
    before = read_sidecars(own_bank)
    assert differences(before, before) == []
    add_model(own_bank, "later", values(), surprisal=False)
    add_model(own_bank, "m", values(seed=3), surprisal=False)
    take_away(own_bank, own_bank / "ceilings/toy.brain.parquet")
    changed = {one.path: one.how for one in differences(read_sidecars(own_bank), before)}
    (activations,) = (s.path for s in before if s.kind == "activations")
    (later,) = (s.path for s in read_sidecars(own_bank) if s.kind == "activations" and s.model == "later")
    assert changed == {
        activations: "other",
        "ceilings/toy.brain.parquet": "missing",
        later: "extra",
        "models/later.parquet": "extra",
    }
    assert differences([], before[:1]) == [Difference(before[0].path, "missing")]
