"""The kernels of `make lab` keep the same silence as those of the batch: nothing that they write reaches the terminal."""

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.conftest import MARKER

ROOT = Path(__file__).parents[2]
SPEAKS = {
    "to the terminal": f"import os; os.write(1, b'{MARKER}'); os.write(2, b'{MARKER}')",
    "from a child": f"import subprocess, sys; subprocess.run([sys.executable, '-c', 'import sys; sys.stderr.write(\"{MARKER}\")'])",
    "in a thread": f"import threading; t = threading.Thread(target=lambda: int('{MARKER}')); t.start(); t.join()",
    "of a fault": f"import faulthandler, sys; {MARKER} = 1; faulthandler.dump_traceback(sys.__stderr__)",
    "in an error": f"raise ValueError('{MARKER}')",
    "at the end": f"import atexit, os; atexit.register(lambda: os.write(2, b'{MARKER}'))",
}


def lab_words() -> list[str]:
    """Return what `make lab` gives to Jupyter."""
    rule = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(r"\$\(BIN\)/jupyter (lab .*)", rule)
    assert found
    return found[1].split()


def asked(server: dict[str, str], method: str, path: str) -> tuple[int, bytes]:
    """Send one request to JupyterLab's server; return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server["port"]), timeout=60)
    try:
        connection.request(method, path, body="{}", headers={"Authorization": f"token {server['token']}", "Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def server_of(runtime: Path) -> dict[str, str]:
    """Return where the server is reached, and its token."""
    found: dict[str, str] = json.loads(next(runtime.glob("jpserver-*.json")).read_text(encoding="utf-8"))
    return found


def answers(runtime: Path) -> bool:
    with suppress(StopIteration, ValueError, OSError):
        return asked(server_of(runtime), "GET", "/api")[0] == 200
    return False


def is_ready(client: BlockingKernelClient) -> bool:
    """Return whether a kernel answers; one that is only starting counts as dead for its client."""
    with suppress(RuntimeError):
        client.wait_for_ready(timeout=10)
        return True
    return False


def until(happened: Callable[[], object], seconds: float = 60) -> object:
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """JupyterLab as `make lab` starts it, without a browser: the folder of its connections, and what it writes to the terminal."""
    folder = tmp_path_factory.mktemp("lab")
    runtime, said = folder / "runtime", folder / "said"
    private = {"HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_DIR": str(folder / "config"), "IPYTHONDIR": str(folder / "ipython")}
    words = [sys.executable, "-m", "jupyter", *lab_words(), "--no-browser", "--allow-root", "--ServerApp.port=0"]
    with said.open("wb") as terminal:
        process = subprocess.Popen(words, cwd=ROOT, stdout=terminal, stderr=terminal, env={**os.environ, **private})
        try:
            until(lambda: answers(runtime))
            yield runtime, said
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize("cell", SPEAKS.values(), ids=lambda cell: next(name for name, words in SPEAKS.items() if words == cell))
def test_what_a_kernel_of_the_lab_writes_stays_in_the_notebook(lab: tuple[Path, Path], cell: str) -> None:
    runtime, said = lab
    server = server_of(runtime)
    kernel = json.loads(asked(server, "POST", "/api/kernels")[1])["id"]
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        until(lambda: is_ready(client))
        outputs: list[str] = []
        client.execute_interactive(f"print('heard')\n{cell}", timeout=60, output_hook=lambda message: outputs.append(str(message["content"])))
        assert "heard" in "".join(outputs)
    finally:
        client.stop_channels()
    assert asked(server, "DELETE", f"/api/kernels/{kernel}")[0] == 204
    assert MARKER not in said.read_text(encoding="utf-8", errors="replace")
