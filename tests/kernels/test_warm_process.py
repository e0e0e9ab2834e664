"""The warm process ends with its owner, says nothing, and is done without where it cannot be."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ikut_eval.kernels import owner
from ikut_eval.kernels.owner import warm_process
from tests.kernels.conftest import in_a_loop, is_running, kernel

OWNER = """
import asyncio, os, time
from ikut_eval.kernels.manager import kernel_manager
from ikut_eval.kernels.owner import warm_process
from tests.kernels.conftest import kernel

async def main(warm):
    async with kernel(warm) as one:
        print(await one.ask("[os.getppid(), os.getpid()]"), flush=True)
        one.client.execute({cell!r})
        await asyncio.sleep({seconds})

with warm_process(["json"]) as warm:
    asyncio.run(main(warm))
"""


def start_owner(cell: str, *, seconds: int) -> subprocess.Popen[str]:
    code = OWNER.format(cell=cell, seconds=seconds)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_everything_ends_with_the_owner(signum: signal.Signals) -> None:
    process = start_owner("import time; time.sleep(60)", seconds=60)
    assert process.stdout
    pids = [int(pid) for pid in process.stdout.readline().strip("[]\n").split(",")]
    assert all(is_running(pid) for pid in pids)
    process.send_signal(signum)
    process.communicate(timeout=30)
    deadline = time.monotonic() + 5
    while any(is_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in pids if is_running(pid)] == []


def test_what_kernels_write_to_their_terminal_is_not_heard() -> None:
    said, complained = start_owner("import os; os.write(1, b'PMARK'); os.write(2, b'PMARK'); os.abort()", seconds=2).communicate(timeout=60)
    assert said.count("\n") == 1
    assert "PMARK" not in said + complained


@in_a_loop
async def test_ordinary_kernel_where_the_system_cannot_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not owner.can_fork()
    with warm_process(["json"]) as process:
        monkeypatch.undo()
        assert process is None
        async with kernel(process) as one:
            assert await one.ask("os.getppid()") == os.getpid()


@in_a_loop
async def test_ordinary_kernel_where_a_module_cannot_be_imported() -> None:
    with warm_process(["ikut_eval.there_is_no_such_module"]) as process:
        async with kernel(process) as one:
            assert await one.ask("os.getppid()") == os.getpid()


@in_a_loop
async def test_ordinary_kernel_after_the_warm_process_was_closed() -> None:
    with warm_process(["json"]) as process:
        pass
    async with kernel(process) as one:
        assert await one.ask("os.getppid()") == os.getpid()


@in_a_loop
async def test_folder_that_is_not_there_is_told_as_ever(tmp_path: Path) -> None:
    with warm_process(["json"]) as process:
        with pytest.raises(FileNotFoundError):
            async with kernel(process, cwd=str(tmp_path / "nowhere")):
                pass
        async with kernel(process) as one:
            assert await one.ask("os.getppid()") != os.getpid()
