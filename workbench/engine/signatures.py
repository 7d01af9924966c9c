"""Fitting a function to its point.

Fewer positionals as in JavaScript, keyword-only parameters as destructuring.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from workbench.engine.errors import BadSignature
from workbench.engine.hooks import HookFunction, Kind

if TYPE_CHECKING:
    from workbench.engine.points import Point

__all__ = ["adapt", "fit"]

_ABSENT: Any = object()


def fit(function: Any, name: str, point: Point, kind: Kind = "call") -> HookFunction:
    """Fit a hook to its point; see `adapt`. In an onion it is fitted to its kind: `before(context)`."""
    where = point.title if kind == "call" else kind
    return adapt(function, name, where, point.parameters_of(kind), point.members)


def adapt(
    function: Any, name: str, point: str, parameters: tuple[str, ...], members: frozenset[str] | None = None
) -> HookFunction:
    """Make a callable that takes every argument of the point and passes on what the function wants.

    Parameters
    ----------
    function
        What somebody attached. Read once, here.
    name
        The hook's name, for messages.
    point
        The point's title, for messages.
    parameters
        What the point offers.
    members
        What keyword-only parameters may pick from the first argument; None: anything, absent ones become
        None.

    Returns
    -------
    callable
        The function itself where it takes exactly what the point offers.

    Raises
    ------
    BadSignature
        When the function could never be called at this point.
    """
    offered = f"{point}({', '.join(parameters)})"
    if not callable(function):
        raise BadSignature(
            f"{offered} needs a function to call, not {function!r} ({type(function).__name__}); "
            f"define one with def"
        )
    if isinstance(function, type):
        raise BadSignature(
            f"{offered} needs a function to call, not the class {function.__name__}; attach one of its "
            f"objects that can be called, as in {function.__name__}()"
        )
    _refuse_generators(function, name, offered)
    accepted: HookFunction = function
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins do not tell; they get everything
        return accepted
    wanted = list(signature.parameters.values())
    taken = _positionals(wanted, name, offered, len(parameters))
    picks = _picks(wanted, name, offered, parameters, members)
    if picks:
        return _picking(function, taken, picks)
    return function if taken == len(parameters) else _fewer(function, taken)


def _refuse_generators(function: Any, name: str, offered: str) -> None:
    flags = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_flags", 0)
    generator = flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR)
    if generator and not flags & inspect.CO_ITERABLE_COROUTINE:
        raise BadSignature(
            f"hook {name!r} contains yield, so calling it at {offered} would run nothing; remove the yield"
        )


def _positionals(wanted: list[Parameter], name: str, offered: str, count: int) -> int:
    """Count the positional arguments to pass; refuse when more are required than there are."""
    plain = [
        one for one in wanted if one.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ]
    required = [one.name for one in plain if one.default is Parameter.empty]
    if len(required) > count:
        raise BadSignature(
            f"hook {name!r} requires {len(required)} arguments ({', '.join(required)}), "
            f"but {offered} gives {count}; "
            f"remove {', '.join(required[count:])} or give a default"
        )
    if any(one.kind is Parameter.VAR_POSITIONAL for one in wanted):
        return count
    return min(len(plain), count)


def _picks(
    wanted: list[Parameter],
    name: str,
    offered: str,
    parameters: tuple[str, ...],
    members: frozenset[str] | None,
) -> tuple[tuple[str, Any], ...]:
    """List the keyword-only parameters with their defaults; refuse those that cannot be filled."""
    only = [one for one in wanted if one.kind is Parameter.KEYWORD_ONLY]
    known = members if parameters else frozenset()
    if known is not None:
        missing = [one.name for one in only if one.default is Parameter.empty and one.name not in known]
        if missing:
            source = (
                f"picks keywords from {parameters[0]}, which has {', '.join(sorted(known)) or 'none'}"
                if parameters
                else "has nothing to pick keywords from"
            )
            raise BadSignature(
                f"hook {name!r} asks for {', '.join(missing)} by keyword, but {offered} {source}; "
                f"rename or give a default"
            )
        only = [one for one in only if one.name in known]
    return tuple((one.name, _ABSENT if one.default is Parameter.empty else one.default) for one in only)


def _fewer(function: HookFunction, taken: int) -> HookFunction:
    """Cut arguments off; the common small numbers without slicing, which costs 60 ns a call."""
    if taken == 0:
        return lambda *_: function()
    if taken == 1:
        return lambda first, *_: function(first)
    return lambda *arguments: function(*arguments[:taken])


def _pick(source: Any, name: str, default: Any) -> Any:
    mapping = isinstance(source, Mapping)
    value = source.get(name, _ABSENT) if mapping else getattr(source, name, _ABSENT)
    if value is not _ABSENT:
        return value
    return None if default is _ABSENT else default  # JavaScript's destructuring gives undefined


def _picking(function: HookFunction, taken: int, picks: tuple[tuple[str, Any], ...]) -> HookFunction:
    def call(*arguments: Any) -> Any:
        source = arguments[0]
        return function(*arguments[:taken], **{name: _pick(source, name, default) for name, default in picks})

    return call
