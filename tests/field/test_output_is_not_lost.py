"""What a cell puts out in a burst is in the report and in its copy, or the run says that it failed."""

import json
import re
from pathlib import Path

import pytest

from tests.batch.test_run_reports import notebooks
from tests.conftest import ikut_eval, make_workspace

INPUTS = Path(__file__).parent / "inputs" / "16_notebooks"

BURSTS = {
    "stdout": "for i in range(4000):\n    print('line', i, flush=True)",
    "stderr": "import sys\nfor i in range(3000):\n    print('line', i, flush=True, file=sys.stderr)",
    "shown": "from IPython.display import display\nfor i in range(3000):\n    display({'text/plain': f'line {i}\\n'}, raw=True)",
    "of_a_thread": "import threading\nt = threading.Thread(target=lambda: [print('line', i, flush=True) for i in range(3000)])\nt.start()\nt.join()",
    "of_a_program": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'for i in range(4000): print(\"line\", i)'], check=True)\nNone",
}


@pytest.fixture
def space(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "space", data="synthetic:tiny")


def lines(words: str) -> list[int]:
    return [int(n) for n in re.findall(r"line (\d+)", words)]


def test_lines_of_the_field_are_all_there(space: Path) -> None:
    said = ikut_eval("run", "-w", space, "--notebooks", INPUTS, "-n", "prints_4000_lines")
    assert "prints_4000_lines en: saved" in said.stdout, said.stdout + said.stderr
    assert lines((space / "runs/prints_4000_lines/en.html").read_text(encoding="utf-8")) == list(range(4000))


def test_bursts_of_every_kind_are_all_there(space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # where it is set, kernels do not listen to programs
    said = ikut_eval("run", "-w", space, "--cohort", "C1", "--notebooks", notebooks(space / "own", **BURSTS))
    assert said.returncode == 0, said.stdout + said.stderr
    for name, source in BURSTS.items():
        found = re.search(r"range\((\d+)\)", source)
        assert found
        wanted = list(range(int(found[1])))
        assert lines((space / f"runs/{name}/C1.en.html").read_text(encoding="utf-8")) == wanted, name
        cells = json.loads((space / f"runs/{name}/C1.en.ipynb").read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        parts = [output.get("text") or output["data"]["text/plain"] for output in outputs]
        assert lines("".join(word for part in parts for word in part)) == wanted, name
        assert (len(outputs) == 1) == (name != "shown"), "what follows on the same stream is one output"
