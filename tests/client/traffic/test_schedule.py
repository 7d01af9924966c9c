"""When messages go out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.client.traffic.schedule import PATTERNS, times


@pytest.mark.parametrize("pattern", PATTERNS)
@given(rate=st.floats(0.5, 300), seconds=st.floats(0.1, 5), seed=st.integers(0, 99))
def test_times_ascend_within_the_run_and_the_seed_decides(
    pattern: str, rate: float, seconds: float, seed: int
) -> None:
    """Never before the beginning, never after the end, the same again for the same seed."""
    one = list(times(pattern, rate, seconds, seed))
    assert one == list(times(pattern, rate, seconds, seed))
    assert all(0 <= at < seconds + 1e-9 for at in one)
    assert all(before <= after for before, after in pairwise(one))


def test_each_pattern_has_its_shape() -> None:
    """Constant is even, a burst a second's worth at once, a ramp half as many, chance about as many."""
    assert list(times("constant", 4, 1, 0)) == [0, 0.25, 0.5, 0.75]
    assert list(times("burst", 3, 2, 0)) == [0, 0, 0, 1, 1, 1]
    ramp = list(times("ramp", 10, 2, 0))
    assert len(ramp) == 10
    assert ramp[1] - ramp[0] > ramp[-1] - ramp[-2]
    assert 800 < len(list(times("poisson", 100, 10, 1))) < 1200
