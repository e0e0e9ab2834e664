"""What all tests have in common: the command line, and a workspace with marked synthetic people after the batch."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from filelock import FileLock

from ikut_eval.contract.schema import load_contract
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.workspace import create_workspace
from ikut_eval.data.writing import write_csv_folder

MARKER = "PMARK"
"""Every participant's id begins with this, every session's id and every note holds it: it must be nowhere else."""

os.environ.setdefault("IKUT_EVAL_LANGUAGE", "en")  # the command line reads it when it is imported
LONGEST = ("batch", "browser", "dashboard", "kernels")
"""Folders of tests that wait for kernels and browsers."""

COMMAND = Path(sys.executable).with_name("ikut-eval")


def ikut_eval(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, in English, and return its exit code and what it has written."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    known = {"IKUT_EVAL_LANGUAGE": "en", **environment}
    with patch.dict(os.environ, known), patch.object(sys, "argv", ["ikut-eval", *map(str, words)]), redirect_stdout(out), redirect_stderr(err):
        from ikut_eval.cli import main

        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(list(words), code, out.getvalue(), err.getvalue())


def ikut_eval_process(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would: whatever anybody writes to the terminal is returned."""
    known = {**os.environ, "IKUT_EVAL_LANGUAGE": "en"}
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, env=known, timeout=600, check=False)


def marked_rows(case: str = "ordinary") -> dict[str, list[dict[str, object]]]:
    """Return the ordinary synthetic pilot, or another, with the marker in every id and note."""
    rows = synthetic_rows(load_contract(), case=case)
    ids = {row["participant_id"]: f"{MARKER}{n:04d}" for n, row in enumerate(rows["participant"])}
    for table in rows.values():
        for row in table:
            for column in row:
                if column == "participant_id":
                    row[column] = ids[row[column]]
                elif column == "session_id":
                    row[column] = f"{MARKER}.{row[column]}"
                elif column in ("note", "eligibility_note"):
                    row[column] = f"{MARKER} note"
    return rows


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take longest, so that no worker is left alone with one of them."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


def made_once(folder: Path, make: Callable[[], object]) -> Path:
    """Let the first worker that asks make a folder, while others wait for it; return the folder."""
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        made = folder.with_name(f"{folder.name}.made")
        if not made.exists():
            make()
            made.touch()
    return folder


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@dataclass(frozen=True)
class Ran:
    """A workspace after the batch, with what the batch said."""

    folder: Path
    said: subprocess.CompletedProcess[str]

    @property
    def runs(self) -> Path:
        return self.folder / "runs"


def make_workspace(folder: Path, *, data: str = "data/pilot", languages: tuple[str, ...] = ("en",)) -> Path:
    create_workspace(folder, language="en", languages=languages, data=data)
    return folder


@pytest.fixture(scope="session")
def marked(common: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return the batch on marked people in three languages: run once, and a copy for each worker, as tests change it."""

    def run() -> None:
        make_workspace(first, languages=("fi", "sv", "en"))
        ikut_eval("plan", "-w", first)
        write_csv_folder(first / "data" / "pilot", load_contract(), marked_rows(), language="en")
        said = ikut_eval_process("run", "-w", first)
        kept.write_text(json.dumps([said.returncode, said.stdout, said.stderr]), encoding="utf-8")

    first, kept = common / "marked", common / "marked.json"
    made_once(first, run)
    copy = tmp_path_factory.mktemp("marked") / "space"
    shutil.copytree(first, copy)
    code, *streams = json.loads(kept.read_text(encoding="utf-8"))
    return Ran(copy, subprocess.CompletedProcess([], code, *(words.replace(str(first), str(copy)) for words in streams)))
