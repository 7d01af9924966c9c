"""The private emitter of the context."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from workbench.dialects.directus.private import PrivateEmitter


def test_filters_and_actions_among_extensions() -> None:
    """Filters replace or keep the payload, patterns last; actions are started; what is off is off."""
    ran: list[Awaitable[Any]] = []
    emitter = PrivateEmitter(ran.append)
    heard: list[Any] = []

    async def late(meta: Any) -> None:
        heard.append(("late", meta.event))

    def note(meta: Any, context: Any) -> None:
        heard.append((dict(meta), dict(context)))

    emitter.on_filter("**", lambda payload: payload + "*")
    emitter.on_filter("a.b", lambda payload: payload + "b")
    emitter.on_filter("a.b", lambda: None)
    assert asyncio.run(emitter.emit_filter("a.b", "x")) == "xb*"
    emitter.on_action("a.b", note)
    emitter.on_action("a.b", late)
    emitter.emit_action("a.b", {"value": 1}, {"who": 2})
    emitter.emit_action("other", {"value": 1})
    assert heard == [({"event": "a.b", "value": 1}, {"who": 2})]
    assert len(ran) == 1
    asyncio.run(_finish(ran[0]))
    assert heard[-1] == ("late", "a.b")
    emitter.off_action("a.b", note)
    emitter.off_action("a.b", late)
    emitter.off_filter("nothing", note)
    emitter.emit_action("a.b")
    assert len(heard) == 2
    emitter.off_all()
    assert asyncio.run(emitter.emit_filter("a.b", "x")) == "x"


async def _finish(work: Awaitable[Any]) -> None:
    await work
