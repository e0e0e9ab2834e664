"""The fork server and its kernels end with their owner, print nothing, and are done without where they cannot be had."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ikut_eval.kernels import process
from tests.kernels.conftest import is_running, wait_until

OWNER = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # else it stays ignored where the tests run in the background
from ikut_eval.kernels.process import fork_server
from ikut_eval.kernels import process
from tests.kernels.conftest import kernel

with fork_server({modules!r}):
    with kernel() as one:
        print(one.ask("os.getppid()"), one.pid, flush=True)
        one.client.execute({cell!r})
        {then}
"""


def start_owner(cell: str, *, then: str = "time.sleep(600)", modules: list[str] | None = None, **variables: str) -> subprocess.Popen[str]:
    code = OWNER.format(cell=cell, then=then, modules=modules or ["json"])
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **variables},
        start_new_session=True,
    )


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder whose path is short enough for the name of a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def pids(owner: subprocess.Popen[str]) -> list[int]:
    """Return the process ids of the fork server and of the kernel, once it runs."""
    line = owner.stdout.readline() if owner.stdout else ""
    assert line, owner.stderr.read() if owner.stderr else ""
    return [int(word) for word in line.split()]


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_everything_ends_with_the_owner(signum: signal.Signals, temporary: Path) -> None:
    owner = start_owner("import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)", TMPDIR=str(temporary))
    server, _ = pids(owner)
    assert psutil.Process(server).num_threads() == 1
    wait_until(lambda: "sleep" in [child.name() for child in psutil.Process(owner.pid).children(recursive=True)])
    family = [child.pid for child in psutil.Process(owner.pid).children(recursive=True)]
    assert len(family) == 4  # multiprocessing's tracker, the fork server, the kernel and what it has started
    owner.send_signal(signum)
    owner.communicate(timeout=60)
    wait_until(lambda: not any(is_running(pid) for pid in family))
    if signum == signal.SIGINT:
        assert list(temporary.iterdir()) == []


def test_terminals_ctrl_c_reaches_the_owner_alone() -> None:
    then = "signal.signal(2, lambda *_: print(one.ask('1'), flush=True)); print('listens', flush=True); time.sleep(600)"
    owner = start_owner("1", then=then)
    pids(owner)
    assert owner.stdout
    assert owner.stdout.readline() == "listens\n"
    os.killpg(owner.pid, signal.SIGINT)
    assert owner.stdout.readline() == "1\n"
    owner.kill()
    owner.communicate()


def test_kernel_ends_when_the_fork_server_is_killed_and_another_can_be_had() -> None:
    then = "os.kill(one.ask('os.getppid()'), 9); print(one.end(), flush=True)\n    print(0)\n    with kernel() as two:\n        print(two.ask('os.getppid()'))"
    owner = start_owner("1", then=then)
    server, killed = pids(owner)
    said, complained = owner.communicate(timeout=120)
    assert int(said.split()[-1]) not in (server, owner.pid), complained
    wait_until(lambda: not is_running(killed))


def test_what_kernels_write_to_their_terminal_is_not_heard() -> None:
    said, complained = start_owner("import os; os.write(1, b'PMARK'); os.write(2, b'PMARK'); os.abort()", then="one.end()").communicate(timeout=120)
    assert said.count("\n") == 1
    assert said + complained == said


@pytest.mark.parametrize(
    ("content", "forked"), [("import there_is_no_such_module", True), ("print('PMARK'); raise ValueError('PMARK')", False)], ids=["missing", "broken"]
)
def test_kernel_can_be_had_where_a_module_cannot_be_imported(content: str, forked: bool, tmp_path: Path) -> None:
    (tmp_path / "unsound.py").write_text(content)
    owner = start_owner("1", then="pass", modules=["unsound"], PYTHONPATH=str(tmp_path))
    parent, _ = pids(owner)
    assert (parent != owner.pid) == forked
    said, complained = owner.communicate(timeout=120)
    assert "PMARK" not in said + complained


def test_owners_script_is_not_run_again_in_the_kernel(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\n" + OWNER.format(cell="1", then="pass", modules=["json"]))
    subprocess.run([sys.executable, script], check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    assert (tmp_path / "runs").read_text() == "x"


def test_kernels_that_are_left_are_killed_when_the_block_ends() -> None:
    then = "left = one.pid\n        one.client.execute('while True: pass')\n        raise SystemExit"
    code = OWNER.format(cell="1", then=then, modules=["json"]).replace("with kernel() as one:", "context = kernel(); one = context.__enter__()\n    if True:")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2])
    server, left = map(int, found.stdout.split())
    wait_until(lambda: not is_running(left) and not is_running(server))


def test_what_killed_owners_left_is_removed_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen(["true"])
    ended.wait()
    names = {"old": f"{ended.pid}-a", "new": f"{ended.pid}-b", "in use": f"{os.getpid()}-c"}
    for name, rest in names.items():
        folder = tmp_path / f"{process.FOLDER_PREFIX}{rest}"
        folder.mkdir()
        if name != "new":
            os.utime(folder, (0, 0))
    with process.fork_server([]):
        pass
    assert sorted(path.name[-1] for path in tmp_path.iterdir()) == ["b", "c"]
