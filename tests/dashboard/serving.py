"""The real server of the dashboards, as a process of its own or in a thread of this one, and requests to it."""

import asyncio
import http.client
import json
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import nbformat
import psutil

from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.current_pages import CurrentPages
from ikut_eval.dashboard.handler import Access
from ikut_eval.dashboard.rendering import PLOTLY_FILE
from ikut_eval.dashboard.server import answer, listening_sockets
from ikut_eval.dashboard.site import Settings
from ikut_eval.kernels.process import KERNEL_NAME

ROOT = Path(__file__).parents[2]
COMMAND = "from ikut_eval.cli import main; main()"
WITH_OWN_NOTEBOOKS = """
import json, sys
from pathlib import Path
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.server import serve
from ikut_eval.dashboard.site import Settings
said = json.loads(sys.argv[1])
serve(BundleSource(Path(said["folder"]), said["audience"]), Settings(Path(said["notebooks"]), "en", **said["settings"]), port=0)
"""
PAGES = ("overview",)
QUICK = {"pages": PAGES, "kernels": 2, "look_seconds": 0.2, "start_seconds": 0}
PAGE = "text/vnd.ikut-eval.page+html"
DOCUMENT = """
import os, json
from pathlib import Path
folder = Path(os.environ["IKUT_EVAL_BUNDLE"])
digest = json.loads((folder / "manifest.json").read_text())["digest"]
name = os.environ["IKUT_EVAL_LANGUAGE"]
"""
SHOWN = f"""
from IPython.display import display
display({{"{PAGE}": f"<!doctype html><html lang='{{name}}'><body>{{digest}}<script src='{PLOTLY_FILE}'></script></body></html>"}}, raw=True)
"""


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Served:
    """A server that runs.

    Attributes
    ----------
    address : str – as printed, with the token if it is new
    said : Path or None – what it has written, if that is kept
    process : Popen or None – its own; None where it runs in this one
    """

    address: str
    said: Path | None
    token: str = field(repr=False)
    process: subprocess.Popen[str] | None = None
    settled: Event = field(default_factory=Event)

    def told(self, seconds: float) -> None:
        """Wait until a server in this process would tell its address."""
        assert self.settled.wait(seconds), self.errors

    @property
    def port(self) -> int:
        return int(re.search(r":(\d+)/", self.address)[1])  # type: ignore[index]

    @property
    def errors(self) -> str:
        return self.said.read_text(encoding="utf-8") if self.said else ""

    def ask(self, path: str, *, method: str = "GET", token: str | None = None, **headers: str) -> Reply:
        """Send one request, with the right token unless another is given; "" sends none."""
        known = self.token if token is None else token
        sent = ({"Authorization": f"token {known}"} if known else {}) | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=sent)
            reply = connection.getresponse()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def raw(self, sent: bytes) -> bytes:
        """Send bytes as they are, and return all that comes back until the server closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall(sent)
            got = b""
            try:
                while part := connection.recv(65536):
                    got += part
            except (TimeoutError, ConnectionResetError):
                pass
            return got

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("/health").body)
        return found

    def until(self, happened: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """Wait until the server is in a state, and return it."""
        end = time.monotonic() + seconds
        while not happened(found := self.health()):
            assert time.monotonic() < end, (found, self.errors)
            time.sleep(0.1)
        return found

    def ready(self) -> dict[str, Any]:
        return self.until(lambda health: health["state"] == "ready")

    def failed_page(self, path: str = "/overview.fi.html", seconds: float = 60) -> Reply:
        """Wait until a page could not be made, and return what is shown instead."""
        end = time.monotonic() + seconds
        while (reply := self.ask(path)).status != 500:
            assert time.monotonic() < end, (reply.status, self.errors)
            time.sleep(0.1)
        return reply

    def kernels(self) -> list[psutil.Process]:
        """Return the kernels that run: in another process, the children of the fork server, which is its child."""
        found = []
        if self.process is None:
            for one in [child for child in multiprocessing.active_children() if child.name == KERNEL_NAME]:
                with suppress(psutil.NoSuchProcess):  # ended meanwhile
                    found.append(psutil.Process(one.pid))
            return found
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if child.ppid() != self.process.pid and child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child)
        return found


@contextmanager
def here(folder: Path, notebooks: Path, said: Path | None = None, *, audience: str = "internal", **settings: Any) -> Iterator[Served]:
    """Run a server with notebooks of the test's own in a thread of this process, within `page_kernels`, and stop it with the block.

    Where `said` is given, what is written to standard error meanwhile goes there.
    """
    sockets, settled, access = listening_sockets("127.0.0.1", 0), Event(), Access(f"a-token-of-the-{audience}-server")
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = Future()

    async def run() -> None:
        pages = CurrentPages(BundleSource(folder, audience), Settings(notebooks, "en", **{**QUICK, **settings}))
        answering = asyncio.create_task(answer(sockets, pages, access, settled=settled.set))
        running.set_result((asyncio.get_running_loop(), answering))
        with suppress(asyncio.CancelledError):
            await answering

    thread = Thread(target=lambda: asyncio.run(run()))
    with ExitStack() as stack:
        if said:
            stack.enter_context(redirect_stderr(stack.enter_context(said.open("w", encoding="utf-8"))))
        thread.start()
        loop, answering = running.result(30)
        try:
            yield Served(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/", said, access.token, settled=settled)
        finally:
            loop.call_soon_threadsafe(answering.cancel)
            thread.join(60)
            assert not thread.is_alive()


@contextmanager
def started(words: Sequence[str], said: Path, *, given: str = "", before: Sequence[str] = (), **settings: Any) -> Iterator[Served]:
    """Start a server from Python's words, after the words `before` it, wait until it tells its address, and end it with the block."""
    token = {"IKUT_EVAL_TOKEN": given} if given else {}
    known = {name: value for name, value in os.environ.items() if name != "IKUT_EVAL_TOKEN"}
    environment = {**known, "IKUT_EVAL_LANGUAGE": "en", "PYTHONUNBUFFERED": "1", **token, **settings.pop("environment", {})}
    with said.open("w") as errors:
        process = subprocess.Popen([*before, sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, **settings)
    try:
        line = process.stdout.readline() if process.stdout else ""
        assert "http://" in line, said.read_text(encoding="utf-8")
        address = line.partition("http://")[1] + line.partition("http://")[2].strip()
        yield Served(address, said, given or address.partition("token=")[2], process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            if process.stdout:
                process.stdout.close()


def write_notebooks(folder: Path, *cells: str, pages: Sequence[str] = PAGES) -> Path:
    """Write the same cells as the notebook of each page."""
    folder.mkdir(exist_ok=True)
    for page in pages:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        nbformat.write(notebook, folder / f"{page}.ipynb")
    return folder


def own(folder: Path, notebooks: Path, *, audience: str = "internal", **settings: Any) -> list[str]:
    """Return Python's words for a server with notebooks of the test's own."""
    said = {"folder": str(folder), "notebooks": str(notebooks), "audience": audience, "settings": {**QUICK, **settings}}
    return ["-c", WITH_OWN_NOTEBOOKS, json.dumps(said)]


def command(*words: object) -> list[str]:
    return ["-c", COMMAND, "dashboard", *map(str, words)]
