"""A misspelt command or choice suggests the nearest."""

import pytest

import brainlake.cli
import brainlake_builder.cli


@pytest.mark.parametrize(
    ("main", "arguments", "meant"),
    [
        (brainlake.cli.main, ["bran"], "brain"),
        (brainlake.cli.main, ["info", "x", "--format", "jsn"], "json"),
        (brainlake_builder.cli.main, ["humns"], "humans"),
    ],
)
def test_the_nearest_choice(main, arguments, meant, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.rstrip().endswith(f"did you mean {meant!r}?")


def test_nothing_like_it(capsys):
    with pytest.raises(SystemExit):
        brainlake.cli.main(["xyzzy"])
    assert "did you mean" not in capsys.readouterr().err
