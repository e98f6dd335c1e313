"""The builder's command: what is there, what is left to do, and one line for whatever goes wrong."""

import pytest

from brainlake_builder.demo.tables import model_folder


@pytest.mark.parametrize(
    "arguments",
    [
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


EXTRACT = ("--model", "m", "--stimuli", "s", "--bank", "b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("humans", "nope", "--bank", "b"), "unknown benchmark 'nope'"),
        (("humans", "tuckute2042", "--bank", "b"), "did you mean 'tuckute2024'?"),
        (("humans", "tuckute2024"), "--bank is needed"),
        (("humans", "--template", "fmrii", "x"), "did you mean 'fmri'?"),
        (("humans", "--columns", "stimuly"), "did you mean 'stimuli'?"),
        (("humans", "tuckute2024", "--bnk", "b"), "did you mean '--bank'?"),
        (("extract", *EXTRACT, "--recipe", "dokument"), "did you mean 'document'?"),
        (("extract", *EXTRACT, "--recipe", "document+dtype=float16", "--dtype", "float16"), "dtype is given twice"),
        (("extract", *EXTRACT, "--device", "tpu"), "device is cpu, cuda, cuda:N or auto, not 'tpu'"),
        (("extract", *EXTRACT, "--shard", "3/2"), "a shard is i/n"),
        (("plan", *EXTRACT, "--recpie", "document"), "did you mean '--recipe'?"),
        (("surprisal", "-", "--model", "m", "--recipe", "nope"), "unknown recipe 'nope'"),
        (("surprisal", "-", "--model", "m", "--out", "x.txt"), "name a .csv or .json or .parquet file"),
        (("features", "frequency", "--bank", "b", "--source", "x"), "--source names a table"),
        (("remove", "model", "--bank", "b"), "everything else by its name"),
        (("scores", "x.parquet", "--bank", "b", "--nmae", "x"), "did you mean '--name'?"),
    ],
)
def test_what_no_bank_could_make_right_is_wrong_usage_and_status_2(arguments, message, run):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"usage: brainlake-build {arguments[0]} ")
    assert message in err.splitlines()[-1]


def test_the_nearest_command_is_suggested(run):
    status, _, err = run("humns")
    assert status == 2
    assert err.rstrip().endswith("did you mean 'humans'?")


@pytest.mark.parametrize(
    "arguments",
    [
        ("extract", "--model", "m", "--stimuli", "s", "--name", "a/b"),
        ("import-surprisal", "t.csv", "--model", "a/b", "--stimuli", "s"),
        ("scores", "s.parquet", "--name", "a/b"),
        ("properties", "p.csv", "--name", "a/b"),
        ("features", "frequency", "--table", "t.csv", "--source", "a/b"),
        ("rename", "model", "a", "a/b"),
    ],
)
def test_a_name_that_no_bank_could_have_is_wrong_usage(arguments, run):
    status, out, err = run(*arguments, "--bank", "bank")
    assert (status, out) == (2, "")
    assert "'a/b' cannot name a " in err
