"""The emitter: filters and actions of an event, from the board's rows to a running plan (R1 to R13)."""

from __future__ import annotations

__all__ = ["KNOWN", "Emitter", "item_events", "settled"]

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.context import Context
from workbench.dialects.directus.emission import Emission
from workbench.dialects.directus.patterns import is_pattern, matching
from workbench.dialects.directus.points import ACTION, FILTER, INIT
from workbench.engine.awaiting import must_await
from workbench.engine.errors import near
from workbench.engine.plan import Plan
from workbench.engine.points import Named, Section
from workbench.engine.rehearsal import refuse
from workbench.trace.connections import NO_CONNECTION

KNOWN: Mapping[str, tuple[str, ...]] = {
    FILTER: (
        "websocket.message",
        "websocket.authenticate",
        "request.not_found",
        "request.error",
        "database.error",
        "authenticate",
        "auth.login",
        "auth.jwt",
    ),
    ACTION: (
        "websocket.connect",
        "websocket.message",
        "websocket.close",
        "websocket.error",
        "websocket.auth.success",
        "websocket.auth.failure",
        "server.start",
        "server.stop",
        "response",
        "auth.login",
    ),
    INIT: (
        "cli.before",
        "cli.after",
        "app.before",
        "middlewares.before",
        "middlewares.after",
        "routes.before",
        "routes.custom.before",
        "routes.custom.after",
        "routes.after",
        "app.after",
    ),
}
"""Events that are emitted here, besides those of items."""

_ITEMS = {
    FILTER: ("query", "read", "create", "update", "delete"),
    ACTION: ("read", "create", "update", "delete"),
}


def item_events(kind: str, collection: str) -> tuple[tuple[str, str], ...]:
    """List what happens to the items of a collection: the general event and the specific one (R6)."""
    return tuple((f"items.{verb}", f"{collection}.items.{verb}") for verb in _ITEMS.get(kind, ()))


async def settled(value: Any) -> Any:
    """Wait for a value that may have to be awaited."""
    return await value if must_await(value) else value


class Emitter:
    """Runs the hooks of events.

    Parameters
    ----------
    mount
        Where the hooks are.
    context
        Makes the context that hooks get where an event has none of its own (R13).
    collections
        Gives the names of the collections there are.
    """

    def __init__(
        self, mount: Mount, context: Callable[[], Context], collections: Callable[[], Sequence[str]]
    ) -> None:
        self._mount = mount
        self._context = context
        self._collections = collections
        self._keys = {kind: mount.key(kind) for kind in (FILTER, ACTION, INIT)}
        self._state: object = None
        self._named: dict[tuple[str, tuple[str, ...]], Named] = {}

    # Emitting -------------------------------------------------------------------------------------

    def filter(
        self,
        events: tuple[str, ...],
        payload: Any,
        meta: Emission | Mapping[str, Any],
        context: Context | None = None,
        connection: int = NO_CONNECTION,
    ) -> Any:
        """Run filters: the payload that they leave, or an awaitable of it.

        Parameters
        ----------
        events
            One name; or the general one and the specific one, whose handlers follow those of the general
            one (R6).
        payload
            What they may change or replace.
        meta
            What they are told besides the event's name.
        context
            None: the default one (R13).
        connection
            Of the client, -1 for none.

        Raises
        ------
        Exception
            What a filter raised; later ones did not run (R4).
        """
        emission = meta if isinstance(meta, Emission) else Emission(meta)
        plan = self.plan(FILTER, events, connection)
        told = self._context() if context is None else context
        return plan.fire(connection, payload, emission, told)

    def action(
        self,
        events: tuple[str, ...],
        meta: Emission | Mapping[str, Any],
        context: Context | None = None,
        connection: int = NO_CONNECTION,
    ) -> None:
        """Start actions in order, wait for none; see `filter` for the parameters (R9).

        Raises
        ------
        Exception
            What a plain function raised; later ones were not started (R11). Errors of ``async def`` are noted
            in the trace (R10).
        """
        emission = meta if isinstance(meta, Emission) else Emission(meta)
        plan = self.plan(ACTION, events, connection)
        told = self._context() if context is None else context
        pending = plan.fire(connection, emission, told)
        if pending is not None and must_await(pending):  # something was told to step in before it begins
            self._start(pending, plan.point.name, connection)

    async def init(self, event: str, meta: Mapping[str, Any]) -> None:
        """Run one step of the start and wait for it (R14, R15)."""
        await settled(self.plan(INIT, (event,)).fire(NO_CONNECTION, Emission(meta)))

    def _start(self, pending: Awaitable[Any], point: str, connection: int) -> None:
        async def finish() -> None:
            try:
                await pending
            except Exception as error:  # noqa: BLE001 - nobody waits for an action
                self._mount.sink(error, point=point, connection=connection)

        tasks = self._mount.board.tasks
        task = self._mount.loop.create_task(finish())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    # Chains ---------------------------------------------------------------------------------------

    def plan(self, kind: str, events: tuple[str, ...], connection: int = NO_CONNECTION) -> Plan:
        """Give what runs for an event now; taken once, before the first hook runs (R6)."""
        refuse("Another event")
        named = self.named(kind, events)
        who = None if connection == NO_CONNECTION else connection
        return self._mount.board.plan(self._keys[kind], who, named=named)

    def named(self, kind: str, events: tuple[str, ...]) -> Named:
        """Give the chain of an event: which lanes of the point run, in which order."""
        state = self._mount.board.state
        if state is not self._state:
            self._state, self._named = state, {}
        found = self._named.get((kind, events))
        if found is None:
            lanes = {row.hook.lane for row in state.of(self._keys[kind])}
            sections = tuple(Section(event, matching(event, lanes)) for event in events)
            title = f"{kind} {events[-1]}"
            found = Named(self._mount.key(title), sections, title)
            if len(self._named) < _MOST:
                self._named[kind, events] = found
        return found

    def has(self, kind: str, events: tuple[str, ...]) -> bool:
        """Tell whether anything would run for an event."""
        return bool(self.plan(kind, events).hooks)

    def unknown(self, kind: str, event: str) -> str:
        """Say why an event will never come, in words; empty where it may."""
        if is_pattern(event):
            return ""
        names = self.names(kind)
        if event in names:
            return ""
        return f"Nothing here emits the {kind} event {event!r}{near(event, names)}"

    def names(self, kind: str) -> list[str]:
        """List the events of a kind that are emitted here."""
        own = [
            name
            for collection in self._collections()
            for pair in item_events(kind, collection)
            for name in pair
        ]
        return list(dict.fromkeys([*KNOWN.get(kind, ()), *own]))


_MOST = 1000  # names of chains that are kept between two edits; collections are few, what clients send is not
