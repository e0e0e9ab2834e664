"""The kernel that the batch starts: nothing it says can reach a log or another user."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

KERNEL_FOLDER = "ikut-eval-kernel-"


@cache
def kernel_manager() -> type:
    """Return the class of kernel manager, made when it is first needed: its import is slow.

    The kernel talks over sockets in a folder that only its owner can open, where the system has such
    sockets, and what it writes to its terminal is dropped: a traceback there could hold a participant's value.
    """
    from jupyter_client.manager import AsyncKernelManager

    class QuietKernelManager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self._folder = Path(tempfile.mkdtemp(prefix=KERNEL_FOLDER))
            self.connection_file = str(self._folder / "kernel.json")
            if os.name == "posix":
                self.transport = "ipc"
                self.ip = str(self._folder / "socket")

        async def _async_start_kernel(self, **settings: Any) -> None:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            await super()._async_start_kernel(**settings, **quiet)

        start_kernel = _async_start_kernel

        async def _async_cleanup_resources(self, restart: bool = False) -> None:
            await super()._async_cleanup_resources(restart=restart)
            if not restart:
                shutil.rmtree(self._folder, ignore_errors=True)

        cleanup_resources = _async_cleanup_resources

    return QuietKernelManager
