"""The command ``zoo``."""

import polars as pl

from brainlake_builder.models.zoo import members, zoo


def test_all_models_or_those_of_a_set(run):
    status, out, _ = run("zoo", "aw2024", "--format", "csv")
    assert status == 0
    table = pl.read_csv(out.encode())
    assert table["hub_id"].to_list() == [model.hub_id for model in members("aw2024")]
    assert len(run("zoo")[1].splitlines()) == len(zoo()) + 1
    assert "LLaMA 13B" in run("zoo", "aw2024")[1]


def test_a_set_that_is_misspelt(run):
    status, out, err = run("zoo", "smolm2")
    assert (status, out) == (1, "")
    assert "did you mean 'smollm2'?" in err
