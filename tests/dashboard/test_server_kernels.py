"""The kernels that make the pages: they end, whatever they do, and nothing they say comes out."""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest

from ikut_eval.kernels.process import FOLDER_PREFIX
from tests.dashboard.serving import DOCUMENT, SHOWN, Served, here, own, started, write_notebooks
from tests.release.conftest import write

SECRET = "Kaisa-0451"  # noqa: S105
SAYS = f"""
import logging, os, sys, warnings
print("{SECRET}"); print("{SECRET}", file=sys.stderr); logging.error("{SECRET}"); warnings.warn("{SECRET}")
for number in (1, 2): os.write(number, b"{SECRET}")
"""
FOLDERS = 4
"""Of two kernels; and of the fork server, for its socket and for its settings."""
Start = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write(tmp_path / "bundle", audience="internal")
    return tmp_path / "bundle"


@pytest.fixture
def serve(tmp_path: Path, bundle: Path) -> Start:
    """Start a server in a process of its own."""

    def start(*cells: str, environment: dict[str, str] | None = None, **settings: object) -> AbstractContextManager[Served]:
        notebooks = write_notebooks(tmp_path / "notebooks", *cells)
        return started(own(bundle, notebooks, **settings), tmp_path / "said", environment=environment or {})

    return start


@pytest.fixture
def serve_here(tmp_path: Path, bundle: Path, kernels: None) -> Start:
    """Start a server in this process."""

    def start(*cells: str, **settings: object) -> AbstractContextManager[Served]:
        return here(bundle, write_notebooks(tmp_path / "notebooks", *cells), tmp_path / "said", **settings)

    return start


FAILING = {
    "an error": (SAYS, f"raise ValueError('{SECRET}')"),
    "an error of its own name": (SAYS, f"class {SECRET.replace('-', '')}(Exception): pass", f"raise {SECRET.replace('-', '')}('{SECRET}')"),
    "an error after the page": (DOCUMENT, SHOWN, f"{{}}['{SECRET}']"),
    "no page": (SAYS, f"'{SECRET}'"),
    "an exit": (SAYS, f"import sys; sys.exit('{SECRET}')"),
    "killed": (SAYS, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
}


def test_what_failed_pages_say_comes_out_nowhere_even_where_everything_is_logged(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import logging; logging.basicConfig(level=logging.DEBUG)")
    pages = {kind.replace(" ", "_"): cells for kind, cells in FAILING.items()}
    for page, cells in pages.items():
        write_notebooks(tmp_path / "notebooks", *cells, pages=(page,))
    words = own(bundle, tmp_path / "notebooks", pages=tuple(pages), page_seconds=20)
    with started(words, tmp_path / "said", environment={"PYTHONPATH": str(tmp_path / "site")}) as server:
        server.until(lambda health: health["state"] == "failed", seconds=120)
        replies = [server.ask(f"/{page}.fi.html") for page in pages]
        assert {reply.status for reply in replies} == {500}
        for page in pages:
            assert f"{page}.ipynb" in server.errors
        assert server.process
        server.process.terminate()
        rest, _ = server.process.communicate(timeout=30)
        for said in (*(reply.text for reply in replies), server.errors, rest):
            assert SECRET[:5] not in said
            assert "Traceback" not in said


def test_what_a_good_page_prints_comes_out_nowhere(serve_here: Start, capfd: pytest.CaptureFixture[str]) -> None:
    with serve_here(SAYS, DOCUMENT, SHOWN) as server:
        server.ready()
        assert SECRET not in server.ask("/overview.fi.html").text + server.errors
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("hanging", ["while True: pass", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"])
def test_page_that_never_ends_is_ended_with_its_kernel(serve_here: Start, hanging: str) -> None:
    with serve_here(hanging, page_seconds=2) as server:
        server.until(lambda _: bool(server.kernels()))
        first = server.kernels()[0]
        first.wait(30)
        assert server.failed_page().status == 500


@pytest.mark.parametrize("kernels_at_once", [1, 2])
def test_no_more_kernels_run_at_once_than_allowed(serve_here: Start, kernels_at_once: int) -> None:
    with serve_here("import time; time.sleep(0.5)", DOCUMENT, SHOWN, kernels=kernels_at_once) as server:
        most = 0
        while server.health()["state"] != "ready":
            most = max(most, len(server.kernels()))
            time.sleep(0.05)
        assert most == kernels_at_once
        assert server.kernels() == []


@pytest.mark.parametrize(
    ("moment", "number"),
    [("kernels start", signal.SIGTERM), ("cells run", signal.SIGTERM), ("cells run", signal.SIGINT), ("pages are ready", signal.SIGINT)],
)
def test_server_that_is_asked_to_stop_leaves_no_kernel_and_no_trace(serve: Start, tmp_path: Path, moment: str, number: signal.Signals) -> None:
    ending = (DOCUMENT, SHOWN) if moment == "pages are ready" else ("while True: pass",)
    running = f"open({str(tmp_path / 'running')!r}, 'w').close()"
    with tempfile.TemporaryDirectory() as temporary, serve(running, *ending, environment={"TMPDIR": temporary}) as server:
        assert server.process
        if moment == "pages are ready":
            server.ready()
        else:
            server.until(lambda _: len(server.kernels()) == 2)
            assert len(os.listdir(temporary)) == FOLDERS
        if moment == "cells run":
            server.until(lambda _: (tmp_path / "running").exists())
        kernels = server.kernels()
        server.process.send_signal(number)
        server.process.send_signal(number)  # who is impatient stops nothing from being tidied up
        assert server.process.wait(20) == 0
        assert not any(kernel.is_running() for kernel in kernels)
        assert os.listdir(temporary) == []
        assert "Traceback" not in server.errors
        assert server.errors.splitlines()[-1].endswith("The dashboards are closed.")


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_kernels_end_by_themselves_when_the_server_is_killed_and_their_folders_go_later(serve: Start, tmp_path: Path) -> None:
    temporary = Path(tempfile.mkdtemp())
    environment = {"TMPDIR": str(temporary)}
    with serve("while True: pass", environment=environment) as server:
        server.until(lambda _: len(server.kernels()) == 2)
        kernels = server.kernels()
        assert server.process
        server.process.kill()
        server.process.wait(10)
        _, alive = psutil.wait_procs(kernels, timeout=20)
        assert alive == []
    left = list(temporary.glob(f"{FOLDER_PREFIX}*"))
    assert len(left) == FOLDERS
    for folder in left[1:]:
        os.utime(folder, (0, 0))
    shutil.rmtree(tmp_path / "bundle")
    with serve(DOCUMENT, SHOWN, environment=environment) as server:
        server.until(lambda health: health["state"] == "no_bundle")
        assert [folder for folder in left if folder.exists()] == left[:1]
    shutil.rmtree(temporary)


def test_kernel_gets_the_bundles_place_and_neither_our_secrets_nor_the_users_settings(bundle: Path, tmp_path: Path) -> None:
    seen, home, settings = (tmp_path / name for name in ("seen", "home", "settings"))
    for folder in (home / ".ipython" / "profile_default" / "startup", home / "kernels" / "python3", settings):
        folder.mkdir(parents=True)
    runs = f"open({str(tmp_path / 'users-ran')!r}, 'w').close()\n"
    (home / ".ipython" / "profile_default" / "startup" / "00.py").write_text(runs)
    (home / "kernels" / "python3" / "kernel.json").write_text('{"argv": ["false"], "display_name": "x", "language": "python"}')
    for name in ("voila", "jupyter_server_config", "jupyter_config", "jupyter_nbconvert_config"):
        (settings / f"{name}.py").write_text(runs)
        (settings / f"{name}.json").write_text(
            '{"VoilaConfiguration": {"template": "lab", "show_tracebacks": true}, "VoilaExporter": {"template_name": "lab"}}'
        )
    users = {"HOME": str(home), "JUPYTER_PATH": str(home), "JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_CONFIG_PATH": str(settings)}
    secrets = {"SOME_PASSWORD": SECRET, "IKUT_EVAL_TOKEN": SECRET * 3}
    told = f"import json, os, sys; json.dump([dict(os.environ), sys.executable], open({str(seen)!r}, 'w'))"
    notebooks = write_notebooks(tmp_path / "notebooks", told, DOCUMENT, SHOWN)
    write_notebooks(notebooks, f"raise ValueError('{SECRET}')", pages=("outcomes",))
    with started(own(bundle, notebooks, pages=("overview", "outcomes")), tmp_path / "said", given=SECRET * 3, environment=users | secrets) as server:
        server.until(lambda health: health["state"] == "failed")
        assert server.ask("/overview.fi.html").status == 200
        assert SECRET not in server.failed_page("/outcomes.fi.html").text + server.errors + server.address
    assert SECRET not in seen.read_text()
    assert str(bundle) in seen.read_text()
    assert sys.executable in seen.read_text()
    assert not (tmp_path / "users-ran").exists()
