"""What the server refuses: whoever lacks the token, foreign names and pages, and every address that Jupyter would have."""

import base64
import json
from pathlib import Path

import pytest

from tests.dashboard.serving import Served
from tests.dashboard.test_server_answers import SAFE

KERNEL = "0f0f0f0f-1111-2222-3333-444444444444"
JUPYTER = [
    "/api",
    "/api/contents",
    "/api/contents/overview.ipynb",
    "/api/kernels",
    f"/api/kernels/{KERNEL}",
    f"/api/kernels/{KERNEL}/channels",
    "/api/kernelspecs",
    "/api/sessions",
    "/api/terminals",
    "/api/shutdown",
    "/terminals/websocket/1",
    "/files/overview.ipynb",
    "/notebooks/overview.ipynb",
    "/login",
    "/logout",
    "/lab",
    "/tree",
    "/voila",
    "/voila/files/overview.ipynb",
    "/voila/render/overview.ipynb",
    "/voila/render/dashboards/overview.ipynb",
    "/voila/static/voila.js",
    "/voila/templates/lab/static/index.css",
    "/voila/api/themes/x",
    f"/voila/api/shutdown/{KERNEL}",
    f"/voila/query/{KERNEL}",
    f"/voila/execution/{KERNEL}",
    "/voila/labextensions/x",
]
FILES = [
    "/overview.ipynb",
    "/dashboards/overview.ipynb",
    "/manifest.json",
    "/little.csv",
    "/datapackage.json",
    "/internal/little.csv",
    "/current",
    "/evaluation.toml",
    "/ledger.jsonl",
    "/data/pilot.xlsx",
    "/overview.de.html",
    "/overview.html",
    "/OVERVIEW.FI.HTML",
    "/overview.fi.html/",
    "/assets/",
    "/assets",
]
RAW = [
    "/../manifest.json",
    "/assets/../manifest.json",
    "/assets/../../little.csv",
    "/%2e%2e/manifest.json",
    "/assets/%2e%2e/manifest.json",
    "/assets/..%2fmanifest.json",
    "/assets/..%2f..%2flittle.csv",
    "/..%5cmanifest.json",
    "/assets\\..\\manifest.json",
    "/assets/..%c0%afmanifest.json",
    "/assets/%252e%252e/manifest.json",
    "/%00",
    "/overview.fi.html%00.css",
    "//etc/passwd",
    "/etc/passwd",
    "http://example.org/overview.fi.html",
    "/" + "a" * 5000,
]


@pytest.mark.parametrize("path", JUPYTER + FILES)
def test_nothing_else_is_there(internal: Served, path: str) -> None:
    reply = internal.ask(path)
    assert reply.status == 404
    assert {name: reply.headers[name] for name in SAFE} == SAFE
    assert reply.text.startswith("<!doctype html")


@pytest.mark.parametrize("path", RAW)
def test_no_spelling_of_an_address_leaves_what_lies_ready(internal: Served, path: str) -> None:
    got = internal.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {internal.token}\r\nConnection: close\r\n\r\n".encode())
    assert got.split(b"\r\n")[0] in (b"HTTP/1.1 404 Not Found", b"HTTP/1.1 400 Bad Request")
    assert b'"digest"' not in got
    assert b"root:" not in got


@pytest.mark.parametrize(
    "sent", [b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\xff\xfe\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
)
def test_what_is_no_request_is_not_answered_with_a_page(internal: Served, sent: bytes) -> None:
    got = internal.raw(sent)
    assert got == b"" or b" 400 " in got.split(b"\r\n")[0] or b" 403 " in got.split(b"\r\n")[0]
    assert internal.health()["state"]


def test_very_long_address_or_header_is_cut_off(internal: Served) -> None:
    for sent in (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"):
        assert b"200 OK" not in internal.raw(sent)
    assert internal.health()["state"]


@pytest.mark.parametrize("path", ["/overview.fi.html", "/", "/nothing", "/accessibility.en.html", *JUPYTER[:6]])
@pytest.mark.parametrize("token", ["", "wrong", "é", "token"])
def test_without_the_token_there_is_one_answer_to_everything(internal: Served, path: str, token: str) -> None:
    sent = {"Authorization": f"token {token}".encode().decode("latin-1")} if token else {}
    reply = internal.ask(path, token="", **sent)
    assert reply.status == 403
    assert reply.headers["cache-control"] == "no-store"
    assert "set-cookie" not in reply.headers


def test_tokens_and_cookies_of_another_server_are_worth_nothing(internal: Served, public: Served) -> None:
    assert internal.ask("/overview.fi.html", token=public.token).status == 403
    cookie = public.ask(f"/?token={public.token}", token="").headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert internal.ask("/overview.fi.html", token="", Cookie=f"ikut-eval-{internal.port}={cookie}").status == 403
    assert public.ask("/overview.fi.html", token="", Cookie=f"ikut-eval-{public.port}={cookie}").status == 200


@pytest.mark.parametrize("words", ["Bearer {}", "Basic {}", "{}", "token{}", "token {}x", "token  {} {}"])
def test_only_the_proxys_header_lets_in(internal: Served, words: str) -> None:
    assert internal.ask("/overview.fi.html", token="", Authorization=words.format(internal.token, internal.token)).status == 403


def test_token_in_the_address_becomes_a_cookie_and_leaves_the_address(internal: Served) -> None:
    reply = internal.ask(f"/overview.sv.html?token={internal.token}", token="")
    assert (reply.status, reply.headers["location"]) == (303, "./overview.sv.html")
    name, _, rest = reply.headers["set-cookie"].partition("=")
    assert name == f"ikut-eval-{internal.port}"
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in rest.split(";")}
    assert internal.token not in reply.headers["set-cookie"]
    internal.ready()
    assert internal.ask("/overview.sv.html", token="", Cookie=f"{name}={rest.partition(';')[0]}").status == 200


@pytest.mark.parametrize("path", ["//example.org/", "/\\example.org", "/javascript:alert(1)", "/https:example.org", "/..;/x"])
def test_token_in_the_address_leads_to_no_foreign_page(internal: Served, path: str) -> None:
    reply = internal.ask(f"{path}?token={internal.token}", token="")
    assert reply.headers["location"] == "./"


@pytest.mark.parametrize("query", ["token=", "token=wrong", "token={0}&token={0}", "token={0}x", "token=%ff"])
def test_another_token_in_the_address_lets_nobody_in(internal: Served, query: str) -> None:
    reply = internal.ask(f"/?{query.format(internal.token)}", token="")
    assert reply.status == 403
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "localhost.", "127.0.0.1@example.org", "[::1", "0.0.0.1", "2130706433", ""])
@pytest.mark.parametrize("path", ["/overview.fi.html", "/health"])
def test_foreign_name_is_refused(internal: Served, host: str, path: str) -> None:
    assert internal.ask(path, Host=host).status in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1", "[::1]:8866"])
def test_names_of_this_machine_are_ours(internal: Served, host: str) -> None:
    assert internal.ask("/health", Host=host).status == 200


def test_two_names_at_once_are_refused(internal: Served) -> None:
    got = internal.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\nConnection: close\r\n\r\n")
    assert b"200 OK" not in got


@pytest.mark.parametrize("origin", ["http://example.org", "null", "https://localhost.example.org", "http://127.0.0.1:1", "http://[", ""])
def test_request_of_a_foreign_page_is_refused(internal: Served, origin: str) -> None:
    assert internal.ask("/overview.fi.html", Origin=origin).status == 403


def test_request_of_our_own_page_is_answered(internal: Served) -> None:
    assert internal.ask("/health", Origin=f"http://127.0.0.1:{internal.port}").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
@pytest.mark.parametrize("path", ["/overview.fi.html", "/api/kernels", "/health"])
def test_nothing_but_reading_is_possible(internal: Served, method: str, path: str) -> None:
    assert internal.ask(path, method=method).status in (400, 405)


def test_request_with_a_body_is_refused(internal: Served) -> None:
    """The connection is closed with the body unread, so that after the answer it may end in a reset."""
    asked = f"GET /overview.fi.html HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {internal.token}\r\nContent-Length: 1\r\n\r\nx"
    assert internal.raw(asked.encode()).startswith(b"HTTP/1.1 400 ")
    chunked = b"GET /health HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n0\r\n\r\n"
    assert b"200 OK" not in internal.raw(chunked)


@pytest.mark.parametrize("query", ["template=lab", "theme=dark", "voila-template=lab&voila-theme=dark", "language=en&bundle=/etc", "a=%ff%00"])
def test_query_changes_nothing(internal: Served, query: str) -> None:
    internal.ready()
    assert internal.ask(f"/overview.fi.html?{query}").body == internal.ask("/overview.fi.html").body


@pytest.mark.parametrize("path", [f"/api/kernels/{KERNEL}/channels", f"/voila/query/{KERNEL}", "/overview.fi.html", "/terminals/websocket/1"])
def test_no_socket_opens_and_nothing_sent_to_it_runs(internal: Served, path: str, tmp_path: Path) -> None:
    internal.ready()
    mark = tmp_path / "it-ran"
    request = {
        "header": {"msg_id": "1", "username": "", "session": "1", "msg_type": "execute_request", "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
        "content": {"code": f"open({str(mark)!r}, 'w')", "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False},
    }
    frame = _frame(json.dumps(request).encode())
    key = base64.b64encode(b"0123456789abcdef").decode()
    upgrade = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{internal.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: token {internal.token}\r\n\r\n"
    )
    got = internal.raw(upgrade.encode() + frame)
    assert got.split(b"\r\n")[0] in (b"HTTP/1.1 404 Not Found", b"HTTP/1.1 200 OK")
    assert b"101 " not in got
    assert internal.kernels() == []
    assert not mark.exists()


def _frame(content: bytes) -> bytes:
    mask = b"\x01\x02\x03\x04"
    return bytes([0x81, 0x80 | 126]) + len(content).to_bytes(2, "big") + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(content))
