"""What a viewer gets, prepared once: its bytes, plain and packed, and how long a browser may keep it."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache

from ikut_eval.dashboard.site import notice

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
}
_PACKED = {"html", "css", "js", "json", "csv", "svg"}
_HASHED = re.compile(r"assets/.*[.-][0-9a-f]{8,64}\.\w+")
_STATUS = {"no_bundle": 503, "broken_bundle": 503, "busy": 503, "not_found": 404, "not_allowed": 403, "failed": 500}


@dataclass(frozen=True, repr=False)
class Response:
    """A file as it is sent: plain, and packed by gzip where that saves something. A `lasting` one may be kept: its name changes with its content."""

    status: int
    type: str
    plain: bytes
    packed: bytes
    tag: str
    lasting: bool


def response(name: str, content: bytes, *, status: int = 200) -> Response:
    """Return a file as it is sent; its name tells its type.

    Examples
    --------
    >>> sent = response("assets/style-0123456789ab.css", b"p { margin: 0 }")
    >>> sent.type, sent.lasting, len(sent.packed)
    ('text/css; charset=utf-8', True, 0)
    """
    ending = name.rpartition(".")[2]
    packed = gzip.compress(content, compresslevel=6, mtime=0) if ending in _PACKED else b""
    return Response(
        status=status,
        type=_TYPES.get(ending, "application/octet-stream"),
        plain=content,
        packed=packed if len(packed) < len(content) else b"",
        tag=hashlib.sha256(content).hexdigest()[:32],
        lasting=_HASHED.fullmatch(name) is not None,
    )


@cache
def notice_response(kind: str, language: str, audience: str) -> Response:
    """Return the page of a state, as it is sent."""
    return response("notice.html", notice(kind, language=language, audience=audience).encode(), status=_STATUS[kind])


def cache_control(sent: Response, *, audience: str) -> str:
    """Return how long a browser may keep a response: what is internal not at all, unless it holds no figure."""
    if sent.status != 200:
        return "no-store"
    if sent.lasting:
        return f"{'public' if audience == 'public' else 'private'}, max-age=31536000, immutable"
    return "private, no-cache" if audience == "public" else "no-store"
