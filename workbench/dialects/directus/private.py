"""The emitter of the context: extensions talk among themselves, apart from the system's events (R19)."""

from __future__ import annotations

__all__ = ["PrivateEmitter"]

from collections.abc import Callable, Mapping
from typing import Any

from workbench.dialects.context import Context
from workbench.dialects.directus.events import settled
from workbench.dialects.directus.patterns import matching
from workbench.engine.awaiting import must_await
from workbench.engine.signatures import adapt

_Function = Callable[..., Any]


class PrivateEmitter:
    """A second emitter, shared by the extensions of a bench.

    What is emitted here reaches no hook of `filter` and `action`, and no event of the system comes here.

    Parameters
    ----------
    run
        Runs a coroutine beside everything else; its errors are noted.
    """

    def __init__(self, run: Callable[[Any], None]) -> None:
        self._run = run
        self._handlers: dict[tuple[str, str], list[tuple[_Function, _Function]]] = {}

    def on_filter(self, event: str, handler: _Function) -> None:
        """Have a function called for an event that `emit_filter` emits."""
        self._on("filter", event, handler, ("payload", "meta", "context"))

    def on_action(self, event: str, handler: _Function) -> None:
        """Have a function called for an event that `emit_action` emits."""
        self._on("action", event, handler, ("meta", "context"))

    def off_filter(self, event: str, handler: _Function) -> None:
        """Have it called no more; nothing happens where it was not."""
        self._off("filter", event, handler)

    def off_action(self, event: str, handler: _Function) -> None:
        """Have it called no more; nothing happens where it was not."""
        self._off("action", event, handler)

    def off_all(self) -> None:
        """Forget all handlers."""
        self._handlers.clear()

    async def emit_filter(
        self,
        event: str,
        payload: Any,
        meta: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run the filters of an event one after the other; the payload that they leave."""
        for handler in self._of("filter", event):
            result = await settled(
                handler(payload, Context({"event": event, **(meta or {})}), Context(context or {}))
            )
            payload = payload if result is None else result
        return payload

    def emit_action(
        self, event: str, meta: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None
    ) -> None:
        """Start the actions of an event in order, wait for none."""
        for handler in self._of("action", event):
            result = handler(Context({"event": event, **(meta or {})}), Context(context or {}))
            if must_await(result):
                self._run(result)

    def _on(self, kind: str, event: str, handler: _Function, parameters: tuple[str, ...]) -> None:
        name = getattr(handler, "__name__", type(handler).__name__)
        fitted = adapt(handler, name, f"{kind} {event}", parameters)
        self._handlers.setdefault((kind, event), []).append((handler, fitted))

    def _off(self, kind: str, event: str, handler: _Function) -> None:
        kept = self._handlers.get((kind, event), [])
        kept[:] = [pair for pair in kept if pair[0] != handler]

    def _of(self, kind: str, event: str) -> list[_Function]:
        lanes = [name for known, name in self._handlers if known == kind]
        return [fitted for lane in matching(event, lanes) for _, fitted in self._handlers[kind, lane]]
