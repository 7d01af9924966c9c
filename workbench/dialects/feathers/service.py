"""A service as an application holds it: its methods go through the hooks, its events to clients."""

from __future__ import annotations

__all__ = ["PROTECTED", "Service", "service_of"]

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from workbench.dialects.context import Context
from workbench.dialects.feathers.channels import STANDARD, Publishers
from workbench.dialects.feathers.context import (
    ARGUMENTS,
    CUSTOM,
    PARAMS_AT,
    Called,
    HookContext,
    arguments_of,
    params_of,
)
from workbench.dialects.feathers.emitter import Emitter, room_of
from workbench.dialects.feathers.errors import BadRequest
from workbench.dialects.feathers.lanes import level_of
from workbench.dialects.feathers.registration import of_service
from workbench.engine.awaiting import must_await
from workbench.engine.errors import WorkbenchError, near
from workbench.trace.connections import NO_CONNECTION

if TYPE_CHECKING:
    from workbench.dialects.feathers.application import Application
    from workbench.engine.plan import Plan
    from workbench.engine.state import BoardState

_LAST: Final = CUSTOM.index("params")
EVENTS: Final = {"create": "created", "update": "updated", "patch": "patched", "remove": "removed"}
PROTECTED: Final = frozenset(
    {
        "after",
        "all",
        "around",
        "before",
        "emit",
        "error",
        "hooks",
        "listeners",
        "off",
        "on",
        "once",
        "publish",
        "setup",
        "teardown",
    }
)
"""Names that no custom method may have (R68)."""


def service_of(
    app: Application, path: str, target: Any, methods: Iterable[str] | None, events: Iterable[str] | None
) -> Service:
    """Make a service of an object.

    Parameters
    ----------
    app, path
        Whose, and where.
    target
        The object with the methods.
    methods
        Names of those that clients may call; None: the standard ones that it has.
    events
        Names of custom events; None: its attribute `events`, or none.

    Raises
    ------
    WorkbenchError
        For an object without methods, a method that it lacks, or a protected name.

    """
    standard = [name for name in ARGUMENTS if callable(getattr(target, name, None))]
    exposed = tuple(standard if methods is None else methods)
    for name in exposed:
        if name in PROTECTED:
            raise WorkbenchError(f'"{name}" on "{path}" is a protected name and can not be a custom method')
        if not callable(getattr(target, name, None)):
            raise WorkbenchError(
                f"The service at {path!r} has no method {name!r} to expose; it has "
                f"{', '.join(standard) or 'no standard ones'}{near(name, standard)}"
            )
    hooked = tuple(dict.fromkeys([*standard, *exposed]))
    if not hooked and not callable(getattr(target, "setup", None)):
        raise WorkbenchError(
            f"What is registered at {path!r} is no service: an object with at least one of the methods "
            f"{', '.join(ARGUMENTS)} is expected, not {target!r}"
        )
    custom = tuple(getattr(target, "events", None) or () if events is None else events)
    return Service(app, path, target, hooked, exposed, custom)


class Service(Emitter):
    """What `app.service(path)` gives. Other attributes are those of the object behind it.

    Attributes
    ----------
    app, path
        Whose, and where.
    target
        The object that was registered.
    methods
        Names of all methods that go through hooks (R12).
    exposed
        Names of those that clients may call.
    custom_events
        Names that are never emitted on their own (R52).

    """

    def __init__(
        self,
        app: Application,
        path: str,
        target: Any,
        methods: tuple[str, ...],
        exposed: tuple[str, ...],
        custom_events: tuple[str, ...],
    ) -> None:
        super().__init__()
        self.app = app
        self.path = path
        self.target = target
        self.methods = methods
        self.exposed = frozenset(exposed)
        self.custom_events = custom_events
        self.publishers = Publishers((*STANDARD, *custom_events), f"the service {path!r}")
        self._calls = {name: _Method(self, name) for name in methods}
        self.plans: dict[str, tuple[BoardState, Plan]] = {}
        """By method, what its calls without a connection run, and the board's state for which that holds."""
        self._known: dict[str, Called] = {}
        self._cores = {name: _core(getattr(target, name)) for name in methods}

    @property
    def level(self) -> str:
        """Name of its level in the lists of hooks."""
        return level_of(self.path)

    def __getattr__(self, name: str) -> Any:
        calls = self.__dict__.get("_calls", {})
        if name in calls:
            return calls[name]
        if name.startswith("__") or "target" not in self.__dict__:
            raise AttributeError(name)
        try:
            return getattr(self.target, name)
        except AttributeError:
            raise AttributeError(f"The service {self.path!r} has no {name!r}{near(name, calls)}") from None

    def __repr__(self) -> str:
        return f"<service {self.path}: {', '.join(self.methods)}>"

    # -- hooks and events -------------------------------------------------------------------------

    def hooks(self, hooks: Any) -> Service:
        """Register hooks after those that are there; see `registration.of_service` for the forms.

        Raises
        ------
        WorkbenchError
            For a form that Feathers refuses.

        """
        self.app.attach(of_service(self.level, self.methods, hooks))
        return self

    def publish(self, event: Any, publisher: Callable[..., Any] | None = None) -> Service:
        """Say which channels get an event, or with a function alone, any event of this service (R57)."""
        self.publishers.publish(event, publisher)
        return self

    def emit(self, event: str, data: Any = None, context: HookContext | None = None) -> bool:
        """Emit an event by hand: to listeners, then to clients where it is one of the service's (R54)."""
        self.app.on_loop(self._emit, event, data, context)
        return True

    def _emit(self, event: str, data: Any, context: HookContext | None) -> None:
        self.app.settle(self.announce(event, data, context, None))

    def announce(
        self, event: str, data: Any, context: HookContext | None, place: int | None
    ) -> list[Awaitable[Any]]:
        """Tell clients, then listeners, as in Feathers; what must be sent before the call is answered (R105).

        Parameters
        ----------
        event, data
            What is told.
        context
            Of the call; None by hand.
        place
            Index of the data in the call's result, None where that is no list (R112).

        """
        pending = []
        if event in STANDARD or event in self.custom_events:
            sent = self.app.publish_event(self, event, data, context, place)
            pending = [] if sent is None else [sent]
        if event in self._listeners:  # what they await is their own affair: the call does not wait for it
            told = self.call_listeners(event, data, context)
            self.app.settle(one for one in told if one is not None and must_await(one))
        return pending

    # -- calls ------------------------------------------------------------------------------------

    async def call(
        self,
        method: str,
        arguments: list[Any],
        context: HookContext | None = None,
        connection: int = NO_CONNECTION,
    ) -> HookContext:
        """Call a method through its hooks; the context as it was left, its result included.

        Parameters
        ----------
        method
            One of `methods`.
        arguments
            All of them, params last; further ones reach the method (R46).
        context
            One made by `create_context`; None: a new one.
        connection
            Number of the client's connection, for scopes of hooks and for the trace.

        """
        made = self.create_context(method) if context is None else context
        held = arguments_of(made)
        held[:] = arguments
        place = PARAMS_AT.get(method, _LAST)  # extra arguments may follow the params (R46)
        if type(held[place]) is not Context:
            held[place] = params_of(held[place])
        plan = self.app.plan(self, method, connection)
        answer = plan.fire(connection, made, self._cores[method])
        if answer is not None and must_await(answer):
            await answer
        event = dict.get(made, "event")
        if event is not None and event not in self.custom_events:
            await self._emit_results(event, made)
        return made

    def create_context(self, method: str) -> HookContext:
        """Make a context to hand over as the last argument of a call, which then gives it back (R47)."""
        of = self._about(method)
        context = HookContext(of, [None] * len(of.places), self.app.touch)
        dict.__setitem__(context, "event", EVENTS.get(method))
        return context

    def _about(self, method: str) -> Called:
        """Give what the contexts of all calls of a method have in common."""
        known = self._known.get(method)
        if known is None:
            places = {name: place for place, name in enumerate(ARGUMENTS.get(method, CUSTOM))}
            known = self._known[method] = Called(self.app, self, self.path, method, places, self.app.misuse)
        return known

    async def _emit_results(self, event: str, context: HookContext) -> None:
        """Emit once per element of a list, else once (R48, R49)."""
        result = dict.get(context, "result")
        if isinstance(result, list):
            for place, element in enumerate(result):
                for pending in self.announce(event, element, context, place):
                    await pending
        else:
            for pending in self.announce(event, result, context, None):
                await pending


class _Method:
    """A method of a service that goes through the hooks, to be awaited on any loop."""

    def __init__(self, service: Service, name: str) -> None:
        self._service = service
        self.__name__ = name
        self._names = ARGUMENTS.get(name, CUSTOM)

    def __call__(self, *arguments: Any, **named: Any) -> Awaitable[Any]:
        context = None
        if arguments and isinstance(arguments[-1], HookContext):
            *rest, context = arguments
            arguments = tuple(rest)
        given = self._arranged(arguments, named)
        return self._service.app.awaited(self._run(given, context))

    def _arranged(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        extra = arguments[len(self._names) :]
        given = dict(zip(self._names, arguments, strict=False))
        for name, value in named.items():
            if name not in self._names or name in given:
                raise TypeError(
                    f"{self._service.path}.{self.__name__} takes {', '.join(self._names)}; {name!r} is "
                    f"{'given twice' if name in given else 'none of them'}"
                )
            given[name] = value
        missing = [name for name in self._names if name not in given and name != "params"]
        if missing:
            raise BadRequest(_MISSING[missing[0]].format(self.__name__))
        return [*(given.get(name) for name in self._names), *extra]

    async def _run(self, arguments: list[Any], context: HookContext | None) -> Any:
        with self._service.app.mount.recorder.story():
            made = await self._service.call(self.__name__, arguments, context)
        return dict.get(made, "result") if context is None else made


_MISSING: Final = {
    "id": "An id must be provided to the '{}' method",
    "data": "A data object must be provided to the '{}' method",
}


def _core(function: Callable[..., Any]) -> Callable[[HookContext], Any]:
    room = room_of(function)
    return lambda context: function(*arguments_of(context)[:room])
