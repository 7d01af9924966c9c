"""When a view sends its next frame: never two unacknowledged ones, never more than the page can use.

A page says how much it looks at a view (focused, visible, hidden). Each view has a period for either; a frame
is built only when it can go out, from what is true at that moment, so a slow page gets fewer frames and never
a queue. A frame equal to the one before is not sent at all. Edits `urge` the views they touch: those go as
soon as the last frame is acknowledged.
"""

from __future__ import annotations

__all__ = ["BYTES_PER_SECOND", "FRAMES_PER_SECOND", "LOSSES", "LOST_AFTER", "PERIODS", "Pacer"]

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workbench.widgets.protocol import Message, frame, refused
from workbench.widgets.scheduling import Scheduler, Timer

PERIODS: Final[Mapping[str, tuple[float, float]]] = {
    "header": (0.25, 0.5),
    "chain": (0.25, 0.5),
    "events": (0.1, 0.5),
    "inspector": (0.25, 0.5),
    "console": (0.1, 0.5),
    "history": (0.25, 0.5),
    "faults": (0.25, 0.5),
    "breakpoints": (0.25, 0.5),
    "traffic": (0.25, 0.5),
    "timeline": (0.25, 0.5),
    "story": (0.25, 0.5),
    "stats": (1.0, 2.0),
    "lints": (2.0, 4.0),
    "documents": (0.25, 0.5),
    "source": (0.25, 0.5),
}
"""Seconds between two frames of a view: focused, visible. A hidden view has none."""

FRAMES_PER_SECOND: Final = 25
"""Frames of one face in any second, all views together."""

RESERVED: Final = 5
"""How many of them only urged views may use, so that an edit shows at once on a busy page."""

BYTES_PER_SECOND: Final = 300_000
"""Bytes of one face in the long run; a large frame makes those after it wait, urged ones excepted."""

LOST_AFTER: Final = 10.0
"""Seconds after which an unacknowledged frame is taken as lost."""

LOSSES: Final = 3
"""Lost frames in a row after which a face is left alone until it says something."""

_SECOND: Final = 1.0
_AFTER_FAILURE: Final = 1.0
_UNSENT: Final = object()

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watch:
    """One watched view."""

    view: str
    params: Mapping[str, Any]
    pace: str
    due: float
    urgent: bool = True
    number: int = 0
    outstanding: bool = False
    sent_at: float = 0.0
    last: object = _UNSENT
    lost: int = 0
    failure: str = ""

    @property
    def period(self) -> float:
        focused, visible = PERIODS[self.view]
        return focused if self.pace == "focused" else visible

    @property
    def silent(self) -> bool:
        return self.pace == "hidden" or self.lost >= LOSSES

    def next_time(self) -> float:
        """When something is to be done about this view, unless it is silent."""
        if self.outstanding:
            return self.sent_at + LOST_AFTER
        return 0.0 if self.urgent else self.due


class Pacer:
    """The frames of one face. All methods but `urge` belong to the scheduler's thread.

    Parameters
    ----------
    build
        Makes the data of a view from its name and parameters; may raise.
    send
        Carries a message to the face and returns its size in bytes; must not raise.
    scheduler
        The thread and clock in force.
    """

    def __init__(
        self,
        build: Callable[[str, Mapping[str, Any]], object],
        send: Callable[[Message], int],
        scheduler: Scheduler,
    ) -> None:
        self._build = build
        self._send = send
        self._scheduler = scheduler
        self._watches: dict[str, _Watch] = {}
        self._numbers: dict[str, int] = {}
        self._sent: deque[float] = deque()
        self._free_at = 0.0
        self._timer: Timer | None = None
        self._closed = False

    def watch(self, view: str, params: Mapping[str, Any], pace: str) -> None:
        """Begin to send a view, or change its parameters and pace.

        A frame follows at once; or, so that one alone is on its way, as soon as the last is acknowledged.
        """
        known, now = self._watches.get(view), self._scheduler.clock()
        watch = self._watches[view] = _Watch(view, params, pace, now, number=self._numbers.get(view, 0))
        if known is not None:
            watch.outstanding, watch.sent_at = known.outstanding, known.sent_at
        self._turn()

    def unwatch(self, view: str) -> None:
        """Stop sending a view; nothing happens when it was not watched."""
        self._watches.pop(view, None)

    def forget(self) -> None:
        """Stop sending every view."""
        self._watches.clear()

    def ack(self, view: str, number: int) -> None:
        """Take note that the page has drawn a frame; an old or unknown one changes nothing."""
        watch = self._watches.get(view)
        if watch is not None and watch.outstanding and number == watch.number:
            watch.outstanding, watch.lost = False, 0
            self._turn()

    def heard(self) -> None:
        """Take note that the face is alive: views given up for lost go on."""
        revived = [watch for watch in self._watches.values() if watch.lost >= LOSSES]
        for watch in revived:
            watch.lost, watch.outstanding, watch.urgent, watch.last = 0, False, True, _UNSENT
        if revived:
            self._turn()

    def urge(self, views: Iterable[str]) -> None:
        """Have some views sent as soon as possible; from any thread, cheap, takes no lock."""
        wanted = tuple(views)
        self._scheduler.call_soon(lambda: self._urged(wanted))

    def close(self) -> None:
        """Send nothing any more."""
        self._closed = True
        self._watches.clear()
        self._disarm()

    def _urged(self, views: tuple[str, ...]) -> None:
        for view in views:
            if view in self._watches:
                self._watches[view].urgent = True
        self._turn()

    def _turn(self) -> None:
        """Send what may be sent now, and come back when there is more to do."""
        if self._closed:
            return
        now = self._scheduler.clock()
        for watch in sorted(self._watches.values(), key=lambda watch: (not watch.urgent, watch.due)):
            if not watch.silent and watch.next_time() <= now:
                self._attend(watch, now)
        self._arm(now)

    def _attend(self, watch: _Watch, now: float) -> None:
        if watch.outstanding:  # for too long: the frame, or its acknowledgement, is lost
            watch.lost += 1
            if watch.silent:
                return
            watch.outstanding, watch.last = False, _UNSENT
        if self._may_send(now, urgent=watch.urgent):
            self._produce(watch, now)

    def _produce(self, watch: _Watch, now: float) -> None:
        watch.urgent, watch.due = False, now + watch.period
        try:
            data = self._build(watch.view, watch.params)
        except Exception as error:  # noqa: BLE001 - a view that fails must not take the other views with it
            self._failed(watch, now, error)
            return
        watch.failure = ""
        if data == watch.last:
            return
        watch.last, watch.outstanding, watch.sent_at = data, True, now
        watch.number = self._numbers[watch.view] = watch.number + 1
        self._sent.append(now)
        size = self._send(frame(watch.view, watch.number, data))
        self._free_at = max(self._free_at, now) + size / BYTES_PER_SECOND

    def _failed(self, watch: _Watch, now: float, error: Exception) -> None:
        watch.due = now + _AFTER_FAILURE
        text = f'The view "{watch.view}" could not be made: {type(error).__name__}: {error}'
        if text != watch.failure:
            watch.failure = text
            _log.warning(text, exc_info=error)
            self._send(refused(None, 0, text))

    def _may_send(self, now: float, *, urgent: bool) -> bool:
        while self._sent and self._sent[0] <= now - _SECOND:
            self._sent.popleft()
        if urgent:
            return len(self._sent) < FRAMES_PER_SECOND
        return len(self._sent) < FRAMES_PER_SECOND - RESERVED and self._free_at <= now

    def _arm(self, now: float) -> None:
        self._disarm()
        waiting = [watch for watch in self._watches.values() if not watch.silent]
        if waiting:
            first = min(waiting, key=lambda watch: (watch.next_time(), not watch.urgent))
            at = first.next_time()
            if at <= now:  # due but over the budget: when the bytes are paid for, or a frame's second is over
                paying = self._free_at > now and not first.urgent
                at = self._free_at if paying else self._sent[0] + _SECOND
            self._timer = self._scheduler.call_later(max(at - now, 0.001), self._turn)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
