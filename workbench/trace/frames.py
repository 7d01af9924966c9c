"""DataFrames of what was recorded: copies, made when somebody asks, with compact column types.

Names stand in categories, counts and durations in integers, moments in ``datetime64[ns]`` (UTC). A million
calls become a frame by a few look-ups in small tables, one per column, never by a loop over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from workbench.trace.connections import Connection
from workbench.trace.failures import Failure
from workbench.trace.moments import Moment
from workbench.trace.outcomes import OUTCOMES
from workbench.trace.output import Line

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Rows",
    "calls_frame",
    "category",
    "connections_frame",
    "dispatches_frame",
    "edits_frame",
    "errors_frame",
    "moments_frame",
    "printed_frame",
    "times",
]

Array = npt.NDArray[Any]
Dialect = Callable[[str], str]
"""Says which dialect a point belongs to."""


class Rows(Protocol):
    """What the recorder hands out: consistent copies of its records, and the tables that they point into."""

    @property
    def dispatches(self) -> Array:
        """Records with the fields of `workbench.trace.rows.DISPATCH`."""

    @property
    def calls(self) -> Array:
        """Records with the fields of `workbench.trace.rows.CALL`."""

    @property
    def plans(self) -> Sequence[Any]:
        """What the column `plan` points into."""

    @property
    def errors(self) -> Sequence[Any]:
        """What the column `error` points into: texts, or records with a `text`."""


def times(stamps: Array, epoch: int) -> Array:
    """Turn stamps of the performance counter into moments; 0 becomes "not a time".

    Parameters
    ----------
    stamps
        Nanoseconds of `time.perf_counter_ns`.
    epoch
        Nanoseconds since 1970 at which that counter stood at 0.
    """
    moments: Array = (stamps.astype("int64") + epoch).view("datetime64[ns]")
    never = stamps == 0
    if never.any():
        moments[never] = np.datetime64("NaT", "ns")
    return moments


def category(codes: Array, labels: Sequence[Any], table: Array | None = None) -> pd.Categorical:
    """Make a categorical column without looking at any text twice.

    Parameters
    ----------
    codes
        For each row the position in `labels` (or in `table`, where there is one); negative for none.
    labels
        The names; the same one may occur more than once. Those that no row uses do not become categories.
    table
        For each code the position in `labels`.
    """
    import pandas as pd

    if table is None:
        table = np.arange(len(labels))
    seen = np.zeros(len(table) + 1, dtype=bool)
    seen[codes] = True  # a code of -1 marks the spare last place
    numbers: dict[Any, int] = {}
    final = np.full(len(table) + 1, -1, dtype="int32")
    for place in np.flatnonzero(seen[:-1]):
        if table[place] >= 0:
            final[place] = numbers.setdefault(labels[table[place]], len(numbers))
    small = np.min_scalar_type(-max(len(numbers), 1))
    # Without any, the type is what Parquet gives back for them, whatever pandas calls text.
    names = pd.Index(list(numbers)) if numbers else pd.Index([], dtype=object)
    return pd.Categorical.from_codes(final.astype(small)[codes], categories=names)


class _Plans:
    """The plans of some rows as tables that a column is looked up in.

    Each plan has a block of slots, one per position: hooks that run come first, then the skipped ones.
    """

    def __init__(self, plans: Sequence[Any], dialect: Dialect) -> None:
        hooks = [hooks_of(plan) for plan in plans]
        self.points = [name_of(plan.point) for plan in plans]
        self.dialects = [dialect(point) for point in self.points]
        self.revisions = np.array([plan.revision for plan in plans], dtype="int32")
        self.first = np.cumsum([0, *map(len, hooks)])[:-1].astype("int32")
        flat = [hook for block in hooks for hook in block]
        self.names = [hook.name for hook in flat]
        self.ids = [hook.id for hook in flat]
        self.versions = np.array([hook.version for hook in flat], dtype="int32")


def hooks_of(plan: Any) -> list[Any]:
    return [*plan.hooks, *(entry[0] if isinstance(entry, tuple) else entry for entry in plan.skipped)]


def name_of(point: Any) -> str:
    name: str = point if isinstance(point, str) else point.name
    return name


def error_texts(errors: Iterable[Any]) -> list[str]:
    return [error if isinstance(error, str) else error.text for error in errors]


def _durations(start: Array, end: Array) -> Array:
    """End minus start, at least 1 where there is an end: a finished call took time, seen or not."""
    spent: Array = np.maximum(end - start, 1)
    spent[end == 0] = 0
    return spent


def _column(rows: Array, name: str) -> Array:
    """Copy a field out of the records: contiguous, and its own."""
    return np.array(rows[name], order="C")


def dispatches_frame(rows: Rows, epoch: int, dialect: Dialect) -> pd.DataFrame:
    """Make the frame of ``trace.dispatches``: one row per event at a point, in the order in which they began.

    Parameters
    ----------
    rows
        What was recorded.
    epoch
        See :func:`times`.
    dialect
        Names the dialect of a point.
    """
    import pandas as pd

    records = _ordered(rows.dispatches, "id")
    plan, start = _column(records, "plan"), _column(records, "start")
    tables = _Plans(rows.plans, dialect)
    return pd.DataFrame(
        {
            "dispatch": _column(records, "id"),
            "point": category(plan, tables.points),
            "dialect": category(plan, tables.dialects),
            "connection": _column(records, "connection"),
            "revision": tables.revisions[plan],
            "start": times(start, epoch),
            "duration_ns": _durations(start, records["end"]),
            "hooks": _column(records, "hooks"),
            "outcome": category(_column(records, "outcome"), OUTCOMES),
            "error": category(_column(records, "error"), error_texts(rows.errors)),
            "parent": _column(records, "parent"),
        },
        copy=False,
    )


def calls_frame(rows: Rows, epoch: int, dialect: Dialect) -> pd.DataFrame:
    """Make the frame of ``trace.calls``: one row per hook of each event, skipped ones too, in order.

    Parameters
    ----------
    rows, epoch, dialect
        As for :func:`dispatches_frame`.
    """
    import pandas as pd

    records = _ordered(rows.calls, "dispatch")
    tables = _Plans(rows.plans, dialect)
    plan, start = _column(records, "plan"), _column(records, "start")
    slot = tables.first[plan] + records["position"]
    return pd.DataFrame(
        {
            "dispatch": _column(records, "dispatch"),
            "position": _column(records, "position"),
            "hook": category(slot, tables.names),
            "hook_id": category(slot, tables.ids),
            "version": tables.versions[slot],
            "point": category(plan, tables.points),
            "dialect": category(plan, tables.dialects),
            "connection": of_dispatch(rows.dispatches, records["dispatch"], "connection"),
            "revision": tables.revisions[plan],
            "start": times(start, epoch),
            "duration_ns": _durations(start, records["end"]),
            "wait_ns": _column(records, "wait"),
            "outcome": category(_column(records, "outcome"), OUTCOMES),
            "error": category(_column(records, "error"), error_texts(rows.errors)),
        },
        copy=False,
    )


def _ordered(records: Array, name: str) -> Array:
    """Sort records by one field, keeping the order of equals; costs one comparison where they are sorted."""
    keys = records[name]
    if len(keys) < 2 or bool((keys[1:] >= keys[:-1]).all()):  # noqa: PLR2004 - one row is always sorted
        return records
    ordered: Array = records[np.argsort(keys, kind="stable")]
    return ordered


def of_dispatch(dispatches: Array, wanted: Array, name: str) -> Array:
    """Look up a field of the dispatches that some calls belong to."""
    records = _ordered(dispatches, "id")
    ids = _column(records, "id")
    if len(ids) and ids[-1] - ids[0] == len(ids) - 1:
        places = wanted - ids[0]  # no gaps: the usual case, and ten times faster
    else:
        places = np.searchsorted(ids, wanted)
    found: Array = _column(records, name)[places]
    return found


def connections_frame(rows: Sequence[Connection]) -> pd.DataFrame:
    """Make the frame of ``trace.connections``: one row per connection, in the order of opening."""
    import pandas as pd

    return pd.DataFrame(
        {
            "connection": _integers(row.index for row in rows),
            "dialect": _names(row.dialect for row in rows),
            "path": _names(row.path for row in rows),
            "remote": _names(row.remote for row in rows),
            "opened": _moments(row.opened for row in rows),
            "closed": _moments(row.closed for row in rows),
            "code": _integers((row.code for row in rows), "int32"),
            "reason": _names(row.reason for row in rows),
            "messages_in": _integers(row.messages_in for row in rows),
            "messages_out": _integers(row.messages_out for row in rows),
            "bytes_in": _integers(row.bytes_in for row in rows),
            "bytes_out": _integers(row.bytes_out for row in rows),
        },
        copy=False,
    )


def edits_frame(journal: Sequence[Any], names: Mapping[str, str]) -> pd.DataFrame:
    """Make the frame of ``trace.edits``: one row per edit of the board, oldest first.

    Parameters
    ----------
    journal
        The board's entries; their time is in seconds since 1970.
    names
        Names of hooks by their ids; a hook that is not among them is shown by its id.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "revision": _integers(entry.revision for entry in journal),
            "time": _moments(round(entry.time * 1e9) for entry in journal),
            "edit": _names(entry.kind for entry in journal),
            "hook": _names(names.get(entry.hook, entry.hook) for entry in journal),
            "hook_id": _names(entry.hook for entry in journal),
            "point": _names(entry.point for entry in journal),
            "author": _names(entry.author for entry in journal),
            "python": pd.Series([entry.python for entry in journal], dtype=str),
            "undone": np.fromiter((entry.undone for entry in journal), dtype=bool),
        },
        copy=False,
    )


def errors_frame(rows: Sequence[Failure]) -> pd.DataFrame:
    """Make the frame of ``trace.errors``: one row per error that escaped, oldest first."""
    import pandas as pd

    return pd.DataFrame(
        {
            "time": _moments(row.time for row in rows),
            "dispatch": _integers(row.dispatch for row in rows),
            "point": _names(row.point for row in rows),
            "hook": _names(row.hook for row in rows),
            "connection": _integers(row.connection for row in rows),
            "error": _names(row.error for row in rows),
            "traceback": pd.Series([row.traceback for row in rows], dtype=str),
        },
        copy=False,
    )


def moments_frame(rows: Sequence[Moment], epoch: int) -> pd.DataFrame:
    """Make the frame of ``trace.moments``: one row per moment, oldest first.

    Parameters
    ----------
    rows
        The moments.
    epoch
        See :func:`times`.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "time": _moments(row.stamp + epoch for row in rows),
            "dispatch": _integers(row.dispatch for row in rows),
            "connection": _integers(row.connection for row in rows),
            "kind": _names(row.kind for row in rows),
            "text": pd.Series([row.text for row in rows], dtype=str),
            "size": _integers(row.size for row in rows),
        },
        copy=False,
    )


def printed_frame(lines: Sequence[Line], hook_of: Callable[[int, int], str]) -> pd.DataFrame:
    """Make the frame of ``trace.printed``: one row per call and stream, in the order of their first text.

    Parameters
    ----------
    lines
        What was printed.
    hook_of
        Names the hook of a dispatch and position; empty where it is gone.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "dispatch": _integers(line.dispatch for line in lines),
            "position": _integers((line.position for line in lines), "int16"),
            "hook": _names(hook_of(line.dispatch, line.position) for line in lines),
            "stream": _names(line.stream for line in lines),
            "time": _moments(line.time for line in lines),
            "text": pd.Series([line.text for line in lines], dtype=str),
        },
        copy=False,
    )


def _integers(values: Iterable[int], dtype: str = "int64") -> Array:
    return np.fromiter(values, dtype=dtype)


def _moments(values: Iterable[int]) -> Array:
    """Nanoseconds since 1970 as moments; 0 becomes "not a time"."""
    return times(_integers(values), 0)


def _names(values: Iterable[str | None]) -> pd.Categorical:
    """A categorical column of texts; None becomes "missing"."""
    numbers: dict[str, int] = {}
    codes = [-1 if value is None else numbers.setdefault(value, len(numbers)) for value in values]
    return category(np.array(codes, dtype="int64"), list(numbers))
