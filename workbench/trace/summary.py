"""Counts and percentiles of the recorded calls, grouped by whatever one column of them says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.errors import WorkbenchError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GROUPS", "PERCENTILES", "UnknownGroup", "summary_frame"]

GROUPS = ("hook", "hook_id", "point", "dialect", "connection", "revision", "version", "outcome", "dispatch")
"""What a summary can be taken by."""

PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "max": 1.0}
"""Columns of durations, and the share of calls that took no longer."""


class UnknownGroup(WorkbenchError):
    """A summary was asked for by something that calls do not have."""


def summary_frame(calls: pd.DataFrame, by: str = "hook") -> pd.DataFrame:
    """Make the frame of ``trace.summary``: one row per group, the one that took most of the time first.

    Calls that were skipped, and those that have not ended, count nowhere.

    Parameters
    ----------
    calls
        The frame of ``trace.calls``.
    by
        Column to group by: one of `GROUPS`.

    Returns
    -------
    pandas.DataFrame
        `calls` and `errors` (calls that raised) are counts, `share` is the group's part of the time of all
        calls (0 to 1), ``p50`` to ``max`` are nanoseconds; percentiles between two calls are interpolated.

    Raises
    ------
    UnknownGroup
        `by` is not in `GROUPS`.
    """
    if by not in GROUPS:
        raise UnknownGroup(f"A summary can be taken by {', '.join(GROUPS[:-1])} or {GROUPS[-1]}; got {by!r}.")
    ran = ~calls["outcome"].isin(["skipped", "pending"]).to_numpy()
    keys, names = _groups(calls[by])
    keys = keys[ran]
    spent = calls["duration_ns"].to_numpy()[ran]
    order = np.lexsort((spent, keys))
    keys, spent = keys[order], spent[order]
    raised = (calls["outcome"] == "raised").to_numpy()[ran][order]
    return _rows(by, names, keys, spent, raised)


def _groups(column: pd.Series[Any]) -> tuple[Any, Any]:
    """Number the groups; return each row's number and each number's name."""
    if str(column.dtype) == "category":
        return column.cat.codes.to_numpy(), column.cat.categories
    import pandas as pd

    return pd.factorize(column)


def _rows(by: str, names: Any, keys: Any, spent: Any, raised: Any) -> pd.DataFrame:
    import pandas as pd

    groups, first, calls = np.unique(keys, return_index=True, return_counts=True)
    time = np.add.reduceat(spent, first) if len(first) else np.zeros(0, dtype="int64")
    columns: dict[str, Any] = {
        by: _named(names, groups),
        "calls": calls.astype("int64"),
        "errors": np.bincount(keys[raised], minlength=len(names))[groups],
        "share": time / max(int(time.sum()), 1),
    }
    for name, part in PERCENTILES.items():
        columns[name] = _percentile(spent, first, calls, part)
    frame = pd.DataFrame(columns)
    return frame.iloc[np.argsort(-time, kind="stable")].reset_index(drop=True)


def _named(names: Any, groups: Any) -> Any:
    import pandas as pd

    chosen = names[groups]
    return chosen if chosen.dtype.kind in "iu" else pd.Categorical(chosen)


def _percentile(spent: Any, first: Any, calls: Any, part: float) -> Any:
    """Take a percentile of each group of sorted durations, interpolating between two calls."""
    place = part * (calls - 1)
    below = np.floor(place).astype("int64")
    above = np.minimum(below + 1, calls - 1)
    low, high = spent[first + below], spent[first + above]
    return np.rint(low + (high - low) * (place - below)).astype("int64")
