"""What the stats say of hooks, and when they say that a number is too small."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.support import bench_with, boom
from workbench import Workbench
from workbench.widgets import figures as figures_module
from workbench.widgets.views.stats import BINS, ENOUGH, stats


@pytest.fixture(autouse=True)
def _fresh_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every view read the totals anew: tests do not wait for the tenth of a second."""
    monkeypatch.setattr(figures_module, "_FRESH", 0.0)


def quiet(peer: Any, message: Any) -> None:
    """Do nothing."""
    del peer, message


def busy(peer: Any, message: Any) -> None:
    """Work for a while."""
    del peer, message
    sum(range(20_000))


class Said:
    """A message."""

    def text(self) -> str:
        """What it says."""
        return "hi"


def fire(bench: Workbench, times: int) -> None:
    """Let messages arrive."""
    for _ in range(times):
        bench.board.plan("message").fire(1, None, Said())


def test_a_hook_with_few_samples_has_no_percentile() -> None:
    """Nineteen are too few, twenty are enough."""
    bench = bench_with(quiet)
    fire(bench, ENOUGH - 1)
    (row,) = stats(bench, {})["rows"]
    assert (row["samples"], row["p50_ns"], row["p99_ns"]) == (ENOUGH - 1, None, None)
    assert row["max_ns"] > 0
    fire(bench, 1)
    (row,) = stats(bench, {})["rows"]
    assert row["p50_ns"] <= row["p90_ns"] <= row["p95_ns"] <= row["p99_ns"] <= row["max_ns"]


def test_rows_are_ordered_by_the_time_that_hooks_took() -> None:
    """Shares add up to the whole, and the histogram to the samples."""
    bench = bench_with(quiet, busy)
    fire(bench, 30)
    rows = stats(bench, {})["rows"]
    assert [row["hook"] for row in rows] == ["busy", "quiet"]
    assert sum(row["share"] for row in rows) == pytest.approx(1, abs=0.01)
    assert [sum(row["histogram"]) for row in rows] == [30, 30]
    assert len(rows[0]["histogram"]) == len(BINS) + 1


def test_outcomes_are_counted() -> None:
    """Errors belong to the hook that raised; what came after it did not run."""
    bench = bench_with(boom, quiet)
    for _ in range(3):
        with pytest.raises(ValueError, match="hi"):
            fire(bench, 1)
    rows = {row["hook"]: row for row in stats(bench, {})["rows"]}
    assert (rows["boom"]["calls"], rows["boom"]["errors"]) == (3, 3)
    assert (rows["quiet"]["calls"], rows["quiet"]["samples"]) == (0, 0)
    assert rows["quiet"]["max_ns"] is None


def test_two_revisions_stand_side_by_side() -> None:
    """Each has the counts of its own events only."""
    bench = bench_with(quiet)
    fire(bench, 25)
    first = bench.revision
    bench.chain("message").replace("quiet", busy)
    fire(bench, 30)
    data = stats(bench, {"revision": bench.revision, "against": first})
    assert data["revisions"] == [bench.revision, first]
    assert [row["calls"] for row in data["rows"]] == [30]
    assert [row["calls"] for row in data["against"]] == [25]
    assert data["rows"][0]["p50_ns"] > data["against"][0]["p50_ns"]
    assert data["rows"][0]["hook_id"] == data["against"][0]["hook_id"]


def test_counts_are_exact_beyond_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Durations come from the newest events, and say from how many."""
    import sys

    monkeypatch.setattr(sys.modules["workbench.widgets.views.stats"], "SAMPLE", 25)
    bench = bench_with(quiet)
    fire(bench, 100)
    data = stats(bench, {})
    assert (data["sample"], data["total"]) == (25, 100)
    assert (data["rows"][0]["calls"], data["rows"][0]["samples"]) == (100, 25)


def test_a_bench_without_events_has_no_rows() -> None:
    """Nor any revision to compare."""
    data = stats(bench_with(quiet), {"against": 1})
    assert (data["rows"], data["against"], data["revisions"]) == ([], [], [])
