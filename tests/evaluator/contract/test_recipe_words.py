"""Cards say all that a recipe says, and nothing that it does not."""

import dataclasses

import pytest

from brainlake.contract.recipe import FIELDS, parse_recipe
from brainlake.contract.recipe_words import recipe_in_words


def said(text):
    return recipe_in_words(parse_recipe(text).facts)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("document", "An item is read behind all earlier ones of its document"),
        ("document", "nothing that comes after an item is seen"),
        ("document+future_leak=true", "sees what comes after an item"),
        ("document+boundary=white_space", "a line break, a tab"),
        ("document+max_tokens=24", "cut to 24 tokens"),
        ("document+prompt=chat", "inside the prompt chat"),
        ("document+readout=mlp.act", "the module mlp.act inside each block"),
        ("aw2024.wehbe", "20 items a window"),
    ],
)
def test_says(text, wanted):
    assert wanted in said(text)


def test_a_leak_is_never_called_causal():
    assert "nothing that comes after" not in said("document+future_leak=true")


def test_every_value_has_words_of_its_own():
    for name, values in FIELDS.items():
        named = [words for value, words in values.words.items() if value != "none" or not values.optional]
        assert all(named), name
        assert len(set(named)) == len(named), name


def test_facts_of_a_later_version_are_not_hidden():
    facts = dataclasses.asdict(parse_recipe("document")) | {"quirk": "yes"}
    assert "quirk yes" in recipe_in_words(facts)
