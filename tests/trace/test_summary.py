"""What workbench.trace.summary promises."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.trace.frames import calls_frame
from workbench.trace.summary import GROUPS, UnknownGroup, summary_frame


def _calls(rows: Any) -> Any:
    return calls_frame(rows, 0, lambda _: "crossws")


def _fill(rows: Any) -> Any:
    """A hundred calls of slow (10 to 1000 ns), ten of quick (1 ns, two raised); one skipped, one pending."""
    plan = rows.plan("message", "slow", "quick")
    for number in range(1, 101):
        rows.dispatch(plan, 1, 1 + number * 10, [(0, 1, 1 + number * 10, "ok")], connection=1)
    for number in range(10):
        how = "raised" if number < 2 else "ok"
        rows.dispatch(plan, 1, 2, [(1, 1, 2, how)], connection=2, error="ValueError: bad")
    rows.dispatch(plan, 1, 2, [(0, 1, 0, "pending"), (1, 0, 0, "skipped")])
    return _calls(rows)


def test_each_group_is_a_row(rows: Any) -> None:
    """Counts, errors, share of time and percentiles, the most expensive group first."""
    frame = summary_frame(_fill(rows))

    assert list(frame.columns) == ["hook", "calls", "errors", "share", "p50", "p90", "p95", "p99", "max"]
    slow, quick = frame.to_dict("records")
    assert slow == {
        "hook": "slow",
        "calls": 100,
        "errors": 0,
        "share": pytest.approx(50500 / 50510),
        "p50": 505,
        "p90": 901,
        "p95": 950,  # 950.5, to the even
        "p99": 990,
        "max": 1000,
    }
    assert (quick["hook"], quick["calls"], quick["errors"], quick["p50"], quick["max"]) == (
        "quick",
        10,
        2,
        1,
        1,
    )


def test_percentiles_are_those_of_pandas(rows: Any) -> None:
    """Interpolated as `Series.quantile` does."""
    calls = _fill(rows)
    ran = calls[calls["outcome"].isin(["ok", "raised"])]
    expected = ran.groupby("hook", observed=True)["duration_ns"].quantile(0.95).round().astype("int64")

    frame = summary_frame(calls).set_index("hook")

    assert frame["p95"].to_dict() == expected.to_dict()


@pytest.mark.parametrize("by", GROUPS)
def test_every_choice_adds_up(rows: Any, by: str) -> None:
    """Whatever the groups, all calls that ran are counted once, and the shares add up to all."""
    frame = summary_frame(_fill(rows), by)

    assert frame.columns[0] == by
    assert frame["calls"].sum() == 110
    assert frame["errors"].sum() == 2
    assert frame["share"].sum() == pytest.approx(1)


def test_numbers_stay_numbers(rows: Any) -> None:
    """A summary by connection has integers in its first column."""
    frame = summary_frame(_fill(rows), "connection")
    assert frame["connection"].tolist() == [1, 2]
    assert frame["connection"].dtype.kind == "i"


def test_nothing_recorded_gives_an_empty_frame(rows: Any) -> None:
    """The columns are there even so."""
    for by in GROUPS:
        frame = summary_frame(_calls(rows), by)
        assert len(frame) == 0
        assert list(frame.columns)[:4] == [by, "calls", "errors", "share"]


def test_a_wrong_choice_is_refused_with_the_choices(rows: Any) -> None:
    """One sentence says what there is, and what came."""
    with pytest.raises(UnknownGroup, match=r"by hook, hook_id, point, .* or dispatch; got 'hok'"):
        summary_frame(_calls(rows), "hok")
