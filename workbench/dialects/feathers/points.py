"""The hook points of Feathers, all of them onions."""

from __future__ import annotations

__all__ = ["POINTS"]

from copy import copy as shallow
from typing import Any

from workbench.dialects.context import Context, copied
from workbench.dialects.feathers.context import HookContext
from workbench.dialects.feathers.lanes import METHOD, SETUP, TEARDOWN
from workbench.dialects.feathers.rules import FeathersRules
from workbench.engine.points import Point, Policy

_ONION = Policy("onion")
_SHOWN = ("id", "data", "params")


def _of_call(context: HookContext, *_next: object) -> dict[str, object]:
    """Show arguments and what is set; the error as text, since an error has no parts worth a diff."""
    shown: dict[str, object] = {name: context.get(name) for name in _SHOWN if name in context}
    shown["params"] = {key: value for key, value in shown["params"].items() if key != "connection"}  # type: ignore[attr-defined]
    for key, value in context.items():
        if key != "original":
            shown[key] = repr(value) if isinstance(value, BaseException) else value
    return shown


def _stand_in(context: HookContext, *more: Any) -> tuple[Any, ...]:
    """Give a shadow hook a context of its own, so that what it sets has no effect."""
    twin = context.copy()
    twin.arguments[:] = [_copied(argument) for argument in twin.arguments]
    for name, value in twin.items():
        dict.__setitem__(twin, name, _copied(value))
    return (twin, *more)


def _copied(value: Any) -> Any:
    """Copy data, params and results; what they are about beside that (errors, connections) stays the same."""
    if not isinstance(value, dict | list) or isinstance(value, HookContext):
        return value
    if isinstance(value, Context) and "connection" in value:
        rest = copied(Context({name: member for name, member in value.items() if name != "connection"}))
        return Context({**rest, "connection": shallow(value["connection"])})
    return copied(value)


POINTS = (
    Point(
        METHOD,
        ("context", "next"),
        _ONION,
        "Each call of a service method: around, before, after and error hooks, of application and service.",
        snapshot=_of_call,
        shadow=_stand_in,
        onion=FeathersRules(),
    ),
    Point(SETUP, ("context", "next"), _ONION, "Around the setup of all services, when the server begins."),
    Point(
        TEARDOWN, ("context", "next"), _ONION, "Around the teardown of all services, when the server ends."
    ),
)
