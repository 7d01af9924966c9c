"""What Feathers decides about its onion: short circuits, merging, error layers, the type of a context."""

from __future__ import annotations

__all__ = ["FeathersRules"]

from collections.abc import Callable, Mapping
from typing import Any

from workbench.dialects.feathers.context import HookContext
from workbench.engine.awaiting import must_await
from workbench.engine.onion import OnionRules

_put = object.__setattr__


class FeathersRules(OnionRules):
    """The rules of `spec` R13 to R36; the value of a call is its context's `result`."""

    by_hand = True  # `Service.call` fires and awaits in one coroutine

    def entered(self, context: HookContext, kind: str) -> Any:
        """Say what kind of hook runs; an around hook changes nothing (R36)."""
        before = context.type
        if kind != "around":
            _put(context, "_type", kind)
        return before

    def left(self, context: HookContext, kind: str, token: Any) -> None:
        """Put the type back, unless the hook raised (R36)."""
        if kind != "around":
            _put(context, "_type", token)

    def returned(self, context: HookContext, result: Any, value: Any) -> Any:
        """Take the members of an object that a hook returned into the context (R20)."""
        if result is not None and result is not context and isinstance(result, Mapping):
            context.update(result)
        return value

    def around(self, context: HookContext, result: Any, value: Any) -> Any:  # noqa: ARG002 - the rules' signature
        """What an around hook returns is ignored (R19)."""
        return value

    def core(self, context: HookContext, core: Callable[[Any], Any]) -> Any:
        """Call the method unless a result is set, be it None (R13, R17)."""
        if context.is_set("result"):
            return None
        value = core(context)
        if value is not None and must_await(value):
            return _kept(context, value)
        dict.__setitem__(context, "result", value)
        return None

    def caught(self, context: HookContext, error: Exception) -> None:
        """Keep what was there as `original`, for a new error or one after a result (R33)."""
        if dict.get(context, "error") is not error or context.is_set("result"):
            original = context.copy()
            dict.__setitem__(context, "original", original)
            dict.__setitem__(context, "error", error)
            dict.pop(context, "result", None)

    def failed(self, context: HookContext, error: Exception) -> None:
        """Keep the error that an error hook raised: the next layer meets it as one it knows (R30)."""
        dict.__setitem__(context, "error", error)

    def recovered(self, context: HookContext, value: Any) -> tuple[bool, Any]:
        """Tell whether the error is swallowed: a result is set, or no error is left (R31, R32)."""
        return context.is_set("result") or not context.is_set("error"), value

    def error(self, context: HookContext, error: Exception) -> Exception:
        """Give the error that goes on outward: the one that the hooks left (R29)."""
        left = dict.get(context, "error")
        return left if isinstance(left, Exception) else error


async def _kept(context: HookContext, value: Any) -> None:
    dict.__setitem__(context, "result", await value)
