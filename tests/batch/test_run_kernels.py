"""The kernels of one run of the batch are forked from one process, and the reports are as if they were not."""

import json
import subprocess
import sys
from pathlib import Path

from tests.batch.test_run_reports import notebooks
from tests.conftest import ikut_eval, make_workspace

ORDINARY = "from ikut_eval.kernels import manager; manager.can_fork = lambda: False; from ikut_eval.cli import main; main()"

SOURCE = """import os, sys, numpy
print(os.getppid())
print("pandas" in sys.modules, "earlier" in globals(), hasattr(numpy, "earlier"))
earlier = numpy.earlier = 1
"""


def printed(space: Path, name: str) -> str:
    cells = json.loads((space / f"runs/{name}/C1.en.ipynb").read_text(encoding="utf-8"))["cells"]
    return "".join(text for cell in cells for output in cell.get("outputs", []) for text in output.get("text", []))


def outputs(space: Path) -> list[object]:
    """Return what every cell of the tour has put out."""
    cells = json.loads((space / "runs/00_tour/en.ipynb").read_text(encoding="utf-8"))["cells"]
    return [[o.get("data", o.get("text")) for o in cell.get("outputs", [])] for cell in cells]


def test_kernels_of_a_run_have_one_parent_and_nothing_in_common(tmp_path: Path) -> None:
    space = make_workspace(tmp_path / "space", data="synthetic:tiny")
    said = ikut_eval("run", "-w", space, "--cohort", "C1", "-j", "2", "--notebooks", notebooks(space / "own", one=SOURCE, two=SOURCE, three=SOURCE))
    assert said.returncode == 0, said.stderr
    told = {printed(space, name) for name in ("one", "two", "three")}
    assert len(told) == 1
    assert told.pop().endswith("\nTrue False False\n")


def test_report_is_as_from_an_ordinary_kernel(tmp_path: Path) -> None:
    space = make_workspace(tmp_path / "space", data="synthetic")
    words = ["run", "-w", str(space), "-n", "00_tour", "--force"]
    assert ikut_eval(*words).returncode == 0
    forked = outputs(space)
    subprocess.run([sys.executable, "-c", ORDINARY, *words], check=True, capture_output=True)
    assert outputs(space) == forked
    assert len(str(forked)) > 10_000
