"""Resolvers: members of data, queries and results that are computed one by one."""

from __future__ import annotations

__all__ = ["Resolver", "resolve", "virtual"]

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.dialects.feathers.errors import BadRequest, wire_form
from workbench.engine.awaiting import must_await
from workbench.engine.points import NULL
from workbench.engine.signatures import adapt

Property = Callable[..., Any]
_OFFERED = ("value", "obj", "context", "status")


class Virtual:
    """A member that is computed from the others and never comes with the data."""

    def __init__(self, function: Property) -> None:
        self._function = adapt(function, getattr(function, "__name__", "virtual"), "virtual", _OFFERED[1:])

    def __call__(self, _value: Any, obj: Any, context: Any, status: Any) -> Any:
        return self._function(obj, context, status)


def virtual(function: Property) -> Virtual:
    """Mark a resolver of a virtual member.

    Parameters
    ----------
    function
        Takes the object, the hook context and the status, or fewer of them; may be `async def`.
    """
    return Virtual(function)


class Resolver:
    """A function for each of some members; other members stay as they are.

    Parameters
    ----------
    properties
        By name of the member, functions of its value, the whole object, the hook context and the status (or
        fewer of them), which may be `async def`. A function that gives None leaves the member out; `NULL`
        gives a null.
    converter
        A function of the object, the context and the status that changes the object first.

    """

    def __init__(self, properties: Mapping[str, Property], converter: Property | None = None) -> None:
        self._properties = {
            name: adapt(function, name, "resolve", _OFFERED) for name, function in properties.items()
        }
        self._converter = adapt(converter, "converter", "resolve", _OFFERED[1:]) if converter else None
        self.virtual_names = frozenset(
            name for name, function in properties.items() if isinstance(function, Virtual)
        )

    async def resolve(self, data: Any, context: Any, status: Mapping[str, Any] | None = None) -> Any:
        """Give a new object with every member resolved, all of them at once.

        Parameters
        ----------
        data
            The object.
        context
            The hook context, which the functions get.
        status
            How this came about: `path` and `stack` of resolvers that led here, `properties` that are wanted
            (None: all), `original_context`.

        Raises
        ------
        BadRequest
            "Error resolving data", with the error of each member that failed.

        """
        told = {"path": [], "stack": [], **(status or {})}
        if self._converter is not None:
            data = await _settled(self._converter(data, context, told))
        wanted = told.get("properties")
        if not isinstance(wanted, list | tuple):
            wanted = None
            if not self._properties:
                return data
        if not isinstance(data, Mapping):
            return data
        names = list(dict.fromkeys([*data, *self._properties])) if wanted is None else wanted
        values = await asyncio.gather(
            *(_settled(self._member(name, data, context, told)) for name in names), return_exceptions=True
        )
        return _object(names, values, wanted)

    async def _member(
        self, name: str, data: Mapping[str, Any], context: Any, status: Mapping[str, Any]
    ) -> Any:
        function = self._properties.get(name)
        if function is None:
            return data.get(name, _LEFT_OUT) if data.get(name) is not None or name not in data else NULL
        if any(one is function for one in status["stack"]):  # a circle of resolvers ends here
            return _LEFT_OUT
        inner = {**status, "path": [*status["path"], name], "stack": [*status["stack"], function]}
        value = await _settled(function(data.get(name), data, context, inner))
        return _LEFT_OUT if value is None else value


_LEFT_OUT = object()


def resolve(properties: Mapping[str, Property], *, converter: Property | None = None) -> Resolver:
    """Make a resolver; the arguments are those of `Resolver`."""
    return Resolver(properties, converter)


def _object(names: Sequence[str], values: Sequence[Any], wanted: Sequence[str] | None) -> dict[str, Any]:
    failed = {
        name: wire_form(value)
        for name, value in zip(names, values, strict=True)
        if isinstance(value, BaseException)
    }
    if failed:
        of = f"  {'.'.join(wanted)}" if wanted is not None else ""  # two spaces, as the original has them
        raise BadRequest(f"Error resolving data{of}", failed)
    return {
        name: None if value is NULL else value
        for name, value in zip(names, values, strict=True)
        if value is not _LEFT_OUT
    }


async def _settled(value: Any) -> Any:
    return await value if must_await(value) else value
