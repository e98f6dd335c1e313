"""Recipes and names: what they say, and what is refused."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError, Recipe, UnknownNameError, parse_recipe
from brainlake.contract.layout import check_name, feature_path
from brainlake.contract.recipe import RECIPES


def test_an_override_changes_name_and_digest_but_not_the_rest():
    recipe = parse_recipe("aw2024+readout=residual")
    assert recipe == dataclasses.replace(RECIPES["aw2024"], name="aw2024+readout=residual", readout="residual")
    assert recipe.digest != RECIPES["aw2024"].digest
    assert parse_recipe("document+pool=mean+start=none") == parse_recipe("document+start=none+pool=mean")


def test_every_field_is_in_the_digest():
    base = Recipe("x")
    other = {"context": "none", "window_words": 3, "pool": "mean", "readout": "mlp", "start": "none"}
    other |= {
        "truncation": "left",
        "max_tokens": 9,
        "prompt": "alpaca",
        "dtype": "float16",
        "boundary": "none",
        "future_leak": True,
    }
    assert set(other) == {f.name for f in dataclasses.fields(Recipe)} - {"name"}
    digests = {dataclasses.replace(base, **{k: v}).digest for k, v in other.items()}
    assert len(digests | {base.digest}) == len(other) + 1


def test_wehbe2014_is_read_in_windows_of_words():
    recipe = parse_recipe("aw2024.wehbe")
    assert (recipe.context, recipe.window_words, recipe.pool) == ("window", 20, "mean")
    assert parse_recipe("aw2024.wehbe+window_words=40").window_words == 40


@pytest.mark.parametrize("text", ["nope", "document+nope=1", "document+pool"])
def test_unknown(text):
    with pytest.raises(UnknownNameError, match="unknown recipe"):
        parse_recipe(text)


@pytest.mark.parametrize("text", ["document+pool=max", "document+max_tokens=0", "document+context=window"])
def test_refused(text):
    with pytest.raises(BrainlakeError, match="recipe"):
        parse_recipe(text)


@given(st.text(min_size=1))
def test_a_name_is_a_safe_path_or_refused(name):
    try:
        check_name("model", name)
    except BrainlakeError:
        return
    path = feature_path("surprisal", name, "s", RECIPES["document"])
    assert path.count("/") == 3
    assert ".." not in path
    assert not set(path) & set("'\"\\ \n;$`")
