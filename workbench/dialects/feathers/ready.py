"""Ready-made hooks: each a few lines to start from, to read and to copy."""

from __future__ import annotations

__all__ = ["READY"]

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from workbench.dialects.base import Ready
from workbench.dialects.feathers.errors import MethodNotAllowed

Next = Callable[[], Awaitable[Any]]


async def log_runtime(context: Any, next: Next) -> None:  # noqa: A002  # the name that Feathers has for it
    """Print how long a call took, with the hooks inside of this one."""
    started = time.perf_counter()
    await next()
    duration = (time.perf_counter() - started) * 1000
    print(f"Calling {context.method} on {context.path} took {duration:.1f}ms")  # noqa: T201  # its purpose


async def trim_text(context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Trim data.text, so there is a change to see."""
    data = context.get("data")
    if isinstance(data, dict) and isinstance(data.get("text"), str):
        context.data = {**data, "text": data["text"].strip()}
    await next()


async def log_errors(context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Print an error that comes out, and let it go on its way."""
    try:
        await next()
    except Exception as error:
        print(f"{context.path}.{context.method}: {error}")  # noqa: T201  # its purpose
        raise


async def stamp(context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Give new data a createdAt, in milliseconds since 1970."""
    if context.method == "create" and isinstance(context.get("data"), dict):
        context.data = {**context.data, "createdAt": int(time.time() * 1000)}
    await next()


async def only_from_inside(context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Refuse calls of clients; those from inside pass."""
    if context.params.get("provider"):
        raise MethodNotAllowed(f"Provider '{context.params.provider}' can not call '{context.method}'")
    await next()


async def hide_password(context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Send clients a result without its password."""
    await next()
    result = context.get("result")
    if isinstance(result, dict) and "password" in result:
        context.dispatch = {name: value for name, value in result.items() if name != "password"}


async def no_event(context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Keep clients from hearing of the call."""
    await next()
    context.event = None


async def slow_down(_context: Any, next: Next) -> None:  # noqa: A002  # as above
    """Wait 200 ms before the call, so there is waiting to see."""
    await asyncio.sleep(0.2)
    await next()


def _ready(function: Any) -> Ready:
    return Ready(function.__name__, "method", function, function.__doc__.rstrip("."), "app.around.all")


READY = tuple(
    map(
        _ready,
        (log_runtime, trim_text, log_errors, stamp, only_from_inside, hide_password, no_event, slow_down),
    )
)
