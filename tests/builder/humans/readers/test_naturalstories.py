import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.reader_ceilings import reliability
from brainlake_builder.humans.readers import naturalstories as ns


def test_sentences_by_brain_score_s_rule():
    first, second = ["He", "met", "Mr.", "Boar."], ["'Why?'", "asked", "he."]
    third, fourth = ["It", "rained;", "'Go!'"], ["She", "went."]
    assert ns.sentence_numbers(first + second + third + fourth) == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4]


def test_reliability_of_simulated_means():
    rng = np.random.default_rng(0)
    true, n = rng.normal(300, 40, 4000), 80
    times = true[:, None] + rng.normal(0, 150, (4000, n))
    found = reliability(times.mean(1), times.std(1, ddof=1), np.full(4000, n))
    assert found == pytest.approx(np.corrcoef(true, times.mean(1))[0, 1] ** 2, abs=0.01)


def test_a_renamed_column_is_refused(tmp_path):
    pl.DataFrame({"token": ["a"], "zone": [1], "item": [1]}).write_csv(tmp_path / "t.tok", separator="\t")
    with pytest.raises(BrainlakeError, match=r"t.tok has no column word; it has token, zone, item"):
        ns._read_words(tmp_path / "t.tok")


def test_a_word_table_of_another_length_is_refused(tmp_path):
    (tmp_path / "t.tok").write_text("word\tzone\titem\nnull\t1\t1\n")
    with pytest.raises(BrainlakeError, match=r"holds 1 words, not 10,256"):
        ns._read_words(tmp_path / "t.tok")


CARD = (Path(__file__).parents[4] / "dataset_cards/futrell2018.md").read_text(encoding="utf-8")


@pytest.mark.mirror
def test_the_card_has_the_profile_of_surprisal_effects(mirror, mirror_bank):
    """Surprisal of a word with the time of that word, the next and the one after, inside stories, over all words."""
    bits = pl.read_csv(mirror / "naturalstories/ns_gpt3_word_surprisal.csv", infer_schema_length=None)["surp_bits"]
    words = mirror_bank.stimuli("futrell2018").with_columns(bits=bits)
    found = []
    for benchmark in ("futrell2018.realigned", "futrell2018.2021", "futrell2018"):
        times = mirror_bank.table("reading_times", benchmark=benchmark)
        joined = words.join(times, on="stimulus_id", maintain_order="left")
        for lag in range(3):
            pairs = joined.select("value", bits=pl.col("bits").shift(lag).over("document_id")).drop_nulls()
            found.append(f"{np.corrcoef(pairs['value'], pairs['bits'])[0, 1]:.4f}".lstrip("0"))
    (said,) = re.findall(r"all words: ([^)]*)\)", CARD)
    assert re.findall(r"\.\d{4}\b", said.replace("futrell2018.2021", "")) == found
