"""The wire format: frames of Hocuspocus with those of y-protocols inside, checked byte by byte.

Every frame is an address, a type and a body. Numbers are little-endian base 128, texts and blobs have their
length in front. What is truncated, too large or no UTF-8 raises `MalformedFrame`; nothing is guessed.
"""

from __future__ import annotations

__all__ = [
    "AUTH",
    "AUTHENTICATED",
    "AWARENESS",
    "BROADCAST_STATELESS",
    "CLOSE",
    "PERMISSION_DENIED",
    "QUERY_AWARENESS",
    "STATELESS",
    "STEP_1",
    "STEP_2",
    "SYNC",
    "SYNC_REPLY",
    "SYNC_STATUS",
    "TOKEN",
    "UPDATE",
    "AwarenessEntry",
    "Frames",
    "MalformedFrame",
    "Reader",
    "awareness_entries",
    "blob",
    "encoded_awareness",
    "split_address",
    "text",
    "uint",
]

import json
from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

SYNC, AWARENESS, AUTH, QUERY_AWARENESS, SYNC_REPLY = 0, 1, 2, 3, 4
STATELESS, BROADCAST_STATELESS, CLOSE, SYNC_STATUS = 5, 6, 7, 8
"""Types of frames."""

STEP_1, STEP_2, UPDATE = 0, 1, 2
"""What a sync frame holds: a state vector, the answer to one, or a change."""

TOKEN, PERMISSION_DENIED, AUTHENTICATED = 0, 1, 2
"""What an auth frame holds."""

_LARGEST = 2**53 - 1  # what JavaScript's numbers hold exactly
_CONTINUES = 0x80


class MalformedFrame(ValueError):
    """Bytes that are no frame: truncated, a number too large, a text that is not UTF-8, JSON that is none."""


class Reader:
    """Reads a frame from its beginning.

    Parameters
    ----------
    data
        The whole frame.

    Attributes
    ----------
    position
        How many bytes have been read.
    """

    __slots__ = ("_data", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.position >= len(self._data)

    def uint(self) -> int:
        """Read a number of up to 53 bits."""
        data, position = self._data, self.position
        number = shift = 0
        try:
            while (byte := data[position]) >= _CONTINUES:
                number |= (byte & 0x7F) << shift
                shift += 7
                position += 1
                if number > _LARGEST:
                    raise MalformedFrame(f"the number at byte {self.position} has more than 53 bits")
        except IndexError:
            raise MalformedFrame(f"the frame ends inside of a number, after {len(data)} bytes") from None
        number |= byte << shift
        if number > _LARGEST:
            raise MalformedFrame(f"the number at byte {self.position} has more than 53 bits")
        self.position = position + 1
        return number

    def blob(self) -> bytes:
        """Read bytes with their length in front."""
        length = self.uint()
        end = self.position + length
        if end > len(self._data):
            raise MalformedFrame(
                f"{length} bytes are announced at byte {self.position}, "
                f"but only {len(self._data) - self.position} follow"
            )
        found = self._data[self.position : end]
        self.position = end
        return found

    def text(self) -> str:
        """Read UTF-8 text with its length in bytes in front."""
        raw = self.blob()
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise MalformedFrame(f"the text before byte {self.position} is not UTF-8") from None


def uint(number: int) -> bytes:
    """Write a number."""
    if number < _CONTINUES:
        return bytes((number,))
    written = bytearray()
    while number >= _CONTINUES:
        written.append(number & 0x7F | _CONTINUES)
        number >>= 7
    written.append(number)
    return bytes(written)


def blob(data: bytes) -> bytes:
    """Write bytes with their length in front."""
    return uint(len(data)) + data


def text(words: str) -> bytes:
    """Write a text; halves of surrogate pairs, which UTF-8 has not, become U+FFFD as in JavaScript."""
    try:
        return blob(words.encode())
    except UnicodeEncodeError:
        return blob(words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())


def split_address(address: str) -> tuple[str, str | None]:
    """Split an address into the document's name and the session, None where there is none (67)."""
    name, separator, session = address.partition("\0")
    return name, session if separator else None


# Frames ---------------------------------------------------------------------------------------------


class Frames:
    """Makes the frames for one address.

    Parameters
    ----------
    address
        The document's name, with NUL and the session where the client uses sessions.
    """

    __slots__ = ("_applied", "_prefix", "_refused", "address")

    def __init__(self, address: str) -> None:
        self.address = address
        self._prefix = prefix = text(address)
        self._applied = prefix + bytes((SYNC_STATUS, 1))
        self._refused = prefix + bytes((SYNC_STATUS, 0))

    def sync(self, step: int, body: bytes) -> bytes:
        """A state vector, the answer to one, or a change."""
        return self._prefix + bytes((SYNC, step)) + blob(body)

    def sync_status(self, applied: bool) -> bytes:
        """Whether a change was applied."""
        return self._applied if applied else self._refused

    def awareness(self, body: bytes) -> bytes:
        """Awareness entries as `encoded_awareness` makes them."""
        return self._prefix + bytes((AWARENESS,)) + blob(body)

    def query_awareness(self) -> bytes:
        """A question for everybody's awareness, which gets no answer (59)."""
        return self._prefix + bytes((QUERY_AWARENESS,))

    def token(self, token: str, version: str | None = None) -> bytes:
        """A client's token, with the version of its provider where it tells one."""
        body = text(token) + (b"" if version is None else text(version))
        return self._prefix + bytes((AUTH, TOKEN)) + body

    def token_request(self) -> bytes:
        """A question for the client's token."""
        return self._prefix + bytes((AUTH, TOKEN))

    def permission_denied(self, reason: str) -> bytes:
        """Why the client may not have the document."""
        return self._prefix + bytes((AUTH, PERMISSION_DENIED)) + text(reason)

    def authenticated(self, read_only: bool) -> bytes:
        """What the client may do with the document."""
        return self._prefix + bytes((AUTH, AUTHENTICATED)) + text("readonly" if read_only else "read-write")

    def stateless(self, payload: str) -> bytes:
        """A message that does not touch the document."""
        return self._prefix + bytes((STATELESS,)) + text(payload)

    def close(self, reason: str | None = None) -> bytes:
        """The end of a connection to a document; clients give no reason."""
        return self._prefix + bytes((CLOSE,)) + (b"" if reason is None else text(reason))


# Awareness ------------------------------------------------------------------------------------------


class AwarenessEntry(NamedTuple):
    """What one client says of itself.

    Attributes
    ----------
    client
        Its number, up to 53 bits.
    clock
        Grows with each entry of the client.
    state
        A JSON value; None: the client is gone.
    """

    client: int
    clock: int
    state: Any


def awareness_entries(data: bytes) -> list[AwarenessEntry]:
    """Read the entries of an awareness frame's body.

    Raises
    ------
    MalformedFrame
        Where they cannot be read, or a state is not JSON.
    """
    reader = Reader(data)
    entries = []
    for _ in range(reader.uint()):
        client, clock = reader.uint(), reader.uint()
        entries.append(AwarenessEntry(client, clock, _parsed(reader.text())))
    return entries


def encoded_awareness(entries: Iterable[AwarenessEntry]) -> bytes:
    """Write entries as the body of an awareness frame.

    Raises
    ------
    TypeError, ValueError
        For a state that JSON cannot express.
    """
    listed = [
        uint(client) + uint(clock) + text(json.dumps(state, separators=(",", ":"), allow_nan=False))
        for client, clock, state in entries
    ]
    return uint(len(listed)) + b"".join(listed)


def _parsed(words: str) -> Any:
    try:
        return json.loads(words, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedFrame(f"an awareness state is not JSON: {words[:80]!r}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
