"""Kernels that are asked in words of Python and answer in JSON; two forked ones and an ordinary one are shared by the tests."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from ikut_eval.kernels.manager import KernelManager
from ikut_eval.kernels.process import fork_server

SECONDS = 60
NO_HISTORY = ["--HistoryManager.hist_file=:memory:"]


@pytest.fixture(scope="session", autouse=True)
def no_server_of_earlier_tests() -> None:
    """End the fork server that other tests have left in this process: the first call in a process says what a server imports."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Kernel:
    manager: Any
    client: Any

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    def run(self, code: str) -> tuple[str, str]:
        """Return what the code has printed and the name of its error."""
        said: list[str] = []
        reply = self.client.execute_interactive(code, timeout=SECONDS, output_hook=lambda m: said.append(m["content"].get("text", "")))
        return "".join(said), reply["content"].get("ename", "")

    def ask(self, expression: str) -> Any:
        """Return the value of an expression."""
        said, error = self.run(f"import json, os, sys; print(json.dumps({expression}))")
        assert error == ""
        return json.loads(said)

    def connect(self) -> "Kernel":
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)
        return self

    def end(self) -> int:
        """Wait until the kernel has ended, and return its exit code."""
        wait_until(lambda: not asyncio.run(self.manager.is_alive()))
        return int(asyncio.run(self.manager.provisioner.poll()))


def wait_until(happened: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.02)


@contextmanager
def kernel(manager_class: type = KernelManager, **settings: Any) -> Iterator[Kernel]:
    """Start a kernel, and kill it at the end."""
    manager: Any = manager_class(kernel_name="python3")
    asyncio.run(manager.start_kernel(extra_arguments=NO_HISTORY, **settings))
    started = Kernel(manager, manager.blocking_client())
    try:
        yield started.connect()
    finally:
        started.client.stop_channels()
        if asyncio.run(manager.is_alive()):
            asyncio.run(manager.shutdown_kernel(now=True))
        asyncio.run(manager.cleanup_resources())


@pytest.fixture(scope="package", autouse=True)
def forks() -> Iterator[None]:
    with fork_server(["pandas"]):
        yield


@pytest.fixture(scope="package")
def one(forks: None) -> Iterator[Kernel]:
    with kernel() as started:
        yield started


@pytest.fixture(scope="package")
def two(one: Kernel) -> Iterator[Kernel]:
    """A second kernel, started after the first."""
    with kernel() as started:
        yield started


@pytest.fixture(scope="package")
def ordinary() -> Iterator[Kernel]:
    """A kernel as jupyter_client starts it."""
    with kernel(AsyncKernelManager) as started:
        yield started


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
