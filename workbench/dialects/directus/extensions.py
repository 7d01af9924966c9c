"""Extensions: functions that register hooks, as Directus loads them (R16, R18, R20)."""

from __future__ import annotations

__all__ = ["Embedding", "Extensions", "Register", "Registrar"]

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from workbench.dialects.context import Context
from workbench.dialects.directus.points import ACTION, FILTER, INIT, SCHEDULE
from workbench.dialects.directus.schedules import BadCronLine, Cron
from workbench.engine.errors import BadSignature, UnknownPoint, WorkbenchError, is_near, near
from workbench.engine.hooks import Hook
from workbench.naming import warn_caller

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

_F = TypeVar("_F", bound=Callable[..., Any])
_POSITIONS = ("head", "body")


class Registrar:
    """Registers hooks of one kind: ``filter("items.create", function)``, or as a decorator.

    Parameters
    ----------
    app
        Whose hooks.
    kind
        ``filter``, ``action``, ``init`` or ``schedule``.
    taken
        Is told of each hook.
    """

    def __init__(self, app: DirectusApp, kind: str, taken: Callable[[Hook], object] = lambda _: None) -> None:
        self._app = app
        self._kind = kind
        self._taken = taken

    @overload
    def __call__(self, event: str, *, name: str | None = None) -> Callable[[_F], _F]: ...
    @overload
    def __call__(self, event: str, function: _F, *, name: str | None = None) -> _F: ...
    def __call__(self, event: str, function: _F | None = None, *, name: str | None = None) -> Any:
        """Register a function for an event, behind those there are.

        Parameters
        ----------
        event
            Its name, or a pattern with ``*`` and ``**``; for a schedule the cron line. Names are open: one
            that nothing here emits is noted in the trace. A cron line that cannot be read is noted and
            ignored (R16).
        function
            None: the call is a decorator.
        name
            What to call the hook; None takes the function's name.

        Returns
        -------
        callable
            The function as it is, or the decorator.
        """
        if not isinstance(event, str) or not event.strip():
            example = "* * * * *" if self._kind == SCHEDULE else "items.create"
            raise UnknownPoint(f'{self._kind} takes an event such as "{example}", not {event!r}')

        def register(given: _F) -> _F:
            self._attach(event, given, name)
            return given

        return register if function is None else register(function)

    def _attach(self, event: str, function: _F, name: str | None) -> None:
        mount, key = self._app.mount, self._app.mount.key(self._kind)
        if self._kind == SCHEDULE:
            try:
                Cron(event)
            except BadCronLine as error:
                mount.note(error, point=f"{key} {event}")
                warn_caller(f"{error}: this schedule is left out.")
                return
        hook = mount.board.attach(key, function, name=name, lane=event, author=mount.author(), append=True)
        self._taken(hook)
        unknown = "" if self._kind == SCHEDULE else self._app.emitter.unknown(self._kind, event)
        if unknown:
            mount.note(UnknownPoint(unknown), point=f"{key} {event}", hook=hook.name)
            if is_near(event, self._app.emitter.names(self._kind)):  # else it may be an event of one's own
                warn_caller(unknown)

    def __repr__(self) -> str:
        return f"<{self._kind}(event, function)>"


class Register:
    """What one extension registers with: the four kinds of hooks and ``embed``.

    Attributes
    ----------
    hooks
        What it has registered so far.
    embeds
        Texts for the page, by position.
    """

    def __init__(self, app: DirectusApp) -> None:
        self.hooks: list[Hook] = []
        self.embeds: list[tuple[str, str]] = []
        self._app = app
        self.members: dict[str, Callable[..., Any]] = {
            kind: Registrar(app, kind, self.hooks.append) for kind in (FILTER, ACTION, INIT, SCHEDULE)
        }
        self.members["embed"] = self.embed

    def embed(self, position: str, code: str | Callable[[], str]) -> None:
        """Put HTML into the page at ``/admin`` (R18).

        Parameters
        ----------
        position
            ``head`` or ``body``.
        code
            Text, or a function that gives it, which is called once, now. Blank text is noted and ignored.
        """
        if position not in _POSITIONS:
            raise WorkbenchError(
                f'embed takes "head" or "body", not {position!r}{near(str(position), _POSITIONS)}'
            )
        text = code() if callable(code) else code
        if not isinstance(text, str) or not text.strip():
            self._app.mount.note(WorkbenchError(f"The embed for {position} is blank"), point="embed")
            return
        self.embeds.append((position, text))


class Embedding:
    """The extension that `bench.embed(...)` is.

    Parameters
    ----------
    position, code
        As of `Register.embed`.
    """

    def __init__(self, position: str, code: str | Callable[[], str]) -> None:
        self.position = position
        self.code = code
        self.__name__ = f"embed {position} {code if isinstance(code, str) else getattr(code, '__name__', '')}"

    def __call__(self, embed: Callable[..., None]) -> None:
        """Embed it."""
        embed(self.position, self.code)


class Extensions:
    """The extensions of a bench, by name; one that is registered anew takes its own place.

    Parameters
    ----------
    app
        Whose.
    """

    def __init__(self, app: DirectusApp) -> None:
        self._app = app
        self._registers: dict[str, Register] = {}
        self._functions: dict[str, Callable[..., Any]] = {}

    @property
    def registered(self) -> list[tuple[Callable[..., Any], Register]]:
        """List the extensions, with what each registered."""
        return [(self._functions[name], register) for name, register in self._registers.items()]

    def add(self, extension: Callable[..., Any]) -> None:
        """Let an extension register its hooks.

        Parameters
        ----------
        extension
            A function. Its parameters say what it wants, by name: ``filter``, ``action``, ``init``,
            ``schedule``, ``embed``; ``services``, ``database``, ``logger``, ``env``, ``emitter``,
            ``get_schema``; or ``register`` and ``context`` for all of each.

        Raises
        ------
        BadSignature
            Where it asks for something else.
        Exception
            What it raised; nothing that it registered stays (R20).
        """
        name = getattr(extension, "__name__", type(extension).__name__)
        register = Register(self._app)
        arguments = self._arguments(extension, name, register)
        board = self._app.mount.board
        with board.together():
            try:
                extension(**arguments)
            except BaseException:
                self._remove(register)
                raise
            old = self._registers.get(name)
            if old is not None:
                kept = {hook.id for hook in register.hooks}
                old.hooks[:] = [hook for hook in old.hooks if hook.id not in kept]
                self._remove(old)
        self._registers[name], self._functions[name] = register, extension

    def _arguments(self, extension: Callable[..., Any], name: str, register: Register) -> dict[str, Any]:
        if not callable(extension):
            raise BadSignature(f"An extension is a function, not {extension!r}")
        context = self._app.extension_context
        offered: Mapping[str, Any] = {
            **register.members,
            **context,
            "register": Context(register.members),
            "context": context,
        }
        arguments: dict[str, Any] = {}
        for one in inspect.signature(extension).parameters.values():
            if one.name in offered and one.kind not in (
                one.POSITIONAL_ONLY,
                one.VAR_POSITIONAL,
                one.VAR_KEYWORD,
            ):
                arguments[one.name] = offered[one.name]
            elif one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
                raise BadSignature(
                    f"The extension {name!r} asks for {one.name!r}, which no extension is given"
                    f"{near(one.name, offered)}"
                )
        return arguments

    def _remove(self, register: Register) -> None:
        board = self._app.mount.board
        there = {hook.id for hook in board.state.hooks()}
        for hook in register.hooks:
            if hook.id in there:
                board.remove(hook.id, author=self._app.mount.author())

    def embedded(self, position: str) -> str:
        """Give the HTML of a position, as the page has it (R18)."""
        texts = [text for one in self._registers.values() for at, text in one.embeds if at == position]
        if not texts:
            return ""
        title = position.capitalize()
        return "\n".join(
            [f"<!-- Start Custom Embed {title} -->", *texts, f"<!-- End Custom Embed {title} -->"]
        )
