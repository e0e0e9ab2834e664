"""Who may see the dashboards: whoever knows the token, under a name that is ours."""

import hmac
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ikut_eval.contract.errors import ConfigurationError

TOKEN = "IKUT_EVAL_TOKEN"  # noqa: S105 – the variable's name
_SHORTEST = 16
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 – compared with, not bound to
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(:\d{1,5})?")


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
