"""Servers that last as long as a block."""

from __future__ import annotations

import pytest

from workbench import Workbench
from workbench.testing import serving


def test_a_bench_is_stopped_whatever_happens() -> None:
    """An error in the block does not leave a server behind; the port is one for tests."""
    bench = Workbench("crossws", name="short-lived")

    def fail(served: Workbench) -> None:
        assert served is bench
        assert 20_000 <= (bench.port or 0) < 32_000
        raise KeyError

    with pytest.raises(KeyError), serving(bench) as served:
        fail(served)
    assert not bench.running


def test_a_bench_that_runs_is_left_running() -> None:
    """Who started it stops it."""
    with Workbench("crossws", name="long-lived") as bench:
        with serving(bench):
            assert bench.running
        assert bench.running
