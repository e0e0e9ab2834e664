"""The owner's end of a warm process: start it, ask it for kernels, hear of their end."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ikut_eval.kernels.protocol import ANSWER_BYTES, STARTED

_ANSWER_SECONDS = 60
_END_SECONDS = 5


class ForkedKernel:
    """A kernel that the warm process has forked, with the interface of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel lives; that of a killed one is the signal's number below zero."""
        if self.returncode is None:
            try:
                told = self._connection.recv(ANSWER_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except OSError:
                told = b""
            self.returncode = int(told) if told else -signal.SIGKILL
        return self.returncode

    def wait(self) -> int | None:
        """Let go of a kernel that has ended, and return its exit code."""
        self.release()
        return self.returncode

    def release(self) -> None:
        """Let go of the kernel: the warm process kills it if it still lives."""
        if self.poll() is None:
            self.returncode = -signal.SIGKILL
        self._connection.close()

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel alone."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


@dataclass(frozen=True)
class Warm:
    """A process with its modules imported, ready to be forked; made by `warm_process`."""

    control: socket.socket

    async def fork(self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> ForkedKernel | None:
        """Return a new kernel, or None where the warm process cannot make one.

        Parameters
        ----------
        arguments : sequence of str
            What would follow `python -m ipykernel_launcher`.
        cwd : Path
            Absolute.
        env : mapping
            The whole environment. What Python and the libraries read of it when they start is already as the owner had it.
        """
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        request = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
        told = b""
        try:
            with theirs, suppress(OSError, TimeoutError):
                socket.send_fds(self.control, [b"+"], [theirs.fileno()])
                theirs.close()
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await loop.sock_sendall(ours, json.dumps(request).encode())
                    told = await loop.sock_recv(ours, ANSWER_BYTES)
        finally:
            if not told.startswith(STARTED):
                ours.close()
        return ForkedKernel(int(told.removeprefix(STARTED)), ours) if told.startswith(STARTED) else None


def can_fork() -> bool:
    """Return whether the system can safely fork a process that has libraries loaded, and tell when it ends."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


@contextmanager
def warm_process(modules: Sequence[str], *, env: Mapping[str, str] | None = None) -> Iterator[Warm | None]:
    """Keep a process that has imported the modules; it and its kernels end with the context, and with this process.

    It starts at once and imports meanwhile; the first kernel waits for it. Give only modules whose import depends on no data
    and does not ask which shell it runs in (`plotly.io` and `ipywidgets` do).

    Parameters
    ----------
    modules : sequence of str
    env : mapping, optional
        The whole environment of the warm process; the owner's where none is given. A kernel can find it out.

    Yields
    ------
    Warm or None
        None where the system cannot fork safely; `kernel_manager` takes both.
    """
    if not can_fork():
        yield None
        return
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "ikut_eval.kernels.warm", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=env,
            )
        try:
            yield Warm(ours)
        finally:
            ours.close()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
