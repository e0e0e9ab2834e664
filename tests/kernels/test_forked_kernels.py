"""A forked kernel is as an ordinary one, only sooner: its own process, its own state, noticed when it ends."""

import asyncio
import os
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager

from ikut_eval.kernels import manager as kernel_manager
from ikut_eval.kernels.manager import ForkedKernel, KernelManager
from tests.kernels.conftest import Kernel, is_running, kernel, wait_until

SURROUNDINGS = (
    "[sys.argv[0], sys.argv[1], sys.argv[3:], sys.path, os.getcwd(), os.read(0, 1).decode(), os.path.realpath('/proc/self/fd/1'),"
    " sorted((k, v) for k, v in os.environ.items() if k != 'JPY_PARENT_PID'),"
    " sorted(n for n in vars(sys.modules['__main__']) if n != 'json'), str(__import__('signal').getsignal(2)), str(__import__('signal').getsignal(15)),"
    " os.umask(0o77), sys.flags[:], __import__('plotly.io').io.renderers.default, __import__('threading').active_count()]"
)
SHARED_PIPES = (
    "sorted(w for d in os.listdir('/proc/self/fd') if os.path.exists(p := f'/proc/self/fd/{d}') and (w := os.readlink(p)).startswith(('pipe:', 'socket:')))"
)
PRIVATE = "import pandas; print(sum(int(line.split()[1]) for line in open('/proc/self/smaps_rollup') if line.startswith('Private')))"


def test_modules_are_imported_when_the_kernel_starts(one: Kernel) -> None:
    assert isinstance(one.manager.provisioner.process, ForkedKernel)
    assert one.ask("'pandas' in sys.modules")


def test_kernel_is_a_process_and_a_session_of_its_own(one: Kernel, two: Kernel) -> None:
    for each in (one, two):
        assert each.ask("[os.getpid(), os.getsid(0), os.getpgid(0)]") == [each.pid] * 3
    assert one.ask("os.getppid()") == two.ask("os.getppid()") != os.getpid()


def test_surroundings_are_those_of_an_ordinary_kernel(tmp_path: Path) -> None:
    settings = {"cwd": str(tmp_path), "env": {**os.environ, "IKUT_EVAL_GIVEN": "ä\udcff"}}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with kernel(**settings) as forked, kernel(AsyncKernelManager, **settings, **silent) as ordinary:
        assert forked.ask(SURROUNDINGS) == ordinary.ask(SURROUNDINGS)


def test_descriptors_of_other_kernels_are_not_held(one: Kernel, two: Kernel) -> None:
    shared = set(one.ask(SHARED_PIPES)) & set(two.ask(SHARED_PIPES))
    assert len(shared) <= 2  # the two by which the fork server and multiprocessing's tracker see that all have ended


def test_kernels_share_no_state(one: Kernel, two: Kernel) -> None:
    one.run("mine = 1; import os, sys, pandas; pandas.mine = 1; os.environ['MINE'] = '1'; sys.path.append('mine')")
    seen = "['mine' in globals(), hasattr(sys.modules['pandas'], 'mine'), 'MINE' in os.environ, 'mine' in sys.path]"
    assert one.ask(seen) == [True] * 4
    assert two.ask(seen) == [False] * 4


def test_kernels_draw_different_random_numbers(one: Kernel, two: Kernel) -> None:
    for each in (one, two):
        each.run("import random, uuid, numpy; drawn = [random.random(), uuid.uuid4().hex, numpy.random.random(), numpy.random.default_rng().random()]")
    for first, second in zip(one.ask("drawn"), two.ask("drawn"), strict=True):
        assert first != second


def test_no_kernel_listens_at_an_address_and_forked_children_are_heard(one: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_manager, "can_fork", lambda: False)
    with kernel() as not_forked:
        assert not isinstance(not_forked.manager.provisioner.process, ForkedKernel)
        assert not_forked.ask("os.getppid()") == os.getpid()
        for each in (one, not_forked):
            child = "import os\npid = os.fork()\nif pid == 0:\n    print('from the child', flush=True)\n    os._exit(0)\nos.waitpid(pid, 0)\n"
            said, _ = each.run(f"{child}import time; time.sleep(0.5)")
            assert "from the child" in said
            assert psutil.Process(each.pid).net_connections(kind="inet") == []


def test_ordinary_kernel_listens_so_that_the_test_above_can_fail(ordinary: Kernel) -> None:
    assert psutil.Process(ordinary.pid).net_connections(kind="inet") != []


def test_only_the_owner_can_open_the_folder_of_the_connection_and_it_goes_with_the_kernel() -> None:
    with kernel() as started:
        folder = Path(started.manager.connection.name)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.name for path in folder.iterdir()} >= {"kernel.json", "output", "socket-1"}
        folder_of_server = next(Path(c.laddr).parent for c in psutil.Process(started.ask("os.getppid()")).net_connections(kind="unix") if c.laddr)
        assert folder_of_server.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


@pytest.mark.parametrize(("ends", "code"), [("os.kill(os.getpid(), 9)", -9), ("os._exit(3)", 3), ("os.kill(os.getpid(), 15)", -15)])
def test_end_is_noticed_with_its_exit_code_and_the_process_reaped(one: Kernel, ends: str, code: int) -> None:
    with kernel() as other:
        other.client.execute(f"import os; {ends}")
        assert other.end() == code
        assert other.pid not in [child.pid for child in psutil.Process(one.ask("os.getppid()")).children()]
    assert one.ask("1") == 1


def test_kernel_that_is_asked_to_end_ends_and_the_others_stay(one: Kernel) -> None:
    with kernel() as asked:
        process = asked.manager.provisioner.process
        asked.manager.shutdown_wait_time = 2 * 60
        asyncio.run(asked.manager.shutdown_kernel())
        assert process.poll() == 0
        assert not asked.manager.provisioner.has_process
        assert not is_running(asked.pid)
    assert one.ask("1") == 1


def test_interrupt_stops_the_cell_and_not_the_kernel(one: Kernel, tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    def interrupt() -> None:
        wait_until(begun.exists)
        asyncio.run(one.manager.interrupt_kernel())

    thread = threading.Thread(target=interrupt)
    thread.start()
    said, error = one.run(f"import time; print('begun', flush=True); open({str(begun)!r}, 'w').close(); time.sleep(600)")
    thread.join()
    assert (said, error) == ("begun\n", "KeyboardInterrupt")
    assert one.ask("1") == 1


def test_restarted_kernel_is_new() -> None:
    with kernel() as started:
        started.run("mine = 1")
        before = started.pid
        asyncio.run(started.manager.restart_kernel(now=True))
        started.client.stop_channels()
        again = Kernel(started.manager, started.manager.blocking_client()).connect()
        assert again.ask("'mine' in globals()") is False
        assert again.ask("os.getpid()") == again.pid != before
        again.client.stop_channels()


@pytest.mark.parametrize("now", [True, False])
def test_what_a_kernel_has_started_ends_with_it(now: bool) -> None:
    with kernel() as started:
        child = started.ask("__import__('subprocess').Popen(['sleep', '600']).pid")
        assert is_running(child)
        if now:
            asyncio.run(started.manager.shutdown_kernel(now=True))
        else:
            started.client.execute("import os; os._exit(0)")
            started.end()
            asyncio.run(started.manager.cleanup_resources())
        wait_until(lambda: not is_running(child))


def test_forked_kernel_takes_less_memory_than_an_ordinary_one(two: Kernel, ordinary: Kernel) -> None:
    assert int(two.run(PRIVATE)[0]) < 0.5 * int(ordinary.run(PRIVATE)[0])


def test_kernel_whose_start_is_cancelled_is_killed(one: Kernel) -> None:
    server = psutil.Process(one.ask("os.getppid()"))
    before = {child.pid for child in server.children()}

    async def cancelled() -> None:
        manager = KernelManager(kernel_name="python3")
        starting = asyncio.create_task(manager.start_kernel())
        await asyncio.sleep(0)
        while not manager.provisioner:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
        await asyncio.sleep(0.5)

    asyncio.run(cancelled())
    time.sleep(0.2)
    wait_until(lambda: {child.pid for child in server.children()} == before)


def test_folder_that_is_not_there_is_reported_as_ever(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), kernel(cwd=str(tmp_path / "nowhere")):
        pass
