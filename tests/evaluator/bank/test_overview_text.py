"""A bank in a few lines: the text itself, its size, and what a name could smuggle into it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake import open_bank
from brainlake.bank.overview import Overview, Scorable
from brainlake.bank.overview_text import as_html, as_text, with_matrix

KINDS = ("activations", "kernels", "surprisal")


def made_up(n_models, n_sets, n_benchmarks, root="bank", name="organisation--model-of-a-long-name-{}b"):
    models = tuple(name.format(k) for k in range(n_models))
    sets = tuple(f"stimuli.of.experiment.{k}" for k in range(n_sets))
    features = {(m, s): set(KINDS[: 1 + (i + j) % 3]) for i, m in enumerate(models) for j, s in enumerate(sets)}
    lines = tuple(Scorable(f"b{k}", ("responses",), sets, frozenset(models[:1])) for k in range(n_benchmarks))
    return Overview((root,), models, sets, ("document",), lines, features, 12, 3_456_789)


def test_the_text(toy_bank):
    bank = open_bank(toy_bank)
    size = sum(s.bytes for _, s in bank.files) / 1000
    benchmarks = (
        "benchmark    recordings     models  stimulus sets\n"
        "toy.brain    brain          1 of 1  toy\n"
        "toy.reading  reading times  1 of 1  toy"
    )
    head = f"{toy_bank}: 1 model, 1 stimulus set, 2 benchmarks, 1 recipe, {len(bank.files)} files, {size:.1f} kB"
    matrix = "A activations, K kernels, S surprisal\n   toy\nm  A-S"
    assert repr(bank).replace(":\n", ": ") == f"Bank {head}\n\n{benchmarks}"
    assert with_matrix(bank.overview, 200) == f"{head}\n\n{matrix}\n\n{benchmarks}"


def test_what_is_cut_is_counted():
    text = with_matrix(made_up(30, 9, 20), 100)
    assert text.splitlines()[3].split()[-2:] == ["+4", "more"]
    assert "and 25 more models" in text
    assert "and 15 more benchmarks" in text
    assert "organisation--m..-a-long-name-0b" in text


@settings(max_examples=60)
@given(st.integers(0, 40), st.integers(1, 12), st.integers(0, 20), st.integers(40, 120))
def test_it_is_small_whatever_the_bank(n_models, n_sets, n_benchmarks, width):
    lines = with_matrix(made_up(n_models, n_sets, n_benchmarks, "folder/of/banks"), width).splitlines()
    assert len(lines) < 20
    assert all(len(line) <= width for line in lines[2:])


def test_few_of_both_are_all_shown():
    text = with_matrix(made_up(6, 2, 6), 100)
    assert "more" not in text
    assert text.count("organisation--") == 6


def test_the_html_escapes_what_names_hold():
    html = as_html(made_up(1, 1, 1, root="<script>alert(1)</script>"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<tr>") == 2


def test_a_path_cannot_command_the_terminal():
    assert as_text(made_up(1, 1, 1, root="a\x1b[2J\nb")).startswith("a\\x1b[2J\\nb: ")


def test_a_bank_whose_benchmarks_are_damaged_still_shows_itself(own_bank):
    path = next((own_bank / "benchmarks").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    bank = open_bank(own_bank)
    assert repr(bank).startswith(f"Bank {own_bank}, of which the benchmarks cannot be read")
    assert bank._repr_html_() is None


@pytest.mark.parametrize(
    ("n", "text"), [(5, "5 bytes"), (1234, "1.2 kB"), (999_999, "1000.0 kB"), (10**16, "10000.0 TB")]
)
def test_sizes(n, text):
    one = made_up(1, 1, 0)
    assert as_text(Overview(one.roots, one.models, one.stimulus_sets, (), (), {}, 1, n)).endswith(f"1 file, {text}")
