"""Every command line that a page shows is one: the command is there, and takes these arguments."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest

import brainlake.cli
import brainlake_builder.cli
from brainlake.cli.parser import Parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = {"brainlake": brainlake.cli, "brainlake-build": brainlake_builder.cli}


def lines(path):
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"```(?:bash|text)\n(.*?)```", text, re.DOTALL):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            if re.match(r"(.*&& )?brainlake(-build)? ", line):
                yield re.sub(r"\$\w+/\$\w+", "1/8", line.rpartition("&& ")[2])


COMMANDS = sorted({line for path in PAGES for line in lines(path)})


@cache
def parser(program, name):
    found = Parser(f"{program} {name}")
    PROGRAMS[program].COMMANDS[name]().configure(found)
    found.add_argument("-q", "--quiet", action="store_true")
    return found


def test_there_are_many():
    assert len(COMMANDS) > 60


@pytest.mark.parametrize("line", COMMANDS)
def test_it_is_a_command(line):
    program, name, *arguments = shlex.split(line, comments=True)
    parser(program, name).parse_args(arguments)
