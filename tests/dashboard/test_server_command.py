"""The verb: what it prints, what it refuses, and the pages that the package ships."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard import pages
from ikut_eval.dashboard.page import PAGES
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import read_bundle
from tests.conftest import ikut_eval, make_workspace
from tests.dashboard.serving import ROOT, Served, command, started
from tests.release.conftest import write


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the verb where it ends by itself, in a process of its own: a server silences all libraries."""
    known = {**os.environ, "IKUT_EVAL_LANGUAGE": "en"}
    return subprocess.run([sys.executable, *command(*words)], cwd=ROOT, capture_output=True, text=True, env=known, timeout=60, check=False)


@pytest.fixture(scope="module")
def dashboards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The shipped pages of the invented pilot."""
    space = make_workspace(tmp_path_factory.mktemp("shipped") / "space")
    (space / "bundles").mkdir()
    build_internal(ikut.read_pilot("synthetic"), space / "bundles" / "internal", about={})
    with started(command("--audience", "internal", "-w", space, "--port", 0), space / "said") as server:
        yield server


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_page_is_a_whole_document_in_its_language_and_the_same_as_in_a_folder(dashboards: Served, page: str, language: str) -> None:
    dashboards.until(lambda health: health["state"] == "ready", seconds=240)
    reply = dashboards.ask(f"/{page}.{language}.html")
    assert reply.status == 200
    bundle = read_bundle(dashboards.said.parent / "bundles" / "internal", audience="internal")
    assert reply.text.strip() == getattr(pages, page)(bundle, language=language).document.strip()
    assert reply.text.lower().startswith("<!doctype html")
    assert re.search(rf"<html[^>]* lang=.{language}", reply.text)
    assert reply.text.rstrip().endswith("</html>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_an_accessibility_statement_beside_it(dashboards: Served, language: str) -> None:
    dashboards.until(lambda health: bool(health["digest"]))
    assert dashboards.ask(f"/accessibility.{language}.html").status == 200


def test_address_is_one_line_and_events_stand_elsewhere(dashboards: Served) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}", dashboards.address)
    assert dashboards.token not in dashboards.errors


def test_server_is_reached_from_this_machine_alone(dashboards: Served) -> None:
    other = next((a for a in socket.gethostbyname_ex(socket.gethostname())[2] if not a.startswith("127.")), None)
    if other is None:
        pytest.skip("this machine has no address but its own")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((other, dashboards.port), timeout=5)


def test_taken_port_is_said(dashboards: Served, tmp_path: Path) -> None:
    said = run("--audience", "internal", "--bundle", tmp_path, "--port", dashboards.port)
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
    said = run("--audience", "public", "--ip", ip, "--port", "0", "--bundle", tmp_path)
    assert (said.returncode, said.stdout) == (15, "")
    assert "Traceback" not in said.stderr


def test_folder_without_a_workspace_is_said(tmp_path: Path) -> None:
    assert ikut_eval("dashboard", "--audience", "internal", "-w", tmp_path).returncode == 10


def test_short_token_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = ikut_eval("dashboard", "--audience", "internal", "--bundle", tmp_path, "--port", 0, IKUT_EVAL_TOKEN="short-one")  # noqa: S106
    assert said.returncode == 10
    assert "short-one" not in said.stdout + said.stderr


def test_given_token_is_used_and_not_printed_and_named_host_is_answered(tmp_path: Path) -> None:
    write(tmp_path / "bundle")
    words = command("--audience", "public", "--bundle", tmp_path / "bundle", "--port", 0, "--host-name", "Results.example.org")
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
