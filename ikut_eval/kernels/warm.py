"""The warm process: it imports what it is told, then forks itself into a kernel whenever its owner asks.

Run as `python -m ikut_eval.kernels.warm DESCRIPTOR MODULE ...` by `ikut_eval.kernels.owner`, which holds the other end of
the socket DESCRIPTOR. Each request brings a socket of its own, over which go the request, the kernel's process id and, at its
end, its exit code. The kernel lives for as long as its owner holds that socket, the warm process for as long as its owner lives.
"""

import gc
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ikut_eval.kernels.protocol import REQUEST_BYTES, STARTED

_LATE = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)
"""What ipykernel imports only when a kernel starts."""


@dataclass(frozen=True)
class _Kernel:
    pid: int
    end: int
    owner: socket.socket

    def kill(self) -> None:
        """Kill the kernel and what it has started, before its session is its own or after."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def tell_end(self) -> None:
        """Tell the exit code, and leave the dead process unreaped: its id stays its own while somebody may send it a signal."""
        end = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with suppress(OSError):
            if end is not None:
                self.owner.send(str(end.si_status if end.si_code == os.CLD_EXITED else -end.si_status).encode())

    def close(self) -> None:
        os.close(self.end)
        self.owner.close()


def main(descriptor: str, *modules: str) -> None:
    """Import the modules, wait for requests, and end as a kernel or with the owner."""
    environment = _import_as_a_kernel_would(modules)
    os.close(os.pidfd_open(os.getpid()))
    gc.collect()
    gc.freeze()
    request = _wait_for_request(socket.socket(fileno=int(descriptor)))
    if request is not None:
        _become_kernel(request["arguments"], {**request["env"], **environment})


def _import_as_a_kernel_would(modules: tuple[str, ...]) -> dict[str, str]:
    """Import the modules, and return the environment variables that were set meanwhile: libraries do so, too."""
    before = dict(os.environ)
    if not sys.flags.safe_path:
        del sys.path[0]
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp().init_path()  # type: ignore[no-untyped-call]
    for name in (*_LATE, *modules):
        import_module(name)
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def _wait_for_request(control: socket.socket) -> dict[str, Any] | None:
    """Serve the owner until it is gone.

    Returns
    -------
    dict or None
        The request in every kernel that is forked, and None, at the end, in the warm process itself.
    """
    kernels: dict[int, _Kernel] = {}
    with selectors.PollSelector() as waiting:
        waiting.register(control, selectors.EVENT_READ)
        while True:
            ready = waiting.select()[0][0]
            if ready.data is None:
                word, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                if not word:
                    for kernel in kernels.values():
                        kernel.kill()
                    return None
                owner = socket.socket(fileno=descriptors[0])
                told = owner.recv(REQUEST_BYTES)
                try:
                    pid = os.fork() if told else None
                except OSError:
                    pid = None
                if pid is None:
                    owner.close()
                    continue
                if pid == 0:
                    for kernel in kernels.values():
                        kernel.close()
                    control.close()
                    return _begin(owner, json.loads(told))
                kernel = kernels[pid] = _Kernel(pid, os.pidfd_open(pid), owner)
                waiting.register(kernel.end, selectors.EVENT_READ, kernel)
                waiting.register(kernel.owner, selectors.EVENT_READ, kernel)
            elif ready.fd == ready.data.end:
                waiting.unregister(ready.data.end)
                ready.data.tell_end()
            else:
                kernel = kernels.pop(ready.data.pid)
                with suppress(KeyError):
                    waiting.unregister(kernel.end)
                waiting.unregister(kernel.owner)
                kernel.kill()
                kernel.close()


def _begin(owner: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    os.setsid()
    os.chdir(request["cwd"])
    with owner:
        owner.send(STARTED + str(os.getpid()).encode())
    return request


def _become_kernel(arguments: list[str], environment: dict[str, str]) -> None:
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = [ipykernel_launcher.__file__, *arguments]
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    IPKernelApp.launch_instance()


if __name__ == "__main__":
    main(*sys.argv[1:])
