"""What hooks print: kept with the call that printed it, not shown under whichever cell ran last.

While a bench runs, stand-ins for ``sys.stdout`` and ``sys.stderr`` ask its recorder who is printing. A hook's
text goes to the bench's :class:`Printed`; everybody else's goes where it always went.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Capture", "Line", "OutputProxy", "Printed", "capture"]

Stream = Literal["stdout", "stderr"]
Caller = Callable[[], "tuple[int, int] | None"]
"""Says which dispatch and position is running here; None when no hook is."""

_CALL_LIMIT = 16 * 1024
_ENTRY_BYTES = 200


@dataclass(frozen=True, slots=True)
class Line:
    """What one call printed to one stream.

    Attributes
    ----------
    dispatch, position
        The call: id of the event, and position of the hook in its plan (-1 where that is unknown).
    stream
        ``stdout`` or ``stderr``.
    time
        When it printed first, in nanoseconds since 1970.
    text
        All of it, cut at 16384 characters with a note.
    """

    dispatch: int
    position: int
    stream: Stream
    time: int
    text: str


class _Entry:
    __slots__ = ("cut", "size", "texts", "time")

    def __init__(self) -> None:
        self.time = time.time_ns()
        self.texts: list[str] = []
        self.size = 0
        self.cut = 0

    def add(self, text: str) -> int:
        """Append what fits of `text`; return by how much the entry has grown."""
        room = _CALL_LIMIT - self.size
        self.cut += max(0, len(text) - room)
        text = text[:room]
        if text:
            self.texts.append(text)
        self.size += len(text)
        return len(text)

    def text(self) -> str:
        note = f"... (cut: {self.cut} more characters)\n" if self.cut else ""
        return "".join(self.texts) + note


class Printed:
    """Keeps what hooks printed, within bounds; beyond them the oldest calls' text goes.

    Parameters
    ----------
    calls
        How many calls' texts are kept, at most.
    memory
        Approximate bytes that are kept, at most.

    Attributes
    ----------
    dropped
        Calls whose text is gone for want of room.
    """

    def __init__(self, *, calls: int = 10_000, memory: int = 8 * 1024 * 1024) -> None:
        self.calls = calls
        self.memory = memory
        self.dropped = 0
        self._size = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[int, int, Stream], _Entry] = OrderedDict()

    def write(self, dispatch: int, position: int, stream: Stream, text: str) -> None:
        """Add a piece of text to what a call has printed."""
        key = (dispatch, position, stream)
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = _Entry()
                self._size += _ENTRY_BYTES
            self._size += entry.add(text)
            while len(self._entries) > 1 and (len(self._entries) > self.calls or self._size > self.memory):
                _, gone = self._entries.popitem(last=False)
                self._size -= gone.size + _ENTRY_BYTES
                self.dropped += 1

    def lines(self, dispatch: int | None = None) -> list[Line]:
        """Return what the calls of one event printed, or all calls', in the order in which they began to."""
        with self._lock:
            return [
                Line(*key, entry.time, entry.text())
                for key, entry in self._entries.items()
                if dispatch is None or key[0] == dispatch
            ]

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()
            self._size = self.dropped = 0


class Capture:
    """One bench's part in the capture, while it lasts; see :func:`capture`."""

    __slots__ = ("caller", "printed", "tee")

    def __init__(self, caller: Caller, printed: Printed, tee: bool) -> None:
        self.caller = caller
        self.printed = printed
        self.tee = tee

    def stop(self) -> None:
        """End it; the second time does nothing."""
        with _lock:
            if self in _captures:
                _captures.remove(self)
            if not _captures:
                _restore("stdout")
                _restore("stderr")


_lock = threading.Lock()
_captures: list[Capture] = []


def capture(caller: Caller, printed: Printed, *, tee: bool = False) -> Capture:
    """Begin to keep what hooks print.

    Parameters
    ----------
    caller
        Says which call is running at this place: the recorder's ``current_call``. May not print.
    printed
        Gets the text.
    tee
        Also let the text go where it would have gone, as a server on a terminal should.

    Returns
    -------
    Capture
        Call its `stop` when the bench stops. With the last one, the stand-ins go too, unless somebody has
        put something in their place since; what they still hold then passes straight through.
    """
    started = Capture(caller, printed, tee)
    with _lock:
        _captures.append(started)
        _install("stdout")
        _install("stderr")
    return started


def _install(name: Stream) -> None:
    stream = getattr(sys, name)
    if stream is not None and type(stream) is not OutputProxy:
        setattr(sys, name, OutputProxy(stream, name))


def _restore(name: Stream) -> None:
    while type(getattr(sys, name)) is OutputProxy:
        setattr(sys, name, getattr(sys, name).wrapped)


_OWN = frozenset({"write", "writelines"})


class OutputProxy:
    """Stands in for a text stream and keeps what hooks write; in all else it is that stream.

    Parameters
    ----------
    wrapped
        The stream it stands in for: a terminal's, ipykernel's, pytest's, or another stand-in.
    name
        Which of the two it is.
    """

    wrapped: Any
    _name: Stream

    def __init__(self, wrapped: Any, name: Stream) -> None:
        object.__setattr__(self, "wrapped", wrapped)
        object.__setattr__(self, "_name", name)

    def write(self, text: str) -> int:
        """Keep the text if a hook writes it, else pass it on."""
        for started in _captures:
            call = started.caller()
            if call is not None:
                started.printed.write(*call, self._name, text)
                if not started.tee:
                    return len(text)
                break
        written: int = self.wrapped.write(text)
        return written

    def writelines(self, lines: Any) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    # The rest is the wrapped stream's: ipykernel sets attributes on its own, and others ask for its class.

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)

    # But IPython puts a `write` of its own around the present one while a cell runs: handed to the wrapped
    # stream, that one would call this one, and this one that one, without end.

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self.wrapped, name, value)

    def __delattr__(self, name: str) -> None:
        if name in _OWN:
            object.__delattr__(self, name)
        else:
            delattr(self.wrapped, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The wrapped stream's class, for those who test with `isinstance`."""
        return type(self.wrapped)

    def __iter__(self) -> Any:
        return iter(self.wrapped)

    def __enter__(self) -> Any:
        self.wrapped.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> Any:
        return self.wrapped.__exit__(*exc_info)

    def __repr__(self) -> str:
        return f"<{self._name} with hooks' text kept apart, of {self.wrapped!r}>"
