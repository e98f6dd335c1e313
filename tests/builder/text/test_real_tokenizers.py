"""Every word of the real texts maps to tokens whose text is that word, with every real tokenizer."""

import csv

import numpy as np
import pytest
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from brainlake_builder.text.documents import Stimuli, tokenize, whole_documents
from brainlake_builder.text.prefixes import join_prefixes, tokenize_prefixes
from brainlake_builder.text.prompts import TEMPLATES, make_prompt, tokenize_with_prompt
from brainlake_builder.text.tokenizer import Encoder

pytestmark = pytest.mark.mirror

NAMES = ["gpt2", "llama2", "gpt_neox_pythia", "stories260K_hf", "tiny_llama_0.8m"]


@pytest.fixture(scope="module")
def encoders(mirror):
    return {name: Encoder(load(mirror, name)) for name in NAMES}


def load(mirror, name):
    folder = mirror / "tokenizers" / name
    if name == "gpt2":
        backend = Tokenizer(models.BPE.from_file(str(folder / "encoder.json"), str(folder / "vocab.bpe")))
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        return transformers.PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|endoftext|>")
    if name == "gpt_neox_pythia":
        return transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "20B_tokenizer.json"))
    if name == "llama2":
        return transformers.LlamaTokenizer.from_pretrained(str(folder))
    return transformers.AutoTokenizer.from_pretrained(mirror / name)


def rows(path, **options):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, **options))


def natural_stories(mirror):
    table = rows(mirror / "naturalstories/naturalstories_RTS/all_stories.tok", delimiter="\t", quoting=csv.QUOTE_NONE)
    return group((row["item"], row["word"]) for row in table), " "


def alice(mirror):
    return [[row["Word"] for row in rows(mirror / "alice_fmri/AliceChapterOne-EEG.csv")]], " "


def pereira2018(mirror):
    table = rows(mirror / "pereira2018_stimuli/stimulus_set.csv")
    return group((f"{r['experiment']} {r['passage_label']} {r['passage_index']}", r["sentence"]) for r in table), " "


def blank2014(mirror):
    table = rows(mirror / "blank2014_stimuli/story_chunks.tsv", delimiter="\t", quoting=csv.QUOTE_NONE)
    return group((row["story"], row["text"]) for row in table), ""


def group(pairs):
    documents = {}
    for key, text in pairs:
        documents.setdefault(key, []).append(text)
    return list(documents.values())


TEXTS = {"natural_stories": (natural_stories, 10_256), "alice": (alice, 2_106)}
TEXTS |= {"pereira2018": (pereira2018, 627), "blank2014": (blank2014, 1_317)}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_word_has_its_tokens(name, text, encoders, mirror, make_stimuli):
    read, n = TEXTS[text]
    stimuli = Stimuli.from_table(text, make_stimuli(text, *read(mirror)))
    assert len(stimuli) == n
    encoder = encoders[name]
    documents = whole_documents(stimuli)
    encodings = encoder.encode([document.text for document in documents])
    for document, tokens, encoding in zip(documents, tokenize(encoder, documents), encodings, strict=True):
        offsets = np.array(encoding.offsets)
        for k, item in enumerate(document.items):
            a, b = tokens.starts[k], tokens.stops[k]
            found = document.text[offsets[a:b, 0].min() : offsets[a:b, 1].max()]
            assert found.strip() == stimuli.texts[item].strip()
        assert np.array_equal(np.append(tokens.starts, len(tokens.ids)), np.insert(tokens.stops, 0, 0))


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("name", NAMES)
def test_passages_behind_a_prompt_keep_their_text(name, template, encoders, mirror, make_stimuli):
    """Whether their tokens are those they have alone is recorded, and is so."""
    stimuli = Stimuli.from_table("pereira2018", make_stimuli("pereira2018", *pereira2018(mirror)))
    documents, encoder = whole_documents(stimuli), encoders[name]
    prompted, facts = tokenize_with_prompt(encoder, documents, make_prompt(template, None))
    bare = tokenize(encoder, documents)
    same = all(np.array_equal(a.ids, b.ids) for a, b in zip(prompted, bare, strict=True))
    assert facts["prompt_keeps_tokens"] is same
    assert sum(len(tokens.starts) for tokens in prompted) == len(stimuli)


@pytest.mark.parametrize("text", ["alice", "blank2014"])
@pytest.mark.parametrize("name", NAMES)
def test_growing_prefixes_are_tokenized_exactly(name, text, encoders, mirror):
    documents, _ = TEXTS[text][0](mirror)
    parts = documents[0][:600]
    prefixes = join_prefixes(parts)
    found = tokenize_prefixes(encoders[name], prefixes, 256)
    assert found.n_whole == 0
    for k in range(0, len(parts), 7):
        (whole,) = encoders[name].encode([prefixes[k]])
        assert found.n_tokens[k] == len(whole.ids)
        assert found.ids[k].tolist() == whole.ids[-256:]
