"""The context of one call: what hooks read and change."""

from __future__ import annotations

__all__ = [
    "ARGUMENTS",
    "PARAMS_AT",
    "Called",
    "HookContext",
    "ReadOnlyMember",
    "arguments_of",
    "params_of",
    "put_type",
    "type_of",
]

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from workbench.dialects.context import Context, Touch, TrackedContext, put_touch, untracked
from workbench.engine.errors import WorkbenchError

ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "find": ("params",),
    "get": ("id", "params"),
    "create": ("data", "params"),
    "update": ("id", "data", "params"),
    "patch": ("id", "data", "params"),
    "remove": ("id", "params"),
}
"""What each standard method takes; a custom one takes data and params."""

CUSTOM: Final = ("data", "params")
PARAMS_AT: Final = {method: names.index("params") for method, names in ARGUMENTS.items()}
"""Where the params stand among the arguments of each standard method."""

READ_ONLY: Final = frozenset({"app", "service", "path", "method", "type", "arguments"})
_UNSET: Final = object()
_INHERITED: Final = ("app", "service", "path", "method", "type")


class ReadOnlyMember(WorkbenchError):
    """A hook assigned to a member that Feathers calls read-only, in an application with strict contexts."""


def params_of(given: Any) -> Context:
    """Give params as a mapping that takes attribute access too; the same one where it is one already."""
    if isinstance(given, Context):
        return given
    if given is None:
        return Context()
    if not isinstance(given, Mapping):
        raise WorkbenchError(f"The params of a call are a mapping such as {{'query': {{}}}}, not {given!r}")
    return Context(given)


@dataclass(frozen=True, slots=True)
class Called:
    """What the contexts of all calls of one method have in common.

    Parameters
    ----------
    app, service, path, method
        As hooks read them.
    places
        Where in the list of arguments each of them stands, by its name.
    misuse
        Is told of a read-only member that a hook assigns.

    """

    app: Any
    service: Any
    path: str
    method: str
    places: Mapping[str, int]
    misuse: Callable[[str], None] | None = None


def _member(name: str) -> Any:
    """Make what reads a member that is an entry, in one step; assigning and deleting go the usual way."""

    def read(context: HookContext) -> Any:
        value = dict.get(context, name, _UNSET)
        if value is _UNSET:
            raise AttributeError(name)  # `__getattr__` is asked then, and knows what to say
        return value

    return property(read)


class HookContext(TrackedContext):
    """One call of a service method, from its first hook to its last (R39 to R47).

    A mapping that takes attribute access too. Its entries are the members that are set: `result`, `error`,
    `original`, `dispatch`, `http`, `event`, and whatever hooks add. A member that is not set is absent, which
    is not the same as None: `del context.result` makes the method run again (R17). `id`, `data` and `params`
    are the arguments of the call; assigning one changes what the method gets (R41).

    Attributes
    ----------
    app, service, path, method, type, arguments
        Read-only by convention. Assigning one succeeds, as in Feathers (R42), and is noted in the trace.

    """

    __slots__ = ("_arguments", "_of", "_type")

    _arguments: list[Any]
    _of: Called
    _type: str

    def __init__(self, of: Called, arguments: list[Any], touch: Touch | None = None) -> None:
        dict.__init__(self)
        put_touch(self, untracked if touch is None else touch)
        _put_of(self, of)
        put_type(self, "around")
        _put_arguments(self, arguments)

    # what hooks read most would be looked for in the class first, and not found, at a price
    result = _member("result")
    error = _member("error")
    http = _member("http")
    dispatch = _member("dispatch")
    event = _member("event")
    original = _member("original")

    # -- what is inherited in Feathers ------------------------------------------------------------

    @property
    def app(self) -> Any:
        """The application."""
        return self._of.app

    @property
    def service(self) -> Any:
        """The service that is called."""
        return self._of.service

    @property
    def path(self) -> str:
        """Of the service, without slashes around it."""
        return self._of.path

    @property
    def method(self) -> str:
        """Name of the method."""
        return self._of.method

    @property
    def type(self) -> str:
        """around, or before, after or error while such a hook runs (R36)."""
        return self._type

    @property
    def arguments(self) -> list[Any]:
        """The live list of arguments; what is appended reaches the method (R46)."""
        return self._arguments

    @property
    def params(self) -> Any:
        """About the call: `query`, and from outside `provider`, `headers`, `route`, `connection`."""
        place = self._of.places.get("params")  # as `_argument` does: hooks ask for nothing more often
        return self._argument("params") if place is None else self._arguments[place]

    @property
    def id(self) -> Any:
        """Of the record; absent where the method takes none."""
        return self._argument("id")

    @property
    def data(self) -> Any:
        """What was sent; absent where the method takes none."""
        return self._argument("data")

    @property
    def status_code(self) -> int | None:
        """The HTTP status that a hook chose: an older name for `http["status"]`."""
        return (self.get("http") or {}).get("status")

    def _argument(self, name: str) -> Any:
        place = self._of.places.get(name)
        if place is None:
            raise AttributeError(f"a call of {self._of.method} has no {name}")
        return self._arguments[place]

    # -- mapping ----------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __setitem__(self, key: str, value: Any) -> None:
        place = self._of.places.get(key)
        if place is not None:
            self._touch(self, key)
            self._arguments[place] = params_of(value) if key == "params" else value
        elif key in READ_ONLY:
            if self._of.misuse is not None:
                self._of.misuse(key)
            self._touch(self, key)
            if key in ("type", "arguments"):
                object.__setattr__(self, f"_{key}", value)
            else:
                _put_of(self, replace(self._of, **{key: value}))
        elif key == "status_code":
            self["http"] = {**(self.get("http") or {}), "status": value}
        else:
            self._touch(self, key)
            dict.__setitem__(self, key, value)

    def __missing__(self, key: str) -> Any:
        if key in READ_ONLY or key in self._of.places or key == "status_code":
            return getattr(self, key)
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or key in self._of.places or key in READ_ONLY

    def get(self, key: str, default: Any = None) -> Any:
        """Give a member, the inherited ones too, or `default` where it is not set."""
        return self[key] if key in self else default  # noqa: SIM401 - this is that get

    # -- as a whole -------------------------------------------------------------------------------

    def is_set(self, key: str) -> bool:
        """Tell whether a member of its own is set, None included."""
        return dict.__contains__(self, key)

    def to_json(self) -> dict[str, Any]:
        """List own and inherited members (R44), as `toJSON` does."""
        return dict(self._members())

    def _members(self) -> Iterator[tuple[str, Any]]:
        for name in (*_INHERITED, *self._of.places):
            yield name, getattr(self, name)
        yield "arguments", self._arguments
        yield from self.items()

    def _names(self) -> list[str]:
        return [name for name, _ in self._members()]

    def copy(self) -> HookContext:
        """Give a shallow copy, as error hooks find under `original` (R33)."""
        twin = HookContext(replace(self._of, misuse=None), list(self._arguments))
        put_type(twin, self._type)
        dict.update(twin, self)
        return twin

    def __repr__(self) -> str:
        return (
            f"<{self._of.path or 'app'}.{self._of.method} {self._type}: {', '.join(self) or 'nothing set'}>"
        )

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:  # a dict has one of its own
        return self is not other

    def __hash__(self) -> int:  # type: ignore[override]  # each call has a context of its own (R43)
        return id(self)


# a member of a context is put by `context.name = value`, so its slots need another way
arguments_of: Callable[[HookContext], list[Any]] = HookContext._arguments.__get__  # type: ignore[attr-defined]  # noqa: SLF001
type_of: Callable[[HookContext], str] = HookContext._type.__get__  # type: ignore[attr-defined]  # noqa: SLF001
put_type: Callable[[HookContext, str], None] = HookContext._type.__set__  # type: ignore[attr-defined]  # noqa: SLF001
_put_of: Callable[[HookContext, Called], None] = HookContext._of.__set__  # type: ignore[attr-defined]  # noqa: SLF001
_put_arguments: Callable[[HookContext, list[Any]], None] = HookContext._arguments.__set__  # type: ignore[attr-defined]  # noqa: SLF001
