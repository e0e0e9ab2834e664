"""What goes wrong in the batch: the rest goes on, the last good report stays, no value is told."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ikut_eval.batch.report import find_browser
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.writing import write_csv_folder
from tests.batch.test_run_reports import notebooks
from tests.conftest import COMMAND, MARKER, ikut_eval, ikut_eval_process, make_workspace, marked_rows

RAISES = """import ikut_eval as ikut
pilot = ikut.read_pilot(data)
ids = pilot["participant"]["participant_id"]
{}
"""


@pytest.fixture
def space(tmp_path: Path) -> Path:
    folder = make_workspace(tmp_path / "space")
    write_csv_folder(folder / "data" / "pilot", load_contract(), marked_rows("tiny"), language="en")
    return folder


def run_own(space: Path, *words: object, **sources: str) -> subprocess.CompletedProcess[str]:
    return ikut_eval("run", "-w", space, "--cohort", "C1", "--notebooks", notebooks(space / "own", **sources), *words)


BAD = {
    "own_words": ("raise ValueError(list(ids))", "ValueError"),
    "key": ("{}[ids.iloc[0]]", "KeyError"),
    "of_pandas": ("ids.astype(float)", "ValueError"),
    "plain": ("1 / 0", "ZeroDivisionError"),
    "named_as_ours": ("import pandas as pd; raise pd.errors.DataError(ids.iloc[0])", "DataError"),
    "chained": ("pilot['session'].loc[ids.iloc[0]]", "KeyError"),
    "named_after_a_value": ("raise type(ids.iloc[0], (Exception,), {})(1)", "Exception"),
}


def test_failed_notebook_says_where_and_never_what(space: Path) -> None:
    sources = {name: RAISES.replace("{}\n", line + "\n", 1) for name, (line, _) in BAD.items()}
    said = ikut_eval_process("run", "-w", space, "--cohort", "C1", "--notebooks", notebooks(space / "own", **sources, good="print('fine')"))
    assert said.returncode == 12
    assert "good C1.en: saved" in said.stdout
    kept = [p for p in (space / "runs").rglob("*") if p.is_file()]
    for name, (_, error) in BAD.items():
        line = next(line for line in said.stdout.splitlines() if line.startswith(f"{name} C1.en: "))
        assert line.startswith(f"{name} C1.en: FAILED in cell 2, line 4 ({error}")
        assert (space / f"runs/{name}/C1.en.failed.ipynb") in kept
    assert [p.name for p in kept if MARKER.encode() in p.read_bytes()] == []
    assert MARKER not in said.stdout + said.stderr


def test_our_own_errors_keep_their_words(space: Path) -> None:
    said = run_own(space, bad="import ikut_eval as ikut\nikut.read_pilot(data).cohort('C9')")
    assert "FAILED in cell 2, line 2 (UsageError (ikut_eval): There is no such cohort. Choose from: C1.)" in said.stdout


def test_failed_notebook_leaves_the_last_good_report(space: Path) -> None:
    run_own(space, report="print('good')")
    report = space / "runs/report/C1.en.html"
    good = report.read_bytes()
    assert run_own(space, report="print('bad'); 1 / 0").returncode == 12
    assert report.read_bytes() == good
    assert run_own(space, report="print('better')").returncode == 0
    assert b"better" in report.read_bytes()
    assert not (space / "runs/report/C1.en.failed.ipynb").exists()


def test_killed_kernel_is_a_failed_notebook(space: Path) -> None:
    said = run_own(space, dies="import os\nos.kill(os.getpid(), 9)", good="print('fine')")
    assert said.returncode == 12
    assert "DeadKernelError" in said.stdout
    assert "good C1.en: saved" in said.stdout


def test_kernel_that_writes_to_its_terminal_is_not_heard(space: Path) -> None:
    loud = RAISES.format("import os\nos.write(2, ids.iloc[0].encode())\nos.write(1, ids.iloc[0].encode())")
    said = ikut_eval_process("run", "-w", space, "--cohort", "C1", "--notebooks", notebooks(space / "own", loud=loud))
    assert said.returncode == 0
    assert MARKER not in said.stdout + said.stderr


def test_killed_batch_leaves_the_last_good_report(space: Path) -> None:
    assert run_own(space, report="print('good')").returncode == 0
    report = space / "runs/report/C1.en.html"
    good = report.read_bytes()
    folder = notebooks(space / "own", report="open(data + '/started', 'w').close()\nimport time\ntime.sleep(60)")
    batch = subprocess.Popen([COMMAND, "run", "-w", space, "--cohort", "C1", "--notebooks", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (space / "data/pilot/started").exists():
        assert time.monotonic() < deadline, "the notebook did not start"
        time.sleep(0.1)
    batch.send_signal(signal.SIGKILL)
    batch.wait()
    assert report.read_bytes() == good
    assert run_own(space, report="print('again')").returncode == 0
    assert b"again" in report.read_bytes()


def test_full_disk_leaves_the_last_good_report(space: Path) -> None:
    assert run_own(space, report="print('good')").returncode == 0
    report = space / "runs/report/C1.en.html"
    good = report.read_bytes()
    folder = notebooks(space / "own", report="print('x' * 300_000)")
    limited = f"ulimit -f 64; exec '{COMMAND}' run -w '{space}' --cohort C1 --notebooks '{folder}'"
    said = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, env={**os.environ, "IKUT_EVAL_LANGUAGE": "en"}, check=False)
    assert said.returncode == 15, said.stdout + said.stderr
    assert "disk is full" in said.stderr
    assert report.read_bytes() == good


def test_folder_that_may_not_be_written_is_told() -> None:
    said = ikut_eval("init", "/sys/kernel/ikut")
    assert said.returncode == 14
    assert "Traceback" not in said.stderr


def test_missing_browser_is_told(space: Path) -> None:
    run_own(space, report="print('good')")
    said = ikut_eval("report", "-w", space, IKUT_EVAL_BROWSER="/nowhere/chromium")
    assert said.returncode == 15
    assert not list((space / "runs").rglob("*.pdf"))


def test_no_report_to_print_is_told(space: Path) -> None:
    assert ikut_eval("report", "-w", space).returncode == 2


def test_stored_notebook_has_the_parameters_it_ran_with(space: Path) -> None:
    run_own(space, "-p", "weeks", "3", report="print(weeks)")
    stored = json.loads((space / "runs/report/C1.en.ipynb").read_text(encoding="utf-8"))
    injected = next(c for c in stored["cells"] if "injected-parameters" in c["metadata"].get("tags", []))
    assert "weeks = 3" in "".join(injected["source"])


def test_workspace_that_has_come_into_a_repository_is_refused(space: Path) -> None:
    (space / ".git").mkdir()
    said = ikut_eval("run", "-w", space)
    assert said.returncode == 14
    assert "inside a version-control repository" in said.stderr


def test_open_folders_are_told(space: Path, tmp_path: Path) -> None:
    space.chmod(0o755)
    assert f"chmod 700 {space}" in ikut_eval("check", "-w", space).stderr
    space.chmod(0o700)
    assert "chmod" not in ikut_eval("check", "-w", space).stderr


@pytest.mark.parametrize("verb", ["template", "synth"])
def test_filled_in_workbook_is_never_replaced(tmp_path: Path, verb: str) -> None:
    path = tmp_path / "pilot.xlsx"
    assert ikut_eval("template", path).returncode == 0
    filled = path.read_bytes()
    said = ikut_eval(verb, path)
    assert said.returncode == 14
    assert path.read_bytes() == filled
    assert ikut_eval("template", path, "--overwrite").returncode == 0


def test_synthetic_files_are_made_again(tmp_path: Path) -> None:
    for out in (tmp_path / "pilot.xlsx", tmp_path / "folder"):
        assert ikut_eval("synth", out, "--case", "tiny").returncode == 0
        assert ikut_eval("synth", out, "--case", "tiny").returncode == 0
    (tmp_path / "folder" / "target.csv").write_text("indicator,value,unit,source\n")
    assert ikut_eval("synth", tmp_path / "folder", "--case", "tiny").returncode == 14


def test_due_judges_by_the_reporting_date_and_says_so(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path / "space", data="synthetic")
    said = ikut_eval("due", "-w", folder, "--date", "2024-06-30")
    assert said.returncode == 0
    assert said.stdout.startswith("Follow-ups on 30 June 2024:")
    assert "Overdue since" in said.stdout
    assert "Follow-ups on 1 November 2021:" in ikut_eval("due", "-w", folder, "--date", "1.11.2021").stdout


def test_browser_is_found_where_windows_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is not on PATH there; the one that is named comes first."""
    for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA", "IKUT_EVAL_BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() is None
    edge = tmp_path / "Program Files (x86)" / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path / "Program Files"))
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path / "Program Files (x86)"))
    assert find_browser() == str(edge)
    monkeypatch.setenv("IKUT_EVAL_BROWSER", "another")
    assert find_browser() == "another"
