import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.assembly import read_assembly
from brainlake_builder.humans.readers import blank2014
from brainlake_builder.humans.readers import naturalstories as ns
from brainlake_builder.humans.validation import check_tables

TEXTS = {story: f"Once upon a time, in {story}, it was told. 'And then?' it ended." for story in blank2014.STORIES}
SUBJECTS, REGIONS = ("061", "085", "088", "090", "098"), ("01_LH_PostTemp", "02_LH_AntTemp")


@pytest.fixture
def small(monkeypatch):
    """Eight stories of four chunks; four of the regions of each subject."""
    monkeypatch.setattr(blank2014, "N_TRS", 32)
    monkeypatch.setattr(blank2014, "N_REGIONS", 10)
    words = {item: TEXTS[story].split() for story, item in blank2014.STORIES.items()}
    monkeypatch.setattr(ns, "read_stories", lambda _: words)


def presentation():
    cuts = {story: [text[:16], text[16:32], text[32:48], text[48:]] for story, text in TEXTS.items()}
    rows = [(story, k, part) for story, parts in cuts.items() for k, part in enumerate(parts)]
    return {
        "stimulus_id": [f"{story}.0.{k}" for story, k, _ in rows],
        "stimulus": [part for _, _, part in rows],
        "story": [story for story, _, _ in rows],
        "sentence_number_in_story": [0 for _ in rows],
    }


def neuroid():
    pairs = [(region, subject) for region in REGIONS for subject in SUBJECTS]  # as stacked by Brain-Score
    return {
        "fROI_area": [region for region, _ in pairs],
        "subject_id": [subject for _, subject in pairs],
        "neuroid_id": [f"{subject}.{region}" for region, subject in pairs],
    }


def responses(n=32, v=10):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, v))


def build(path):
    return blank2014._build({blank2014.ASSEMBLY.name: path, ns.WORDS.name: path})


def test_tables_keep_the_contract(small, write_assembly):
    values = responses()
    tables = build(write_assembly(values, presentation(), neuroid(), as_bytes=True))
    check_tables(blank2014.DATASETS[0], tables)
    stimuli = pl.DataFrame(tables.stimuli["blank2014"])
    for story, part in stimuli.group_by("group_id", maintain_order=True):
        assert "".join(part["text"]) == TEXTS[story[0]]
    assert stimuli["context_id"].equals(stimuli["group_id"].alias("context_id"))
    rows = pl.DataFrame(tables.recordings["responses"])
    assert rows["subject"].unique(maintain_order=True).to_list() == list(SUBJECTS)
    assert np.allclose(np.array(rows.filter(subject="085")["response"].to_list()), values[:, [1, 6]])
    targets = pl.DataFrame(tables.recordings["targets"])
    assert targets.filter(subject="085")["roi"].to_list() == list(REGIONS)


def test_published_ceilings_come_before_the_one_computed(small, write_assembly):
    tables = build(write_assembly(responses(), presentation(), neuroid()))
    ceilings = pl.DataFrame(tables.recordings["ceilings"]).select("protocol", "folds", "value", "source")
    assert ceilings.rows()[:2] == [
        ("aw2024", "shuffled", 0.21026591, "Brain-Score Language, Blank2014-linear"),
        ("grouped", "grouped", 0.1446, "Brain-Score Language, commit 6650678"),
    ]
    assert ceilings["source"][2] == "brainlake, from the responses"


def test_permuted_rows_are_refused(small, write_assembly):
    order = [1, 0, *range(2, 32)]
    permuted = {name: [labels[i] for i in order] for name, labels in presentation().items()}
    with pytest.raises(BrainlakeError, match=r"presentation 1, .* is not how Aqua goes on after ''; rows are permuted"):
        build(write_assembly(responses()[order], permuted, neuroid()))


def test_stripped_cells_are_refused(small, write_assembly):
    rows = presentation()
    rows["stimulus"] = [text.strip() for text in rows["stimulus"]]
    with pytest.raises(BrainlakeError, match=r"rows are permuted, or spaces were stripped"):
        build(write_assembly(responses(), rows, neuroid()))


def test_stories_in_another_order_are_refused(small, write_assembly):
    order = [*range(4, 32), *range(4)]
    moved = {name: [labels[i] for i in order] for name, labels in presentation().items()}
    with pytest.raises(BrainlakeError, match=r"its stories come as Boar, .*, Aqua, not as Aqua, Boar"):
        build(write_assembly(responses(), moved, neuroid()))


def test_missing_rows_are_refused(small, write_assembly):
    with pytest.raises(BrainlakeError, match=r"holds 31 presentations, not 32"):
        build(write_assembly(responses(31), {k: v[:31] for k, v in presentation().items()}, neuroid()))


@pytest.mark.mirror
def test_the_real_chunks_are_the_stories(mirror, write_assembly):
    chunks = pl.read_csv(mirror / "blank2014_stimuli" / "story_chunks.tsv", separator="\t", quote_char=None)
    assert chunks.height == blank2014.N_TRS
    rows = {
        "stimulus_id": [f"{story}.{k}" for story, k in chunks.select("story", "chunk").rows()],
        "stimulus": chunks["text"].to_list(),
        "story": chunks["story"].to_list(),
        "sentence_number_in_story": [0] * chunks.height,
    }
    values = np.zeros((chunks.height, 10))
    assembly = read_assembly(write_assembly(values, rows, neuroid()), list(rows), list(neuroid()))
    stimuli = blank2014.read_stories(assembly, ns.read_stories(mirror / ns.WORDS.name))
    assert stimuli.column("text").to_pylist() == chunks["text"].to_list()
    sizes = pl.DataFrame(stimuli).group_by("group_id", maintain_order=True).len()["len"].to_list()
    assert sizes == [143, 153, 135, 157, 181, 181, 189, 178]
