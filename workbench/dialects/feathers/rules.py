"""What Feathers decides about its onion: short circuits, merging, error layers, the type of a context."""

from __future__ import annotations

__all__ = ["FeathersRules"]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.feathers.context import HookContext, put_type, type_of
from workbench.engine.onion import OnionRules

_has, _set = dict.__contains__, dict.__setitem__


class FeathersRules(OnionRules):
    """The rules of `spec` R13 to R36; the value of a call is its context's `result`."""

    in_task = True  # `Service.call` fires and awaits in one coroutine

    # slots of contexts, read and written without a call of Python's; both are called by position
    kind = staticmethod(type_of)  # type: ignore[assignment]
    put_kind = staticmethod(put_type)  # type: ignore[assignment]

    def returned(self, context: HookContext, result: Any, value: Any) -> Any:
        """Take the members of an object that a hook returned into the context (R20)."""
        if result is not context and isinstance(result, Mapping):
            context.update(result)
        return value

    def around(self, context: HookContext, result: Any, value: Any) -> Any:  # noqa: ARG002 - the rules' signature
        """What an around hook returns is ignored (R19)."""
        return value

    def answered(self, context: HookContext) -> tuple[bool, Any]:
        """Leave the method out where a result is set, be it None (R13, R17)."""
        return _has(context, "result"), None

    def kept(self, context: HookContext, value: Any) -> Any:
        """Keep what the method returned as the result."""
        _set(context, "result", value)

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
