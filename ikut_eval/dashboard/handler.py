"""How a request is answered: from what lies ready, by its exact name, to whoever knows the token, under a name that is ours."""

import gzip
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import tornado.web

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard.current_pages import CurrentPages, log_error
from ikut_eval.dashboard.html import script_hash

TOKEN = "IKUT_EVAL_TOKEN"  # noqa: S105 – the variable's name
_SHORTEST = 16
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 – compared with, not bound to
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(:\d{1,5})?")
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'self' 'sha256-{script_hash()}'; style-src 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SCRIPTS = "text/javascript; charset=utf-8"
_LONGEST = 200
"""Letters of a header that are looked at."""


@dataclass(frozen=True, repr=False)
class Access:
    """What a request must show.

    Attributes
    ----------
    token : str
    hosts : frozenset of str – names under which we are reached; another one is a foreign page's attempt to rebind its own name to us
    """

    token: str
    hosts: frozenset[str] = frozenset(_LOOPBACK)

    @property
    def cookie(self) -> str:
        """What a browser keeps in place of the token, which cannot be found out from it."""
        return hmac.digest(self.token.encode(), b"ikut-eval dashboard cookie", "sha256").hex()

    def is_ours(self, hosts: Sequence[str], origins: Sequence[str]) -> bool:
        """Return whether a request was sent to one of our names, and not by a foreign page."""
        if len(hosts) != 1 or len(origins) > 1:
            return False
        host = hosts[0].lower()
        named = _HOST.fullmatch(host)
        return named is not None and named[1] in self.hosts and all(origin.lower() in (f"http://{host}", f"https://{host}") for origin in origins)

    def knows_token(self, said: str) -> bool:
        return _same(said, self.token)

    def is_let_in(self, *, authorization: str, cookie: str) -> bool:
        """Return whether a proxy's header or a browser's cookie shows that the token is known."""
        scheme, _, said = authorization.partition(" ")
        return (scheme.lower() == "token" and self.knows_token(said.strip())) or _same(cookie, self.cookie)


def new_access(*, ip: str, host_names: Iterable[str]) -> tuple[Access, bool]:
    """Return what requests must show, and whether the token is new, so that it must be printed.

    The token comes from the environment and not from the command line, where other users of the machine could read it.

    Raises
    ------
    ConfigurationError
        If the token given is too short.
    """
    given = os.environ.get(TOKEN, "")
    if given and len(given) < _SHORTEST:
        raise ConfigurationError("token_too_short", variable=TOKEN, length=_SHORTEST)
    own = set() if ip in _EVERYWHERE else {f"[{ip}]" if ":" in ip else ip}
    return Access(given or secrets.token_urlsafe(32), frozenset({*_LOOPBACK, *own, *(name.lower() for name in host_names)})), not given


def is_open_to_others(ip: str) -> bool:
    """Return whether other machines can reach an address that we listen at."""
    return ip != "::1" and ip != "localhost" and not ip.startswith("127.")


def _same(said: str, expected: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    return hmac.compare_digest(said.encode(errors="surrogateescape"), expected.encode(errors="surrogateescape"))


class PageHandler(tornado.web.RequestHandler):
    """Answers every address. A name is looked up as it was sent, never decoded and never opened as a file."""

    SUPPORTED_METHODS = ("GET", "HEAD")
    _kinds: ClassVar = {403: "not_allowed", 404: "not_found", 405: "not_allowed"}

    def initialize(self, *, pages: CurrentPages, access: Access, cookie: str) -> None:
        self._pages, self._access, self._cookie = pages, access, cookie
        self._audience, self._default = pages.source.audience, pages.settings.language
        self._tagged = False

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def compute_etag(self) -> str | None:
        return super().compute_etag() if self._tagged else None

    async def get(self) -> None:
        headers, name = self.request.headers, self.request.path[1:]
        if not self._access.is_ours(headers.get_list("Host"), headers.get_list("Origin")):
            raise tornado.web.HTTPError(403)
        let_in = self._access.is_let_in(authorization=headers.get("Authorization", ""), cookie=self.get_cookie(self._cookie) or "")
        if self.request.path == "/health":
            self.set_header("Cache-Control", "no-store")
            self.write(self._pages.health(let_in=let_in))
        elif "token" in self.request.query_arguments:
            self._let_in(name)
        elif not let_in:
            raise tornado.web.HTTPError(403)
        elif name in ("", "index.html"):
            self._redirect(f"overview.{self._language()}.html", status=302)
            self.set_header("Vary", "Accept-Language")
        else:
            self._send(*await self._pages.page(name, self._language()), name)

    head = get

    def _let_in(self, name: str) -> None:
        """Exchange the token for a cookie, so that it does not stay in the address."""
        said = self.request.query_arguments["token"]
        if len(said) != 1 or not self._access.knows_token(said[0].decode("utf-8", "surrogateescape")):
            raise tornado.web.HTTPError(403)
        self.set_cookie(self._cookie, self._access.cookie, httponly=True, samesite="Lax")
        self._redirect(name if name in self._pages.settings.files else "", status=303)

    def _redirect(self, name: str, *, status: int) -> None:
        """Send to another of our pages, by a relative address: right also behind a proxy that serves us under a path."""
        self.set_status(status)
        self.set_header("Location", f"./{name}")
        self.set_header("Cache-Control", "no-store")

    def _send(self, status: int, content: bytes, name: str = "") -> None:
        """Send a file, packed where the browser likes that; what is internal is kept by no browser, but for plotly.js."""
        public = self._audience == "public"
        kept = "private, no-cache" if public else "no-store"
        if name.startswith("assets/"):  # plotly.js: it holds no figure, and its name has its version
            kept = f"{'public' if public else 'private'}, max-age=31536000, immutable"
        self._tagged = public and status == 200
        self.set_status(status)
        self.set_header("Cache-Control", kept if status == 200 else "no-store")
        self.set_header("Content-Type", _SCRIPTS if name.endswith(".js") else "text/html; charset=utf-8")
        self.set_header("Vary", "Accept-Encoding")
        if status == 503:
            self.set_header("Retry-After", "5")
        if _accepts_gzip(self.request.headers.get("Accept-Encoding", "")):
            self.set_header("Content-Encoding", "gzip")
            content = _packed(content)
        self.write(content)

    def _language(self) -> str:
        """Return the language of the address, else the viewer's, else ours."""
        named = re.search(r"\.(\w\w)\.html$", self.request.path)
        if named and named[1] in LANGUAGES:
            return named[1]
        return preferred_language(self.request.headers.get("Accept-Language", ""), self._default)

    def write_error(self, status_code: int, **_: Any) -> None:
        kind = self._kinds.get(status_code, "failed" if status_code >= 500 else "not_found")
        self._send(status_code, self._pages.notice(kind, self._language())[1])
        if status_code == 405:
            self.set_header("Allow", "GET, HEAD")
        self.finish()

    def log_exception(self, kind: type[BaseException] | None, value: BaseException | None, traceback: Any) -> None:
        if value is not None and not isinstance(value, tornado.web.HTTPError):
            log_error(value, self._default)


def preferred_language(accepted: str, default: str) -> str:
    """Return the language of ours that a browser likes best.

    Examples
    --------
    >>> preferred_language("de, sv-FI;q=0.8, fi;q=0.9", "en")
    'fi'
    """
    found = re.findall(r"\b([a-z]{2})\b[\w-]*(?:\s*;\s*q\s*=\s*([01](?:\.\d+)?))?", accepted[:_LONGEST].lower())
    liked = sorted(((float(weight or 1), language) for language, weight in found if language in LANGUAGES), key=lambda one: -one[0])
    return next((language for weight, language in liked if weight), default)


def _accepts_gzip(accepted: str) -> bool:
    found = re.search(r"(?:^|,)\s*gzip\s*(?:;\s*q\s*=\s*([\d.]+))?\s*(?:,|$)", accepted[:_LONGEST])
    return found is not None and (found[1] or "1").strip("0.") != ""


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)
