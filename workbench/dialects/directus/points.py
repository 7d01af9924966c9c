"""The four hook points of Directus. Which event a hook is for is its lane; chains are made of lanes."""

from __future__ import annotations

__all__ = ["ACTION", "FILTER", "INIT", "POINTS", "SCHEDULE"]

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context, copied
from workbench.engine.hooks import Hook
from workbench.engine.points import IGNORE, REPLACE, Point, Policy

if TYPE_CHECKING:
    from workbench.dialects.directus.emission import Emission

FILTER, ACTION, INIT, SCHEDULE = "filter", "action", "init", "schedule"


def _bound_filter(hook: Hook, event: str) -> Callable[..., Any]:
    """Call a filter with the name of the very event in its meta (R5)."""
    call = hook.call

    def run(payload: Any, meta: Emission, context: Any) -> Any:
        return meta.after(hook, call(payload, meta.of(hook, event), context))

    return run


def _bound_action(hook: Hook, event: str) -> Callable[..., Any]:
    call = hook.call

    def run(meta: Emission, context: Any) -> Any:
        return call(meta.of(hook, event), context)

    return run


def _bound_init(hook: Hook, event: str) -> Callable[..., Any]:
    call = hook.call

    def run(meta: Emission) -> Any:
        return call(meta.of(hook, event))

    return run


def _of_filter(payload: Any, _meta: Emission, _context: Any) -> dict[str, object]:
    return {"payload": payload}


def _of_action(meta: Emission, _context: Any) -> dict[str, object]:
    return {"meta": meta.shown()}


def _shadow_filter(payload: Any, meta: Emission, context: Any) -> tuple[Any, ...]:
    return copied(payload), meta.shadowed(), _shadow_context(context)


def _shadow_action(meta: Emission, context: Any) -> tuple[Any, ...]:
    return meta.shadowed(), _shadow_context(context)


def _shadow_context(context: Any) -> Context:
    """Copy a context; database and schema stay what they are."""
    return Context(
        {name: copied(value) if isinstance(value, dict | list) else value for name, value in context.items()}
    )


POINTS = (
    Point(
        FILTER,
        ("payload", "meta", "context"),
        Policy("fold", REPLACE),
        "Before something happens, one after the other: change the payload, return another, or raise.",
        snapshot=_of_filter,
        shadow=_shadow_filter,
        bind=_bound_filter,
    ),
    Point(
        ACTION,
        ("meta", "context"),
        Policy("spawn", IGNORE),
        "After something happened: all started in order and awaited by nobody.",
        snapshot=_of_action,
        shadow=_shadow_action,
        bind=_bound_action,
    ),
    Point(
        INIT,
        ("meta",),
        Policy("gather", IGNORE, "contain"),
        "While the server begins, step by step; the hooks of a step run together, the step waits for them.",
        bind=_bound_init,
    ),
    Point(
        SCHEDULE,
        (),
        Policy("spawn", IGNORE),
        "At the times of a cron line of five fields, or six with seconds in front.",
    ),
)
