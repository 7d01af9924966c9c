"""The errors that a hook system lets escape: kept with the frames that a user can do something about."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workbench.engine.errors import Told, is_near, near
from workbench.engine.templates import ROAD
from workbench.trace.connections import NO_CONNECTION

__all__ = ["Failure", "Failures", "call_of", "is_ours", "mark_call", "one_line", "user_traceback"]

_PACKAGE = str(Path(__file__).resolve().parent.parent) + os.sep
_MARK = "__workbench_call__"
_LINE_LIMIT = 300
_TEXT_LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """One error that no hook and no policy took care of.

    Attributes
    ----------
    time
        Nanoseconds since 1970.
    dispatch
        Id of the event in which it was raised; -1 where there is none.
    point, hook
        Where it was raised; empty where that is unknown.
    connection
        Index of the connection; -1 where there is none.
    error
        Its class and message in one line.
    traceback
        The user's frames, as Python prints them.
    """

    time: int
    dispatch: int
    point: str
    hook: str
    connection: int
    error: str
    traceback: str


class Failures:
    """A bounded list of failures; beyond the limit the oldest go.

    Parameters
    ----------
    limit
        How many are kept.

    Attributes
    ----------
    total
        How many there ever were.
    dropped
        How many of them are gone for want of room.
    """

    def __init__(self, *, limit: int = 1_000) -> None:
        self.limit = limit
        self.total = 0
        self.dropped = 0
        self._lock = threading.Lock()
        self._rows: deque[Failure] = deque()

    def add(
        self,
        error: BaseException,
        *,
        point: str = "",
        hook: str = "",
        connection: int = NO_CONNECTION,
        dispatch: int = -1,
    ) -> Failure:
        """Note an error. Only texts are kept of it, so its frames and what they hold can go.

        Parameters
        ----------
        error
            What was raised.
        point, hook, connection, dispatch
            Where, as far as that is known. An error that a traced hook raised knows dispatch and hook itself.
        """
        marked = call_of(error)
        dispatch = marked[0] if dispatch < 0 else dispatch
        hook = hook or marked[1]
        row = Failure(
            time.time_ns(),
            dispatch,
            point,
            hook,
            max(connection, NO_CONNECTION) or NO_CONNECTION,  # 0 is nobody's number either
            one_line(error),
            user_traceback(error),
        )
        with self._lock:
            self._rows.append(row)
            self.total += 1
            while len(self._rows) > self.limit:
                self._rows.popleft()
                self.dropped += 1
        return row

    def rows(self) -> list[Failure]:
        """Return all that are kept, oldest first."""
        with self._lock:
            return list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._rows.clear()
            self.total = self.dropped = 0


def mark_call(error: BaseException, dispatch: int, hook: str) -> None:
    """Note on an error in which call it was raised; an error that takes no attributes stays unmarked."""
    with contextlib.suppress(Exception):
        error.__dict__[_MARK] = (dispatch, hook)


def call_of(error: BaseException) -> tuple[int, str]:
    """Return dispatch and hook that :func:`mark_call` noted; -1 and an empty name where it noted nothing."""
    marked: tuple[int, str] = getattr(error, "__dict__", {}).get(_MARK, (-1, ""))
    return marked


def one_line(error: BaseException) -> str:
    """Say an error in one line, such as ``ValueError: bad``; at most 300 characters."""
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - an error that cannot be printed is still an error to show
        return f"{name}: <no text>"
    first = next((line for line in message.splitlines() if line.strip()), "").strip() + _near(error, message)
    line = f"{name}: {first}" if first else name
    return line if len(line) <= _LINE_LIMIT else line[: _LINE_LIMIT - 3] + "..."


def _near(error: BaseException, message: str) -> str:
    """Say which member was meant, as Python does where it prints an error; mostly `raw_data` by `rawData`."""
    if not isinstance(error, AttributeError):
        return ""
    kind: object = type(error.obj)
    plain = message == f"{type(error.obj).__name__!r} object has no attribute {error.name!r}"
    return _near_member(kind, str(error.name)) if plain else ""


@lru_cache(maxsize=256)  # a hook that is wrong is wrong for each message
def _near_member(kind: object, wanted: str) -> str:
    fields = getattr(kind, "__dataclass_fields__", ())
    known = [name for name in {*dir(kind), *fields} if not name.startswith("_")]
    return near(wanted, known) if is_near(wanted, known) else ""


def user_traceback(error: BaseException) -> str:
    """Return the traceback without this package's own frames, of the error and of those that led to it.

    Where there are no other frames, the package's own are shown, but for an error that is meant to be read by
    users, such as what a fault injects: its sentence says it all.
    The lines are looked up now: the text of a cell may be another one when somebody reads this.
    """
    told = traceback.TracebackException.from_exception(error)
    _cut(told, set())
    if isinstance(error, Told) and all(is_ours(frame.filename) for frame in told.stack):
        told.stack = traceback.StackSummary()
    text = "".join(told.format())
    return text if len(text) <= _TEXT_LIMIT else f"{text[:_TEXT_LIMIT]}\n... (cut)\n"


def _cut(told: traceback.TracebackException | None, seen: set[int]) -> None:
    if told is None or id(told) in seen:
        return
    seen.add(id(told))
    kept = [frame for frame in told.stack if not is_ours(frame.filename)]
    if kept:  # without any, the error is the workbench's own, and all of them are needed
        told.stack = traceback.StackSummary.from_list(kept)
    _cut(told.__cause__, seen)
    _cut(told.__context__, seen)
    for inner in told.exceptions or ():  # of an ExceptionGroup
        _cut(inner, seen)


def is_ours(filename: str) -> bool:
    """Whether a frame's file is one of this package, or was written by it."""
    return filename.startswith((_PACKAGE, ROAD))
