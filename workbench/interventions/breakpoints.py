"""Breakpoints: events that are held before or after a hook until somebody lets them go on."""

from __future__ import annotations

__all__ = ["Breakpoint", "Breakpoints", "Held"]

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from workbench.engine.errors import EventDropped, near
from workbench.engine.hooks import Hook
from workbench.engine.journal import quoted
from workbench.engine.points import Point
from workbench.interventions.conditions import Condition, fitted, spelled
from workbench.interventions.errors import BreakpointError
from workbench.interventions.faults import is_at, raisable
from workbench.interventions.payloads import as_json, parts_of, put_back
from workbench.interventions.places import Places
from workbench.interventions.standing import Note, Standing
from workbench.watching import Watchers

When = Literal["before", "after"]

HELD_LIMIT: Final = 1000
"""Events held at once; beyond it events pass, so that a forgotten breakpoint does not fill the memory."""

_UNSET: Final = object()


class Breakpoint:
    """Where events are held.

    Attributes
    ----------
    id
        ``b1``, ``b2`` ... in the order of setting.
    point
        Key of the point or name of the chain.
    hook, hook_name
        Id and name of the hook; None: the event as a whole.
    when
        ``before`` or ``after`` the hook, or the whole chain.
    connection
        Only on this connection; None: on all.
    condition
        Asked with the event's arguments; None: every event is held.
    hits
        How many events it has held.
    python
        The line that sets the same.
    error
        How the condition failed last, in which case it let the event pass; empty: it never did.
    """

    __slots__ = (
        "condition", "connection", "error", "hits", "hook", "hook_name", "id", "point", "python", "when",
    )  # fmt: skip

    def __init__(
        self,
        identity: str,
        point: str,
        hook: Hook | None,
        when: When,
        connection: int | None,
        condition: Callable[..., object] | None,
        python: str,
    ) -> None:
        self.id = identity
        self.point = point
        self.hook = None if hook is None else hook.id
        self.hook_name = None if hook is None else hook.name
        self.when: When = when
        self.connection = connection
        self.condition = condition
        self.python = python
        self.hits = 0
        self.error = ""

    @property
    def where(self) -> str:
        """Say for people where it holds."""
        more = "" if self.connection is None else f", connection c{self.connection}"
        more += f"; its condition fails: {self.error}" if self.error else ""
        return f"{self.place} at {self.point}{more}"

    @property
    def place(self) -> str:
        """The same within its point."""
        return f"{self.when} hook {self.hook_name}" if self.hook else f"{self.when} the hooks"

    def wants(self, connection: int, args: tuple[Any, ...]) -> bool:
        """Tell whether it holds this event."""
        if self.connection is not None and self.connection != connection:
            return False
        if self.condition is None:
            return True
        try:
            return bool(self.condition(*args))
        except Exception as error:  # noqa: BLE001 - the condition's mistake must not become the event's
            self.error = f"{type(error).__name__}: {error}"
            return False

    def __repr__(self) -> str:
        return f"<breakpoint {self.id}: {self.where}; {self.hits} held so far>"


class Held:
    """One event that is being held. All members may be used from any thread.

    Attributes
    ----------
    id
        ``e1``, ``e2`` ... in the order of coming.
    breakpoint, point, hook, when
        Where it is held; `hook` is a name, None for the whole chain.
    connection, dispatch
        Numbers, -1 for none.
    since
        Seconds since 1970.
    """

    def __init__(
        self,
        owner: Breakpoints,
        at: Breakpoint,
        point: Point,
        connection: int,
        dispatch: int,
        args: tuple[Any, ...],
        result: Any = None,
    ) -> None:
        self.id = owner.next_id()
        self.breakpoint = at
        self.point = point
        self.hook = at.hook_name
        self.when = at.when
        self.connection = connection
        self.dispatch = dispatch
        self.since = time.time()
        self._owner = owner
        self._args = args
        self._result = result
        self._loop = asyncio.get_running_loop()
        self._decision: asyncio.Future[Callable[[], None]] = self._loop.create_future()
        self._shown = parts_of(point, args)

    @property
    def arguments(self) -> dict[str, Any]:
        """What hooks get, by the names of the point's parameters: the live objects themselves."""
        return dict(zip(self.point.parameters, self._args, strict=False))

    @property
    def payload(self) -> dict[str, Any]:
        """What the event carried as it was held, as JSON values; a copy to edit and hand to `resume`."""
        return as_json(self._shown)  # type: ignore[no-any-return]

    @property
    def result(self) -> Any:
        """What the hook, or the chain, came to; None before it ran."""
        return self._result

    @property
    def over(self) -> bool:
        """Whether it has been let go."""
        return self._decision.done()

    def resume(self, payload: Mapping[str, Any] | None = None, *, result: Any = _UNSET) -> None:
        """Let the event go on.

        Parameters
        ----------
        payload
            `payload` as edited; None: as it is.
        result
            Takes the place of what the hook returned; only where it is held after one.

        Raises
        ------
        BreakpointError
            When it has been let go already, or a result is given before there is one.
        BadEdit
            When the edit cannot be put back; the event stays held.
        """
        self._check()
        if result is not _UNSET and self.when == "before":
            raise BreakpointError("The hook has not run yet, so there is no result to change; hold it after.")
        args = self._args if payload is None else put_back(self.point, self._args, payload)
        text = "continued" + (", payload changed" * (payload is not None))
        text += ", result changed" * (result is not _UNSET)

        def go_on() -> None:
            self._args = args
            if result is not _UNSET:
                self._result = result

        self._decide(go_on, text)

    def drop(self) -> None:
        """End the event here: later hooks do not run; who waits for its result gets `EventDropped`."""
        self._check()
        how = f"dropped by hand at the breakpoint {self.breakpoint.place}"
        self._owner.ended(how, self.dispatch)  # first: once decided it may be over, and looked at
        self._decide(
            self._raiser(EventDropped(f"The event was dropped at breakpoint {self.breakpoint.id}.")), how
        )

    def raise_(self, error: Exception | str = "Raised at a breakpoint.") -> None:
        """Let the event fail as if the hook had raised.

        Parameters
        ----------
        error
            What to raise: an exception, or the text of a `FaultInjected`.
        """
        self._check()
        if (raised := raisable(error)) is None:
            raise BreakpointError(
                f'An exception or a text is expected, as in ValueError("bad"), not {error!r}.'
            )
        self._decide(self._raiser(raised), f"made to raise {type(raised).__name__}")

    def _check(self) -> None:
        if self.over:
            raise BreakpointError(f"Event {self.id} is not held any more.")

    @staticmethod
    def _raiser(error: Exception) -> Callable[[], None]:
        def fail() -> None:
            raise error

        return fail

    def _decide(self, decision: Callable[[], None], text: str) -> None:
        def settle() -> None:
            if not self._decision.done():
                self._decision.set_result(decision)

        self._owner.let_go(self, text)
        self._loop.call_soon_threadsafe(settle)

    async def wait(self) -> tuple[tuple[Any, ...], Any]:
        """Wait for the decision; arguments and result as they are then."""
        (await self._decision)()
        return self._args, self._result

    def __repr__(self) -> str:
        whose = f", c{self.connection}" if self.connection > 0 else ""
        return f"<held {self.id}: {self.breakpoint.where}{whose}, event {self.dispatch}>"


class Breakpoints:
    """The breakpoints of one bench, and what they hold; ``bench.breakpoints``.

    Parameters
    ----------
    places, changed, spoken, note
        As for `Faults`.
    space
        The variables of the notebook, which conditions may name.
    lambda_of
        Gives the text of a lambda, None where it is not at hand.
    moment
        Notes something in the trace: (text, dispatch, connection).
    ended
        Notes there who ended an event that no hook ended, and where: (how, dispatch).
    timers
        Stops (True) and starts again (False) the timeouts of a connection.
    running
        Gives the number of the dispatch that runs here, -1 without one.

    Attributes
    ----------
    watchers
        Called whenever an event is held or let go.
    """

    def __init__(
        self,
        places: Places,
        changed: Callable[[], object],
        spoken: Callable[[], str],
        note: Note,
        space: dict[str, Any],
        lambda_of: Callable[[Any], str | None],
        moment: Callable[[str, int, int], object],
        ended: Callable[[str, int], object],
        timers: Callable[[int, bool], object],
        running: Callable[[], int],
    ) -> None:
        self._places = places
        self._spoken = spoken
        self._space = space
        self._lambda_of = lambda_of
        self._moment = moment
        self.ended = ended
        self._timers = timers
        self.running = running
        self.watchers = Watchers()
        self._ids = itertools.count(1)
        self._held_ids = itertools.count(1)
        self._standing = Standing[Breakpoint](
            changed, note, error=BreakpointError, noun="breakpoint", state="set", went=self._release
        )
        self._held: dict[str, Held] = {}
        self._lock = threading.RLock()

    @property
    def list(self) -> list[Breakpoint]:
        """The breakpoints, oldest first; a copy."""
        return self._standing.all

    @property
    def held(self) -> tuple[Held, ...]:
        """The held events, oldest first."""
        with self._lock:
            return tuple(self._held.values())

    def next_id(self) -> str:
        """Draw the id of a held event."""
        return f"e{next(self._held_ids)}"

    def set(
        self,
        point: str,
        *,
        hook: object = None,
        when: When = "before",
        connection: int | None = None,
        condition: Condition | None = None,
        author: str | None = None,
    ) -> Breakpoint:
        """Hold events from now on.

        Parameters
        ----------
        point
            Name of a hook point, or of a chain such as "messages.create".
        hook
            A hook's name, id or function; None: the event as a whole.
        when
            ``before`` or ``after`` the hook, or the whole chain.
        connection
            Number of a connection, as in ``trace.connections``; None: all.
        condition
            Says which events to hold: a function of the point's arguments, as a hook is, or a Python
            expression over them, such as ``'message.text() == "hello"'``; None: every event.
        author
            For the history; None: the cell that runs, else the program.

        Raises
        ------
        BreakpointError, UnknownPoint, UnknownHook, AmbiguousHook, BadSignature
            For what cannot be set.
        """
        if when not in ("before", "after"):
            raise BreakpointError(f'when is "before" or "after", not {when!r}.').about("when")
        whole = isinstance(connection, int) and not isinstance(connection, bool)
        if connection is not None and not (whole and connection >= 1):
            text = f"connection is a whole number from 1, not {connection!r}."
            raise BreakpointError(text).about("connection")
        place = self._places.find(point)
        found = None if hook is None else self._places.hook(hook, place)
        check = None if condition is None else fitted(condition, place.point, self._space)
        parts = [quoted(point)]
        parts += [f"hook={quoted(self._places.spell(found, place))}"] if found else []
        parts += [f"when={quoted(when)}"] if when != "before" else []
        parts += [f"connection={connection}"] if connection is not None else []
        parts += [f"condition={spelled(condition, self._lambda_of)}"] if condition is not None else []
        made = Breakpoint(
            f"b{next(self._ids)}", place.name, found, when, connection, check,
            f"{self._spoken()}.breakpoints.set({', '.join(parts)})",
        )  # fmt: skip
        self._standing.add("set_breakpoint", made, author)
        return made

    def clear(
        self,
        breakpoint: Breakpoint | str | None = None,  # noqa: A002 - the word for it
        *,
        author: str | None = None,
    ) -> None:
        """Take a breakpoint away; what it holds goes on.

        Parameters
        ----------
        breakpoint
            The breakpoint or its id; None: all.
        author
            As in `set`.

        Raises
        ------
        BreakpointError
            When no such breakpoint is set.
        """
        call = f"{self._spoken()}.breakpoints.clear"
        self._standing.remove("clear_breakpoint", breakpoint, call, author)

    def _release(self, gone: Breakpoint) -> None:
        with self._lock:
            held = [event for event in self._held.values() if event.breakpoint is gone]
        for event in held:
            event.resume()

    def find(self, identity: str) -> Held:
        """Give a held event by its id; raises BreakpointError when it is not held."""
        with self._lock:
            found = self._held.get(identity)
            if found is None:
                raise BreakpointError(
                    f"No event {identity!r} is held{near(identity, self._held) or '; none is'}"
                )
            return found

    def at(self, point: Point, hooks: tuple[Hook, ...]) -> tuple[Breakpoint, ...]:
        """Give those of a plan."""
        return tuple(one for one in self.list if is_at(one.point, point, hooks))

    async def hold(
        self,
        at: Breakpoint,
        point: Point,
        connection: int,
        dispatch: int,
        args: tuple[Any, ...],
        result: Any = None,
    ) -> tuple[tuple[Any, ...], Any]:
        """Hold an event until somebody decides; raises what was decided. Its connection's timeouts pause."""
        held = Held(self, at, point, connection, dispatch, args, result)
        with self._lock:
            if len(self._held) >= HELD_LIMIT or at.id not in self._standing:
                return args, result
            self._held[held.id] = held
            at.hits += 1
        self._moment(f"held {at.where} ({held.id})", dispatch, connection)
        self._timers(connection, True)
        self._changed_held()
        try:
            return await held.wait()
        finally:
            with self._lock:
                self._held.pop(held.id, None)
            self._timers(connection, False)

    def let_go(self, held: Held, text: str) -> None:
        """Note what was decided about a held event."""
        with self._lock:
            if self._held.pop(held.id, None) is None:
                raise BreakpointError(f"Event {held.id} is not held any more.")
        self._moment(f"{text} ({held.id})", held.dispatch, held.connection)
        self._changed_held()

    def _changed_held(self) -> None:
        self.watchers.tell()

    def __repr__(self) -> str:
        listed = "; ".join(map(repr, self.list))
        return f"<breakpoints: {listed or 'none set'}; {len(self._held)} events held>"
