"""The console: a handful of clients, named c1, c2 ..., opened and driven from any thread."""

from __future__ import annotations

__all__ = ["CLIENTS_KEPT", "Console", "ConsoleError", "Runner"]

import re
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from workbench.client.connection import ConsoleClient
from workbench.engine.errors import Told
from workbench.watching import Watchers

CLIENTS_KEPT = 16
"""Clients in one console; opening one more takes the place of the oldest that is over."""

_CLOSE_CODES = range(3000, 5000)
_REASON_BYTES = 123


class ConsoleError(Told):
    """A console was asked for what it cannot do; the sentence says what to do instead."""


class Runner(Protocol):
    """The loop that console clients run on; a hook server is one."""

    @property
    def running(self) -> bool:
        """Whether the loop takes work."""

    def post(self, function: Callable[..., object], *args: Any) -> object:
        """Call a function on the loop, after those posted before."""

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine on the loop."""


class Console:
    """The clients of one bench's console.

    Parameters
    ----------
    runner
        Gives the loop to run on, or None while the bench is stopped. Asked at every use, since a
        restart brings a new one.
    address
        Gives the ``ws://host:port`` to dial.
    headers
        Gives the request headers, such as the bench's own token.
    """

    def __init__(
        self,
        runner: Callable[[], Runner | None],
        address: Callable[[], str],
        headers: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._runner = runner
        self._address = address
        self._headers = headers
        self._clients: dict[str, ConsoleClient] = {}
        self._lock = threading.Lock()
        self._opened = 0
        self._watchers = Watchers()

    @property
    def clients(self) -> list[ConsoleClient]:
        """The clients, in the order in which they were opened; a copy."""
        with self._lock:
            return list(self._clients.values())

    def open(
        self,
        path: str = "/",
        *,
        client: str | None = None,
        protocols: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> ConsoleClient:
        """Open a client; its state tells when the handshake is done.

        Parameters
        ----------
        path
            Path and query, such as ``/?user=ada``.
        client
            Name to use; a client of that name that is over is opened again. None: the next free ``c<n>``.
        protocols
            Subprotocols to offer.
        headers
            Further request headers.

        Raises
        ------
        ConsoleError
            When the bench is stopped, the name is in use, or there are `CLIENTS_KEPT` open ones already.
        """
        runner = self._need_runner()
        path = path if path.startswith("/") else f"/{path}"
        opened = self._admit(client, path)
        all_headers = {**self._headers(), **(headers or {})}
        runner.submit(opened.run(self._address() + path, tuple(protocols), all_headers))
        return opened

    def send(self, client: str, data: str | bytes) -> None:
        """Send a message: text as a text frame, bytes as a binary one.

        Raises
        ------
        ConsoleError
            When there is no such client, or its connection is over.
        """
        known = self._get(client)
        if known.over:
            message = f"Client {client!r} is {known.state}; open it again before sending."
            raise ConsoleError(message)
        self._need_runner().post(known.push, data)

    def close(self, client: str, code: int = 1000, reason: str = "") -> None:
        """Close a client's connection; nothing happens when it is over already.

        Parameters
        ----------
        client
            Name of the client.
        code
            1000, or 3000 to 4999.
        reason
            At most 123 bytes of UTF-8.

        Raises
        ------
        ConsoleError
            When there is no such client, or code or reason are not allowed in a close frame.
        """
        known = self._get(client)
        if code != 1000 and code not in _CLOSE_CODES:  # noqa: PLR2004 - the normal close
            message = f"A client may close with 1000 or 3000 to 4999, not with {code}."
            raise ConsoleError(message)
        if len(reason.encode()) > _REASON_BYTES:
            message = (
                f"A close reason has at most {_REASON_BYTES} bytes; this one has {len(reason.encode())}."
            )
            raise ConsoleError(message)
        if not known.over:
            self._need_runner().post(known.push_close, code, reason)

    def clear(self, client: str) -> None:
        """Forget a client's lines; one whose connection is over disappears.

        Raises
        ------
        ConsoleError
            When there is no such client.
        """
        known = self._get(client)
        if known.over:
            with self._lock:
                self._clients.pop(client, None)
        known.clear()

    def view(self) -> dict[str, Any]:
        """Return the data of the ``console`` view of the command channel."""
        return {"clients": [client.to_json() for client in self.clients]}

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Have a function called after every change, on whichever thread; returns what ends it."""
        return self._watchers.add(changed)

    def _changed(self) -> None:
        self._watchers.tell()

    def _admit(self, name: str | None, path: str) -> ConsoleClient:
        with self._lock:
            chosen = self._checked_name(name) if name else self._next_name()
            self._make_room()
            self._clients.pop(chosen, None)
            admitted = self._clients[chosen] = ConsoleClient(chosen, path, self._changed)
        self._changed()
        return admitted

    def _checked_name(self, name: str) -> str:
        if not re.fullmatch(r"[\w.-]{1,32}", name):
            allowed = "1 to 32 letters, digits, dots, hyphens or underscores"
            message = f"A client's name is {allowed}, not {name[:40]!r}."
            raise ConsoleError(message)
        known = self._clients.get(name)
        if known is not None and not known.over:
            message = f"Client {name!r} is {known.state} already; close it first or take another name."
            raise ConsoleError(message)
        return name

    def _next_name(self) -> str:
        while True:
            self._opened += 1
            if (name := f"c{self._opened}") not in self._clients:
                return name

    def _make_room(self) -> None:
        while len(self._clients) >= CLIENTS_KEPT:
            over = next((name for name, client in self._clients.items() if client.over), None)
            if over is None:
                message = f"A console holds {CLIENTS_KEPT} clients; close one before opening another."
                raise ConsoleError(message)
            del self._clients[over]

    def _get(self, name: str) -> ConsoleClient:
        with self._lock:
            known = self._clients.get(name)
            names = ", ".join(self._clients) or "none"
        if known is None:
            message = f"The console has no client {name!r}; open ones: {names}."
            raise ConsoleError(message)
        return known

    def _need_runner(self) -> Runner:
        runner = self._runner()
        if runner is None or not runner.running:
            message = "The bench is stopped; start it before using the console."
            raise ConsoleError(message)
        return runner
