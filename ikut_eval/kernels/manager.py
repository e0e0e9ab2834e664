"""The manager of kernels that this package starts: nothing they say can reach a log or another user."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ikut_eval.kernels.owner import Warm

KERNEL_FOLDER = "ikut-eval-kernel-"


def kernel_manager(base: type | None = None, *, warm: Warm | None = None) -> type:
    """Return the class of kernel manager, made when it is first needed: its import is slow.

    The kernel talks over sockets in a folder that only its owner can open, where the system has such
    sockets, and what it writes to its terminal is dropped: a traceback there could hold a participant's value.

    Parameters
    ----------
    base : type, optional
        The class of jupyter_client to build on: its AsyncKernelManager; a server that watches and restarts kernels needs AsyncIOLoopKernelManager.
    warm : Warm, optional
        From `warm_process`: kernels are forked from it, or started in the ordinary way where that cannot be.
    """
    from jupyter_client.manager import AsyncKernelManager

    quiet = _quiet(base or AsyncKernelManager)
    return quiet if warm is None else type("WarmKernelManager", (quiet,), {"warm": warm})


def remove_what_a_kill_left() -> None:
    """Remove the folders of kernels whose owner was killed: they hold no figure, only where to reach a kernel that is no more."""
    yesterday = time.time() - 86_400
    for folder in Path(tempfile.gettempdir()).glob(f"{KERNEL_FOLDER}*"):
        with suppress(OSError):
            if folder.stat().st_mtime < yesterday:
                shutil.rmtree(folder, ignore_errors=True)


@cache
def _quiet(base: Any) -> type:
    from ikut_eval.kernels.provisioner import WarmProvisioner

    class QuietKernelManager(base):  # type: ignore[misc]
        warm: Warm | None = None
        provisioner: Any = None

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.folder = Path(tempfile.mkdtemp(prefix=KERNEL_FOLDER))
            self.connection_file = str(self.folder / "kernel.json")
            if os.name == "posix":
                self.transport = "ipc"
                self.ip = str(self.folder / "socket")

        async def _async_start_kernel(self, **settings: Any) -> None:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            await super()._async_start_kernel(**{**settings, **quiet})

        start_kernel = _async_start_kernel

        async def _async_pre_start_kernel(self, **settings: Any) -> Any:
            if self.warm and self.provisioner is None:
                self.provisioner = WarmProvisioner(self.warm, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
            return await super()._async_pre_start_kernel(**settings)

        pre_start_kernel = _async_pre_start_kernel

        async def _async_cleanup_resources(self, restart: bool = False) -> None:
            await super()._async_cleanup_resources(restart=restart)
            if not restart:
                shutil.rmtree(self.folder, ignore_errors=True)

        cleanup_resources = _async_cleanup_resources

    return QuietKernelManager
