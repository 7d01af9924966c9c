"""Which headers, query parts and pages may pass between a browser and a hook server. Pure functions.

The hook server runs a user's experiment. It must never see what would let it act as the Jupyter user
(cookies, tokens, the XSRF value), and what it answers must not reach beyond its own prefix.
"""

from __future__ import annotations

__all__ = [
    "Pairs",
    "Passage",
    "foreign_page",
    "forwarded_query",
    "request_headers",
    "response_headers",
]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

Pairs = list[tuple[str, str]]

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NEVER_IN = frozenset(
    {
        "authorization",
        "cookie",
        "cookie2",
        "expect",
        "forwarded",
        "host",
        "origin",
        "sec-websocket-origin",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-scheme",
        "x-xsrftoken",
    }
)
_NEVER_OUT = frozenset(
    {
        "alt-svc",
        "clear-site-data",
        "public-key-pins",
        "service-worker-allowed",
        "set-cookie",
        "set-cookie2",
        "strict-transport-security",
    }
)
"""Each of these would act on all of Jupyter's origin, not on the prefix of one bench."""

_WITH_PATH = frozenset({"location", "content-location"})
_JUPYTERS_QUERY = frozenset({"_xsrf"})


@dataclass(frozen=True, slots=True)
class Passage:
    """Where one request comes from and goes to.

    Attributes
    ----------
    upstream
        ``host:port`` of the hook server.
    prefix
        Path of the bench in the Jupyter server, without the slash at the end.
    scheme, host, client
        What the browser used and who it is, for the ``X-Forwarded-`` headers.
    token
        Bearer token to add, for the bench's own paths; None elsewhere.
    """

    upstream: str
    prefix: str
    scheme: str
    host: str
    client: str
    token: str | None = None


def request_headers(headers: Iterable[tuple[str, str]], passage: Passage) -> Pairs:
    """Make the headers that the hook server sees.

    Parameters
    ----------
    headers
        As they came, in order, repeated names included.
    passage
        Where the request comes from and goes to.

    Returns
    -------
    list of (str, str)
        Without hop-by-hop headers and without anything that identifies the Jupyter user. An ``Origin`` that
        Jupyter accepted becomes the hook server's own: to it, the page is one of the same origin.
    """
    given = list(headers)
    dropped = _NEVER_IN | _HOP_BY_HOP | _named_by_connection(given)
    kept = [(name, _without_query(name, value)) for name, value in given if name.lower() not in dropped]
    added = [("Host", passage.upstream), *_forwarded(passage)]
    if any(name.lower() == "origin" for name, _ in given):
        added.append(("Origin", f"http://{passage.upstream}"))
    if passage.token is not None:
        added.append(("Authorization", f"Bearer {passage.token}"))
    return added + kept


def response_headers(headers: Iterable[tuple[str, str]], passage: Passage) -> Pairs:
    """Make the headers that the browser sees.

    Paths in ``Location`` that are absolute get the bench's prefix, so a redirect stays inside the bench.
    """
    given = list(headers)
    dropped = _NEVER_OUT | _HOP_BY_HOP | _named_by_connection(given)
    kept = [(name, value) for name, value in given if name.lower() not in dropped]
    return [
        (name, _under_prefix(value, passage) if name.lower() in _WITH_PATH else value) for name, value in kept
    ]


def forwarded_query(query: str, *, token_is_jupyters: bool) -> str:
    """Take Jupyter's own parts out of a query, byte for byte otherwise.

    Parameters
    ----------
    query
        The raw query, without the question mark.
    token_is_jupyters
        Whether the request was let in by a token. A ``token`` that was not is the hook's own business.
    """
    dropped = _JUPYTERS_QUERY | {"token"} if token_is_jupyters else _JUPYTERS_QUERY
    parts = query.split("&") if query else []
    return "&".join(part for part in parts if unquote_plus(part.partition("=")[0]) not in dropped)


def foreign_page(headers: Mapping[str, str]) -> bool:
    """Tell whether another site's page sent a request without the person's doing.

    Hooks run on plain GET requests too, so a page elsewhere that embeds one of their addresses as an image
    would run them with the person's cookie. Browsers say so in ``Sec-Fetch-Site``, older ones in
    ``Referer``; a link that the person clicks is let through.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is None:
        referer, host = headers.get("Referer"), headers.get("Host")
        return bool(referer and host and urlsplit(referer).netloc.lower() != host.lower())
    if site in {"same-origin", "none"}:
        return False
    return not (headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-User") == "?1")


def _named_by_connection(headers: Pairs) -> frozenset[str]:
    """Headers that the ``Connection`` header declares to be for this hop alone."""
    values = (value for name, value in headers if name.lower() == "connection")
    return frozenset(word.strip().lower() for value in values for word in value.split(","))


def _without_query(name: str, value: str) -> str:
    """Cut the query off a ``Referer``: the address of a JupyterLab page may hold its token."""
    return value.partition("?")[0] if name.lower() == "referer" else value


def _forwarded(passage: Passage) -> Pairs:
    return [
        ("X-Forwarded-For", passage.client),
        ("X-Forwarded-Host", passage.host),
        ("X-Forwarded-Proto", passage.scheme),
        ("X-Forwarded-Prefix", passage.prefix),
    ]


def _under_prefix(location: str, passage: Passage) -> str:
    own = next((start for start in _own_starts(passage) if location.startswith(start)), None)
    path = location[len(own) :] or "/" if own is not None else location
    if path.startswith("/") and not path.startswith("//"):
        return passage.prefix + path
    return location


def _own_starts(passage: Passage) -> tuple[str, ...]:
    """Origins by which the hook server may call itself."""
    return (f"http://{passage.upstream}", f"{passage.scheme}://{passage.upstream}")
