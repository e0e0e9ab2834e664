"""The kernel that makes one page: it gets the bundle's place and little else, says nothing, and certainly ends."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from ikut_eval.contract.schema import PACKAGE
from ikut_eval.kernels.manager import KERNEL_FOLDER, kernel_manager
from ikut_eval.kernels.owner import Warm, warm_process

_END_SECONDS = 10
_INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "PATHEXT", "COMSPEC")
"""What of our environment a kernel needs to run at all: so no token or password of ours comes to it."""
_MODULES = ("pandas", "jinja2", "ikut_eval.dashboard.pages", "ikut_eval.dashboard.html", "ikut_eval.dashboard.opening")
"""What every page imports."""


@contextmanager
def warm_for_pages() -> Iterator[Warm | None]:
    """Keep a process from which the kernels of pages are forked, where the system can."""
    with tempfile.TemporaryDirectory(prefix=f"{KERNEL_FOLDER}warm-") as folder, warm_process(_MODULES, env=_environment(Path(folder))) as warm:
        yield warm


@asynccontextmanager
async def running_kernel(variables: Mapping[str, str], *, warm: Warm | None) -> AsyncIterator[Any]:
    """Give the manager of a kernel that runs with these variables; end the kernel when the block ends, however it ends.

    The kernel is this Python's own, whatever kernels a user has put in its place.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    manager = kernel_manager(warm=warm)(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    try:
        await manager.start_kernel(env=_environment(manager.folder) | dict(variables), cwd=str(manager.folder))
        yield manager
    finally:
        await asyncio.shield(_ended(manager))


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables of every kernel: the same package as ours, and none of the user's settings of Jupyter or IPython."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    own = {"PYTHONPATH": path, "IPYTHONDIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_NO_CONFIG": "1"}
    return inherited | own


async def _ended(manager: Any) -> None:
    """End a kernel: by its manager, and where that fails by the system."""
    process = getattr(manager.provisioner, "process", None)
    try:
        async with asyncio.timeout(_END_SECONDS):
            await manager.shutdown_kernel(now=True)
    except Exception:
        with suppress(Exception):
            await manager.cleanup_resources()
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
