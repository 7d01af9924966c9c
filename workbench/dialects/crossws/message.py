"""One data message, as hooks see it (crossws R40, R41)."""

from __future__ import annotations

__all__ = ["Message"]

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from workbench.dialects.crossws.peer import Peer

# What `data` gives for each `binary_type` of a socket; any other type gives the raw data.
_AS_BYTES = frozenset({"nodebuffer", "uint8array", "arraybuffer"})


class Message:
    """A complete message of a client; all hooks of a chain get the same object.

    Attributes
    ----------
    peer
        The connection that it came from.
    raw_data
        `str` for a text message, `bytes` for a binary one. A hook may assign it: the hooks after it, and
        every conversion, see the new value.
    event
        Always None: the DOM event that some of crossws's runtimes have and Node has not.

    Notes
    -----
    crossws's names: `rawData` is `raw_data`, `uint8Array()` and `arrayBuffer()` are `bytes()`,
    `String(message)` is `str(message)`. There is no `blob()`.

    """

    __slots__ = ("_id", "_raw", "peer")

    event = None
    _id: str

    def __init__(self, raw_data: str | bytes, peer: Peer) -> None:
        self._raw = raw_data
        self.peer = peer

    @property
    def id(self) -> str:
        """A UUID (version 4), made when it is first read, and the same ever after."""
        try:
            return self._id
        except AttributeError:  # unset until somebody asks, as most never do
            self._id = str(uuid4())
            return self._id

    @property
    def raw_data(self) -> str | bytes:
        """`str` for a text message, `bytes` for a binary one; may be assigned."""
        return self._raw

    @raw_data.setter
    def raw_data(self, value: str | bytes) -> None:
        self.peer.touch(self, "raw_data")
        self._raw = value

    @property
    def data(self) -> str | bytes:
        """The content in the form of `peer.websocket.binary_type`: bytes at first, for text messages too."""
        form = self.peer.websocket.binary_type
        if form in _AS_BYTES:
            return self.bytes()
        return self.text() if form == "text" else self._raw

    def text(self) -> str:
        """Return the content as text; bytes are read as UTF-8, with U+FFFD where they are none."""
        raw = self._raw
        return raw if isinstance(raw, str) else bytes(raw).decode("utf-8", "replace")

    def json(self) -> Any:
        """Return what the text says as JSON.

        Raises
        ------
        ValueError
            Where the text is no JSON; NaN and Infinity are none.

        """
        return json.loads(self.text(), parse_constant=_refuse)

    def bytes(self) -> bytes:
        """Return the content as bytes; text is written as UTF-8."""
        raw = self._raw
        return raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else bytes(raw)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Message {self._raw!r:.80}>"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
