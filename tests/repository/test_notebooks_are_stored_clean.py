"""Outputs of notebooks, which may show people's data, stay out of the repository: tried with real commits."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tests.repository import ROOT, TRACKED

MARKER = "PMARK0001"
"""What only outputs and the metadata of a run hold."""
NOTEBOOKS = [name for name in TRACKED if name.endswith(".ipynb")]
TRIED = ("notebooks/20_cohort_report.ipynb", "notebooks/30_pilot_synthesis.ipynb", "dashboards/overview.ipynb")


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    person = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *person, *words], cwd=folder, capture_output=True, check=False)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the notebooks committed, set up as `make` sets up a clone."""
    folder = tmp_path_factory.mktemp("clone")
    for name in (".gitattributes", ".gitignore", "Makefile", *TRIED):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / ".venv").symlink_to(sys.prefix)
    git(folder, "init")
    subprocess.run(["make", "filter"], cwd=folder, check=True)
    assert git(folder, "add", ".").returncode == 0
    assert git(folder, "commit", "-m", "Notebooks as they are stored").returncode == 0
    return folder


def executed(path: Path) -> NotebookNode:
    """Return a notebook as JupyterLab and papermill save it after a run, with a secret in every place for outputs."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"value": MARKER}}}}
    notebook.metadata["papermill"] = {"parameters": {"data": MARKER}}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.13.1", "codemirror_mode": {"name": "ipython", "version": 3}}
    for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = number
        cell.metadata["execution"] = {"iopub.status.busy": MARKER}
        cell.metadata["papermill"] = {"status": MARKER}
        cell.outputs = [
            new_output("stream", text=MARKER),
            new_output("execute_result", {"text/html": MARKER}, execution_count=number),
            new_output("display_data", {"image/png": MARKER}),
            new_output("error", ename="DataError", evalue=MARKER, traceback=[MARKER]),
        ]
    return notebook


def committed(clone: Path) -> bytes:
    """Return everything that the repository holds, from all commits."""
    objects = git(clone, "rev-list", "--objects", "--all").stdout.split()
    return b"".join(git(clone, "cat-file", "-p", name.decode()).stdout for name in objects)


def test_notebooks_are_stored_byte_for_byte_as_they_are(clone: Path) -> None:
    for name in TRIED:
        assert git(clone, "show", f"HEAD:{name}").stdout == (ROOT / name).read_bytes(), name
    words = shlex.split(git(clone, "config", "filter.notebooks.clean").stdout.decode())
    changed = subprocess.run([*words, "--verify", *(ROOT / name for name in NOTEBOOKS)], cwd=clone, capture_output=True, check=False)
    assert (changed.returncode, changed.stdout) == (0, b"")


def test_executed_notebooks_are_to_git_as_they_were(clone: Path) -> None:
    for name in TRIED:
        nbformat.write(executed(clone / name), clone / name)
        assert MARKER in (clone / name).read_text(encoding="utf-8")
    assert git(clone, "add", ".").returncode == 0
    assert git(clone, "diff", "--cached", "--name-only").stdout == b""


def test_changed_notebook_is_committed_without_outputs(clone: Path) -> None:
    changed = executed(clone / TRIED[0])
    changed.cells[0].source += "\nMore words."
    nbformat.write(changed, clone / TRIED[0])
    assert git((clone / TRIED[0]).parent, "commit", "--all", "--message", "Changed").returncode == 0
    assert b"More words." in committed(clone)
    assert MARKER.encode() not in committed(clone)


@pytest.mark.parametrize("name", ["own.ipynb", "notebooks/20_cohort_report.failed.ipynb", "dashboards/own.failed.ipynb"])
def test_new_notebook_is_committed_without_outputs_even_by_force(clone: Path, name: str) -> None:
    nbformat.write(executed(clone / TRIED[0]), clone / name)
    assert (git(clone, "check-ignore", name).returncode == 0) == (".failed." in name)
    assert git(clone, "add", "--force", name).returncode == 0
    assert git(clone, "commit", "--message", "Own").returncode == 0
    assert json.loads(git(clone, "show", f"HEAD:{name}").stdout)["cells"]
    assert MARKER.encode() not in committed(clone)


def test_nothing_is_added_where_the_filter_cannot_run_or_read(clone: Path) -> None:
    (clone / "broken.ipynb").write_text(MARKER, encoding="utf-8")
    assert git(clone, "add", "broken.ipynb").returncode != 0
    nbformat.write(executed(clone / TRIED[0]), clone / "other.ipynb")
    (clone / ".venv").unlink()
    assert git(clone, "add", "other.ipynb").returncode != 0
    (clone / ".venv").symlink_to(sys.prefix)
    assert b"other.ipynb" not in git(clone, "ls-files").stdout + git(clone, "commit", "--message", "Nothing").stdout.partition(b"Untracked")[0]
    assert MARKER.encode() not in committed(clone)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_stored_notebook_has_no_outputs(name: str) -> None:
    """What counts in a clone whose filter nobody has set up."""
    code = [c for c in json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)
