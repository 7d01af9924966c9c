"""The chains of events as the panels draw them: filters, what the system does, actions."""

from __future__ import annotations

__all__ = ["Families"]

from collections.abc import Sequence
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.directus.events import KNOWN, Emitter, item_events
from workbench.dialects.directus.patterns import is_pattern
from workbench.dialects.directus.points import ACTION, FILTER, INIT, SCHEDULE
from workbench.dialects.directus.schema import Schema
from workbench.dialects.reports import Lane, NamedChain
from workbench.engine.errors import UnknownPoint, near

_CORES = {
    "create": "written to the database",
    "update": "written to the database",
    "delete": "deleted from the database",
    "query": "read from the database",
    "read": "handed to whoever asked",
    "websocket.message": "handled by the system",
    "websocket.authenticate": "token looked up",
    "authenticate": "token looked up",
    "auth.login": "password checked",
    "auth.jwt": "token signed",
}


class Families:
    """Lists the chains, anew when the board has changed.

    Parameters
    ----------
    mount
        Where the hooks are.
    emitter
        Knows which lanes an event's chain has.
    schema
        Whose collections have events.
    """

    def __init__(self, mount: Mount, emitter: Emitter, schema: Schema) -> None:
        self._mount = mount
        self._emitter = emitter
        self._schema = schema
        self._kept: tuple[object, tuple[NamedChain, ...]] = (None, ())

    def chains(self) -> Sequence[NamedChain]:
        """Give the chains of messages, items and all events that somebody registered for."""
        state = self._mount.board.state
        seen, kept = self._kept
        if seen is not state:
            kept = tuple(self._list(state))
            self._kept = (state, kept)
        return kept

    def chain(self, name: str) -> NamedChain:
        """Give the chain of a kind and an event, whether or not anything is attached for it.

        Raises
        ------
        UnknownPoint
            For a name that is not made of a kind and an event.
        """
        for known in self.chains():
            if name in (known.name, self._mount.key(known.name)):
                return known
        kind, _, event = str(name).rpartition(":")[2].partition(" ")
        if kind not in (FILTER, ACTION, INIT, SCHEDULE) or not event.strip():
            raise UnknownPoint(
                f"directus has no chain {name!r}: it names them by kind and event, such as "
                f"'filter websocket.message' or 'action items.create'{near(str(name), self._names())}"
            )
        return self._single(kind, event)

    def _names(self) -> list[str]:
        return [known.name for known in self.chains()]

    def _list(self, state: Any) -> list[NamedChain]:
        used = {
            kind: [row.hook.lane for row in state.of(self._mount.key(kind)) if row.hook.lane]
            for kind in (FILTER, ACTION, INIT, SCHEDULE)
        }
        families: dict[str, tuple[str, ...]] = {"websocket.message": ("websocket.message",)}
        for collection in self._schema:
            for pair in item_events(FILTER, collection):
                families[pair[1]] = pair
        general = {pair[0] for pair in families.values() if len(pair) > 1}
        for kind in (FILTER, ACTION):
            for event in (*KNOWN[kind], *used[kind]):
                known = event in KNOWN[kind]
                if event in general or is_pattern(event) or (known and event not in used[kind]):
                    continue
                families.setdefault(event, (event,))
        chains = [
            chain
            for family, events in families.items()
            for kind in (FILTER, ACTION)
            if (chain := self._chain(kind, family, events, used)) is not None
        ]
        return [*chains, *self._others(used)]

    def _chain(
        self, kind: str, family: str, events: tuple[str, ...], used: dict[str, list[str]]
    ) -> NamedChain | None:
        emitted = len(events) > 1 or family in KNOWN[kind]
        if family.endswith(".items.query") and kind == ACTION:
            return None
        if not emitted and family not in used[kind]:
            return None
        named = self._emitter.named(kind, events)
        lanes: dict[str, Lane] = {}
        for section in named.sections:
            for lane in dict.fromkeys([section.event, *(section.lanes or ())]):
                lanes.setdefault(lane, Lane(lane, lane))
        unknown = self._emitter.unknown(kind, family)
        if kind == FILTER:
            doc, core = "One after another, each may change, replace or refuse.", _core(family)
        else:
            doc, core = "Started together, never awaited.", ""
        order = f" All of {events[0]} before those of {events[-1]}." if len(events) > 1 else ""
        return NamedChain(
            named.title, self._mount.key(kind), tuple(lanes.values()), f"{doc}{order} {unknown}".strip(),
            family=family, core=core, usual=family,
        )  # fmt: skip

    def _single(self, kind: str, event: str) -> NamedChain:
        """Make the chain of an event that is not listed: a general one, a pattern, or one's own."""
        lanes = (event,) if kind == SCHEDULE else self._emitter.named(kind, (event,)).sections[0].lanes or ()
        found = tuple(Lane(lane, lane) for lane in dict.fromkeys([event, *lanes]))
        doc = "" if kind == SCHEDULE else self._emitter.unknown(kind, event)
        return NamedChain(f"{kind} {event}", self._mount.key(kind), found, doc, family=event, usual=event)

    def _others(self, used: dict[str, list[str]]) -> list[NamedChain]:
        return [
            NamedChain(
                f"{kind} {lane}", self._mount.key(kind), (Lane(lane, lane),), doc,
                family=f"{kind} {lane}", usual=lane,
            )
            for kind, doc in (
                (INIT, "While the server begins; the step waits for all."),
                (SCHEDULE, "Whenever the cron line says so."),
            )
            for lane in dict.fromkeys(used[kind])
        ]  # fmt: skip


def _core(event: str) -> str:
    return _CORES.get(event) or (_CORES.get(event.rpartition(".")[2], "") if ".items." in event else "")
