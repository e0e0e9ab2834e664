"""Notebooks are short and explain themselves; importing the package is light."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.repository import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_notebook_is_short_and_has_parameters(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    sources = ["".join(c["source"]) for c in code]
    assert not any(re.search(r"\b(def|class|for .*:\n)\b", s) for s in sources)
    assert max(s.count("\n") for s in sources) <= 6
    assert sum("parameters" in c["metadata"].get("tags", []) for c in cells) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_notebook_explains_itself_in_three_languages(path: Path) -> None:
    words = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    assert all(f"**{language}**" in words for language in ("fi", "sv", "en"))


def test_plan_runs_every_notebook() -> None:
    plan = tomllib.loads((ROOT / "notebooks/plan.toml").read_text(encoding="utf-8"))
    assert [n["file"] for n in plan["notebook"]] == [p.name for p in NOTEBOOKS]


def test_importing_the_package_is_light() -> None:
    code = "import sys, ikut_eval; print(sorted({'pandas', 'scipy', 'plotly', 'papermill', 'nbconvert'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
