"""Moments: what happened beside the hooks' calls, such as an answer sent, a row written or a fault injected.

A dispatch's record says what its hooks did; a moment says what the system around them did, and when. The ring
is bounded and says how much is gone.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any, Final

from workbench.trace.connections import NO_CONNECTION

__all__ = [
    "DATA_KEPT",
    "DATA_LIMIT",
    "FAULT",
    "HELD",
    "KINDS",
    "SENT",
    "STAGE",
    "TEXT_LIMIT",
    "Moment",
    "Moments",
]

KINDS: Final = ("sent", "stage", "fault", "held")
"""Something sent to a client; a step of the system; an injected fault; an event held by a breakpoint."""

SENT, STAGE, FAULT, HELD = KINDS

TEXT_LIMIT: Final = 500
"""Characters of a moment's text that are kept."""

DATA_LIMIT: Final = 2048
"""Characters, or bytes, of what was sent that are kept."""

DATA_KEPT: Final = 100
"""How many of the newest moments have what was sent, beside those of events that were snapshotted.

Answers that are kept are out of the processor's caches when they go: to keep ten thousand of them cost a
server that answers 10,000 times a second a seventh of its time, and five hundred a sixtieth.
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened.

    Attributes
    ----------
    number
        Counts from 0 over all moments of a recorder.
    stamp
        When, on the recorder's clock, ns.
    kind
        One of `KINDS`.
    text
        What, in a few words for people.
    dispatch, connection
        Where it belongs to, -1 for none.
    data
        The beginning of what was sent, None where nothing was or it is no longer kept.
    size
        Length of all that was sent, in characters or bytes; 0 without data.
    """

    number: int
    stamp: int
    kind: str
    text: str
    dispatch: int
    connection: int
    data: str | bytes | None = None
    size: int = 0


class Moments:
    """The newest moments.

    Parameters
    ----------
    clock
        Gives stamps in ns.
    limit
        How many are kept, at most; beyond it the oldest go.

    Attributes
    ----------
    lasts
        Tells of an event whether what it sent is kept as long as the moment itself.
    """

    __slots__ = ("_cleared", "_clock", "_data", "_ended", "_kept", "_limit", "_number", "_numbers", "lasts")

    def __init__(self, clock: Callable[[], int], limit: int = 10_000) -> None:
        self._clock = clock
        self._limit = limit
        self._kept: deque[tuple[Any, ...]] = deque(maxlen=limit)
        self._data: deque[tuple[int, str | bytes]] = deque(maxlen=DATA_KEPT)
        self._ended: OrderedDict[int, str] = OrderedDict()
        self.lasts: Callable[[int], bool] = lambda _dispatch: False
        self._numbers = count()
        self._number = self._numbers.__next__
        self._cleared = 0  # number of the first moment since the last clear

    def add(
        self,
        kind: str,
        text: str,
        dispatch: int = -1,
        connection: int = NO_CONNECTION,
        data: str | bytes | None = None,
    ) -> None:
        """Note a moment; see `Moment` for the parameters."""
        number, size = self._number(), 0
        if data is not None:
            size = len(data)
            if size > DATA_LIMIT:
                data = data[:DATA_LIMIT]
            if not self.lasts(dispatch):
                self._data.append((number, data))
                data = None
        if len(text) > TEXT_LIMIT:
            text = text[:TEXT_LIMIT]
        self._kept.append((number, self._clock(), kind, text, dispatch, connection, data, size))

    def end(self, dispatch: int, how: str) -> None:
        """Note of an event that no hook ended who did; beside the moment that says so, and for longer.

        Parameters
        ----------
        dispatch
            The event.
        how
            Who ended it and where, in a few words: "dropped by hand at the breakpoint before hook shout".
        """
        self._ended[dispatch] = how
        if len(self._ended) > self._limit:
            self._ended.popitem(last=False)

    def ended(self, dispatch: int) -> str | None:
        """Say who ended an event that no hook ended, as it was noted; None where nobody did."""
        return self._ended.get(dispatch)

    @property
    def total(self) -> int:
        """How many there were since the moments were cleared."""
        return int(repr(self._numbers)[len("count(") : -1]) - self._cleared

    @property
    def dropped(self) -> int:
        """How many of them are gone for want of room."""
        return max(self.total - len(self._kept), 0)

    def rows(self, dispatches: frozenset[int] | None = None) -> list[Moment]:
        """Return the moments that are kept, oldest first.

        Parameters
        ----------
        dispatches
            Only those of these events; None for all.
        """
        kept = list(self._kept)  # one step for all threads
        if dispatches is not None:
            kept = [fields for fields in kept if fields[4] in dispatches]
        return sorted(self._told(kept), key=lambda moment: moment.stamp)

    def newest(self, limit: int) -> list[Moment]:
        """Return the newest moments, newest first.

        Parameters
        ----------
        limit
            How many, at most.
        """
        return self._told(list(islice(reversed(self._kept.copy()), limit)))

    def _told(self, kept: list[tuple[Any, ...]]) -> list[Moment]:
        newest = dict(self._data.copy())
        told = [Moment(*fields) for fields in kept]
        return [
            replace(moment, data=newest.get(moment.number)) if moment.size and moment.data is None else moment
            for moment in told
        ]

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget all."""
        self._cleared += self.total
        self._kept.clear()
        self._data.clear()
        self._ended.clear()
