"""The page of results: what needs no model that the mirror lacks is computed again."""

import re
from pathlib import Path

import pytest

from brainlake import behavioral_alignment, brain_alignment, open_bank
from brainlake_builder.humans.ingest import ingest
from brainlake_builder.tables.imported_surprisal import import_surprisal

PAGE = (Path(__file__).parents[2] / "docs/results.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^\| (?=\*\*[A-Z])", PAGE, flags=re.MULTILINE)
"""The first table, a data set each."""

BRAIN = {
    ("tuckute2024", "Tuckute2024"): {"length": "sentence length", "random_embedding": "hashed random word vectors"},
    ("pereira2018.langnet", "Pereira2018"): {"length": "sentence length", "position": "position in the passage"},
}
READING = {
    "gpt2-small": "GPT-2 small, surprisal of Pimentel and Meister (2024)",
    "gpt3": "GPT-3 davinci, surprisal published with the corpus",
    "baseline:word_length": "word length",
}


def two(value):
    return f"{value:.3f}".replace("0.", ".")


def row_of(text, name):
    (cells,) = re.findall(rf"^\| \**{re.escape(name)}\** \|(.*)\|$", text, re.MULTILINE)
    return [cell.strip(" *") for cell in cells.split("|")]


@pytest.fixture(scope="module")
def bank(tmp_path_factory, mirror):
    root = tmp_path_factory.mktemp("results") / "bank"
    ingest(["tuckute2024", "pereira2018.langnet", "futrell2018"], root, mirror)
    return root


def said(row):
    return f"{two(row['score'])} [{two(row['ci_low'])}, {two(row['ci_high'])}]"


@pytest.mark.mirror
@pytest.mark.parametrize("names", BRAIN, ids=lambda names: names[0])
def test_baselines_are_those_of_the_page(names, bank):
    benchmark, title = names
    (section,) = [one for one in SECTIONS if one.startswith(f"**{title}**")]
    scores = brain_alignment(bank, benchmark, models=[], baselines=list(BRAIN[names]))
    for name, printed in BRAIN[names].items():
        (whole,) = scores.filter(kind="headline", model=f"baseline:{name}").to_dicts()
        (shuffled,) = scores.filter(kind="other_folds", model=f"baseline:{name}").to_dicts()
        assert row_of(section, printed) == [said(whole), two(shuffled["score"])]


@pytest.mark.mirror
def test_correlations_with_reading_times_are_those_of_the_page(bank, mirror):
    surprisal = mirror / "pimentel_word_surprisal/surprisals/suprisal-natural_stories-gpt2-small.tsv"
    import_surprisal(surprisal, bank, "gpt2-small", "futrell2018")
    import_surprisal(mirror / "naturalstories/ns_gpt3_word_surprisal.csv", bank, "gpt3", "futrell2018")
    scores = behavioral_alignment(open_bank(bank), "futrell2018", protocol="pearson")
    table = PAGE.partition("| Futrell2018")[2]
    for model, printed in READING.items():
        (row,) = scores.filter(kind="headline", model=model).to_dicts()
        assert row_of(table, printed)[0] == said(row)
