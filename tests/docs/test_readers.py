"""The template of a reader in the documentation is run, from a raw file to a bank that verifies."""

import re
from itertools import product
from pathlib import Path

from brainlake import open_bank
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.ingest import ingest

PAGE = Path(__file__).parents[2] / "docs/readers.md"


def test_the_template_reads_its_table(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module: dict[str, object] = {}
    exec(compile(code, PAGE.name, "exec"), module)
    (dataset,) = module["DATASETS"]
    monkeypatch.setitem(DATASETS, "my2026", dataset)
    lines = ["id,sentence,topic,person,region,bold"]
    for (i, person), region in product(product(range(4), "ab"), ("IFG", "MFG")):
        lines.append(f"s{i},Sentence {i}.,t{i // 2},{person},{region},{i + (person == 'b') + 0.5 * (region == 'MFG')}")
    (tmp_path / "my2026.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ingest(["my2026"], tmp_path / "bank", tmp_path)
    bank = open_bank(tmp_path / "bank")
    assert not bank.verify()
    responses = bank.table("responses", benchmark="my2026")
    assert len(responses) == 8
    assert responses.filter(subject="b", row_id="s2")["response"].to_list() == [[3.0, 3.5]]
