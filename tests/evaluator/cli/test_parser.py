"""A misspelt command, choice or option suggests the nearest."""

import pytest

import brainlake.cli


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["bran"], "brain"),
        (["info", "x", "--format", "jsn"], "json"),
        (["brain", "x", "--benchmrk", "b"], "--benchmark"),
        (["brain", "x", "--benchmark", "b", "--protcol=grouped"], "--protocol"),
        (["info", "x", "--fils"], "--files"),
    ],
)
def test_the_nearest_choice(arguments, meant, capsys):
    with pytest.raises(SystemExit) as stop:
        brainlake.cli.main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.rstrip().endswith(f"did you mean {meant!r}?")


def test_nothing_like_it(capsys):
    with pytest.raises(SystemExit):
        brainlake.cli.main(["xyzzy"])
    assert "did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["info", "x", "--zzz"], ["info", "x", "--benchmark"], ["brain", "--help-me"]])
def test_an_option_like_none_of_the_command(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        brainlake.cli.main(arguments)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(f"usage: brainlake {arguments[0]}")


def test_an_abbreviation_is_no_mistake(toy_bank, capsys):
    assert brainlake.cli.main(["info", str(toy_bank), "--form", "csv"]) == 0
    assert "did you mean" not in capsys.readouterr().err
