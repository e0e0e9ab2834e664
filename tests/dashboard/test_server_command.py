"""The verb: what it prints, what it refuses, and the pages that the package ships."""

import re
import socket
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import NotebookError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES
from ikut_eval.dashboard.pages import page_of
from ikut_eval.dashboard.site import MARK, Settings, write_pages
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import read_bundle
from tests.conftest import ikut_eval, make_workspace
from tests.dashboard.serving import DOCUMENT, SHOWN, Served, command, started, write_notebooks
from tests.release.conftest import write


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the bundle of the invented pilot."""
    space = make_workspace(tmp_path_factory.mktemp("shipped") / "space")
    (space / "bundles").mkdir()
    build_internal(ikut.read_pilot("synthetic"), space / "bundles" / "internal", about={}, plan=ikut.AnalysisPlan())
    return space


@pytest.fixture(scope="module")
def dashboards(space: Path) -> Iterator[Served]:
    """The shipped pages of the invented pilot."""
    with started(command("--audience", "internal", "-w", space, "--port", 0), space / "said") as server:
        yield server


def test_folder_holds_what_is_served_and_every_page_is_a_whole_document_in_its_language(dashboards: Served, space: Path, tmp_path: Path) -> None:
    dashboards.until(lambda health: health["state"] == "ready", seconds=240)
    said = ikut_eval("dashboard", "--audience", "internal", "-w", space, "--static", tmp_path / "pages")
    assert (said.returncode, said.stderr) == (0, "")
    assert len(said.stdout.splitlines()) == len(PAGES) * len(LANGUAGES) + 1
    assert (tmp_path / "pages").stat().st_mode & 0o777 == 0o700
    files = {path.relative_to(tmp_path / "pages").as_posix(): path.read_bytes() for path in (tmp_path / "pages").rglob("*") if path.is_file()}
    for name in files.keys() - {"index.html", MARK}:
        assert dashboards.ask(f"/{name}").body == files[name], name
    bundle = read_bundle(space / "bundles" / "internal", audience="internal")
    assert all(files[file_name(page, "sv")].decode() == page_of(bundle, page, language="sv").document for page in PAGES)
    for page, language in product(PAGES, LANGUAGES):
        html = files[file_name(page, language)].decode()
        assert html.lower().startswith("<!doctype html")
        assert re.search(rf"<html[^>]* lang=.{language}", html)
        assert html.endswith("</html>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_an_accessibility_statement_beside_it(dashboards: Served, language: str) -> None:
    dashboards.until(lambda health: bool(health["digest"]))
    assert dashboards.ask(f"/accessibility.{language}.html").status == 200


def test_address_is_one_line_and_events_stand_elsewhere(dashboards: Served) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}", dashboards.address)
    assert dashboards.token not in dashboards.errors


def test_server_is_reached_from_this_machine_alone(dashboards: Served) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("198.51.100.1", 9))  # nothing is sent: it only tells from which address one would be reached
        except OSError:
            pytest.skip("this machine has no address but its own")
        other = asking.getsockname()[0]
    assert not other.startswith("127.")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((other, dashboards.port), timeout=5)


def test_taken_port_is_said(dashboards: Served, tmp_path: Path) -> None:
    said = ikut_eval("dashboard", "--audience", "internal", "--bundle", tmp_path, "--port", dashboards.port)
    assert (said.returncode, said.stdout) == (15, "")
    assert str(dashboards.port) in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--audience", "everybody"), 2),
        ((), 2),
        (("--audience", "public", "--port", "70000"), 2),
    ],
)
def test_word_that_is_not_understood_is_said(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    said = ikut_eval("dashboard", *words, "--bundle", tmp_path)
    assert (said.returncode, said.stdout) == (code, "")
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("ip", ["203.0.113.7", "nothing.invalid"])
def test_address_that_is_not_this_machines_is_said(tmp_path: Path, ip: str) -> None:
    said = ikut_eval("dashboard", "--audience", "public", "--ip", ip, "--port", "0", "--bundle", tmp_path)
    assert (said.returncode, said.stdout) == (15, "")
    assert "Traceback" not in said.stderr


def test_folder_without_a_workspace_is_said(tmp_path: Path) -> None:
    assert ikut_eval("dashboard", "--audience", "internal", "-w", tmp_path).returncode == 10


def test_short_token_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = ikut_eval("dashboard", "--audience", "internal", "--bundle", tmp_path, "--port", 0, IKUT_EVAL_TOKEN="short-one")  # noqa: S106
    assert said.returncode == 10
    assert "short-one" not in said.stdout + said.stderr


def test_given_token_is_used_and_not_printed_and_named_host_is_answered(tmp_path: Path) -> None:
    words = command("--audience", "public", "--bundle", tmp_path, "--port", 0, "--host-name", "Results.example.org")
    with started(words, tmp_path / "said", given="0123456789abcdef") as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", server.address)
        assert server.ask("/").status == 302
        assert server.ask("/", token="").status == 403
        assert server.ask("/health", Host="results.example.org").status == 200
        assert server.ask("/health", Host="results.example.org:443").status == 200
        assert server.ask("/health", Host="evil.example.org").status == 403


def test_empty_token_does_not_open_the_door_and_the_network_is_warned_of(tmp_path: Path) -> None:
    words = command("--audience", "public", "--bundle", tmp_path, "--port", 0, "--ip", "0.0.0.0")  # noqa: S104
    with started(words, tmp_path / "said", environment={"IKUT_EVAL_TOKEN": ""}) as server:
        assert "?token=" in server.address
        assert server.ask("/?token=", token="").status == 403
        server.until(lambda health: health["state"] == "no_bundle")
        assert "over an unencrypted connection" in server.errors


def test_folder_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "bundle", audience="internal")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    said = ikut_eval("dashboard", "--audience", "internal", "--bundle", tmp_path / "bundle", "--static", tmp_path / "mine")
    assert (said.returncode, said.stdout) == (14, "")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_folder_is_replaced_whole_or_not_at_all(tmp_path: Path, kernels: None) -> None:
    write(tmp_path / "bundle")
    source, folder = BundleSource(tmp_path / "bundle", "public"), tmp_path / "deep" / "pages"
    good = write_notebooks(tmp_path / "good", DOCUMENT, SHOWN, pages=("overview", "outcomes"))
    write_pages(source, folder, Settings(good, "en", pages=("overview", "outcomes")), made=lambda **_: None)
    first = sorted(path.name for path in folder.iterdir())
    assert folder.stat().st_mode & 0o777 == 0o755
    assert "outcomes.sv.html" in first
    write_notebooks(good, "raise ValueError", pages=("outcomes",))
    with pytest.raises(NotebookError, match="outcomes"):
        write_pages(source, folder, Settings(good, "en", pages=("overview", "outcomes")), made=lambda **_: None)
    assert sorted(path.name for path in folder.iterdir()) == first
    write_pages(source, folder, Settings(good, "en", pages=("overview",)), made=lambda **_: None)
    assert not list(folder.glob("outcomes*"))
    assert [path.name for path in folder.parent.iterdir()] == ["pages"]
