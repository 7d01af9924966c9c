"""Who is served: Host, Origin and token, checked on each request before any link sees it."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from workbench.server.links import Head
from workbench.server.messages import Headers, Query, Response
from workbench.server.options import RESERVED_PATH, ServerOptions

__all__ = ["Policy", "bearer", "is_loopback"]


@lru_cache(maxsize=64)  # a server hears few names, and each with every request
def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def bearer(headers: Headers) -> str | None:
    """Give the token of an `Authorization: Bearer` header; None where there is none, or of another kind."""
    scheme, _, token = (headers.get("authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class Policy:
    """The rules of one server.

    A browser page of another origin is refused; a client without Origin (any but a browser) is served. On a
    loopback bind the Host must be a name of this machine, which keeps out pages that point a name of theirs
    at it. What lies below `/_workbench/` checks Origin and token by itself.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._origins = _names(options.origins)
        hosts = _names(options.hosts)
        self._hosts = hosts if is_loopback(options.host) and "*" not in hosts else None
        self._token = options.token

    def refusal(self, head: Head) -> Response | None:
        """Give the answer to a request that is not to be served, or None."""
        refusal = self._wrong_host(head)
        if refusal is not None or head.target.startswith(RESERVED_PATH):
            return refusal
        return self._wrong_origin(head) or self._wrong_token(head)

    def refusal_elsewhere(self, head: Head) -> Response | None:
        """Give the same where another server listens.

        Token and origins that were given are asked for; Host is that server's business, and so are origins
        that nobody gave, since a proxy before it may have changed the Host that they are compared with.
        """
        if head.target.startswith(RESERVED_PATH):
            return None
        return (self._wrong_origin(head) if self._origins else None) or self._wrong_token(head)

    def _wrong_host(self, head: Head) -> Response | None:
        if self._hosts is None:
            return None
        host = head.headers.get("host")
        if host is None:
            return None
        name = _place(f"//{host}")[0]
        if is_loopback(name) or name in self._hosts or host.lower() in self._hosts:
            return None
        return Response(
            f'Host "{host}" is not served here: the server listens on loopback; add the name to hosts=.\n',
            status=403,
        )

    def _wrong_origin(self, head: Head) -> Response | None:
        origin = head.headers.get("origin")
        if origin is None or "*" in self._origins or origin.lower().rstrip("/") in self._origins:
            return None
        name, port = _place(origin)
        if name and (name, port) == _place(f"//{head.headers.get('host', '')}"):
            return None
        if name in self._origins:
            return None
        return Response(
            f'Pages of origin "{origin}" are not served here: add the origin to origins=.\n', status=403
        )

    def _wrong_token(self, head: Head) -> Response | None:
        if self._token is None:
            return None
        presented = bearer(head.headers)
        if presented is None:
            presented = Query(head.target.partition("?")[2]).get("token")
        if presented is None:
            return Response(
                "This server asks for its token, as ?token=... or in an Authorization: Bearer header.\n",
                status=401,
                headers={"www-authenticate": "Bearer"},
            )
        if hmac.compare_digest(presented.encode(), self._token.encode()):
            return None
        return Response("That is not the token of this server.\n", status=403)


def _names(value: str | Sequence[str] | None) -> frozenset[str]:
    names = [value] if isinstance(value, str) else value or ()
    return frozenset(name.lower().rstrip("/") for name in names)


@lru_cache(maxsize=64)
def _place(url: str) -> tuple[str, int | None]:
    """Give host name and port of a URL; a port that goes without saying is None."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").rstrip("."), None if parts.port in (80, 443) else parts.port
    except ValueError:
        return "", None
