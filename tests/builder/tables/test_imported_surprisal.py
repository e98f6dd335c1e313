"""Surprisal of others: words or tokens, in nats or bits, of exactly these stimuli."""

import math

import pytest

from brainlake import BrainlakeError, behavioral_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.humans.ingest import ingest
from brainlake_builder.tables.imported_surprisal import import_surprisal
from brainlake_builder.tables.writer import write_table

PUBLISHED = {
    # model: table, r over all words on the 2021 table and N, r over all and over scored words on d5cbe5a
    "gpt3-davinci": ("naturalstories/probs/all_stories_gpt3.csv", 0.2121, 10_246, 0.2064, 0.2023),
    "gpt2-small": (
        "pimentel_word_surprisal/surprisals/suprisal-natural_stories-gpt2-small.tsv",
        0.3218,
        10_256,
        0.3153,
        0.3151,
    ),
}


@pytest.fixture
def words(own_bank):
    return open_bank(own_bank).stimuli("toy")["text"].to_list()


@pytest.fixture
def make_second_set(own_bank, make_stimuli):
    def make(name, texts):
        write_table(own_bank, "stimuli", name, make_stimuli(name, [texts]))
        rebuild_manifest(own_bank)
        return name

    return make


def table_of(words, values=None):
    rows = zip(words, values or range(len(words)), strict=True)
    return "word,surprisal\n" + "".join(f"{word},{value}\n" for word, value in rows)


def write(own_bank, text, name="table.csv"):
    path = own_bank.parent / name
    path.write_text(text)
    return path


@pytest.mark.mirror
@pytest.mark.parametrize("model", PUBLISHED)
def test_published_surprisal_gives_the_known_correlations(model, mirror, tmp_path):
    table, recent, n, early, scored = PUBLISHED[model]
    ingest(["futrell2018", "futrell2018.2021"], tmp_path)
    import_surprisal(mirror / table, tmp_path, model, "futrell2018")
    bank = open_bank(tmp_path)

    def r(benchmark, words):
        scores = behavioral_alignment(bank, benchmark, protocol="pearson", words=words, n_boot=0).filter(model=model)
        return round(scores["score"].item(), 4), scores["n_stimuli"].item()

    assert r("futrell2018.2021", "all") == (recent, n)
    assert r("futrell2018", "all") == (early, n)
    assert r("futrell2018", "scored")[0] == scored
    assert bank.verify() == []


def test_words_in_nats_become_bits(own_bank, words):
    table = write(own_bank, "word,surprisal\n" + "".join(f"{w},{math.log(2) * i}\n" for i, w in enumerate(words)))
    import_surprisal(table, own_bank, "other", "toy")
    found = open_bank(own_bank).table("surprisal", model="other")["surprisal"].to_list()
    assert found == pytest.approx(range(len(words)))


def test_tokens_are_summed_to_words_by_their_characters(own_bank, words):
    tokens = [t for w in words for t in (f" {w[:3]}", w[3:])]
    table = write(own_bank, "token,logprob\n" + "".join(f"{t},{-i * math.log(2)}\n" for i, t in enumerate(tokens)))
    import_surprisal(table, own_bank, "other", "toy")
    found = open_bank(own_bank).table("surprisal", model="other")
    assert found["surprisal"].to_list() == pytest.approx([4.0 * i + 1 for i in range(len(words))])
    assert found["n_tokens"].to_list() == [2] * len(words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("word,x\na,1\n", "it needs word and surprisal, or token and logprob"),
        ("word,surprisal\na,1\n", "has 1 words, the stimuli have 60"),
        ("token,x\na,1\n", "no column logprob"),
        ("token,logprob\nabc,-1\n", "is not the text of the stimuli: 'abc' where they have 'wnumber0"),
        ("word,surprisal\nWORDS", "is not a number"),
        ("", "is empty: the names of its columns are expected"),
        ("word,surprisal\n", "has no rows"),
    ],
)
def test_refused_with_one_sentence_and_nothing_written(own_bank, words, text, message):
    before = sorted(own_bank.rglob("*"))
    table = write(own_bank, text.replace("WORDS", "".join(f"{w},abc\n" for w in words)))
    with pytest.raises(BrainlakeError, match=message):
        import_surprisal(table, own_bank, "other", "toy")
    assert sorted(own_bank.rglob("*")) == before


def test_a_token_that_spans_words_is_refused(own_bank, words):
    table = write(own_bank, "token,logprob\n" + f"{''.join(words)},-1\n")
    with pytest.raises(BrainlakeError, match="spans two words"):
        import_surprisal(table, own_bank, "other", "toy")


def test_another_model_of_the_same_name_is_refused(own_bank, words):
    table = write(own_bank, table_of(words))
    with pytest.raises(BrainlakeError, match="has a model m from elsewhere"):
        import_surprisal(table, own_bank, "m", "toy")


def test_one_model_of_several_stimulus_sets_each_with_its_source(own_bank, words, make_second_set):
    other = make_second_set("more", ["A", "second", "text"])
    first = write(own_bank, table_of(words), "first.csv")
    second = write(own_bank, "word,surprisal\nA,1\nsecond,2\ntext,3\n", "second.csv")
    import_surprisal(first, own_bank, "other", "toy")
    import_surprisal(second, own_bank, "other", other)
    import_surprisal(second, own_bank, "other", other)  # again, the same
    bank = open_bank(own_bank)
    rows = bank.sql("select stimulus_set, sources[1].file from manifest where kind = 'surprisal' and model = 'other'")
    assert dict(rows.iter_rows()) == {"toy": "first.csv", other: "second.csv"}
    assert bank.verify() == []
    changed = write(own_bank, "word,surprisal\nA,1\nsecond,2\ntext,4\n", "third.csv")
    with pytest.raises(BrainlakeError, match="has surprisal of other on more from elsewhere"):
        import_surprisal(changed, own_bank, "other", other)


@pytest.mark.parametrize("unit", ["Bits", "bit", None])
def test_a_unit_that_there_is_not_is_no_other(own_bank, words, unit):
    with pytest.raises(BrainlakeError, match=f"unit={unit!r} is not possible: it is one of nats, bits"):
        import_surprisal(write(own_bank, table_of(words)), own_bank, "other", "toy", unit)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("word,Word,surprisal", "has word in two columns"),
        ("word,surp_bits,surprisal", "two columns that disagree, surprisal and surp"),
    ],
)
def test_two_columns_that_stand_for_the_same_and_disagree_are_refused(own_bank, words, header, message):
    text = "\n".join([header, *(f"{word},{word if 'Word' in header else 1},2" for word in words)])
    with pytest.raises(BrainlakeError, match=message):
        import_surprisal(write(own_bank, text), own_bank, "other", "toy")


def test_surprisal_in_nats_and_in_bits_is_one(own_bank, words):
    text = "\n".join(
        ["word,surp_nats,surp_bits", *(f"{word},{i * math.log(2):.7f},{i}" for i, word in enumerate(words))]
    )
    import_surprisal(write(own_bank, text), own_bank, "other", "toy")
    found = open_bank(own_bank).table("surprisal", model="other")["surprisal"].to_list()
    assert found == pytest.approx(range(len(words)), abs=1e-5)
