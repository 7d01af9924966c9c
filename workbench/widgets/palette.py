"""What can be attached at a click: the dialect's ready-made hooks, and functions written in the notebook.

A function that does not fit a point is listed with the reason, since "why is mine not there?" is what people
ask next.
"""

from __future__ import annotations

__all__ = ["lane_of", "notebook_functions", "palette", "resolve"]

import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.bench.cells import user_namespace
from workbench.engine.errors import BadSignature, UnknownHook, near
from workbench.engine.hooks import HookFunction
from workbench.engine.points import Point
from workbench.engine.signatures import fit
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.dialects.base import Ready

Attached = set[tuple[str, HookFunction]]

_MAIN: Final = "__main__"
_LISTED: Final = 200
_DOC: Final = 200


def palette(bench: Workbench, point: str | None = None) -> dict[str, Any]:
    """List what can be attached.

    Parameters
    ----------
    bench
        The bench whose dialects and board are asked.
    point
        Key of the point to attach at; None: each function at the points where it fits.

    Returns
    -------
    dict
        ``hooks``: the ready-made ones first, in the dialect's order.
    """
    board = bench.board
    points = [board.point(point)] if point is not None else list(board.points.values())
    attached = {(hook.point, hook.function) for hook in board.state.hooks()}
    ready = [_ready_row(one, at, attached) for one, at in _ready(bench) if at in points]
    functions = [
        row for function in notebook_functions().items() for row in _rows(function, points, attached)
    ]
    return {"hooks": [*ready, *functions][:_LISTED]}


def resolve(bench: Workbench, edit: Mapping[str, Any], point: str) -> tuple[str, HookFunction]:
    """Find the function that an edit names.

    Parameters
    ----------
    bench
        The bench.
    edit
        With ``ready``, the name of a ready-made hook of that point, or ``function``, a name in the notebook.
    point
        Key of the point where it is to run.

    Returns
    -------
    tuple
        Name and function.

    Raises
    ------
    UnknownHook
        When there is no such thing, with names that are near.
    """
    if "ready" in edit:
        ready = {one.name: one.function for one, at in _ready(bench) if at.name == point}
        return edit["ready"], _known(edit["ready"], ready, f"ready-made hook for {point!r}")
    functions = notebook_functions()
    return edit["function"], _known(edit["function"], functions, "function in this notebook")


def lane_of(bench: Workbench, edit: Mapping[str, Any], point: str) -> str:
    """Give the lane that a ready-made hook is made for; empty for what has none.

    Parameters
    ----------
    bench, edit, point
        As for `resolve`.
    """
    lanes = (one.lane for one, at in _ready(bench) if (at.name, one.name) == (point, edit.get("ready")))
    return next(lanes, "")


def notebook_functions() -> dict[str, HookFunction]:
    """Return the functions that the person wrote, by name: in the notebook or the main script."""
    namespace = dict(user_namespace())  # a running cell may add to it meanwhile
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_") and inspect.isfunction(value) and value.__module__ == _MAIN
    }


def _known(name: str, known: Mapping[str, HookFunction], what: str) -> HookFunction:
    if name not in known:
        raise UnknownHook(f"There is no {what} called {name!r}{near(name, known)}")
    return known[name]


def _ready(bench: Workbench) -> Iterator[tuple[Ready, Point]]:
    """Each ready-made hook with the point it is for, of every mount."""
    points = bench.board.points
    for mount in bench.mounts.values():
        for one in mount.dialect.ready:
            key = mount.key(one.point)
            if key in points:
                yield one, points[key]


def _ready_row(ready: Ready, point: Point, attached: Attached) -> dict[str, Any]:
    return {
        "source": "ready",
        "name": ready.name,
        "point": point.name,
        "doc": ready.doc,
        "fits": True,
        "reason": None,
        "attached": (point.name, ready.function) in attached,
        "lane": ready.lane,
    }


def _rows(
    named: tuple[str, HookFunction], points: list[Point], attached: Attached
) -> Iterator[dict[str, Any]]:
    """One row for each point that a function seems made for; where it fits none, one row with the reason."""
    name, function = named
    reasons = {point.name: _misfit(name, function, point) for point in points}
    fitting = _likely(function, [point for point in points if reasons[point.name] is None])
    for point in fitting or [points[0].name] * bool(points):
        yield {
            "source": "notebook",
            "name": visible(name, _DOC),
            "point": point,
            "doc": _doc(function),
            "fits": reasons[point] is None,
            "reason": reasons[point],
            "attached": (point, function) in attached,
        }


def _likely(function: HookFunction, points: list[Point]) -> list[str]:
    """Of the points where a function fits, those whose parameters it names best.

    Taking fewer arguments is allowed, so most functions fit most points; the names say which one was meant.
    """
    wanted = tuple(inspect.signature(function).parameters)

    def named(point: Point) -> int:
        return sum(mine == theirs for mine, theirs in zip(wanted, point.parameters, strict=False))

    best = max(map(named, points), default=0)
    return [point.name for point in points if named(point) == best]


def _misfit(name: str, function: HookFunction, point: Point) -> str | None:
    try:
        fit(function, name, point)
    except BadSignature as reason:
        return str(reason)
    return None


def _doc(function: HookFunction) -> str:
    first = (inspect.getdoc(function) or "").partition("\n")[0]
    return visible(first or f"{function.__name__}{inspect.signature(function)}", _DOC)
