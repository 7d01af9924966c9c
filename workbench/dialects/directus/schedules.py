"""Cron lines, and the one timer that runs what is due (R16, R17)."""

from __future__ import annotations

__all__ = ["BadCronLine", "Cron", "Scheduler"]

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from workbench.engine.errors import WorkbenchError

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
)}  # fmt: skip
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("second", 0, 59, {}),
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_FARTHEST_DAYS = 366 * 5  # 29 February comes within that
_LONGEST_SLEEP = 3600.0  # clocks are set


class BadCronLine(WorkbenchError):
    """A text that is no cron line."""


class Cron:
    """A cron line of five fields, or six with seconds in front.

    Parameters
    ----------
    line
        Fields are ``*``, numbers, names of months and days, ranges ``1-5``, steps ``*/10`` and lists.

    Raises
    ------
    BadCronLine
        Says which field cannot be read.
    """

    def __init__(self, line: str) -> None:
        fields = str(line).split()
        if len(fields) == len(_FIELDS) - 1:
            fields = ["0", *fields]
        if len(fields) != len(_FIELDS):
            raise BadCronLine(f"A cron line has five fields, or six with seconds in front, not {line!r}")
        read = [_read(text, *field) for text, field in zip(fields, _FIELDS, strict=True)]
        self.seconds, self.minutes, self.hours, self.days, self.months, weekdays = read
        self.weekdays = frozenset(day % 7 for day in weekdays)
        self._any_day, self._any_weekday = fields[3] == "*", fields[5] == "*"

    def after(self, moment: datetime) -> datetime | None:
        """Give the next time that fits, to the second; None where none comes within five years."""
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
        for days in range(_FARTHEST_DAYS):
            day = moment if not days else (moment + timedelta(days=days)).replace(hour=0, minute=0, second=0)
            if self._on(day) and (found := self._in(day)) is not None:
                return found
        return None

    def _on(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        date, weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self._any_day or self._any_weekday:
            return date and weekday
        return date or weekday  # where both are given, either will do

    def _in(self, start: datetime) -> datetime | None:
        """Find the first time of a day, from its start on."""
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes) if hour >= start.hour else ():
                if (hour, minute) < (start.hour, start.minute):
                    continue
                same = (hour, minute) == (start.hour, start.minute)
                second = min((one for one in self.seconds if not same or one >= start.second), default=None)
                if second is not None:
                    return start.replace(hour=hour, minute=minute, second=second)
        return None


def _read(text: str, name: str, least: int, most: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        low = least if first == "*" else _number(first, name, names)
        high = _number(last, name, names) if dash else most if first == "*" or step else low
        pace = _number(step, name, {}) if "/" in part else 1
        if not least <= low <= high <= most or pace < 1:
            raise BadCronLine(f"The {name} of a cron line lies from {least} to {most}, not {text!r}")
        found.update(range(low, high + 1, pace))
    return frozenset(found)


def _number(text: str, name: str, names: dict[str, int]) -> int:
    known = names.get(text.lower())
    if known is not None:
        return known
    if not text.isdecimal():
        raise BadCronLine(f"The {name} of a cron line is a number, a range or *, not {text!r}")
    return int(text)


class Scheduler:
    """Calls what is due.

    Parameters
    ----------
    lines
        Gives the cron lines that there are hooks for.
    fire
        Is called with a line whose time has come.
    loop
        Gives the loop.
    """

    def __init__(
        self,
        lines: Callable[[], Iterable[str]],
        fire: Callable[[str], None],
        loop: Callable[[], asyncio.AbstractEventLoop],
    ) -> None:
        self._lines = lines
        self._fire = fire
        self._loop = loop
        self._due: dict[str, tuple[Cron, datetime]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._running = False

    def start(self) -> None:
        """Begin; on the loop."""
        self._running = True
        self.look()

    def stop(self) -> None:
        """End."""
        self._running = False
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self) -> None:
        """Look which lines there are now; called on the loop after edits."""
        if not self._running:
            return
        now = datetime.now().astimezone()
        lines = set(self._lines())
        for gone in self._due.keys() - lines:
            del self._due[gone]
        for line in lines - self._due.keys():
            self._plan(line, now)
        self._sleep(now)

    def _plan(self, line: str, now: datetime) -> None:
        try:
            cron = Cron(line)
        except BadCronLine:  # it was noted when the hook came (R16)
            return
        due = cron.after(now)
        if due is not None:
            self._due[line] = cron, due

    def _sleep(self, now: datetime) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            left = min((due - now).total_seconds() for _, due in self._due.values())
            self._timer = self._loop().call_later(min(max(left, 0), _LONGEST_SLEEP), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = datetime.now().astimezone()
        for line, (_, due) in list(self._due.items()):
            if due <= now:
                del self._due[line]
                self._plan(line, now)
                self._fire(line)
        self._sleep(datetime.now().astimezone())
