"""Rates and sparks from growing totals."""

from __future__ import annotations

from workbench.testing import FakeClock
from workbench.widgets.figures import SPARK_SECONDS, Figures, HookFigures, Meter


class Totals:
    """A recorder's totals that a test sets."""

    def __init__(self) -> None:
        self.calls = 0
        self.reads = 0

    def __call__(self) -> Figures:
        """Read them."""
        self.reads += 1
        return Figures(hooks={"h1": HookFigures(calls=self.calls)}, events=self.calls)


def meter() -> tuple[Totals, FakeClock, Meter]:
    """Make a meter over totals and a clock that the test drives."""
    totals, clock = Totals(), FakeClock(100.0)
    return totals, clock, Meter(totals, clock)


def test_a_spark_has_the_calls_of_each_second() -> None:
    """The newest second is last; older ones move out to the left."""
    totals, clock, made = meter()
    for calls in (3, 5, 0):
        clock.advance(1.0)
        totals.calls += calls
        spark = made.figures().spark("h1")
    assert spark == [0] * (SPARK_SECONDS - 3) + [3, 5, 0]
    clock.advance(60.0)
    assert made.figures().spark("h1") == [0] * SPARK_SECONDS


def test_what_happened_unwatched_is_spread_over_its_time() -> None:
    """Calls of a time in which nobody looked are shared among its seconds, and none is lost."""
    totals, clock, made = meter()
    clock.advance(4.0)
    totals.calls += 10
    assert made.figures().spark("h1")[-4:] == [2, 2, 2, 4]


def test_the_rate_is_that_of_the_last_two_seconds() -> None:
    """Events per second rise and fall with what happens."""
    totals, clock, made = meter()
    assert made.figures().rate == 0.0
    for _ in range(8):
        clock.advance(0.5)
        totals.calls += 50
        rate = made.figures().rate
    assert rate == 100.0
    for _ in range(6):
        clock.advance(0.5)
        rate = made.figures().rate
    assert rate == 0.0


def test_a_cleared_trace_starts_from_nothing() -> None:
    """Totals that fall do not make negative rates or bars."""
    totals, clock, made = meter()
    clock.advance(1.0)
    totals.calls = 100
    made.figures()
    clock.advance(1.0)
    totals.calls = 1
    now = made.figures()
    assert now.rate >= 0.0
    assert min(now.spark("h1")) >= 0


def test_totals_are_read_at_most_ten_times_a_second() -> None:
    """Several faces that ask at the same time share one reading."""
    totals, clock, made = meter()
    clock.advance(1.0)
    first = made.figures()
    assert made.figures() is first
    assert totals.reads == 2
    assert first.of("never").calls == 0
    assert first.spark("never") == [0] * SPARK_SECONDS
