"""What a hook is: a function with an id, a place and a history. All of it frozen; an edit makes a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "EFFECTS",
    "EVERYWHERE",
    "KINDS",
    "UNKNOWN_ORIGIN",
    "Effects",
    "Hook",
    "HookFunction",
    "Kind",
    "Origin",
    "OriginKind",
    "Scope",
]

HookFunction = Callable[..., Any]
Kind = Literal["call", "around", "before", "after", "error"]
KINDS: tuple[Kind, ...] = ("call", "around", "before", "after", "error")
Effects = Literal["context", "pure", "outside"]
EFFECTS: tuple[Effects, ...] = ("context", "pure", "outside")
OriginKind = Literal["cell", "file", "widget", "lab", "api", "ready", "guest"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a hook came from.

    Parameters
    ----------
    kind
        Who attached it. ``"guest"`` marks a hook that a connection brought.
    file
        File of the function, None when it has none.
    line
        First line of the function in that file, counted from 1.
    cell
        Stable id of the notebook cell (not its execution count), None outside of notebooks.
    """

    kind: OriginKind = "api"
    file: str | None = None
    line: int | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """For which connections a hook runs, and whether it counts.

    Parameters
    ----------
    connections
        Numbers of the connections; None means all of them.
    shadow
        True: the hook runs and is traced, but what it returns or raises has no effect.
    """

    connections: frozenset[int] | None = None
    shadow: bool = False

    def __repr__(self) -> str:
        """Spell the scope so that the text makes the same scope again."""
        parts = []
        if self.connections is not None:
            parts.append(f"connections=frozenset({sorted(self.connections)})")
        if self.shadow:
            parts.append("shadow=True")
        return f"Scope({', '.join(parts)})"


EVERYWHERE = Scope()
UNKNOWN_ORIGIN = Origin()


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Hook:
    """A function attached at a hook point.

    Parameters
    ----------
    id
        ``"h1"``, ``"h2"`` ... in the order of attaching, ``"g1"`` ... for guests. Never reused; survives
        moving, disabling and the replacement of the function.
    name
        What people call it. Not necessarily unique.
    function
        The function as it was written.
    point
        Key of the hook point.
    kind
        ``"call"``, or in an onion ``"around"``, ``"before"``, ``"after"``, ``"error"``.
    lane
        The list it sits in; what lanes mean is the dialect's business.
    priority
        Larger runs first where the point orders by priority.
    enabled
        False: stays in its place, does not run.
    scope
        For which connections it runs.
    origin
        Where it came from.
    version
        1, then one more with each replacement of the function.
    effects
        ``"context"``, ``"pure"`` or ``"outside"``: what the author says the hook touches. A draft of one that
        touches the outside (a database, another server) is never tried on recorded events.
    call
        The function adapted to the point: takes every argument of the point, passes on those that it wants.
    asynchronous
        True for an ``async def``: its errors are rejections, and calling it cannot raise.
    """

    id: str
    name: str
    function: HookFunction
    point: str
    kind: Kind = "call"
    lane: str = ""
    priority: float = 0
    enabled: bool = True
    scope: Scope = EVERYWHERE
    origin: Origin = UNKNOWN_ORIGIN
    version: int = 1
    effects: Effects = "context"
    call: HookFunction = field(default=lambda *_: None, repr=False, compare=False)
    asynchronous: bool = field(default=False, repr=False, compare=False)

    def runs_for(self, connection: int | None) -> bool:
        """Tell whether the hook's scope has this connection in it.

        None stands for an event without connection.
        """
        return self.scope.connections is None or connection in self.scope.connections
