"""A recipe in words, for cards."""

from typing import Any

CONTEXT = {
    "document": "a document is tokenised once and read in one causal pass, so that every item sees all earlier ones",
    "accumulate": "one pass a growing prefix over context_id, joined the Brain-Score way",
    "window": "one pass an item, over the last {window_words} items",
    "none": "every item is read alone",
}
POOL = {"last": "the last token of an item", "mean": "the mean over the tokens of an item"}
READOUT = {
    "residual": "the residual stream as it leaves each block, before any final norm",
    "paper": "what Aw et al. (2023) read: post_attention_layernorm for LLaMA architectures, block outputs elsewhere",
}
START = {
    "bos": "the tokenizer's start token first, if it has one",
    "own": "the special tokens that the tokenizer itself puts around a text",
    "none": "no start token",
}
TRUNCATION = {"windows": "longer texts in overlapping windows", "left": "the oldest tokens of longer texts are dropped"}
BOUNDARY = {
    "space": "the probability of a word includes that it ends (Pimentel and Meister, 2024)",
    "none": "the probability of a word is that of its tokens",
}


def recipe_in_words(facts: dict[str, Any]) -> str:
    """One sentence from the facts of a recipe, as ``recipe_json`` has them.

    Examples
    --------
    >>> recipe_in_words({"name": "imported", "table_sha256": "ab12", "unit": "bits"})
    'Read from a table of others (sha256 ab12), in bits.'
    """
    if "table_sha256" in facts:
        return f"Read from a table of others (sha256 {facts['table_sha256']}), in {facts['unit']}."
    known = (("context", CONTEXT), ("pool", POOL), ("readout", READOUT), ("start", START), ("truncation", TRUNCATION))
    words = [choices.get(str(facts.get(field)), f"{field} {facts.get(field)}") for field, choices in known]
    words.append(f"forward pass in {facts.get('dtype')}")
    words.append(BOUNDARY.get(str(facts.get("boundary")), f"boundary {facts.get('boundary')}"))
    words += [f"{field} {facts[field]}" for field in ("max_tokens", "prompt") if facts.get(field) is not None]
    sentence = "; ".join(words).replace("{window_words}", str(facts.get("window_words"))) + "."
    return sentence[0].upper() + sentence[1:]
