"""The built wheel, outside the source tree: card templates travel with it, and publish --dry-run fills them in."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hub.banks import add_model, values

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel, built and unpacked where nothing else lies."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    (wheel,) = folder.glob("brainlake-*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def test_publish_dry_run_works_from_the_wheel(unpacked, own_bank, tmp_path):
    for folder in ("activations", "sidecars/activations"):
        shutil.rmtree(own_bank / folder)
    add_model(own_bank, "checked", values())
    environment = {name: value for name, value in os.environ.items() if name != "HF_TOKEN"}
    environment |= {"PYTHONPATH": str(unpacked), "HF_HUB_OFFLINE": "1"}
    code = "import sys, brainlake_builder as b; from brainlake_builder.cli import main; "
    code += "sys.stderr.write(b.__file__ + '\\n'); sys.exit(main())"
    arguments = ["publish", str(own_bank), "--repo", "lab/bank", "--may-pass-on", "--dry-run"]
    command = [sys.executable, "-P", "-c", code, *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(str(unpacked))
    assert "README.md" in done.stdout
    assert "would travel to lab/bank" in done.stderr
    templates = {path.name for path in (unpacked / "brainlake_builder/dataset_cards").iterdir()}
    assert templates == {path.name for path in (ROOT / "dataset_cards").iterdir()}


def test_the_zoo_travels_with_the_wheel(unpacked):
    path = Path("brainlake_builder/models/zoo.csv")
    assert (unpacked / path).read_bytes() == (ROOT / "builder" / path).read_bytes()


def test_published_tables_travel_in_the_wheel(unpacked):
    code = "import brainlake; print(brainlake.__file__, len(brainlake.published(gpt2=True).models))"
    environment = os.environ | {"PYTHONPATH": str(unpacked)}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(unpacked / "brainlake/__init__.py"), "33"]
