"""A client of a Hocuspocus document in Python, as the provider is one in a browser."""

from __future__ import annotations

__all__ = ["Provider"]

import contextlib
import threading
from typing import Any, Self

from pycrdt import Doc, Map, Text
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from workbench.dialects.hocuspocus import wire
from workbench.dialects.hocuspocus.wire import AwarenessEntry, Frames, Reader

_PATIENCE = 5.0
_ENDED = ("denied", "closed")


class Provider:
    """Holds a copy of one document and keeps it synchronised; may be used from plain code.

    Parameters
    ----------
    url
        Of the server, `ws://...`.
    name
        The document's.
    token
        What onAuthenticate is given.

    Attributes
    ----------
    state
        ``connecting``, ``authenticated``, ``synced``, ``denied`` or ``closed``.
    reason
        Why it was denied or closed.
    read_only
        Whether the server refuses changes.
    unsynced
        Own changes that the server has not acknowledged.
    stateless
        The stateless messages that came.
    others
        What other clients say of themselves, by their number.

    Examples
    --------
    >>> with Provider(bench.ws_url, "notes", token="ada") as ada:
    ...     ada.insert(0, "hello")
    ...     ada.settle()
    """

    def __init__(self, url: str, name: str, token: str = "") -> None:
        self.state = "connecting"
        self.reason = ""
        self.read_only = False
        self.unsynced = 0
        self.stateless: list[str] = []
        self.others: dict[int, Any] = {}
        self._frames = Frames(name)
        self._changed = threading.Condition()
        self._document: Doc[Any] = Doc()
        self._remote = False
        self._own: list[bytes] = []
        self._clock = 0
        self._document.observe(self._observed)
        self._open = contextlib.ExitStack()
        self._ws = self._open.enter_context(
            connect(url, proxy=None, compression=None, open_timeout=_PATIENCE)
        )
        self._ws.send(self._frames.token(token))
        with self._changed:
            self._ws.send(self._frames.sync(wire.STEP_1, self._document.get_state()))
        self._reader = threading.Thread(target=self._read, name=f"provider {name}", daemon=True)
        self._reader.start()
        self.wait(lambda: self.state in ("synced", *_ENDED))

    # What people do -------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The document's text `text`."""
        with self._changed:
            return str(self._document.get("text", type=Text))

    @property
    def values(self) -> dict[str, Any]:
        """The document's map `values`."""
        with self._changed:
            return dict(self._document.get("values", type=Map).to_py() or {})

    def insert(self, at: int, words: str) -> None:
        """Write into the text, and send it."""
        with self._changed:
            self._document.get("text", type=Text).insert(at, words)
            self._send_own()

    def set(self, key: str, value: Any) -> None:
        """Set an entry of the map, and send it."""
        with self._changed:
            self._document.get("values", type=Map)[key] = value
            self._send_own()

    def say(self, state: Any) -> None:
        """Say something of oneself: awareness, a JSON value; None for being gone."""
        with self._changed:
            self._clock += 1
            entry = AwarenessEntry(self._document.client_id, self._clock, state)
            self._ws.send(self._frames.awareness(wire.encoded_awareness([entry])))

    def send_stateless(self, payload: str) -> None:
        """Send a stateless message."""
        self._ws.send(self._frames.stateless(payload))

    def send_token(self, token: str) -> None:
        """Send the token again; it comes to onTokenSync."""
        self._ws.send(self._frames.token(token))

    def settle(self) -> None:
        """Wait until the server has acknowledged all own changes, refused ones aside."""
        self.wait(lambda: not self.unsynced or self.read_only or self.state in _ENDED)

    def wait(self, condition: Any, seconds: float = _PATIENCE) -> bool:
        """Wait until something holds, for so many seconds at most; whether it does."""
        with self._changed:
            return bool(self._changed.wait_for(condition, seconds))

    def close(self) -> None:
        """Leave; the server hears it before this returns."""
        with contextlib.suppress(ConnectionClosed):
            self._ws.send(self._frames.close())
        self._open.close()
        self._reader.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<provider of {self._frames.address!r}: {self.state}{self.reason and ': ' + self.reason}>"

    # What comes ---------------------------------------------------------------------------------------

    def _observed(self, event: Any) -> None:
        if not self._remote:
            self._own.append(event.update)

    def _send_own(self) -> None:
        own, self._own = self._own, []
        for update in own:
            self.unsynced += 1
            self._ws.send(self._frames.sync(wire.UPDATE, update))

    def _read(self) -> None:
        try:
            for data in self._ws:
                with self._changed:
                    self._take(data if isinstance(data, bytes) else data.encode())
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        with self._changed:
            if self.state not in _ENDED:
                self.state, self.reason = "closed", self._ws.close_reason or ""
            self._changed.notify_all()

    def _take(self, frame: bytes) -> None:
        reader = Reader(frame)
        reader.text()
        kind = reader.uint()
        if kind == wire.SYNC:
            self._take_sync(reader.uint(), reader.blob())
        elif kind == wire.AWARENESS:
            self._take_awareness(wire.awareness_entries(reader.blob()))
        elif kind == wire.AUTH:
            self._take_auth(reader)
        elif kind == wire.STATELESS:
            self.stateless.append(reader.text())
        elif kind == wire.CLOSE:
            self.state, self.reason = "closed", reader.text()
        elif kind == wire.SYNC_STATUS:
            self.unsynced = max(0, self.unsynced - reader.uint())

    def _take_sync(self, step: int, body: bytes) -> None:
        if step == wire.STEP_1:
            self._ws.send(self._frames.sync(wire.STEP_2, self._document.get_update(body)))
            self.unsynced += 1
            return
        self._remote = True
        try:
            self._document.apply_update(body)
        finally:
            self._remote = False
        if step == wire.STEP_2 and self.state == "authenticated":
            self.state = "synced"

    def _take_awareness(self, entries: list[AwarenessEntry]) -> None:
        for client, _, state in entries:
            if state is None:
                self.others.pop(client, None)
            elif client != self._document.client_id:
                self.others[client] = state

    def _take_auth(self, reader: Reader) -> None:
        step = reader.uint()
        if step == wire.TOKEN:
            return
        words = reader.text()
        if step == wire.PERMISSION_DENIED:
            self.state, self.reason = "denied", words
        else:
            self.state, self.read_only = "authenticated", words == "readonly"
