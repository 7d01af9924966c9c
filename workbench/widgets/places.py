"""Where a face lets people arm faults and set breakpoints: every point and named chain, with its hooks."""

from __future__ import annotations

__all__ = ["places"]

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.dialects.reports import OpenlyChained
from workbench.widgets.named import all_chains
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.points import Point
    from workbench.engine.state import Link


def places(bench: Workbench) -> dict[str, Any]:
    """List the points in the dialect's order, with all of their hooks, those of connections included.

    A point that only lends its lanes to named chains is left out; the chains stand in its place.
    """
    state = bench.board.state
    chains = all_chains(bench)
    covered = {chain.point for chain in chains.values()}
    found: list[dict[str, Any]] = []
    for key, point in state.points.items():
        if key not in covered:
            guests = tuple(guest for guest in bench.board.guests() if guest.point == key)
            found.append(_place(key, point, state.chain(key, guests=guests), {}))
            continue
        for name, chain in chains.items():
            if chain.point == key:
                labels = {lane.name: lane.label for lane in chain.lanes}
                found.append(_place(name, point, state.chain(key, lanes=tuple(labels)), labels))
        found += [
            _place(name, point, state.chain(key, lanes=(lane,)), {lane: lane})
            for name, lane in _open(bench, key)
            if name not in chains
        ]
    return {"points": found}


def _open(bench: Workbench, key: str) -> Iterator[tuple[str, str]]:
    """Yield the lanes that hooks name and no chain is called after: "filter items.create" is of every one."""
    open_mounts = [mount for mount in bench.mounts.values() if isinstance(mount.app, OpenlyChained)]
    if any(key == mount.key(point.name) for mount in open_mounts for point in mount.dialect.points):
        for lane in dict.fromkeys(row.hook.lane for row in bench.board.state.of(key)):
            yield f"{key} {lane}", lane


def _place(name: str, point: Point, links: Iterable[Link], labels: Mapping[str, str]) -> dict[str, Any]:
    hooks = [link.hook for link in links]
    return {
        "name": name,
        "parameters": list(point.parameters),
        "hooks": [
            {
                "id": hook.id,
                "name": visible(hook.name, 200),
                "where": visible(labels.get(hook.lane, "") or name),
                "on": hook.enabled,
            }
            for hook in hooks
        ],
    }
