"""What the hooks of one event are told: their meta, and what becomes of what they return."""

from __future__ import annotations

__all__ = ["BLOCKED", "Emission", "MessageEmission"]

from collections.abc import Awaitable, Mapping
from typing import Any, Final

from workbench.dialects.context import Context, copied
from workbench.dialects.directus.client import Client
from workbench.engine.awaiting import must_await
from workbench.engine.hooks import Hook
from workbench.engine.points import Stop


class _Blocked:
    """The type of BLOCKED."""

    def __repr__(self) -> str:
        return "BLOCKED"


BLOCKED: Final = _Blocked()
"""What a message becomes that a filter returned nothing for, where the documentation is followed."""


class Emission:
    """One event on its way through its hooks.

    Parameters
    ----------
    entries
        What meta holds besides the event's name. An entry `event` takes the name's place (R64).

    Attributes
    ----------
    at
        The hook that was called last, None before the first.
    """

    __slots__ = ("at", "entries")

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self.entries = dict(entries)
        self.at: Hook | None = None

    def of(self, hook: Hook, event: str) -> Context:
        """Give the meta that a hook gets: the name of the very event first (R5)."""
        self.at = hook
        return Context({"event": event, **self.entries})

    def after(self, hook: Hook, result: Any) -> Any:
        """Take what a filter returned; the answer is what counts."""
        del hook
        return result

    def shown(self) -> dict[str, Any]:
        """Give what is worth a snapshot: the entries without live objects."""
        return {name: value for name, value in self.entries.items() if not isinstance(value, Client)}

    def shadowed(self) -> Emission:
        """Make a stand-in for shadow hooks: copies, and clients that send nothing."""
        return Emission({name: _stand_in(value) for name, value in self.entries.items()})


class MessageEmission(Emission):
    """A client's message on its way through the filters.

    Parameters
    ----------
    entries
        As for `Emission`.
    documented
        True: a filter that returns nothing blocks the message, as the guide says. False: its message stays
        as it is, as in the running system (R2).

    Attributes
    ----------
    silent
        Names of the filters that returned nothing.
    """

    __slots__ = ("documented", "silent")

    def __init__(self, entries: Mapping[str, Any], *, documented: bool) -> None:
        super().__init__(entries)
        self.documented = documented
        self.silent: list[str] = []

    def after(self, hook: Hook, result: Any) -> Any:
        """Note a filter that returned nothing."""
        if result is None:
            return self._nothing(hook)
        return self._later(hook, result) if must_await(result) else result

    async def _later(self, hook: Hook, pending: Awaitable[Any]) -> Any:
        result = await pending
        return self._nothing(hook) if result is None else result

    def _nothing(self, hook: Hook) -> Any:
        if hook.scope.shadow:
            return None
        self.silent.append(hook.name)
        return Stop(BLOCKED) if self.documented else None


def _stand_in(value: Any) -> Any:
    if isinstance(value, Client):
        return value.shadow()
    return copied(value)
