"""Starts kernels, reaches them over files that only their owner can open, and ends them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ikut_eval.kernels.process import KERNEL_NAME, can_fork, new_folder, run_forked, run_kernel

_LAUNCHER = ["-m", "ipykernel_launcher"]
_DEBUGGING = "-Xfrozen_modules=off"


class KernelManager(AsyncKernelManager):
    """The manager of one kernel whose sockets, where the system has socket files, are in a folder that only its owner can open."""

    provisioner: Any = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.connection = new_folder()
        self.connection_file = f"{self.connection.name}/kernel.json"
        if os.name == "posix":
            self.transport, self.ip = "ipc", f"{self.connection.name}/socket"

    async def _async_pre_start_kernel(self, **settings: Any) -> Any:
        if self.provisioner is None:
            self.provisioner = KernelProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**settings)

    pre_start_kernel = _async_pre_start_kernel


class SilentProvisioner(LocalProvisioner):
    """A local kernel whose terminal output is discarded: a traceback there could hold a participant's value.

    `make lab` lets JupyterLab start its kernels by it, under the name that `pyproject.toml` gives it.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel and return how to connect to it."""
        return await super().launch_kernel(cmd, **{**kwargs, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})


class KernelProvisioner(SilentProvisioner):
    """A silent kernel that is forked where its command is this very Python's ordinary kernel and there is a fork server."""

    process: Any
    parent: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel and return how to connect to it."""
        arguments = kernel_arguments(cmd)
        cwd = Path(kwargs.get("cwd") or ".").absolute()
        forked = await _forked(arguments, cwd, dict(kwargs["env"])) if arguments is not None and can_fork() and cwd.is_dir() else None
        if forked is None:
            command = cmd if arguments is None else [sys.executable, "-m", run_kernel.__module__, *arguments]
            return await super().launch_kernel(command, **kwargs)
        self.process, self.pid, self.pgid, self.cwd = forked, forked.pid, forked.pid, cwd
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and wait for its end, which comes sooner than the manager would look."""
        await super().kill(restart=restart)
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while await self.poll() is None:
                    await asyncio.sleep(0.01)

    async def cleanup(self, restart: bool = False) -> None:
        """Kill what the kernel has started, and itself where only the fork server has ended; then remove the folder of its connection."""
        if self.pgid and os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pgid, signal.SIGKILL)
        await super().cleanup(restart=restart)
        if not restart:
            self.parent.connection.cleanup()


class ForkedKernel:
    """A forked kernel with that part of `subprocess.Popen` which jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self.pid: int = process.pid
        self.kill, self.terminate = process.kill, process.terminate
        self._process = process

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel lives; that of a killed one is the signal's number below zero."""
        code: int | None = self._process.exitcode
        return code

    def wait(self) -> int | None:
        """Wait for the end, and return the exit code."""
        self._process.join()
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel alone."""
        if self.poll() is None:
            os.kill(self.pid, signum)


async def _forked(*arguments: Any) -> ForkedKernel | None:
    """Return a kernel forked with the arguments of `run_forked`, or None where the server cannot fork one."""
    process = get_context("forkserver").Process(target=run_forked, args=arguments, name=KERNEL_NAME)
    starting = asyncio.ensure_future(asyncio.to_thread(process.start))  # others go on while the server imports
    try:
        await asyncio.shield(starting)
    except (OSError, EOFError):
        return None
    except asyncio.CancelledError:
        starting.add_done_callback(lambda done: None if done.exception() else process.kill())
        raise
    return ForkedKernel(process)


def kernel_arguments(command: Sequence[str]) -> list[str] | None:
    """Return the arguments of a kernel's command, or None if another program, or this one otherwise set, is meant.

    Examples
    --------
    >>> kernel_arguments([sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"])
    ['-f', 'kernel.json']
    >>> kernel_arguments([sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "kernel.json"])
    >>> kernel_arguments(["R", "--slave"])
    """
    program, *rest = [word for word in command if word != _DEBUGGING]
    return rest[2:] if program == sys.executable and rest[:2] == _LAUNCHER else None
