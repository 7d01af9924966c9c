"""Hooks objects: how hooks are defined together, attached, and edited while they run (crossws R23)."""

from __future__ import annotations

__all__ = ["LiveHooks", "attach_all", "define_hooks", "functions_of"]

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.context import Context
from workbench.dialects.crossws.link import member
from workbench.dialects.crossws.points import POINTS
from workbench.engine.errors import BadSignature, UnknownPoint, near
from workbench.engine.hooks import Hook

_NAMES = tuple(point.name for point in POINTS)


def define_hooks(
    hooks: Mapping[str, Callable[..., Any]] | None = None, /, **functions: Callable[..., Any]
) -> Context:
    """Make a hooks object for `resolve`, checked for names that no point has.

    Assigning or deleting a member takes effect at the next event of every connection that holds the object.

    Parameters
    ----------
    hooks
        Functions by the name of their point.
    **functions
        The same by name: `define_hooks(message=echo)`.

    Raises
    ------
    UnknownPoint
        For a name that is no hook point of crossws.

    """
    return Context(functions_of({**(hooks or {}), **functions}))


def functions_of(hooks: object) -> list[tuple[str, Callable[..., Any]]]:
    """List what a hooks object has, in the order of the points; a mapping may hold nothing else."""
    if isinstance(hooks, Mapping):
        for name in hooks:
            if name not in _NAMES:
                raise UnknownPoint(f"crossws has no hook point {name!r}{near(str(name), _NAMES)}")
            if hooks[name] is not None and not callable(hooks[name]):
                raise BadSignature(f"The hook for {name!r} is a function or None, not {hooks[name]!r}")
    found = [(name, member(hooks, name)) for name in _NAMES]
    functions = [(name, function) for name, function in found if function is not None]
    if not functions and hooks is not None and not isinstance(hooks, Mapping):
        raise UnknownPoint(
            f"There is no hook in {hooks!r}: a mapping is expected, or an object with a method "
            f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"
        )
    return functions


def attach_all(mount: Mount, hooks: object, functions: Mapping[str, Callable[..., Any]]) -> LiveHooks:
    """Attach a hooks object, and functions by name, each after what its point has."""
    live = LiveHooks(mount)
    for name, function in [*functions_of(hooks), *functions_of(functions)]:
        live._attach(name, function)  # noqa: SLF001  # the object is being made
    return live


class LiveHooks:
    """Hooks that were attached together, as an object with a member per point.

    `live.message = other` replaces that hook, `del live.message` removes it; both take effect at the next
    event. They are edits of the board like any other.
    """

    _mount: Mount
    _hooks: dict[str, Hook]

    def __init__(self, mount: Mount) -> None:
        self.__dict__.update(_mount=mount, _hooks={})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        hook = self._hooks.get(name)
        if hook is None:
            raise AttributeError(f"no {name!r} among these hooks, only {', '.join(self._hooks) or 'none'}")
        return self._mount.board.resolve(hook.id).function

    def __setattr__(self, name: str, function: Callable[..., Any]) -> None:
        if name not in _NAMES:
            raise UnknownPoint(f"crossws has no hook point {name!r}{near(name, _NAMES)}")
        if name in self._hooks:
            self._mount.board.replace(self._hooks[name].id, function, author=self._mount.author())
        else:
            self._attach(name, function)

    def __delattr__(self, name: str) -> None:
        if name not in self._hooks:
            raise AttributeError(f"no {name!r} among these hooks")
        self._mount.board.remove(self._hooks.pop(name).id, author=self._mount.author())

    def __iter__(self) -> Iterator[str]:
        return iter(self._hooks)

    def __repr__(self) -> str:
        return f"<hooks: {', '.join(self._hooks) or 'none'}>"

    def _attach(self, name: str, function: Callable[..., Any]) -> None:
        self._hooks[name] = self._mount.board.attach(
            self._mount.key(name),
            function,
            name=name if getattr(function, "__name__", "") == "<lambda>" else None,
            author=self._mount.author(),
            append=True,
        )
