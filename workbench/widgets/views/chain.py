"""The chain: every point with its hooks in effective order, why each stands there, and what it did.

What only an edit can change is laid out once per revision; a frame adds the counters.
"""

from __future__ import annotations

__all__ = ["chain", "origin_label", "placing"]

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from workbench.bench.order import running_order
from workbench.engine.hooks import Hook, Origin
from workbench.engine.points import Point
from workbench.widgets.examples import examples
from workbench.widgets.figures import Figures, figures
from workbench.widgets.named import Shown, all_chains, shown_chains
from workbench.widgets.records import last_tracebacks, told_lines
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.bench.keeping import KeptDraft
    from workbench.dialects.reports import NamedChain
    from workbench.engine.state import BoardState, Link

_TRACEBACK_LINES: Final = 24
_CONNECTIONS: Final = 9  # of a hook's scope: more than fit on a card

_ORIGINS: Final[Mapping[str, str]] = {
    "widget": "attached in a page",
    "lab": "attached in JupyterLab",
    "ready": "ready-made",
    "guest": "brought by its connection",
}


@dataclass(slots=True)
class _Layout:
    """The fixed part of the view at one revision."""

    key: object
    points: list[tuple[str, dict[str, Any], list[tuple[dict[str, Any], list[dict[str, Any]]]]]] = field(
        default_factory=list
    )


_layouts: weakref.WeakKeyDictionary[Any, _Layout] = weakref.WeakKeyDictionary()


def chain(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return all points in the dialect's order, each with its lanes and hooks.

    Parameters
    ----------
    bench
        The bench.
    params
        ``chain``: name of the family of named chains to show in the place of their point; without it the one
        that ran most.
    """
    now = figures(bench)
    shown = shown_chains(bench, now.points, params.get("chain"))
    layout = _layout(bench, shown)
    tracebacks = _Tracebacks(bench)
    bars = examples(bench, [key for key, _, lanes in layout.points if any(hooks for _, hooks in lanes)])
    return {
        "revision": bench.board.revision,
        "choices": shown.choices,
        "chosen": shown.chosen,
        "points": [
            {
                **point,
                "count": now.points.get(key, 0),
                "example": bars.get(key),
                "lanes": [
                    {**lane, "hooks": [_counted(bench, hook, now, tracebacks) for hook in hooks]}
                    for lane, hooks in lanes
                ],
            }
            for key, point, lanes in layout.points
        ],
    }


def placing(bench: Workbench, hook: Hook) -> dict[str, Any]:
    """Return position and reason of one hook, for "why here?"."""
    for _, _, lanes in _layout(bench, shown_chains(bench, {}, _home(bench, hook))).points:
        for _, hooks in lanes:
            for shown in hooks:
                if shown["id"] == hook.id:
                    return {"position": shown["position"], "why": shown["why"]}
    return {"position": None, "why": f"{hook.name} is not on the board any more."}


def _home(bench: Workbench, hook: Hook) -> str | None:
    """Name a family of chains that runs a hook, None where it is in no named one."""
    return next(
        (
            named.family or named.name
            for named in all_chains(bench).values()
            if named.point == hook.point and any(lane.name == hook.lane for lane in named.lanes)
        ),
        None,
    )


def _layout(bench: Workbench, shown: Shown) -> _Layout:
    state, guests = bench.board.state, tuple(bench.board.guests())
    key = (state.revision, guests, shown.key)
    known = _layouts.get(bench)
    if known is not None and known.key == key:
        return known
    made = _Layout(key)
    off_since = _switched_off(bench)
    for name, point in state.points.items():
        if name in shown.covered:
            made.points += [_named(state, key, chain, off_since) for key, chain in shown.of(name)]
            continue
        mine = tuple(guest for guest in guests if guest.point == name)
        lanes = _lanes(state.chain(name, guests=mine), off_since)
        made.points.append((name, _described(point), lanes))
    _layouts[bench] = made
    return made


def _named(
    state: BoardState, key: str, named: NamedChain, off_since: Mapping[str, int]
) -> tuple[str, dict[str, Any], list[tuple[dict[str, Any], list[dict[str, Any]]]]]:
    """Lay a named chain out as a point of its own, with every lane of it, empty ones too."""
    links = state.chain(named.point, lanes=tuple(lane.name for lane in named.lanes))
    described = {
        **_described(state.points[named.point]),
        "name": key,
        "title": named.name,
        "doc": named.doc,
        "core": named.core,
    }
    by_lane: dict[str, list[dict[str, Any]]] = {lane.name: [] for lane in named.lanes}
    for lane, hook in _hooks(links, off_since):
        by_lane[lane].append(hook)
    lanes = [
        ({"name": lane.name, "label": lane.label, "kind": lane.kind, "shut": lane.shut}, by_lane[lane.name])
        for lane in named.lanes
    ]
    return key, described, lanes


def _described(point: Point) -> dict[str, Any]:
    return {
        "name": point.name,
        "title": point.title,
        "policy": point.policy.describe(),
        "shape": point.policy.shape,
        "doc": point.doc,
        "core": "",
    }


def _lanes(
    links: Sequence[Link], off_since: Mapping[str, int]
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Group a chain by lanes, in its order; an empty point has one empty lane."""
    hooks = list(_hooks(links, off_since))
    groups = [(lane, list(group)) for lane, group in groupby(hooks, key=lambda hook: hook[0])]
    labelled = len(groups) > 1 or any(lane for lane, _ in groups)
    if not groups:
        return [({"name": "", "label": "", "kind": "call", "shut": None}, [])]
    return [
        (_lane(lane, [hook for _, hook in group], labelled), [hook for _, hook in group])
        for lane, group in groups
    ]


def _lane(name: str, hooks: Sequence[Mapping[str, Any]], labelled: bool) -> dict[str, Any]:
    shut = "These hooks come with their connections." if all(hook["guest"] for hook in hooks) else None
    kind = hooks[0]["kind"] if hooks else "call"
    return {"name": name, "label": (name or "global") if labelled else "", "kind": kind, "shut": shut}


def _hooks(links: Sequence[Link], off_since: Mapping[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    running = [link.hook for link in links if link.hook.enabled]
    places = iter(running_order(running))
    for link in links:
        hook = link.hook
        yield hook.lane, _hook(hook, next(places) if hook.enabled else None, link.reason, off_since)


def _hook(hook: Hook, position: int | None, why: str, off_since: Mapping[str, int]) -> dict[str, Any]:
    guest, only = hook.origin.kind == "guest", hook.scope.connections
    return {
        "id": hook.id,
        "name": visible(hook.name, 200),
        "kind": hook.kind,
        "point": hook.point,
        "position": position,
        "enabled": hook.enabled,
        "guest": guest,
        "movable": not guest,
        "version": hook.version,
        "origin": _origin(hook.origin),
        "why": why,
        "status": _status(hook, off_since),
        "connections": None if only is None else sorted(only)[:_CONNECTIONS],
        "shadow": hook.scope.shadow,
        "effects": hook.effects,
    }


def _status(hook: Hook, off_since: Mapping[str, int]) -> str | None:
    """One line under the name: since when it does not run."""
    if not hook.enabled:
        return f"off since revision {off_since[hook.id]}" if hook.id in off_since else "off"
    return None


def _switched_off(bench: Workbench) -> dict[str, int]:
    """The revision at which each hook was last switched."""
    return {
        entry.hook: entry.revision
        for entry in bench.board.journal
        if entry.kind == "enable" and entry.hook is not None and not entry.undone
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "kind": origin.kind,
        "file": origin.file,
        "line": origin.line,
        "cell": origin.cell,
        "label": origin_label(origin),
    }


def origin_label(origin: Origin) -> str:
    """Say for people where a hook comes from."""
    if (origin.file or "").startswith("<"):
        return str(origin.file).strip("<>")  # a draft: its hook and version
    line = f", line {origin.line}" if origin.line is not None else ""
    if origin.kind == "cell":
        return f"{origin.file or 'cell'}{line}"
    if origin.kind in _ORIGINS:
        return _ORIGINS[origin.kind]
    return f"{PurePath(origin.file).name}{line}" if origin.file is not None else "attached in Python"


def _counted(
    bench: Workbench, hook: Mapping[str, Any], now: Figures, tracebacks: _Tracebacks
) -> dict[str, Any]:
    counted = now.of(hook["id"])
    return {
        **hook,
        "draft": _drafted(bench.drafts.of(hook["id"])),
        "calls": counted.calls,
        "p95_ns": counted.p95_ns,
        "errors": counted.errors,
        "changed": counted.changed,
        "stopped": counted.stopped,
        "pending": counted.pending,
        "spark": now.spark(hook["id"]),
        "traceback": tracebacks.of(hook["id"]) if counted.errors else None,
    }


def _drafted(draft: KeptDraft) -> dict[str, Any] | None:
    """Say from which version a draft began; null where it was given up."""
    if not draft.number:
        return None
    return {"number": draft.number, "version": None if draft.text is None else draft.version}


class _Tracebacks:
    """The newest traceback of each hook, looked up only when a hook has raised."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._known: dict[str, str] | None = None

    def of(self, hook: str) -> list[str] | None:
        if self._known is None:
            self._known = last_tracebacks(self._bench)
        return told_lines(self._known.get(hook, ""), _TRACEBACK_LINES) or None
