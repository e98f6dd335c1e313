"""The builder's command: what is there, what is left to do, and one line for whatever goes wrong."""

import pytest

from brainlake_builder.demo.tables import model_folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("humans", "nope", "--bank", "BANK"),
        ("extract", "--model", "MODEL", "--stimuli", "demo.sentences", "--bank", "BANK", "--recipe", "nope"),
        ("extract", "--model", "MODEL", "--stimuli", "demo.sentences", "--bank", "BANK", "--device", "tpu"),
        ("extract", "--model", "nowhere/at/all", "--stimuli", "demo.sentences", "--bank", "BANK"),
        ("extract", "--model", "MODEL", "--stimuli", "nope", "--bank", "BANK"),
        ("plan", "--model", "MODEL", "--stimuli", "demo.sentences", "--bank", "nowhere"),
        ("import-surprisal", "nowhere.csv", "--model", "x", "--stimuli", "demo.story", "--bank", "BANK"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(demo_bank, arguments, run):
    here = {"BANK": demo_bank, "MODEL": model_folder()}
    status, out, err = run(*(here.get(a, a) for a in arguments))
    assert status == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("brainlake-build: ")
