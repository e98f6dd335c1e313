"""Only what draws loads the library that draws, and without it one sentence says what to install."""

import os
import subprocess
import sys

from drawn import profile


def test_no_command_but_those_that_draw_loads_what_draws():
    code = "import sys, brainlake, brainlake.figures, brainlake.cli.figures, brainlake.cli.report, brainlake.cli.study;"
    code += "sys.exit(str([m for m in ('altair', 'vl_convert', 'jinja2') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.stderr.strip() == "[]"


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path):
    profile(n=1).write_parquet(tmp_path / "x.parquet")
    code = "import sys; sys.modules['altair'] = None; from brainlake.cli import main; "
    code += f"sys.exit(main(['figures', {str(tmp_path / 'x.parquet')!r}, '--out', {str(tmp_path / 'out')!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 1
    said = "figures and reports are drawn with altair, vl-convert-python and jinja2: pip install 'brainlake[plot]'"
    assert done.stderr.strip() == f"brainlake: {said}"
