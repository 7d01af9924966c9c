"""The stats: what each hook did and how long it took; two revisions side by side."""

from __future__ import annotations

__all__ = ["BINS", "ENOUGH", "SAMPLE", "stats"]

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.trace.outcomes import OUTCOMES, PENDING, SKIPPED
from workbench.widgets.figures import ENOUGH, figures
from workbench.widgets.records import newest
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.trace.recorder import Rows

SAMPLE: Final = 20_000
"""Newest events from which durations are taken; counts since the start are exact."""

BINS: Final = tuple(round(10 ** (exponent / 3)) for exponent in range(9, 31))
"""Edges of the histogram in ns, three a decade, from 1 us to 10 s."""

_PERCENTILES: Final = {"p50_ns": 50, "p90_ns": 90, "p95_ns": 95, "p99_ns": 99}
_ROWS: Final = 200
_REVISIONS: Final = 50

Array = npt.NDArray[Any]


def stats(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row for each hook that ran, the one that took most of the time first.

    Parameters
    ----------
    bench
        The bench.
    params
        ``revision``: only events that began at it, and nothing else's counts; ``against``: another revision
        to compare with. Without a revision, counts are exact since the trace began.

    Returns
    -------
    dict
        ``rows`` and, where asked for, ``against``, both by hook; ``sample``: from how many events durations
        were taken; ``revisions``: those that occur among them, newest first.
    """
    rows = newest(bench, SAMPLE).rows
    revisions = np.array([plan.revision for plan in rows.plans], np.int64)
    revision, against = params.get("revision"), params.get("against")
    made = _measured(rows, None if revision is None else revisions == revision)
    if revision is None:
        _count_exactly(bench, made)
    return {
        "rows": _ordered(made.values()),
        "against": None if against is None else _ordered(_measured(rows, revisions == against).values()),
        "revision": revision,
        "revisions": sorted(set(revisions.tolist()), reverse=True)[:_REVISIONS],
        "sample": len(rows.dispatches),
        "total": figures(bench).events,
        "bins": list(BINS),
        "enough": ENOUGH,
    }


def _measured(rows: Rows, plans: Array | None) -> dict[str, dict[str, Any]]:
    """Measure the hooks of some plans, by hook id."""
    calls = rows.calls
    if plans is not None:
        calls = calls[plans[calls["plan"]]]
    first = np.cumsum([0, *(len(plan.hooks) for plan in rows.plans)])
    hooks = [hook for plan in rows.plans for hook in plan.hooks]
    points = [plan.point.name for plan in rows.plans for _ in plan.hooks]
    numbers: dict[str, int] = {}
    slots = np.array([numbers.setdefault(hook.id, len(numbers)) for hook in hooks], np.int64)
    names = {hook.id: (hook.name, point) for hook, point in zip(hooks, points, strict=True)}
    if not len(calls):
        return {}
    of = slots[first[calls["plan"]] + calls["position"]]
    table = np.zeros((len(numbers), len(OUTCOMES)), np.int64)
    np.add.at(table, (of, calls["outcome"]), 1)
    ran = (calls["outcome"] != SKIPPED) & (calls["outcome"] != PENDING)
    spent = (calls["end"] - calls["start"])[ran]
    waited = calls["wait"][ran]
    made = {}
    for id_, number in numbers.items():
        mine = of[ran] == number
        if table[number].any():
            made[id_] = _row(id_, *names[id_], table[number], spent[mine], int(waited[mine].sum()))
    return made


def _row(id_: str, hook: str, point: str, outcomes: Array, spent: Array, waited: int) -> dict[str, Any]:
    counts = dict(zip(OUTCOMES, outcomes.tolist(), strict=True))
    enough = len(spent) >= ENOUGH
    cut = np.percentile(spent, list(_PERCENTILES.values())) if enough else [None] * len(_PERCENTILES)
    return {
        "hook_id": id_,
        "hook": visible(hook, 200),
        "point": visible(point, 200),
        "calls": int(outcomes.sum() - counts["skipped"] - counts["pending"]),
        "errors": counts["raised"],
        "changed": counts["changed"],
        "stopped": counts["stopped"],
        "pending": counts["pending"],
        "time_ns": int(spent.sum()),
        "wait_ns": waited,
        "share": 0.0,
        "samples": len(spent),
        "max_ns": int(spent.max()) if len(spent) else None,
        **{name: None if one is None else int(one) for name, one in zip(_PERCENTILES, cut, strict=True)},
        "histogram": np.bincount(np.searchsorted(BINS, spent, "right"), minlength=len(BINS) + 1).tolist(),
    }


def _count_exactly(bench: Workbench, made: Mapping[str, dict[str, Any]]) -> None:
    """Put the running totals in the place of the sample's counts."""
    now = figures(bench)
    for id_, row in made.items():
        total = now.of(id_)
        if total.calls > row["calls"]:
            row |= {
                "calls": total.calls,
                "errors": total.errors,
                "changed": total.changed,
                "stopped": total.stopped,
            }


def _ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(rows, key=lambda row: -row["time_ns"])
    whole = max(sum(row["time_ns"] for row in ordered), 1)
    for row in ordered:
        row["share"] = round(row["time_ns"] / whole, 4)
    return ordered[:_ROWS]
