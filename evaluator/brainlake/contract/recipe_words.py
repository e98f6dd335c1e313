"""A recipe in words, for cards."""

from typing import Any

from brainlake.contract.recipe import FIELDS


def recipe_in_words(facts: dict[str, Any]) -> str:
    """One sentence from the facts of a recipe, as ``recipe_json`` has them.

    Examples
    --------
    >>> recipe_in_words({"name": "imported", "table_sha256": "ab12", "unit": "bits"})
    'Read from a table of others (sha256 ab12), in bits.'
    """
    if "table_sha256" in facts:
        return f"Read from a table of others (sha256 {facts['table_sha256']}), in {facts['unit']}."
    said = [values.in_words(facts[field]) for field, values in FIELDS.items() if field in facts]
    said += [f"{field} {value}" for field, value in facts.items() if field not in FIELDS and field != "name"]
    sentence = "; ".join(filter(None, said)) + "."
    return sentence[0].upper() + sentence[1:]
