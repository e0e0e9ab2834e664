"""A warm process, and kernels that are asked in words of Python and answer in JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.kernels.manager import kernel_manager
from ikut_eval.kernels.owner import Warm, warm_process

SECONDS = 60


@dataclass(frozen=True)
class Kernel:
    manager: Any
    client: Any

    async def run(self, code: str) -> tuple[str, str]:
        """Return what the code has printed and the name of its error."""
        said: list[str] = []
        reply = await self.client.execute_interactive(code, timeout=SECONDS, output_hook=lambda m: said.append(m["content"].get("text", "")))
        return "".join(said), reply["content"].get("ename", "")

    async def ask(self, expression: str) -> Any:
        """Return the value of an expression."""
        said, error = await self.run(f"import json, os, sys; print(json.dumps({expression}))")
        assert error == ""
        return json.loads(said)

    async def connect(self) -> "Kernel":
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=SECONDS)
        return self

    async def end(self) -> int:
        """Wait until the kernel has ended, and return its exit code."""
        async with asyncio.timeout(10):
            while await self.manager.is_alive():
                await asyncio.sleep(0.02)
        return int(await self.manager.provisioner.poll())


@asynccontextmanager
async def kernel(warm: Warm | None, **settings: Any) -> AsyncIterator[Kernel]:
    """Start a kernel, and kill it at the end."""
    manager = kernel_manager(warm=warm)(kernel_name="python3")
    await manager.start_kernel(extra_arguments=["--HistoryManager.hist_file=:memory:"], **settings)
    started = Kernel(manager, manager.client())
    try:
        yield await started.connect()
    finally:
        started.client.stop_channels()
        if await manager.is_alive():
            await manager.shutdown_kernel(now=True)
        await manager.cleanup_resources()


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Let a test wait."""
    import functools

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with warm_process(["pandas"]) as process:
        assert process is not None, "these tests need Linux"
        yield process


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
