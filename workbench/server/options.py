"""What a server can be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from workbench.server.errors import InvalidOption

__all__ = ["CHANNEL_PATH", "RESERVED_PATH", "DeflateOptions", "ServerOptions"]

RESERVED_PATH = "/_workbench/"  # checks Origin and token by itself
CHANNEL_PATH = RESERVED_PATH + "channel"  # takes its token from a header or the first frame
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DeflateOptions:
    """How permessage-deflate is offered to clients that ask for it.

    Window bits are 9 to 15 (None: no limit asked). `threshold` in bytes: shorter messages go out plain,
    where no context is kept between messages. `level` is zlib's.
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int | None = None
    client_max_window_bits: int | None = None
    threshold: int = 1024
    level: int = -1
    memory_level: int = 8

    def __post_init__(self) -> None:
        for name in ("server_max_window_bits", "client_max_window_bits"):
            bits = getattr(self, name)
            if bits is not None and bits not in range(9, 16):
                raise InvalidOption(f"{name} is a number from 9 to 15 or None, not {bits!r}.")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The options of one server. Sizes are bytes, times seconds; None means no limit.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes any that is free.
    origins
        Origins of browser pages that are served besides the server's own, or `"*"` for all. Clients that
        send no Origin are always served.
    hosts
        Names, besides loopback's own, under which a server on a loopback address may be called, or `"*"`.
    token
        What each client must present, in `Authorization: Bearer` or `?token=`; None asks for nothing.
    max_message
        Size of a WebSocket message, inflated and over all its fragments; beyond: 1009.
    idle_timeout
        A WebSocket client silent for two of these is dropped (crossws R50).
    close_timeout
        How long a WebSocket waits for the client to end TCP (crossws R28b).
    header_limit, body_limit
        Of a request; beyond: 431 and 413.
    header_timeout, body_timeout
        To receive the headers, and to receive a further piece of the body; beyond: 408.
    keep_alive_timeout
        How long a connection without a request is kept.
    deflate
        Compression of WebSocket messages, unless a handshake says otherwise.
    stop_timeout
        How long `stop` waits for clients and hooks, in all.
    date_header
        Whether responses carry a Date.
    certificate, key
        Files for TLS; both or none.

    """

    host: str = "127.0.0.1"
    port: int = 0
    origins: str | Sequence[str] | None = None
    hosts: str | Sequence[str] | None = None
    token: str | None = None
    max_message: int = 100 * MIB
    idle_timeout: float | None = 30.0
    close_timeout: float = 30.0
    header_limit: int = 64 * 1024
    body_limit: int | None = 100 * MIB
    header_timeout: float | None = 30.0
    body_timeout: float | None = 30.0
    keep_alive_timeout: float | None = 75.0
    deflate: bool | DeflateOptions = False
    stop_timeout: float = 3.0
    date_header: bool = True
    certificate: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        if not _is_number(self.port, int) or not 0 <= self.port <= 65535:  # noqa: PLR2004
            raise InvalidOption(f"port is a number from 0 to 65535, not {self.port!r}.")
        if not isinstance(self.host, str):
            raise InvalidOption(f'host is a name or an address, such as "127.0.0.1", not {self.host!r}.')
        if self.token is not None and not (isinstance(self.token, str) and self.token):
            raise InvalidOption(f"token is a text or None, not {self.token!r}.")
        for name in ("origins", "hosts"):
            self._check_names(name)
        for name in ("max_message", "header_limit", "body_limit", "close_timeout", "stop_timeout"):
            self._check_positive(name, may_be_none=name == "body_limit")
        for name in ("idle_timeout", "header_timeout", "body_timeout", "keep_alive_timeout"):
            self._check_positive(name, may_be_none=True)
        if (self.certificate is None) != (self.key is None):
            raise InvalidOption("certificate and key are given together or not at all.")

    def _check_positive(self, name: str, *, may_be_none: bool) -> None:
        value = getattr(self, name)
        if value is None and may_be_none:
            return
        if not _is_number(value) or not value > 0:
            also = " or None" if may_be_none else ""
            raise InvalidOption(f"{name} is a number above 0{also}, not {value!r}.")

    def _check_names(self, name: str) -> None:
        value = getattr(self, name)
        some = [value] if isinstance(value, str) or value is None else value
        if not isinstance(some, Iterable) or not all(one is None or isinstance(one, str) for one in some):
            raise InvalidOption(f'{name} is a text, a list of texts, "*" or None, not {value!r}.')

    @classmethod
    def names(cls) -> frozenset[str]:
        """Give the names of all options."""
        return frozenset(field.name for field in fields(cls))

    def changed(self, **options: Any) -> ServerOptions:
        """Give the same options with some changed."""
        return replace(self, **options)


def _is_number(value: object, *kinds: type) -> bool:
    """Tell numbers from booleans, which Python counts among them."""
    return isinstance(value, kinds or (int, float)) and not isinstance(value, bool)
