"""A forked kernel is as an ordinary one, only sooner: its own process, its own state, heard of when it ends."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from ikut_eval.kernels.owner import ForkedKernel, Warm, warm_process
from tests.kernels.conftest import in_a_loop, is_running, kernel

SURROUNDINGS = (
    "[sys.argv[0], sys.argv[1], sys.argv[3:], sys.path, os.getcwd(), os.read(0, 1).decode(), os.path.realpath('/proc/self/fd/1'),"
    " sorted((k, v) for k, v in os.environ.items() if k != 'JPY_PARENT_PID'),"
    " sorted(n for n in vars(sys.modules['__main__']) if n != 'json'), str(__import__('signal').getsignal(2)), str(__import__('signal').getsignal(15)),"
    " os.umask(0o77), sys.flags[:], __import__('plotly.io').io.renderers.default, __import__('threading').active_count()]"
)


@in_a_loop
async def test_modules_are_imported_when_the_kernel_starts(warm: Warm) -> None:
    async with kernel(warm) as forked, kernel(None) as ordinary:
        assert await forked.ask("'pandas' in sys.modules")
        assert not await ordinary.ask("'pandas' in sys.modules")
        assert isinstance(forked.manager.provisioner.process, ForkedKernel)


@in_a_loop
async def test_kernel_is_a_process_and_a_session_of_its_own(warm: Warm) -> None:
    async with kernel(warm) as one, kernel(warm) as two:
        for each in (one, two):
            pid = each.manager.provisioner.pid
            assert await each.ask("[os.getpid(), os.getsid(0), os.getpgid(0)]") == [pid] * 3
        assert await one.ask("os.getppid()") == await two.ask("os.getppid()") != os.getpid()


@in_a_loop
async def test_surroundings_are_those_of_an_ordinary_kernel(warm: Warm, tmp_path: Path) -> None:
    settings = {"cwd": str(tmp_path), "env": {**os.environ, "IKUT_EVAL_TOLD": "ä\udcff"}}
    async with kernel(warm, **settings) as forked, kernel(None, **settings) as ordinary:
        assert await forked.ask(SURROUNDINGS) == await ordinary.ask(SURROUNDINGS)


@in_a_loop
async def test_descriptors_of_other_kernels_are_not_held(warm: Warm) -> None:
    sockets = "sum(os.readlink(f'/proc/self/fd/{d}').startswith(('socket:', 'anon_inode:[pidfd]')) for d in os.listdir('/proc/self/fd')[:-1])"
    async with kernel(warm) as one:
        alone = await one.ask(sockets)
        async with kernel(warm) as two:
            assert await two.ask(sockets) == alone


@in_a_loop
async def test_kernels_share_no_state(warm: Warm) -> None:
    async with kernel(warm) as one, kernel(warm) as two:
        await one.run("mine = 1; import os, sys, pandas; pandas.mine = 1; os.environ['MINE'] = '1'; sys.path.append('mine')")
        seen = "['mine' in globals(), hasattr(sys.modules['pandas'], 'mine'), 'MINE' in os.environ, 'mine' in sys.path]"
        assert await one.ask(seen) == [True] * 4
        assert await two.ask(seen) == [False] * 4


@in_a_loop
async def test_kernels_draw_different_random_numbers(warm: Warm) -> None:
    draws = "import random, uuid, numpy; drawn = [random.random(), uuid.uuid4().hex, numpy.random.random(), numpy.random.default_rng().random()]"
    async with kernel(warm) as one, kernel(warm) as two:
        for each in (one, two):
            await each.run(draws)
        for first, second in zip(await one.ask("drawn"), await two.ask("drawn"), strict=True):
            assert first != second


@pytest.mark.parametrize(("ends", "code"), [("os.kill(os.getpid(), 9)", -9), ("os._exit(3)", 3), ("os.kill(os.getpid(), 15)", -15)])
@in_a_loop
async def test_end_is_noticed_with_its_exit_code(warm: Warm, ends: str, code: int) -> None:
    async with kernel(warm) as one, kernel(warm) as other:
        started = time.monotonic()
        one.client.execute(f"import os; {ends}")
        assert await one.end() == code
        assert time.monotonic() - started < 5
        assert await other.ask("1") == 1


@in_a_loop
async def test_kernel_that_is_asked_to_end_ends_and_the_others_stay(warm: Warm) -> None:
    async with kernel(warm) as one, kernel(warm) as other:
        pid = one.manager.provisioner.pid
        provisioner = one.manager.provisioner
        process = provisioner.process
        one.manager.shutdown_wait_time = 40
        await one.manager.shutdown_kernel()
        assert process.returncode == 0
        assert not provisioner.has_process
        assert not is_running(pid)
        assert await other.ask("1") == 1
        async with kernel(warm) as new:
            assert await new.ask("os.getppid()") == await other.ask("os.getppid()")


@in_a_loop
async def test_interrupt_stops_the_cell_and_not_the_kernel(warm: Warm) -> None:
    async with kernel(warm) as one:
        started = time.monotonic()
        running = asyncio.create_task(one.run("import time; print('begun', flush=True); time.sleep(50)"))
        await asyncio.sleep(1)
        await one.manager.interrupt_kernel()
        assert await running == ("begun\n", "KeyboardInterrupt")
        assert time.monotonic() - started < 20
        assert await one.ask("1") == 1


@in_a_loop
async def test_restarted_kernel_is_new(warm: Warm) -> None:
    async with kernel(warm) as one:
        await one.run("mine = 1")
        before = await one.ask("os.getpid()")
        await one.manager.restart_kernel(now=True)
        one.client.stop_channels()
        again = await type(one)(one.manager, one.manager.client()).connect()
        assert await again.ask("'mine' in globals()") is False
        assert await again.ask("os.getpid()") == again.manager.provisioner.pid != before
        again.client.stop_channels()


@in_a_loop
async def test_what_a_kernel_has_started_ends_with_it(warm: Warm) -> None:
    async with kernel(warm) as one:
        child = await one.ask("__import__('subprocess').Popen(['sleep', '60']).pid")
        assert is_running(child)
        await one.manager.shutdown_kernel(now=True)
        assert not is_running(child)


@in_a_loop
async def test_no_dead_kernel_is_left_unreaped(warm: Warm) -> None:
    async with kernel(warm) as one:
        parent = psutil.Process(await one.ask("os.getppid()"))
        for ends in ("os._exit(0)", "os.kill(os.getpid(), 9)"):
            async with kernel(warm) as two:
                two.client.execute(f"import os; {ends}")
                await two.end()
        deadline = time.monotonic() + 5
        while len(parent.children()) > 1 and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert [c.pid for c in parent.children()] == [one.manager.provisioner.pid]


@in_a_loop
async def test_two_forked_kernels_take_less_memory_than_two_ordinary(warm: Warm) -> None:
    used = "import os, pandas; print(int(next(l for l in open('/proc/self/smaps_rollup') if l.startswith('Pss:')).split()[1]))"

    async def taken(of: Warm | None) -> int:
        async with kernel(of) as one, kernel(of) as two:
            await one.run("import pandas")
            return sum([int((await k.run(used))[0]) for k in (one, two)])

    assert await taken(warm) < 0.8 * await taken(None)


@in_a_loop
async def test_warm_process_has_one_thread() -> None:
    with warm_process(["json"]) as process:
        async with kernel(process) as one:
            assert psutil.Process(await one.ask("os.getppid()")).num_threads() == 1


@in_a_loop
async def test_kernels_end_with_the_warm_process() -> None:
    with warm_process(["json"]) as process:
        async with kernel(process) as one:
            os.kill(await one.ask("os.getppid()"), signal.SIGKILL)
            assert await one.end() == -9
            deadline = time.monotonic() + 5
            while is_running(one.manager.provisioner.pid) and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert not is_running(one.manager.provisioner.pid)
        async with kernel(process) as after:
            assert await after.ask("1") == 1
            assert isinstance(after.manager.provisioner.process, subprocess.Popen)
