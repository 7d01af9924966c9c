"""The clock that moves when it is told to."""

from __future__ import annotations

import pytest

from workbench.testing import FakeClock


def test_time_passes_only_when_told() -> None:
    """Two looks tell the same time; an advance moves it exactly."""
    clock = FakeClock(100.0)

    assert clock() == clock() == 100.0
    clock.advance(0.25)
    assert (clock(), clock.ns()) == (100.25, 100_250_000_000)


def test_a_clock_does_not_go_back() -> None:
    """A negative advance is refused."""
    with pytest.raises(ValueError, match="does not go back"):
        FakeClock().advance(-1)
