"""The board at one revision: rows per point, immutable, with the plans made from it so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from workbench.engine.errors import AmbiguousHook, UnknownHook, near
from workbench.engine.hooks import Hook
from workbench.engine.intercepting import Interceptor
from workbench.engine.plan import Plan
from workbench.engine.points import Point, in_lanes
from workbench.engine.tracing import Tracer

__all__ = ["BoardState", "Link", "Ref", "Row", "Rows", "find"]

Ref = object
"""What names a hook: its id, its name, the Hook itself or its function."""


@dataclass(frozen=True, slots=True)
class Row:
    """A hook and how it came to its place, in words."""

    hook: Hook
    note: str


Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One place of an effective chain.

    Parameters
    ----------
    hook
        What stands there, running or not.
    reason
        Why there.
    off
        Why it does not run, None when it does.
    """

    hook: Hook
    reason: str
    off: str | None


_USUAL = in_lanes()


def _off(hook: Hook, connection: int | None) -> str | None:
    if not hook.enabled:
        return "disabled"
    if not hook.runs_for(connection):
        return "not for this connection" if connection is not None else "only for some connections"
    return None


@dataclass(frozen=True, slots=True, eq=False)
class BoardState:
    """The board at one revision.

    Parameters
    ----------
    revision
        0 for the empty board, one more with each edit.
    points
        Points by key, with their policies of this revision.
    rows
        The list of each point that ever had a hook, in the order in which hooks were put.
    tracer
        What records, None for nothing.
    interceptor
        What steps in between plans and hooks, None for nothing.
    plans
        Plans made so far; the one part that fills up.
    """

    revision: int
    points: Mapping[str, Point]
    rows: Mapping[str, Rows]
    tracer: Tracer | None = None
    interceptor: Interceptor | None = None
    plans: dict[object, Plan] = field(default_factory=dict, repr=False)

    def of(self, point: str) -> Rows:
        """Give the rows of a point, also of one that never had any."""
        return self.rows.get(point, ())

    def hooks(self) -> Iterable[Hook]:
        """Give all hooks, point by point."""
        return (row.hook for rows in self.rows.values() for row in rows)

    def chain(
        self,
        point: str,
        connection: int | None = None,
        guests: tuple[Hook, ...] = (),
        lanes: tuple[str, ...] | None = None,
    ) -> tuple[Link, ...]:
        """Put the hooks of a point into effective order, those that do not run included.

        Parameters
        ----------
        point
            Key of a known point.
        connection
            None: an event without connection.
        guests
            Hooks that this connection brought; they follow the rows.
        lanes
            Only these lanes, in this order; None: as the point arranges them.
        """
        rows = self.of(point)
        notes = {row.hook.id: row.note for row in rows}
        hooks = [*(row.hook for row in rows), *guests]
        if lanes is not None:
            hooks = [hook for lane in lanes for hook in hooks if hook.lane == lane]
        arranged = (
            (self.points[point].arrange or _USUAL)(hooks) if lanes is None else [(hook, "") for hook in hooks]
        )
        return tuple(
            Link(hook, reason or notes.get(hook.id, "brought by the connection"), _off(hook, connection))
            for hook, reason in arranged
        )

    def scoped(self, point: str) -> bool:
        """Tell whether some hook of the point is only for some connections."""
        return any(row.hook.scope.connections is not None for row in self.of(point))

    def with_rows(self, rows: Mapping[str, Rows], points: Mapping[str, Point]) -> BoardState:
        """Make the next revision, with these points' rows and policies replaced."""
        return replace(
            self,
            revision=self.revision + 1,
            points={**self.points, **points},
            rows={**self.rows, **rows},
            plans={},
        )

    def replanned(self, tracer: Tracer | None, interceptor: Interceptor | None) -> BoardState:
        """Make the same revision with other plans."""
        return replace(self, tracer=tracer, interceptor=interceptor, plans={})


def find(state: BoardState, ref: Ref, point: str | None = None) -> Hook:
    """Find the one hook that ref names.

    Parameters
    ----------
    state
        Where to look.
    ref
        Id, name, Hook or function. An id wins over a name.
    point
        Only there; None: everywhere.

    Raises
    ------
    UnknownHook
        When there is none.
    AmbiguousHook
        When there are several; the message lists their ids.
    """
    hooks = list(state.hooks()) if point is None else [row.hook for row in state.of(point)]
    wanted = ref.id if isinstance(ref, Hook) else ref
    found = [hook for hook in hooks if hook.id == wanted]
    if not found and isinstance(ref, str):
        found = [hook for hook in hooks if hook.name == ref]
    elif not found and callable(ref):
        found = [hook for hook in hooks if hook.function is ref or hook.function == ref]
    where = "" if point is None else f" at {point}"
    if len(found) > 1:
        listed = ", ".join(f"{hook.id} (at {hook.point}, {_standing(state, hook)})" for hook in found)
        raise AmbiguousHook(
            f"{len(found)} hooks are called {_spell(ref)}{where}: {listed}; name one by its id"
        )
    if not found:
        known = (
            near(ref if isinstance(ref, str) else "", [hook.name for hook in hooks])
            or "; nothing is attached there"
        )
        raise UnknownHook(f"no hook {_spell(ref)}{where}{known}")
    return found[0]


def _standing(state: BoardState, hook: Hook) -> str:
    return next(row.note for row in state.of(hook.point) if row.hook.id == hook.id)


def _spell(ref: Ref) -> str:
    if isinstance(ref, Hook):
        return repr(ref.id)
    return repr(ref if isinstance(ref, str) else getattr(ref, "__name__", ref))
