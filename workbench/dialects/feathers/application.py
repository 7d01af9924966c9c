"""The application: services by path, hooks for all of them, settings, channels, setup and teardown."""

from __future__ import annotations

__all__ = ["Application"]

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.context import Context
from workbench.dialects.feathers.channels import STANDARD, Channel, Channels, Publishers, audience
from workbench.dialects.feathers.context import Called, HookContext, ReadOnlyMember
from workbench.dialects.feathers.emitter import BY_ITSELF, Emitter, fitted
from workbench.dialects.feathers.lanes import METHOD, SETUP, TEARDOWN, chain_lanes, lane
from workbench.dialects.feathers.registration import Attachment, of_application
from workbench.dialects.feathers.routing import Found, Router, stripped
from workbench.dialects.feathers.service import Service, service_of
from workbench.dialects.feathers.wire import first_set
from workbench.dialects.reports import NamedChain
from workbench.engine.awaiting import must_await
from workbench.engine.errors import WorkbenchError, near
from workbench.engine.plan import Plan
from workbench.engine.points import Named, Section
from workbench.engine.rehearsal import refuse, rehearsing
from workbench.server.errors import NotRunning
from workbench.trace.connections import NO_CONNECTION

Send = Callable[[list[Any], str, Any], Awaitable[Any] | None]
"""Sends an event to connections: who, its name on the wire, the payload."""


class Application(Emitter):
    """A Feathers application on a bench, or alone.

    Parameters
    ----------
    mount
        Where its hooks are, and the loop that it runs on.
    strict
        True: a hook that assigns a read-only member of its context fails, instead of being noted.
    case_sensitive
        Whether paths of services are.
    replaces
        Says whether a path that is taken may be registered anew (R68).

    Attributes
    ----------
    services : dict of str to Service
        In the order of registration.
    channels : Channels
        By name.
    settings : dict
        What `get` and `set` read and write.
    of_setup : set of str
        Ids of hooks that a service's `setup` attached, and will again.

    """

    def __init__(
        self,
        mount: Mount,
        *,
        strict: bool = False,
        case_sensitive: bool = True,
        replaces: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self.mount = mount
        self._board = mount.board
        self.strict = strict
        self.services: dict[str, Service] = {}
        self.channels = Channels()
        self.settings: dict[str, Any] = {}
        self.router: Router[Service] = Router(case_sensitive=case_sensitive)
        self.publishers = Publishers(STANDARD, "the application")
        self.send: Send | None = None
        self.is_set_up = False
        self.of_setup: set[str] = set()
        self._replaces = replaces
        self._named: dict[tuple[str, str], Named] = {}
        self._key = mount.key(METHOD)
        self._tasks: set[asyncio.Future[Any]] = set()
        self.touch = mount.recorder.touch

    # -- services ---------------------------------------------------------------------------------

    def use(
        self,
        path: str,
        service: Any,
        *,
        methods: Iterable[str] | None = None,
        events: Iterable[str] | None = None,
    ) -> Application:
        """Register a service.

        Parameters
        ----------
        path
            Slashes around it don't count; segments like `:userId` are placeholders.
        service
            An object with some of find, get, create, update, patch, remove, setup and teardown.
        methods
            Names that clients may call, custom ones too; None: the standard ones that it has.
        events
            Custom events that clients get; None: its attribute `events`.

        Raises
        ------
        WorkbenchError
            For something that is no service, or a path that is taken.

        """
        if not isinstance(path, str):
            raise WorkbenchError(f'The path of a service is a text such as "messages", not {path!r}')
        place = stripped(path)
        if place in self.services and not self._replaces():
            raise WorkbenchError(f'Path "{place}" already exists; remove it first with unuse("{place}")')
        made = service_of(self, place, service, methods, events)
        self.services[place] = made
        self.router.insert(place, made)
        if self.is_set_up:  # R66: at once, and not awaited
            self.settle([self._set_up(made)])
        return self

    def service(self, path: str) -> Service:
        """Give a service by its path.

        Raises
        ------
        WorkbenchError
            For a path without one, with the paths that are near.

        """
        found = self.services.get(stripped(path)) if isinstance(path, str) else None
        if found is None:
            raise WorkbenchError(f"Can not find service {path!r}{near(str(path), self.services)}")
        return found

    async def unuse(self, path: str) -> Any:
        """Remove a service and its hooks, and wait for its teardown (R66).

        Returns
        -------
        object
            What was registered.

        """
        service = self.service(path)
        del self.services[service.path]
        self.router.remove(service.path)
        with self.mount.board.together():
            for row in self.mount.board.state.of(self._key):
                if row.hook.lane.startswith(f"{service.level}."):
                    self.mount.board.remove(row.hook.id, author=self.mount.author())
        await _life_of(service, "teardown", self)
        return service.target

    def lookup(self, path: str) -> Found[Service] | None:
        """Find the service that a request's path belongs to, with id and placeholders."""
        return self.router.lookup(path)

    # -- hooks ------------------------------------------------------------------------------------

    def hooks(self, hooks: Any) -> Application:
        """Register hooks for all services, those that came before too (R9); or around setup and teardown.

        Raises
        ------
        WorkbenchError
            For a form that Feathers refuses.

        """
        self.attach(of_application(hooks))
        return self

    def attach(self, attachments: list[Attachment]) -> None:
        """Attach hooks behind those of their lists, as one edit."""
        board, mount = self.mount.board, self.mount
        with board.together():
            for one in attachments:
                hook = board.attach(
                    mount.key(one.point),
                    one.function,
                    lane=one.lane,
                    kind=one.kind,
                    author=mount.author(),
                    append=True,
                )
                if BY_ITSELF.get():
                    self.of_setup.add(hook.id)

    def plan(self, service: Service, method: str, connection: int = NO_CONNECTION) -> Plan:
        """Give the chain of a method as it is now (R9, R10)."""
        board, alone = self._board, connection < 0
        if alone and (kept := service.plans.get(method)) is not None and kept[0] is board.state:
            return kept[1]
        named = self._named.get((service.path, method))
        if named is None:
            title = f"{service.path}.{method}"
            lanes = tuple(one.name for one in chain_lanes(service.path, method))
            named = Named(self.mount.key(title), (Section("", lanes),), title)
            self._named[service.path, method] = named
        state = board.state
        plan = board.plan(self._key, None if alone else connection, named=named)
        if alone:
            service.plans[method] = state, plan
        return plan

    def chains(self) -> list[NamedChain]:
        """List the chain of every method of every service; see `workbench.dialects.reports`."""
        return [
            NamedChain(
                f"{path}.{method}",
                self._key,
                chain_lanes(path, method),
                f"What a call of {method} on {path} passes through.",
                core=f"{path}.{method}",
                usual=lane(service.level, "before", method),
            )
            for path, service in list(self.services.items())
            for method in service.methods
        ]

    def misuse(self, member: str) -> None:
        """Take that a hook assigns a read-only member: refused in it where contexts are strict (R42)."""
        if self.strict:
            raise ReadOnlyMember(
                f"context.{member} is read-only; with strict_context=False it may be assigned"
            )
        self.mount.recorder.moment("stage", f"assigned the read-only context.{member}")

    # -- events -----------------------------------------------------------------------------------

    def channel(self, *names: str | Iterable[str]) -> Channel:
        """Give a channel by its name, or several as one."""
        return self.channels.channel(*names)

    def publish(self, event: Any, publisher: Callable[..., Any] | None = None) -> Application:
        """Say which channels get an event of any service, or with a function alone, any event (R57)."""
        self.publishers.publish(event, publisher)
        return self

    def emit(self, event: str, *arguments: Any) -> bool:
        """Emit an event of the application: connection, disconnect, login, logout, or one of your own."""
        self.on_loop(self._emit, event, arguments)
        return True

    def _emit(self, event: str, arguments: tuple[Any, ...]) -> None:
        returned = self.call_listeners(event, *arguments)
        self.settle(one for one in returned if one is not None and must_await(one))

    def publish_event(
        self, service: Service, event: str, data: Any, context: HookContext | None, place: int | None
    ) -> Awaitable[Any] | None:
        """Send an event to those that its publisher names; None, or what remains to be sent.

        For an ``async def`` publisher nobody waits: the call is answered meanwhile (R58, R105).
        """
        publisher = service.publishers.find(event) or self.publishers.find(event)
        if publisher is None or self.send is None:
            return None
        about = context or Context(path=service.path, service=service, app=self, result=data)
        payload = _payload(data, context, place)
        try:
            found = publisher(data, about)
            if found is not None and must_await(found):
                self.settle([self._publish_later(found, service, event, payload)])
                return None
            return self._deliver(found, service, event, payload)
        except Exception as error:  # noqa: BLE001 - whatever a publisher raises, the call has succeeded (R61)
            self.mount.note(error, point=f"{service.path} {event}")
            return None

    async def _publish_later(self, found: Awaitable[Any], service: Service, event: str, payload: Any) -> None:
        try:
            sent = self._deliver(await found, service, event, payload)
        except Exception as error:  # noqa: BLE001 - as above
            self.mount.note(error, point=f"{service.path} {event}")
        else:
            if sent is not None:
                await sent

    def _deliver(self, found: Any, service: Service, event: str, payload: Any) -> Awaitable[Any] | None:
        reached = audience(found)
        name = f"{service.path} {event}"
        if reached:
            self.mount.recorder.moment("stage", f"{name} to {len(reached)}")
        send = self.send
        assert send is not None  # noqa: S101 - asked for above
        rest = [send(connections, name, shown) for shown, connections in _by_payload(reached, payload)]
        waiting = [one for one in rest if one is not None]
        return asyncio.gather(*waiting) if waiting else None

    # -- settings ---------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """Give a setting, None where it is not set."""
        return self.settings.get(name)

    def set(self, name: str, value: Any) -> Application:
        """Set a setting."""
        self.settings[name] = value
        return self

    def configure(self, function: Callable[[Any], Any]) -> Application:
        """Let a function set up part of the application."""
        fitted(function)(self)
        return self

    # -- life -------------------------------------------------------------------------------------

    async def setup(self, server: Any = None) -> Application:
        """Set up all services one after the other, inside the setup hooks (R65)."""

        async def core(_context: object) -> None:
            self.is_set_up = True
            for service in list(self.services.values()):
                await self._set_up(service)

        await self._live(SETUP, core, server)
        return self

    async def teardown(self, server: Any = None) -> Application:
        """Tear all services down in the order of their registration, inside the teardown hooks (R66)."""

        async def core(_context: object) -> None:
            self.is_set_up = False
            for service in list(self.services.values()):
                await _life_of(service, "teardown", self)

        await self._live(TEARDOWN, core, server)
        return self

    async def _live(self, point: str, core: Callable[[object], Any], server: Any) -> None:
        context = HookContext(Called(self, None, "", point, {"server": 0}), [server])
        answer = self.mount.board.plan(self.mount.key(point)).fire(NO_CONNECTION, context, core)
        if answer is not None and must_await(answer):
            await answer

    async def _set_up(self, service: Service) -> None:
        began = BY_ITSELF.set(True)
        try:
            await _life_of(service, "setup", self)
        finally:
            BY_ITSELF.reset(began)

    # -- loops ------------------------------------------------------------------------------------

    def awaited(self, work: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        """Let a call be awaited here, though it runs on the loop that serves the application, if one does."""
        if rehearsing():
            work.close()
        refuse("A call of a service")
        loop = _serving(self.mount)
        if loop is None or loop is _running():
            return work
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop)) if _running() else work

    def on_loop(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call a function now, or in its turn on the loop that serves where that is another."""
        if rehearsing():
            return
        loop = _serving(self.mount)
        if loop is None or loop is _running():
            function(*arguments)
        else:
            loop.call_soon_threadsafe(function, *arguments)

    def settle(self, pending: Iterable[Awaitable[Any]]) -> None:
        """Let what remains of something run in tasks; errors go to the bench."""
        for one in pending:
            refuse("What goes on by itself")
            loop = _serving(self.mount) or _running()
            work = self._settled(one)
            if loop is None:
                work.close()
            elif loop is _running():
                task = loop.create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                asyncio.run_coroutine_threadsafe(work, loop)

    async def settled(self) -> None:
        """Wait for what runs in tasks of this loop."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _settled(self, pending: Awaitable[Any]) -> None:
        try:
            await pending
        except Exception as error:  # noqa: BLE001 - nobody awaits it
            self.mount.sink(error)

    def __repr__(self) -> str:
        return f"<Feathers application: {', '.join(self.services) or 'no services yet'}>"


def _payload(data: Any, context: HookContext | None, place: int | None) -> Any:
    """Give what clients see: of a list the dispatch at the same place, never the result's own (R59, R112)."""
    dispatch = None if context is None else dict.get(context, "dispatch")
    if isinstance(dispatch, list) and place is not None:
        return dispatch[place] if place < len(dispatch) else None
    return first_set(dispatch, data)


def _by_payload(reached: list[tuple[Any, Any]], usual: Any) -> list[tuple[Any, list[Any]]]:
    """Put those together who get the same (R59): what a channel sends, else what all get."""
    groups: dict[int, tuple[Any, list[Any]]] = {}
    for connection, own in reached:
        shown = first_set(own, usual)
        groups.setdefault(id(shown), (shown, []))[1].append(connection)
    return list(groups.values())


async def _life_of(service: Service, moment: str, app: Application) -> None:
    function = getattr(service.target, moment, None)
    if callable(function):
        answer = fitted(function)(app, service.path)
        if answer is not None and must_await(answer):
            await answer


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _serving(mount: Mount) -> asyncio.AbstractEventLoop | None:
    try:
        loop = mount.loop
    except NotRunning:
        return None
    return loop if loop.is_running() else None
