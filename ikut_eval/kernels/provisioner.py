"""Starts kernels by forking a warm process, or in the ordinary way where that cannot be."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ikut_eval.kernels.owner import ForkedKernel, Warm

_LAUNCHER = ["-m", "ipykernel_launcher"]
_LOOKS = 50
_LOOK_SECONDS = 0.01
_DEBUGGING = "-Xfrozen_modules=off"


class WarmProvisioner(LocalProvisioner):
    """A local kernel, forked where its command is this very Python's ordinary kernel and the warm process answers."""

    process: Any

    def __init__(self, warm: Warm, **settings: Any) -> None:
        super().__init__(**settings)
        self._warm = warm

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel and return how to connect to it."""
        arguments = forkable_arguments(cmd)
        cwd = Path(kwargs.get("cwd") or ".").absolute()
        forked = None if arguments is None else await self._warm.fork(arguments, cwd=cwd, env=kwargs["env"])
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked
        self.pid = self.pgid = forked.pid
        self.cwd = cwd
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and wait a moment for its end, which comes sooner than the manager would look."""
        await super().kill(restart=restart)
        for _ in range(_LOOKS):
            if await self.poll() is not None:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of a kernel that nobody has waited for."""
        if isinstance(self.process, ForkedKernel):
            self.process.release()
            self.process = None
        await super().cleanup(restart=restart)


def forkable_arguments(command: Sequence[str]) -> list[str] | None:
    """Return the arguments of a kernel's command, or None if another program, or this one otherwise set, is meant.

    Examples
    --------
    >>> forkable_arguments([sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"])
    ['-f', 'kernel.json']
    >>> forkable_arguments([sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "kernel.json"])
    >>> forkable_arguments(["R", "--slave"])
    """
    program, *rest = [word for word in command if word != _DEBUGGING]
    return rest[2:] if program == sys.executable and rest[:2] == _LAUNCHER else None
