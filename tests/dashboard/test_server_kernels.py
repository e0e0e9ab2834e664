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

from ikut_eval.dashboard.page import PAGES
from ikut_eval.kernels.process import FOLDER_PREFIX
from tests.dashboard.serving import DOCUMENT, SHOWN, Served, own, started, write_notebooks
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
def serve(tmp_path: Path) -> Start:
    write(tmp_path / "bundle", audience="internal")

    def start(*cells: str, environment: dict[str, str] | None = None, **settings: object) -> AbstractContextManager[Served]:
        notebooks = write_notebooks(tmp_path / "notebooks", *cells)
        return started(own(tmp_path / "bundle", notebooks, **settings), tmp_path / "said", environment=environment or {})  # type: ignore[arg-type]

    return start


FAILING = {
    "an error": (SAYS, f"raise ValueError('{SECRET}')"),
    "an error of its own name": (SAYS, f"class {SECRET.replace('-', '')}(Exception): pass", f"raise {SECRET.replace('-', '')}('{SECRET}')"),
    "an error after the page": (DOCUMENT, SHOWN, f"{{}}['{SECRET}']"),
    "no page": (SAYS, f"'{SECRET}'"),
    "an exit": (SAYS, f"import sys; sys.exit('{SECRET}')"),
    "killed": (SAYS, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
}


@pytest.mark.parametrize("kinds", [("an error", "an error of its own name", "an error after the page"), ("no page", "an exit", "killed")])
def test_what_failed_pages_say_comes_out_nowhere_even_where_everything_is_logged(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    write(tmp_path / "bundle", audience="internal")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import logging; logging.basicConfig(level=logging.DEBUG)")
    pages = dict(zip(PAGES, kinds, strict=False))
    for page, kind in pages.items():
        write_notebooks(tmp_path / "notebooks", *FAILING[kind], pages=(page,))
    words = own(tmp_path / "bundle", tmp_path / "notebooks", pages=tuple(pages), page_seconds=20)
    with started(words, tmp_path / "said", environment={"PYTHONPATH": str(tmp_path / "site")}) as server:
        replies = [server.failed_page(f"/{page}.fi.html").text for page in pages]
        for page in pages:
            assert f"{page}.ipynb" in server.errors
        server.stop()
        rest = server.process.stdout.read() if server.process.stdout else ""
        for said in (*replies, server.errors, rest):
            assert SECRET[:5] not in said
            assert "Traceback" not in said


def test_what_a_good_page_prints_comes_out_nowhere(serve: Start) -> None:
    with serve(SAYS, DOCUMENT, SHOWN) as server:
        server.until(lambda _: server.ask("/overview.fi.html").status == 200)
        assert SECRET not in server.ask("/overview.fi.html").text + server.errors


@pytest.mark.parametrize("hanging", ["while True: pass", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"])
def test_page_that_never_ends_is_ended_with_its_kernel(serve: Start, hanging: str) -> None:
    with serve(hanging, page_seconds=3, kernels=1) as server:
        server.until(lambda _: bool(server.kernels()))
        first = server.kernels()[0]
        first.wait(30)
        server.failed_page()
        assert server.stop() == 0


@pytest.mark.parametrize("kernels", [1, 2])
def test_no_more_kernels_run_at_once_than_allowed(serve: Start, kernels: int) -> None:
    with serve("import time; time.sleep(0.5)", DOCUMENT, SHOWN, kernels=kernels) as server:
        most = 0
        while server.health()["state"] != "ready":
            most = max(most, len(server.kernels()))
            time.sleep(0.05)
        assert most == kernels
        assert server.kernels() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server_that_is_asked_to_stop_leaves_no_kernel_and_no_trace(serve: Start, number: signal.Signals) -> None:
    with tempfile.TemporaryDirectory() as temporary, serve("while True: pass", environment={"TMPDIR": temporary}) as server:
        server.until(lambda _: len(server.kernels()) == 2)
        kernels = server.kernels()
        assert len(os.listdir(temporary)) == FOLDERS
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert not any(kernel.is_running() for kernel in kernels)
        assert os.listdir(temporary) == []
        assert "Traceback" not in server.errors
        assert server.errors.splitlines()[-1].endswith("The dashboards are closed.")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server_stops_while_a_cell_runs(serve: Start, number: signal.Signals, tmp_path: Path) -> None:
    running = f"open({str(tmp_path / 'running')!r}, 'w').close()\nwhile True: pass"
    with serve(running) as server:
        server.until(lambda _: (tmp_path / "running").exists())
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert server.errors.splitlines()[-1].endswith("The dashboards are closed.")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server_whose_pages_are_ready_stops_as_well(serve: Start, number: signal.Signals) -> None:
    with serve(DOCUMENT, SHOWN) as server:
        server.ready()
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert server.errors.splitlines()[-1].endswith("The dashboards are closed.")


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_kernels_end_by_themselves_when_the_server_is_killed_and_their_folders_go_later(serve: Start) -> None:
    temporary = Path(tempfile.mkdtemp())
    environment = {"TMPDIR": str(temporary)}
    with serve("while True: pass", environment=environment) as server:
        server.until(lambda _: len(server.kernels()) == 2)
        kernels = server.kernels()
        server.process.kill()
        server.process.wait(10)
        _, alive = psutil.wait_procs(kernels, timeout=20)
        assert alive == []
    left = list(temporary.glob(f"{FOLDER_PREFIX}*"))
    assert len(left) == FOLDERS
    for folder in left[1:]:
        os.utime(folder, (0, 0))
    with serve(DOCUMENT, SHOWN, environment=environment) as server:
        server.health()
        assert [folder for folder in left if folder.exists()] == left[:1]
    shutil.rmtree(temporary)


def test_kernel_gets_the_bundles_place_and_neither_our_secrets_nor_the_users_settings(serve: Start, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text(f"open({str(tmp_path / 'startup-ran')!r}, 'w')")
    (tmp_path / "home" / "kernels" / "python3").mkdir(parents=True)
    (tmp_path / "home" / "kernels" / "python3" / "kernel.json").write_text('{"argv": ["false"], "display_name": "x", "language": "python"}')
    told = f"import json, os, sys; json.dump([dict(os.environ), sys.executable], open({str(seen)!r}, 'w'))"
    users = {"HOME": str(tmp_path / "home"), "JUPYTER_PATH": str(tmp_path / "home"), "SOME_PASSWORD": SECRET, "IKUT_EVAL_TOKEN": SECRET * 3}
    with serve(told, DOCUMENT, SHOWN, environment=users) as server:
        address = server.address
        server.until(lambda health: health["state"] == "ready")
    assert SECRET not in seen.read_text() + address
    assert str(tmp_path / "bundle") in seen.read_text()
    assert sys.executable in seen.read_text()
    assert not (tmp_path / "startup-ran").exists()


def test_users_settings_of_jupyter_and_voila_change_nothing(serve: Start, tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.mkdir()
    for name in ("voila", "jupyter_server_config", "jupyter_config", "jupyter_nbconvert_config"):
        (settings / f"{name}.py").write_text(f"open({str(tmp_path / 'settings-ran')!r}, 'w')\n")
        (settings / f"{name}.json").write_text(
            '{"VoilaConfiguration": {"template": "lab", "show_tracebacks": true}, "VoilaExporter": {"template_name": "lab"}}'
        )
    with serve(f"raise ValueError('{SECRET}')", environment={"JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_CONFIG_PATH": str(settings)}) as server:
        assert SECRET not in server.failed_page().text + server.errors
    assert not (tmp_path / "settings-ran").exists()
