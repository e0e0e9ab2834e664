"""How a request is answered: from what lies ready, by its exact name, to those who may see it."""

import re
from typing import Any, ClassVar

import tornado.web

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.dashboard.access import Access
from ikut_eval.dashboard.current_pages import PAGE_FILES, CurrentPages
from ikut_eval.dashboard.events import log_error
from ikut_eval.dashboard.responses import Response, cache_control

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LONGEST = 200
"""Letters of the longest address that could be one of ours."""


class PageHandler(tornado.web.RequestHandler):
    """Answers every address. A name is looked up as it was sent, never decoded and never opened as a file."""

    SUPPORTED_METHODS = ("GET", "HEAD")
    _kinds: ClassVar = {403: "not_allowed", 404: "not_found", 405: "not_allowed"}

    def initialize(self, *, pages: CurrentPages, access: Access, audience: str, language: str, cookie: str) -> None:
        self._pages, self._access, self._audience, self._default, self._cookie = pages, access, audience, language, cookie
        self._tag: str | None = None

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def compute_etag(self) -> str | None:
        return self._tag

    async def get(self) -> None:
        headers = self.request.headers
        if not self._access.is_ours(headers.get_list("Host"), headers.get_list("Origin")):
            raise tornado.web.HTTPError(403)
        if self.request.path == "/health":
            self.set_header("Cache-Control", "no-store")
            self.write(self._pages.health())
            return
        asset = self._pages.assets.get(self.request.path[1:])
        if asset:
            self._send(asset)
            return
        if "token" in self.request.query_arguments:
            self._let_in()
            return
        if not self._access.is_let_in(authorization=headers.get("Authorization", ""), cookie=self.get_cookie(self._cookie) or ""):
            raise tornado.web.HTTPError(403)
        if self.request.path in ("/", "/index.html"):
            self._redirect(f"overview.{self._language()}.html", status=302)
            self.set_header("Vary", "Accept-Language")
        elif len(self.request.path) > _LONGEST:
            raise tornado.web.HTTPError(404)
        else:
            self._send(await self._pages.response(self.request.path[1:], self._language()))

    head = get

    def _let_in(self) -> None:
        """Exchange the token for a cookie, so that it does not stay in the address."""
        said = self.request.query_arguments["token"]
        if len(said) != 1 or not self._access.knows_token(said[0].decode("utf-8", "surrogateescape")):
            raise tornado.web.HTTPError(403)
        self.set_cookie(self._cookie, self._access.cookie, httponly=True, samesite="Lax")
        self._redirect(self.request.path[1:] if self.request.path[1:] in PAGE_FILES else "", status=303)

    def _redirect(self, name: str, *, status: int) -> None:
        """Send to another of our pages, by a relative address: right also behind a proxy that serves us under a path."""
        self.set_status(status)
        self.set_header("Location", f"./{name}")
        self.set_header("Cache-Control", "no-store")

    def _send(self, response: Response) -> None:
        packed = bool(response.packed) and _accepts_gzip(self.request.headers.get("Accept-Encoding", ""))
        self.set_status(response.status)
        self.set_header("Cache-Control", cache_control(response, audience=self._audience))
        self.set_header("Vary", "Accept-Encoding")
        if response.status == 503:
            self.set_header("Retry-After", "5")
        if self._audience == "public" and response.status == 200:
            self._tag = f'"{response.tag}{"-gzip" if packed else ""}"'
        self.set_header("Content-Type", response.type)
        if packed:
            self.set_header("Content-Encoding", "gzip")
        self.write(response.packed if packed else response.plain)

    def _language(self) -> str:
        """Return the language of the address, else the viewer's, else ours."""
        named = re.search(r"\.(\w\w)\.html$", self.request.path)
        if named and named[1] in LANGUAGES:
            return named[1]
        return preferred_language(self.request.headers.get("Accept-Language", ""), self._default)

    def write_error(self, status_code: int, **_: Any) -> None:
        self._send(self._pages.notice(self._kinds.get(status_code, "failed" if status_code >= 500 else "not_found"), self._language()))
        self.set_status(status_code)
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
    liked: dict[str, float] = {}
    for part in accepted[:_LONGEST].split(","):
        found = re.fullmatch(r"\s*([a-zA-Z]{2})(?:-\w+)*\s*(?:;\s*q\s*=\s*(0(?:\.\d+)?|1(?:\.0+)?))?\s*", part)
        if found and found[1].lower() in LANGUAGES and float(found[2] or 1) > 0:
            liked.setdefault(found[1].lower(), float(found[2] or 1))
    return max(liked, key=lambda language: liked[language], default=default)


def _accepts_gzip(accepted: str) -> bool:
    found = re.search(r"(?:^|,)\s*gzip\s*(?:;\s*q\s*=\s*([\d.]+))?\s*(?:,|$)", accepted[:_LONGEST])
    return found is not None and (found[1] or "1").strip("0.") != ""
