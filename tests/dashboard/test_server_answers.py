"""What a viewer gets: complete pages, in the viewer's language, at once and the same for everybody."""

import base64
import gzip
import hashlib
import http.client
import json
import re
from pathlib import Path

import pytest

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard.html import script
from ikut_eval.dashboard.rendering import PLOTLY_FILE
from tests.dashboard.serving import PAGES, Served, here
from tests.release.conftest import write

OURS = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
SAFE = {
    "content-security-policy": (
        f"default-src 'none'; script-src 'self' 'sha256-{OURS}'; style-src 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_its_notebooks_document_and_nothing_more(internal: Served, language: str) -> None:
    digest = internal.ready()["digest"]
    reply = internal.ask(f"/overview.{language}.html")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert re.fullmatch(rf"<!doctype html><html lang='{language}'><body>{digest}[0-9a-f]{{52}}<script src='{PLOTLY_FILE}'></script></body></html>", reply.text)


def test_no_kernel_is_left_when_the_pages_are_ready(internal: Served) -> None:
    internal.ready()
    for page in PAGES:
        internal.ask(f"/{page}.fi.html")
    assert internal.kernels() == []


@pytest.mark.parametrize("path", ["/", "/index.html"])
@pytest.mark.parametrize(("accepted", "language"), [("sv-FI,sv;q=0.9", "sv"), ("de, fi;q=0.5, sv;q=0.4", "fi"), ("fr", "en"), ("", "en"), ("sv;q=0, en", "en")])
def test_first_address_leads_to_the_overview_in_the_viewers_language(internal: Served, path: str, accepted: str, language: str) -> None:
    reply = internal.ask(path, Accept_Language=accepted)
    assert (reply.status, reply.headers["location"], reply.headers["vary"]) == (302, f"./overview.{language}.html", "Accept-Language")


@pytest.mark.parametrize("path", ["/overview.fi.html", "/accessibility.sv.html", "/nothing.html", "/health", "/", "/assets/nothing.js"])
def test_every_answer_has_the_safe_headers_and_does_not_tell_the_software(internal: Served, path: str) -> None:
    headers = internal.ask(path).headers
    assert {name: headers[name] for name in SAFE} == SAFE
    assert "server" not in headers


def test_internal_pages_are_kept_by_nobody(internal: Served) -> None:
    internal.ready()
    headers = internal.ask("/overview.fi.html").headers
    assert headers["cache-control"] == "no-store"
    assert "etag" not in headers


def test_public_pages_are_asked_for_again_and_sent_only_when_they_changed(public: Served) -> None:
    public.ready()
    first = public.ask("/overview.fi.html")
    assert first.headers["cache-control"] == "private, no-cache"
    again = public.ask("/overview.fi.html", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert public.ask("/overview.fi.html", If_None_Match='"another"').body == first.body


@pytest.mark.parametrize(
    ("name", "internally", "publicly"),
    [(PLOTLY_FILE, "private, max-age=31536000, immutable", "public, max-age=31536000, immutable"), ("accessibility.fi.html", "no-store", "private, no-cache")],
)
def test_only_what_is_named_by_its_content_is_kept_for_good(internal: Served, public: Served, name: str, internally: str, publicly: str) -> None:
    internal.ready()
    public.ready()
    assert internal.ask(f"/{name}").headers["cache-control"] == internally
    assert public.ask(f"/{name}").headers["cache-control"] == publicly


def test_packed_and_plain_bytes_are_the_same_page(public: Served) -> None:
    public.ready()
    plain, packed = public.ask("/accessibility.fi.html"), public.ask("/accessibility.fi.html", Accept_Encoding="br, gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]


def test_head_tells_the_headers_alone(internal: Served) -> None:
    internal.ready()
    whole, head = internal.ask("/overview.fi.html"), internal.ask("/overview.fi.html", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))


def test_one_connection_serves_many_requests(internal: Served) -> None:
    internal.ready()
    connection = http.client.HTTPConnection("127.0.0.1", internal.port, timeout=10)
    bodies = set()
    for _ in range(20):
        connection.request("GET", "/overview.sv.html", headers={"Authorization": f"token {internal.token}"})
        bodies.add(connection.getresponse().read())
    connection.close()
    assert len(bodies) == 1


def test_health_needs_no_token_and_tells_no_figure(internal: Served) -> None:
    internal.ready()
    for token in ("", "another-token-1234567890"):
        told = json.loads(internal.ask("/health", token=token).body)
        assert set(told) == {"state", "uptime_seconds"}
        assert told["state"] == "ready"


def test_health_names_the_bundle_to_those_who_may_see_it(internal: Served) -> None:
    internal.ready()
    assert set(internal.health()) == {"state", "digest", "data_date", "uptime_seconds"}
    assert re.fullmatch(r"[0-9a-f]{12}", internal.health()["digest"])
    assert internal.health()["data_date"] == "2022-02-28"


@pytest.mark.usefixtures("kernels")
def test_every_page_gets_its_line_and_a_request_none(notebooks: Path, tmp_path: Path) -> None:
    write(tmp_path / "bundle", audience="internal")
    with here(tmp_path / "bundle", notebooks, tmp_path / "said") as server:
        server.ready()
        server.ask("/overview.fi.html?secret=thing")
        lines = server.errors.splitlines()
        assert sum("is ready" in line for line in lines) == len(PAGES) * len(LANGUAGES)
        assert len(lines) == len(PAGES) * len(LANGUAGES) + 2
        assert "secret" not in server.errors
