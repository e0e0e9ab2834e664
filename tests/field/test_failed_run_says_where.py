"""A notebook that does not come to its end: which cell, why, a copy without anybody's value, and no word that is not true."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ikut_eval.batch import runner
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.writing import write_csv_folder
from tests.batch.test_run_reports import notebooks
from tests.conftest import COMMAND, MARKER, ikut_eval, make_workspace, marked_rows

IDS = "import ikut_eval as ikut\nids = ikut.read_pilot(data)['participant']['participant_id']\nvalue = ids.iloc[0]\n"

ENDS = {
    "killed": "import os, signal\nprint('before', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)",
    "left": "import os\nos._exit(0)",
    "aborted": "import os\nos.abort()",
    "quits": "import sys\nsys.exit(0)",
}

GROUPS = {
    "group": "raise ExceptionGroup(value, [ValueError(value), KeyError(value)])",
    "nested": "raise ExceptionGroup('a', [ExceptionGroup(value, [ValueError(value)])])",
    "caused": "try:\n    raise ExceptionGroup(value, [ValueError(value)])\nexcept ExceptionGroup as problem:\n    raise RuntimeError(value) from problem",
    "during": "try:\n    raise ExceptionGroup(value, [ValueError(value)])\nexcept* ValueError:\n    raise KeyError(value)",
    "noted": "problem = ValueError(value)\nproblem.add_note(value)\nraise problem",
    "chained": "try:\n    raise KeyError(value)\nexcept KeyError as problem:\n    raise ValueError(value) from problem",
    "of_a_task": "import asyncio\nasync def one():\n    raise ValueError(value)\nasync with asyncio.TaskGroup() as group:\n    group.create_task(one())",
    "own_group": "class Found(ExceptionGroup):\n    pass\nraise Found(value, [ValueError(value)])",
}


@pytest.fixture
def space(tmp_path: Path) -> Path:
    folder = make_workspace(tmp_path / "space")
    write_csv_folder(folder / "data" / "pilot", load_contract(), marked_rows("tiny"), language="en")
    return folder


def run(space: Path, **sources: str) -> subprocess.CompletedProcess[str]:
    return ikut_eval("run", "-w", space, "--cohort", "C1", "--notebooks", notebooks(space / "own", **sources))


def told(said: subprocess.CompletedProcess[str], name: str) -> list[str]:
    return [line for line in said.stdout.splitlines() if line.startswith(f"{name} C1.en: ")]


def failed(space: Path, name: str) -> list[str]:
    """Return the names of the errors in the copy that a failed notebook leaves."""
    cells = json.loads((space / f"runs/{name}/C1.en.failed.ipynb").read_text(encoding="utf-8"))["cells"]
    return [output["ename"] for cell in cells for output in cell.get("outputs", []) if output["output_type"] == "error"]


def test_kernel_that_ends_names_the_cell_and_leaves_the_copy(space: Path) -> None:
    said = run(space, **ENDS, good="print('fine')")
    assert said.returncode == 12
    assert "good C1.en: saved" in said.stdout
    for name in ("killed", "left", "aborted"):
        assert told(said, name) == [f"{name} C1.en: FAILED in cell 2 (DeadKernelError: the kernel stopped; there may have been too little memory)"]
        assert failed(space, name) == ["DeadKernelError"]
    assert told(said, "quits") == ["quits C1.en: FAILED in cell 2 (SystemExit)"]
    assert ".failed.ipynb" in said.stderr
    assert "report" not in said.stderr, "there is no earlier report to speak of"
    assert "in place" not in said.stdout


@pytest.fixture
def short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runner, "CELL_SECONDS", 4)
        yield


def test_time_limit_names_the_cell_and_leaves_the_copy(space: Path, short: None) -> None:
    said = run(space, slow="print('before', flush=True)\nimport time\ntime.sleep(60)")
    assert told(said, "slow") == ["slow C1.en: FAILED in cell 2 (CellTimeoutError: the cell took longer than 4 s)"]
    assert failed(space, "slow") == ["CellTimeoutError"]
    assert "before" in (space / "runs/slow/C1.en.failed.ipynb").read_text(encoding="utf-8")


def test_last_good_report_is_spoken_of_where_there_is_one(space: Path) -> None:
    run(space, report="print('good')")
    said = run(space, report="import os\nos._exit(1)", other="1 / 0")
    assert told(said, "report")[1:] == ["report C1.en: the last good report is still in place"]
    assert len(told(said, "other")) == 1


def test_groups_and_chains_of_errors_leave_no_value(space: Path) -> None:
    said = run(space, **{name: IDS + source for name, source in GROUPS.items()})
    assert said.returncode == 12
    for name in GROUPS:
        assert told(said, name)[0].startswith(f"{name} C1.en: FAILED in cell 2, line "), told(said, name)
        assert len(failed(space, name)) == 1
    kept = [path for path in (space / "runs").rglob("*") if path.is_file()]
    assert [path.name for path in kept if MARKER.encode() in path.read_bytes()] == []
    assert MARKER not in said.stdout + said.stderr
    assert "(ExceptionGroup)" in told(said, "group")[0]
    assert told(said, "own_group")[0].endswith("(Exception)"), "a name made in the notebook could be a value"


def test_traceback_on_stderr_leaves_no_value_in_a_good_report(space: Path) -> None:
    thread = "import threading\ndef found():\n    raise ValueError(value)\nt = threading.Thread(target=found)\nt.start()\nt.join()\nprint('after')"
    said = run(space, thread=IDS + thread)
    assert told(said, "thread")[0].startswith("thread C1.en: saved")
    for suffix in (".html", ".ipynb"):
        content = (space / f"runs/thread/C1.en{suffix}").read_text(encoding="utf-8")
        assert "after" in content
        assert MARKER not in content


def test_killed_run_leaves_nothing_for_the_next_one_to_find(space: Path) -> None:
    folder = notebooks(space / "own", report="open(data + '/started', 'w').close()\nimport time\ntime.sleep(60)")
    batch = subprocess.Popen([COMMAND, "run", "-w", space, "--cohort", "C1", "--notebooks", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (space / "data/pilot/started").exists():
        assert time.monotonic() < deadline, "the notebook did not start"
        time.sleep(0.1)
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    assert [path.name for path in (space / "runs").rglob(".*")] == []
    assert list((space / "runs/report").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="folders are closed to others by the rights that POSIX systems have")
@pytest.mark.parametrize("moment", ["a cell runs", "the report is written"])
def test_half_made_notebook_of_a_killed_run_is_open_to_nobody_else(space: Path, tmp_path: Path, moment: str) -> None:
    """Whatever it has put anywhere: the workspace, the home folder, the system's temporary files."""
    waits = "import time\ntime.sleep(60)" if moment == "a cell runs" else ""
    shown = f"{IDS}print(value)\ndisplay(ids)\nopen(data + '/started', 'w').close()\n{waits}"
    folder, home, temporary = notebooks(space / "own", report=shown), tmp_path / "home", Path(tempfile.mkdtemp(prefix="ikut-eval-kill-"))
    home.mkdir()
    temporary.chmod(0o777)
    known = {**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "IPYTHONDIR": str(home / "ipython"), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    words = [COMMAND, "run", "-w", space, "--cohort", "C1", "--notebooks", folder]
    batch = subprocess.Popen(words, env=known, umask=0, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        written = space / "runs" / "report"
        while not ((space / "data/pilot/started").exists() if waits else written.exists() and any(written.iterdir())):
            assert time.monotonic() < deadline, "the notebook did not come so far"
            time.sleep(0.005)
        os.kill(batch.pid, signal.SIGKILL)
        batch.wait()
        tops = (space, home, temporary)
        holds = {path: top for top in tops for path in top.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()}
        assert any(path.is_relative_to(space / "data") for path in holds), "the data itself is found"
        for path, top in holds.items():
            above = [folder for folder in (*path.parents, path) if folder.is_relative_to(top)]
            assert any(folder.is_dir() and folder.stat().st_mode & 0o077 == 0 for folder in above), path.name
    finally:
        shutil.rmtree(temporary)
