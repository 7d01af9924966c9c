"""Cron lines, and what is due when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.directus.schedules import BadCronLine, Cron, Scheduler

START = datetime(2026, 2, 27, 23, 59, 58, tzinfo=UTC)  # a Friday


def after(line: str, moment: datetime = START) -> str:
    """Give the next time of a line as text."""
    found = Cron(line).after(moment)
    return "never" if found is None else found.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("* * * * * *", "2026-02-27 23:59:59"),
        ("* * * * *", "2026-02-28 00:00:00"),
        ("*/15 * * * * *", "2026-02-28 00:00:00"),
        ("30 8 * * mon-fri", "2026-03-02 08:30:00"),
        ("0 0 1 jan *", "2027-01-01 00:00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00:00"),
        ("0 0 13 * 5", "2026-03-06 00:00:00"),
        ("0 12 * * 7", "2026-03-01 12:00:00"),
        ("5-10/5,40 3 * * *", "2026-02-28 03:05:00"),
        ("0 0 31 2 *", "never"),
    ],
)
def test_next_time(line: str, expected: str) -> None:
    """Fields are lists of numbers, names, ranges and steps; of two kinds of days either will do."""
    assert after(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not a cron line",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "1-x * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
    ],
)
def test_lines_that_cannot_be_read(line: str) -> None:
    """A line that is none is refused, with what was expected (R16)."""
    with pytest.raises(BadCronLine, match="cron line"):
        Cron(line)


MOMENTS = st.integers(0, 10**9).map(lambda seconds: START + timedelta(seconds=seconds))


@given(st.integers(0, 59), st.integers(0, 59), st.integers(0, 23), MOMENTS)
def test_the_next_time_comes_within_a_day_and_fits(
    second: int, minute: int, hour: int, moment: datetime
) -> None:
    """A daily line fits its fields, lies ahead, and no earlier time does."""
    found = Cron(f"{second} {minute} {hour} * * *").after(moment)
    assert found is not None
    assert (found.second, found.minute, found.hour) == (second, minute, hour)
    assert moment < found <= moment + timedelta(days=1)


def test_scheduler_calls_what_is_due_and_forgets_what_is_gone() -> None:
    """Lines that come while it runs are called, those that go are not, and after the end none."""

    async def scene() -> None:
        lines = {"* * * * * *"}
        called: list[str] = []
        scheduler = Scheduler(lambda: lines, called.append, asyncio.get_running_loop)
        scheduler.look()  # before the start: nothing
        scheduler.start()
        await asyncio.sleep(1.1)
        count = len(called)
        assert 1 <= count <= 2
        lines.clear()
        lines.add("no line")
        scheduler.look()
        await asyncio.sleep(1.1)
        assert len(called) == count
        lines.add("* * * * * *")
        scheduler.look()
        scheduler.stop()
        await asyncio.sleep(1.1)
        assert len(called) == count

    asyncio.run(scene())
