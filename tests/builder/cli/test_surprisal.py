"""The command ``surprisal``: words of a text, without a bank."""

import io
import json

import polars as pl
import pytest

from brainlake_builder.demo.tables import model_folder

TEXT = "Nobody came.\nThe ship\n\nsailed on.\n"


def test_words_of_a_text(tmp_path, monkeypatch, run):
    file, out = tmp_path / "story.txt", tmp_path / "story.csv"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    model = ("--model", model_folder())
    rows = json.loads(run("surprisal", file, *model, "--format", "json")[1])
    assert [(row["document"], row["word"]) for row in rows] == [
        *((1, word) for word in ("Nobody", "came.", "The", "ship")),
        *((2, word) for word in ("sailed", "on.")),
    ]
    assert set(rows[0]) == {"document", "word", "surprisal", "entropy", "n_tokens"}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert json.loads(run("surprisal", "-", *model, "--format", "json")[1]) == rows
    assert run("surprisal", file, *model, "--out", out)[1] == f"{out}: 6 words in 2 documents\n"
    assert pl.read_csv(out).to_dicts() == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfeH\x00", "is no text in UTF-8: byte 1 does not fit"),
        (b"H\x00", "it holds a null character"),
        (b" \n", "there is no word in this text"),
    ],
)
def test_no_text(content, message, tmp_path, run):
    file = tmp_path / "text"
    if content is not None:
        file.write_bytes(content)
    status, out, err = run("surprisal", file, "--model", model_folder())
    assert (status, out) == (1, "")
    assert message in err
    assert len(err.splitlines()) == 1
