"""The process of a kernel: forked from a server that has the libraries imported; it discards its output and opens no port.

The server is the fork server of the standard library's `multiprocessing`, one for each process that owns kernels. A kernel ends with its
owner, however that ends, and the server after them.
"""

import gc
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.machinery import ModuleSpec
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

FOLDER_PREFIX = "ikut-kernel-"
KERNEL_NAME = "ikut-eval kernel"
_KERNEL_MODULES = (
    __name__,  # the first, for what it remembers
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)
"""What a kernel imports before its first cell."""
_ROOM = 103 - len(f"/{FOLDER_PREFIX}1234567-abcdefgh/listener-abcdefgh")
"""Bytes left for the path of the folder in which ours is made: every system takes socket files whose path has 103 bytes."""
_VARIABLES_AT_START = frozenset(os.environ)
_PATH_AT_START = [folder for folder in sys.path if folder]
"""Where a new process looks for modules; in a forked one, `multiprocessing` puts the owner's folders in its place."""


def can_fork() -> bool:
    """Return whether the system has a fork server; on macOS, forking is not safe once the system's libraries are loaded."""
    return sys.platform != "darwin" and "forkserver" in multiprocessing.get_all_start_methods()


@contextmanager
def fork_server(modules: Sequence[str], *, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """Let kernels be forked from a server that has imported the modules; when the block ends, kill the kernels that are left.

    The server starts at once and imports meanwhile; the first kernel waits for it. Of several calls in one process the first counts.
    Where there is no fork server, kernels start in the ordinary way.

    Parameters
    ----------
    modules : sequence of str
        Only modules whose import reads no data and does not ask which shell it runs in (`plotly.io` and `ipywidgets` do).
    env : mapping, optional
        The whole environment of the server, which a kernel can find out; the owner's where none is given.
    """
    _remove_what_a_kill_left()
    main = sys.modules["__main__"]
    before, main.__spec__ = main.__spec__, ModuleSpec("ikut_eval.__main__", None)  # under this name, kernels do not run the owner's script again
    try:
        if can_fork():
            _start_server([*_KERNEL_MODULES, *modules], dict(os.environ if env is None else env))
        yield
    finally:
        main.__spec__ = before
        for process in multiprocessing.active_children():
            if process.name == KERNEL_NAME:
                process.kill()
                process.join()


def _start_server(modules: list[str], env: Mapping[str, str]) -> None:
    """Start the server with an environment of its own, deaf to Ctrl-C, its output discarded and its socket in a folder of ours."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(modules)
    multiprocessing.current_process()._config.setdefault("tempdir", _server_folder().name)  # type: ignore[attr-defined]
    environment, handler, terminal = dict(os.environ), signal.signal(signal.SIGINT, signal.SIG_IGN), (os.dup(1), os.dup(2))
    try:
        _discard_output()
        os.environ.clear()
        os.environ.update(env)
        with suppress(OSError):  # kernels start in the ordinary way, or say why they cannot
            forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(environment)
        signal.signal(signal.SIGINT, handler)
        for stream, kept in enumerate(terminal, start=1):
            os.dup2(kept, stream)
            os.close(kept)


def new_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a new folder that only its owner can open, named after this process, and removed with it.

    It is among the system's temporary files, or in a folder with a shorter path where a socket file's would be too long.

    Raises
    ------
    MachineError
        If there is no folder with a path that is short enough; names the one that is too long.
    """
    return tempfile.TemporaryDirectory(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=_short_folder(), ignore_cleanup_errors=True)


def _short_folder() -> str:
    usual = tempfile.gettempdir()
    if os.name != "posix":
        return usual
    for folder in (usual, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp"):  # noqa: S108  # only for a folder of our own in it
        if folder and len(os.fsencode(folder)) <= _ROOM and os.access(folder, os.W_OK | os.X_OK):
            return folder
    from ikut_eval.contract.errors import MachineError  # here: kernels start without our words

    raise MachineError("long_temporary_folder", folder=usual)


_server_folder = cache(new_folder)


def _remove_what_a_kill_left() -> None:
    """Remove folders more than a day old whose owner was killed: they hold no figure, only where to reach a kernel that is no more."""
    for folder in [each for place in {tempfile.gettempdir(), _short_folder()} for each in Path(place).glob(f"{FOLDER_PREFIX}*")]:
        with suppress(OSError):
            owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
            if folder.stat().st_mtime < time.time() - 24 * 3600 and not Path("/proc", owner).exists():
                shutil.rmtree(folder, ignore_errors=True)


def _discard_output() -> None:
    with open(os.devnull, "wb") as nothing:
        for stream in (1, 2):
            os.dup2(nothing.fileno(), stream)


def run_forked(arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
    """Make a forked process what an ordinary kernel is when it starts, and run the kernel.

    Parameters
    ----------
    arguments : sequence of str
        What would follow `python -m ipykernel_launcher`.
    env : mapping
        The whole environment. What Python and the libraries read of it when they start is as the server had it.
    """
    os.setsid()
    threading.Thread(target=_end_with_owner, daemon=True).start()
    _discard_output()
    os.chdir(cwd)
    set_by_imports = {name: value for name, value in os.environ.items() if name not in _VARIABLES_AT_START}
    os.environ.clear()
    os.environ.update({**set_by_imports, **env})
    sys.path[:] = _PATH_AT_START
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # else all kernels draw the same numbers
    gc.freeze()  # the collector leaves alone what kernels share, so it stays shared
    run_kernel(arguments)


def _end_with_owner() -> None:
    owner = multiprocessing.parent_process()
    if owner:
        owner.join()
    os.killpg(0, signal.SIGKILL)


def run_kernel(arguments: Sequence[str]) -> None:
    """Run an IPython kernel that loses no output, and opens no TCP port where its manager reaches it over socket files."""
    import ipykernel_launcher
    from ipykernel import kernelapp

    vars(kernelapp)["IOPubThread"] = _output_thread()
    sys.argv[:] = [ipykernel_launcher.__file__, *arguments]
    kernelapp.launch_new_instance()


def _output_thread() -> type:
    """Return ipykernel's output thread, which waits for a slow reader, as ZeroMQ would drop what is more than a thousand messages ahead.

    What forked children of the kernel print comes to it over a socket file, not a TCP port.
    """
    import zmq
    from ipykernel.iostream import IOPubThread
    from zmq.eventloop.zmqstream import ZMQStream

    class PatientThread(IOPubThread):
        def __init__(self, socket: Any, *args: Any, **settings: Any) -> None:
            socket.setsockopt(zmq.XPUB_NODROP, 1)
            super().__init__(socket, *args, **settings)  # type: ignore[no-untyped-call]

    class OutputThread(PatientThread):
        def _setup_pipe_in(self) -> None:
            self._file = self.socket.getsockopt(zmq.LAST_ENDPOINT).rpartition(b"/")[0] + b"/output"
            self._pipe_uuid = os.urandom(16)
            socket = self.socket.context.socket(zmq.PULL)
            socket.linger = 0
            socket.bind(self._file)
            self._pipe_in = ZMQStream(socket, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> Any:
            context: Any = zmq.Context()
            socket = context.socket(zmq.PUSH)
            socket.linger = 3000  # milliseconds, as in ipykernel
            socket.connect(self._file)
            return context, socket

    return OutputThread if os.name == "posix" else PatientThread


def leave_out_address_grammar() -> None:
    """Keep jsonschema, which nbformat imports, from building the grammar of addresses (RFC 3987): it takes a second.

    jsonschema does without where the grammar is not installed; it only checks the form of international addresses, and
    notebooks hold none. Call it before nbformat, papermill, nbconvert or Voilà is imported for the first time.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # how Python marks what is not to be imported


if __name__ == "__main__":
    run_kernel(sys.argv[1:])
