"""What `upgrade` hooks may answer, and what it means for the handshake (crossws R2 to R8, R11 to R16)."""

from __future__ import annotations

__all__ = ["Answer", "accept", "accepted", "deflate_options", "in_fetch_order", "refusal", "reject"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NoReturn

from workbench.server.messages import Headers, HeadersSource, Response
from workbench.server.options import DeflateOptions

_PROTOCOL = "sec-websocket-protocol"
# The names that the `ws` package gives its compression options, and ours.
_DEFLATE = {
    "serverNoContextTakeover": "server_no_context_takeover",
    "clientNoContextTakeover": "client_no_context_takeover",
    "serverMaxWindowBits": "server_max_window_bits",
    "clientMaxWindowBits": "client_max_window_bits",
    "threshold": "threshold",
}
_ZLIB = {"level": "level", "memLevel": "memory_level", "mem_level": "memory_level"}


@dataclass(slots=True)
class Answer:
    """An accepted handshake, as all hooks together want it.

    Attributes
    ----------
    headers
        Fields for the 101, without that of the subprotocol.
    context
        Entries for the connection's context.
    namespace
        Replaces the default one; empty: it does not.
    protocol
        The subprotocol to announce; None: `handle_protocols` decides.
    deflate
        Compression of this connection; None: as the server does.
    handled
        True: a hook takes the socket, nothing else counts.

    """

    headers: Headers = field(default_factory=Headers)
    context: Mapping[str, Any] = field(default_factory=dict)
    namespace: str = ""
    protocol: str | None = None
    deflate: bool | DeflateOptions | None = None
    handled: bool = False


def accepted(answer: object) -> Answer:
    """Read what an `upgrade` chain answered; anything but a mapping accepts plainly (R2).

    Raises
    ------
    ValueError, TypeError
        For headers or compression options that nobody could send.

    """
    if not isinstance(answer, Mapping):
        return Answer()
    if answer.get("handled"):
        return Answer(handled=True)
    headers = Headers(answer.get("headers"))
    named = headers.get(_PROTOCOL)
    del headers[_PROTOCOL]
    deflate = answer.get("per_message_deflate", answer.get("perMessageDeflate"))
    context = answer.get("context") or {}
    if not isinstance(context, Mapping):
        raise TypeError(f"The context that an upgrade hook answers is a mapping, not {context!r}")
    return Answer(
        headers=headers,
        context=context,
        namespace=answer.get("namespace") or "",
        protocol=answer.get("protocol") or named,
        deflate=deflate_options(deflate),
    )


def deflate_options(value: object) -> bool | DeflateOptions | None:
    """Read a compression answer: a switch, our options, or a mapping with our names or the `ws` package's."""
    if value is None or isinstance(value, (bool, DeflateOptions)):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(f"per_message_deflate is True, False or a mapping of options, not {value!r}")
    zlib = value.get("zlibDeflateOptions") or value.get("zlib_deflate_options") or {}
    known = {_DEFLATE.get(name, name): item for name, item in value.items()}
    wanted = {name: known[name] for name in _DEFLATE.values() if known.get(name) is not None}
    for bits in ("server_max_window_bits", "client_max_window_bits"):
        if isinstance(wanted.get(bits), bool):  # "whatever you like", in the `ws` package's words
            del wanted[bits]
    return DeflateOptions(**wanted, **{_ZLIB[name]: item for name, item in zlib.items() if name in _ZLIB})


def refusal(error: BaseException) -> Response:
    """Give the answer to an error in `upgrade`: itself, the one it carries, or a 500 (R5 to R8)."""
    for candidate in (getattr(error, "response", None), error):
        if isinstance(candidate, Response):
            return candidate
    return Response("Internal Server Error", status=500)


def in_fetch_order(headers: Headers) -> Headers:
    """Put fields into the order in which fetch, and so crossws, walks them: by name, in lower case."""
    return Headers(sorted(headers.items(), key=itemgetter(0)))


def accept(
    *,
    headers: HeadersSource = None,
    context: Mapping[str, Any] | None = None,
    namespace: str = "",
    protocol: str | None = None,
    per_message_deflate: bool | Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Spell out an accepting answer for an `upgrade` hook: `return accept(namespace="room-1")`.

    Not part of crossws, whose hooks return the mapping that this makes.

    Parameters
    ----------
    headers
        Fields for the 101 response.
    context
        Entries for the connection's context.
    namespace
        Replaces the URL's path.
    protocol
        The subprotocol to announce.
    per_message_deflate
        Compression of this connection.

    """
    answer = {
        "headers": headers,
        "context": context,
        "namespace": namespace,
        "protocol": protocol,
        "per_message_deflate": per_message_deflate,
    }
    return {name: value for name, value in answer.items() if value not in (None, "")}


def reject(
    body: str | bytes | dict[str, Any] = "Unauthorized", *, status: int = 401, headers: HeadersSource = None
) -> NoReturn:
    """Refuse the upgrade from inside of a hook, whatever other hooks say.

    Not part of crossws, where a *returned* response can be overruled by a resolved hook (R20).

    Raises
    ------
    Response
        Always.

    """
    raise Response(body, status=status, headers=headers)
