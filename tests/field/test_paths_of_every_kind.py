"""Braces, spaces, quotes, signs and letters of every kind in the paths of workspace, notebook and temporary files; long ones too."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from ikut_eval.contract.errors import MachineError
from ikut_eval.kernels import process
from tests.batch.test_run_reports import notebooks
from tests.conftest import COMMAND, make_workspace

ODD = '{old} %s #1 "q" ä\''


def run(*words: object, temporary: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "IKUT_EVAL_LANGUAGE": "en", "TMPDIR": str(temporary)}
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, env=environment, timeout=600, check=False)


def test_odd_and_long_paths_work(tmp_path: Path) -> None:
    temporary = tmp_path / ODD / ("p" * 120)
    temporary.mkdir(parents=True)
    space = make_workspace(tmp_path / ODD / "space", data="synthetic:tiny")
    folder = notebooks(space / "own", **{"{n} %d #2 ö'": "print('here')"})
    said = run("run", "-w", space, "--cohort", "C1", "--notebooks", folder, temporary=temporary)
    assert said.returncode == 0, said.stdout + said.stderr
    (link,) = re.findall(r'href="([^"]+\.html)"', (space / "runs/index.html").read_text(encoding="utf-8"))
    assert "here" in (space / "runs" / unquote(link)).read_text(encoding="utf-8")
    printed = run("report", "-w", space, temporary=temporary)
    assert printed.returncode == 0, printed.stderr
    assert (space / "runs" / unquote(link)).with_suffix(".pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("length", [20, 56, 57, 90, 200])
def test_folder_of_sockets_has_a_short_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, length: int) -> None:
    monkeypatch.setattr(process.tempfile, "tempdir", "/" + "p" * (length - 1))
    monkeypatch.setattr(process.os, "access", lambda folder, _: folder.startswith(("/p", str(tmp_path))) or folder == "/tmp")  # noqa: S108
    chosen = process._short_folder()
    assert len(os.fsencode(chosen)) <= process._ROOM
    assert (chosen == "/tmp") == (length > process._ROOM)  # noqa: S108


def test_without_a_short_path_the_long_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.tempfile, "tempdir", "/" + "ä" * 90)
    monkeypatch.setattr(process.os, "access", lambda folder, _: folder.startswith("/ä"))
    with pytest.raises(MachineError) as raised:
        process.new_folder()
    assert "/" + "ä" * 90 in raised.value.message("en")
