"""How the pages follow the bundle: from none to the first, from one to the next, and past a broken one."""

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ikut_eval.contract.locale import LANGUAGES
from tests.dashboard.serving import DOCUMENT, SHOWN, Served, here, write_notebooks
from tests.release.conftest import sign_again, write

Start = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def serve(tmp_path: Path, notebooks: Path, kernels: None) -> Start:
    def start(folder: Path, *, notebooks: Path = notebooks, **settings: object) -> AbstractContextManager[Served]:
        return here(folder, notebooks, tmp_path / "said", **settings)  # type: ignore[arg-type]

    return start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "space" / "bundle"


def shown(server: Served) -> set[str]:
    """Return the bundles that the pages tell of."""
    return {server.ask(f"/overview.{language}.html").text.partition("<body>")[2][:64] for language in LANGUAGES}


def test_pages_come_by_themselves_when_the_bundle_is_written(folder: Path, serve: Start) -> None:
    with serve(folder) as server:
        server.until(lambda health: health["state"] == "no_bundle")
        reply = server.ask("/overview.fi.html")
        assert (reply.status, reply.headers["retry-after"], reply.headers["cache-control"]) == (503, "5", "no-store")
        assert server.ask("/nothing.html").status == 404
        folder.parent.mkdir()
        digest = write(folder, audience="internal")
        server.ready()
        assert shown(server) == {digest}
        assert "Traceback" not in server.errors


def test_new_bundle_takes_the_place_of_the_old_one_whole(folder: Path, tmp_path: Path, serve: Start) -> None:
    folder.parent.mkdir()
    old = write(folder, audience="internal", about="old")
    slow = write_notebooks(tmp_path / "slow", "import time; time.sleep(1)", DOCUMENT, SHOWN)
    with serve(folder, notebooks=slow) as server:
        server.ready()
        new = write(folder, audience="internal", about="new")
        server.until(lambda health: health["state"] == "rendering")
        seen = []
        while server.health()["state"] == "rendering":
            told = shown(server)
            if server.health()["digest"] == old[:12]:
                seen.append(told)
        assert seen.count({old}) == len(seen) > 0
        assert shown(server) == {new}
        assert server.health()["digest"] == new[:12]


def test_bundle_replaced_while_its_pages_are_made_is_never_shown_in_part(folder: Path, tmp_path: Path, serve: Start) -> None:
    folder.parent.mkdir()
    write(folder, audience="internal", about="first")
    slow = write_notebooks(tmp_path / "slow", "import time; time.sleep(1)", DOCUMENT, SHOWN)
    with serve(folder, notebooks=slow, look_seconds=5) as server:  # what is replaced is seen when all pages are made
        server.until(lambda _: bool(server.kernels()))
        last = write(folder, audience="internal", about="second")
        server.ready()
        assert shown(server) == {last}


def test_bundle_written_again_alike_is_not_made_again(folder: Path, serve: Start) -> None:
    folder.parent.mkdir()
    write(folder, audience="internal")
    with serve(folder) as server:
        server.ready()
        lines = server.errors
        write(folder, audience="internal")
        with pytest.raises(AssertionError):
            server.until(lambda health: health["state"] != "ready", seconds=1)
        assert server.errors == lines


def broken(folder: Path) -> None:
    (folder / "little.csv").write_text("changed\n")


def newer(folder: Path) -> None:
    sign_again(folder, lambda said: said.update(format=99))


def emptied(folder: Path) -> None:
    (folder / "manifest.json").write_text("")


def of_everybody(folder: Path) -> None:
    shutil.rmtree(folder)
    write(folder, audience="public")


BREAKS = [broken, newer, emptied, of_everybody]


def said_of_bundles(server: Served) -> int:
    return sum("bundle" in line for line in server.errors.splitlines())


def test_broken_bundle_is_said_on_its_page_and_on_the_terminal(folder: Path, tmp_path: Path, serve: Start) -> None:
    with serve(folder) as server:
        server.until(lambda health: health["state"] == "no_bundle")
        folder.parent.mkdir()
        for harm in BREAKS:
            write(tmp_path / "harmed", audience="internal")
            harm(tmp_path / "harmed")
            shutil.rmtree(folder, ignore_errors=True)
            server.until(lambda health: health["state"] == "no_bundle")
            before = said_of_bundles(server)
            (tmp_path / "harmed").rename(folder)
            server.until(lambda health: health["state"] == "failed")
            assert server.ask("/overview.sv.html").status == 503
            assert server.health()["digest"] is None
            assert said_of_bundles(server) == before + 1
        assert "Traceback" not in server.errors


def test_old_pages_stay_while_the_new_bundle_is_broken(folder: Path, serve: Start) -> None:
    folder.parent.mkdir()
    digest = write(folder, audience="internal")
    with serve(folder) as server:
        server.ready()
        for harm in (*BREAKS, shutil.rmtree):
            harm(folder)
            server.until(lambda health: health["state"] == "failed")
            assert shown(server) == {digest}
            shutil.rmtree(folder, ignore_errors=True)
            write(folder, audience="internal")
            server.ready()


def test_public_pointer_decides_which_bundle_is_shown(folder: Path, serve: Start) -> None:
    folder.mkdir(parents=True)
    first, second = write(folder / "r001", about="first"), write(folder / "r002", about="second")
    with serve(folder, audience="public") as server:
        server.until(lambda health: health["state"] == "no_bundle")
        (folder / "current").write_text("r001\n")
        server.ready()
        assert shown(server) == {first}
        (folder / "current").write_text("r002\n")
        server.until(lambda health: health["digest"] == second[:12])
        assert shown(server) == {second}


def test_pointer_that_names_no_bundle_beside_it_and_an_internal_bundle_are_refused(folder: Path, serve: Start) -> None:
    folder.mkdir(parents=True)
    write(folder.parent / "internal")
    with serve(folder, audience="public") as server:
        for name in ("../internal", "/etc", "", ".", "r001/../../internal", "\udcff"):
            (folder / "current").unlink(missing_ok=True)
            server.until(lambda health: health["state"] == "no_bundle")
            (folder / "current").write_bytes(name.encode(errors="surrogateescape"))
            server.until(lambda health: health["state"] == "failed")
            assert server.ask("/overview.en.html").status == 503
        shutil.rmtree(folder)
        server.until(lambda health: health["state"] == "no_bundle")
        write(folder, audience="internal")
        server.until(lambda health: health["state"] == "failed")
        assert server.ask("/overview.en.html").status == 503
        assert server.kernels() == []


def test_page_that_is_not_ready_is_said_politely_and_all_come_together(folder: Path, tmp_path: Path, serve: Start) -> None:
    folder.parent.mkdir()
    digest = write(folder, audience="internal")
    pages = ("overview", "outcomes")
    slow = write_notebooks(tmp_path / "slow", "import time; time.sleep(0.5)", DOCUMENT, SHOWN, pages=pages)
    with serve(folder, notebooks=slow, pages=pages, wait_seconds=0) as server:
        seen = set()
        while server.health()["state"] == "rendering":
            replies = [server.ask(f"/{page}.en.html") for page in reversed(pages)]
            if server.health()["state"] == "rendering":
                seen |= {(reply.status, reply.headers.get("retry-after"), digest in reply.text) for reply in replies}
        assert seen == {(503, "5", False)}
        assert {(reply.status, digest in reply.text) for reply in (server.ask(f"/{page}.en.html") for page in pages)} == {(200, True)}


def test_page_that_comes_soon_is_waited_for(folder: Path, serve: Start) -> None:
    folder.parent.mkdir()
    digest = write(folder, audience="internal")
    with serve(folder, wait_seconds=60) as server:
        assert json.loads(server.ask("/health").body)["state"] == "rendering"
        reply = server.ask("/overview.en.html")
        assert (reply.status, digest in reply.text) == (200, True)


def test_address_is_told_when_the_pages_are_ready(folder: Path, tmp_path: Path, serve: Start) -> None:
    folder.parent.mkdir()
    write(folder, audience="internal")
    slow = write_notebooks(tmp_path / "slow", "import time; time.sleep(1)", DOCUMENT, SHOWN)
    with serve(folder, notebooks=slow, start_seconds=60) as server:
        server.told(60)
        assert server.health()["state"] == "ready"
        assert server.ask("/overview.sv.html").status == 200


def test_address_is_told_at_once_where_there_is_nothing_to_show(folder: Path, serve: Start) -> None:
    with serve(folder, start_seconds=600) as server:
        server.told(60)
        assert server.health()["state"] == "no_bundle"


def test_pages_that_take_long_are_not_waited_for_without_end(folder: Path, tmp_path: Path, serve: Start) -> None:
    folder.parent.mkdir()
    write(folder, audience="internal")
    endless = write_notebooks(tmp_path / "endless", "import time; time.sleep(600)")
    with serve(folder, notebooks=endless, start_seconds=1, wait_seconds=0.2) as server:
        server.told(60)
        assert server.health()["state"] == "rendering"
        assert server.ask("/overview.fi.html").status == 503
