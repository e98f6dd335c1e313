"""The command ``import-surprisal``."""

import numpy as np

from brainlake import open_bank


def table(own_bank, tmp_path, values):
    words = open_bank(own_bank).stimuli("toy")["text"]
    path = tmp_path / "x.tsv"
    lines = [f"{word}\t{value}\n" for word, value in zip(words, values, strict=True)]
    path.write_text("word\tsurprisal\n" + "".join(lines))
    return path


def test_nats_become_bits_unless_they_are_bits(run, own_bank, tmp_path):
    path = table(own_bank, tmp_path, np.arange(60.0))
    for unit, scale in ((None, np.log2(np.e)), ("bits", 1.0)):
        name = f"theirs-{unit}"
        more = ("--unit", unit) if unit else ()
        status, out, _ = run("import-surprisal", path, "--model", name, "--stimuli", "toy", "--bank", own_bank, *more)
        assert status == 0
        assert out.endswith(": 60 words\n")
        found = open_bank(own_bank).table("surprisal", model=name)["surprisal"]
        np.testing.assert_allclose(found, np.arange(60.0) * scale)


def test_words_without_a_value_are_counted(run, own_bank, tmp_path):
    path = table(own_bank, tmp_path, ["", *range(59)])
    out = run("import-surprisal", path, "--model", "x", "--stimuli", "toy", "--bank", own_bank)[1]
    assert out.endswith(": 60 words, 1 without a surprisal\n")


def test_wrong_use(run, own_bank, tmp_path):
    path = table(own_bank, tmp_path, range(60))
    arguments = ("import-surprisal", path, "--model", "x", "--bank", own_bank)
    assert run(*arguments)[0] == 2
    assert run(*arguments, "--stimuli", "toy", "--unit", "dits")[0] == 2
    assert run(*arguments, "--stimuli", "nope")[0] == 1
