"""Hook points and the policies by which they run their hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from workbench.engine.errors import BadPolicy, near
from workbench.engine.hooks import Hook

__all__ = [
    "FIRST",
    "IGNORE",
    "MERGE",
    "NULL",
    "REDUCES",
    "REPLACE",
    "UPGRADE",
    "Arrange",
    "Bind",
    "Destroyed",
    "Failure",
    "Named",
    "Point",
    "Policy",
    "Reduce",
    "Section",
    "Shape",
    "Stop",
    "adds_to",
    "by_priority",
    "differs",
    "in_lanes",
    "ordinal",
]

Shape = Literal["fold", "gather", "spawn", "onion"]
Failure = Literal["propagate", "contain", "destroy"]
Arrange = Callable[[Sequence[Hook]], Sequence[tuple[Hook, str]]]
"""From the rows of a point, disabled ones included, to the effective chain.

An empty reason means: the board's own
note ("3rd attached")."""
Bind = Callable[[Hook, str], Callable[..., Any]]
"""From a hook and the event of its section to what is called for it there."""


class _Null:
    """The type of NULL."""

    def __repr__(self) -> str:
        return "NULL"

    def __bool__(self) -> bool:
        return False


NULL: Final = _Null()
"""A JSON null that a hook returned on purpose; None means that it returned nothing."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What a reducer returns to end the fold.

    Parameters
    ----------
    value
        The accumulator from here on.
    lane_only
        True: only the rest of this lane is skipped (crossws R20); the next lane runs.
    """

    value: Any
    lane_only: bool = False


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a dispatch answers under ``failure="destroy"`` when a hook failed.

    The host decides what that means.

    Parameters
    ----------
    error
        What the hook raised.
    hook
        The hook that raised it.
    """

    error: Exception
    hook: Hook


@dataclass(frozen=True, slots=True)
class Reduce:
    """How a fold makes one answer of many.

    Parameters
    ----------
    name
        For people and for the printed Python lines.
    step
        From accumulator and result to the new accumulator, or to a Stop. Not asked for a result of None,
        which means that the hook returned nothing.
    feeds
        True: the accumulator starts as the first argument and replaces it for the next hook (Directus
        filters).
    join
        Each lane folds on its own; this makes one accumulator of what the lanes before and this lane have.
        None: one fold over all lanes.
    changes
        From accumulator and result to whether that changes what the hooks share; the trace calls such a call
        ``changed``. None: results are answers, and change nothing.
    """

    name: str
    step: Callable[[Any, Any], Any]
    feeds: bool = False
    join: Callable[[Any, Any], Any] | None = None
    changes: Callable[[Any, Any], bool] | None = None


def _ignore(accumulator: Any, _result: Any) -> Any:
    return accumulator


def _replace(_accumulator: Any, result: Any) -> Any:
    return None if result is NULL else result


def _replaces(accumulator: Any, result: Any) -> bool:
    return differs(accumulator, None if result is NULL else result)


def _merges(accumulator: Any, result: Any) -> bool:
    return isinstance(result, Mapping) and adds_to(accumulator or {}, result)


def differs(before: Any, after: Any) -> bool:
    """Tell whether one value is not the other; what cannot be compared is different.

    Parameters
    ----------
    before, after
        Any two.
    """
    if before is after:
        return False
    try:
        return bool(before != after)
    except Exception:  # noqa: BLE001 - values of strangers compare as they like
        return True


def adds_to(before: Mapping[Any, Any], more: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping would be another one with the entries of a second.

    Parameters
    ----------
    before
        What there is.
    more
        What comes over it.
    """
    return any(key not in before or differs(before[key], value) for key, value in more.items())


def _merge(accumulator: Any, result: Any) -> Any:
    if not isinstance(result, Mapping):
        return accumulator
    return {**(accumulator or {}), **result}


def _first(_accumulator: Any, result: Any) -> Any:
    return Stop(result)


def _pairs(headers: Any) -> list[Any]:
    return list(headers.items()) if hasattr(headers, "items") else list(headers)


def _upgrade(accumulator: Any, result: Any) -> Any:
    """Merge answers of one layer; a response ends it (crossws R3, R4, R20)."""
    if hasattr(result, "status"):
        return Stop(result, lane_only=True)
    if not isinstance(result, Mapping):
        return result if accumulator is None else accumulator
    if not isinstance(accumulator, Mapping):
        return result
    merged = {**accumulator, **result}
    if "headers" in accumulator and "headers" in result:
        merged["headers"] = _pairs(accumulator["headers"]) + _pairs(result["headers"])
    if isinstance(accumulator.get("context"), Mapping) and isinstance(result.get("context"), Mapping):
        merged["context"] = {**accumulator["context"], **result["context"]}
    return merged


def _later(earlier: Any, later: Any) -> Any:
    return earlier if later is None else later


IGNORE = Reduce("ignore", _ignore)
REPLACE = Reduce("replace", _replace, feeds=True, changes=_replaces)
MERGE = Reduce("merge", _merge, changes=_merges)
FIRST = Reduce("first", _first)
UPGRADE = Reduce("upgrade", _upgrade, join=_later)
REDUCES: dict[str, Reduce] = {reduce.name: reduce for reduce in (IGNORE, REPLACE, MERGE, FIRST, UPGRADE)}


def _reduce(given: Any) -> Reduce:
    if isinstance(given, Reduce):
        return given
    if isinstance(given, str) and given in REDUCES:
        return REDUCES[given]
    raise BadPolicy(f"reduce is a Reduce or the name of one, not {given!r}{near(str(given), REDUCES)}")


_SHAPES = {
    "fold": "one after the other",
    "gather": "started in order, awaited together",
    "spawn": "started in order, awaited by nobody",
    "onion": "each around the rest",
}
_FAILURES = {
    "propagate": "an error ends the event",
    "contain": "an error is reported, the rest runs",
    "destroy": "an error is handed to the host",
}
_SPAWN_PROPAGATES = "an error of a plain def ends the event, one of an async def is reported"
"""Nobody awaits an ``async def``, so its error reaches no event."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a point runs its hooks.

    Parameters
    ----------
    shape
        How they are started and joined.
    reduce
        What becomes of their results; only folds have a use for it. The name of a ready-made one stands for
        it.
    failure
        What an error means.

    Raises
    ------
    BadPolicy
        For a word that is none of these.
    """

    shape: Shape = "fold"
    reduce: Reduce = IGNORE
    failure: Failure = "propagate"

    def __post_init__(self) -> None:
        """Refuse unknown words at once, and take the name of a reduce for the reduce."""
        object.__setattr__(self, "reduce", _reduce(self.reduce))
        if self.shape not in _SHAPES:
            raise BadPolicy(f"shape is one of {', '.join(_SHAPES)}, not {self.shape!r}")
        if self.failure not in _FAILURES:
            raise BadPolicy(f"failure is one of {', '.join(_FAILURES)}, not {self.failure!r}")

    def describe(self) -> str:
        """Say it in one line for people."""
        result = (
            f", results: {self.reduce.name}" if self.shape == "fold" and self.reduce is not IGNORE else ""
        )
        spawned = self.shape == "spawn" and self.failure == "propagate"
        return f"{_SHAPES[self.shape]}{result}; {_SPAWN_PROPAGATES if spawned else _FAILURES[self.failure]}"


def ordinal(number: int) -> str:
    """Spell a position: 1st, 2nd, 3rd, 4th, 11th.

    Parameters
    ----------
    number
        Counted from 1.
    """
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def in_lanes(lanes: Sequence[str] = ("",)) -> Arrange:
    """Make the usual order: lane after lane, inside a lane in the order of the list.

    Parameters
    ----------
    lanes
        Lanes in their order. Others follow in the order in which they first appear.
    """

    def arrange(hooks: Sequence[Hook]) -> Sequence[tuple[Hook, str]]:
        order = {lane: index for index, lane in enumerate(lanes)}
        for hook in hooks:
            order.setdefault(hook.lane, len(order))
        return [(hook, "") for hook in sorted(hooks, key=lambda hook: order[hook.lane])]

    return arrange


def by_priority(hooks: Sequence[Hook]) -> Sequence[tuple[Hook, str]]:
    """Put larger priorities first, ties in the order of the list (Hocuspocus 1).

    Parameters
    ----------
    hooks
        The rows of the point.
    """
    return [(hook, f"priority {hook.priority:g}") for hook in sorted(hooks, key=lambda hook: -hook.priority)]


@dataclass(frozen=True)
class Point:
    """A named moment with a signature and a policy.

    Parameters
    ----------
    name
        The key on the board: the modelled system's own name, with the mount's path in front where there is
        one.
    parameters
        Names of the positional arguments. In an onion the second one is ``next``.
    policy
        How its hooks run.
    doc
        One sentence for people: when it fires.
    alias
        The snake_case name, None when that is the name itself.
    arrange
        From rows to the effective chain; None: lane after lane in the order of the list.
    snapshot
        From the arguments to the named parts that are worth a snapshot; None: never snapshotted.
    title
        The system's own name where the key has a path in front; empty: the key.
    members
        Names that keyword-only parameters may pick from the first argument; None: any.
    shadow
        From the arguments to stand-ins for shadow hooks; None: they get the arguments themselves.
    priority
        Of hooks that are attached without one.
    onion
        Dialect rules of an onion (`workbench.engine.onion.OnionRules`); None: the plain ones.
    bind
        For hooks that are told which event of a named chain they run for (Directus R5); None: each is called
        with the event's arguments as they are.
    """

    name: str
    parameters: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    doc: str = ""
    alias: str | None = None
    arrange: Arrange | None = None
    snapshot: Callable[..., dict[str, object]] | None = None
    title: str = ""
    members: frozenset[str] | None = None
    shadow: Callable[..., tuple[Any, ...]] | None = None
    onion: Any = None
    priority: float = 0
    bind: Bind | None = None

    def __post_init__(self) -> None:
        """Fill the title in and refuse a feeding reducer without anything to feed."""
        if not self.title:
            object.__setattr__(self, "title", self.name)
        if self.policy.shape == "fold" and self.policy.reduce.feeds and not self.parameters:
            raise BadPolicy(
                f"{self.name!r} has no parameters, "
                f"so reduce {self.policy.reduce.name!r} has nothing to hand on; use IGNORE"
            )

    def parameters_of(self, kind: str) -> tuple[str, ...]:
        """Say what a hook of that kind is called with.

        In an onion only around hooks get ``next`` (Feathers R21).
        """
        if self.policy.shape == "onion" and kind in ("before", "after", "error"):
            return self.parameters[:1]
        return self.parameters


@dataclass(frozen=True, slots=True)
class Section:
    """Part of a named chain: the lanes of one event (Directus R6).

    Parameters
    ----------
    event
        What `Point.bind` is told for its hooks.
    lanes
        In the order of running; None: all, as the point arranges them.
    """

    event: str
    lanes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Named:
    """A chain put together from lanes of a point, under a name of its own.

    Parameters
    ----------
    name
        What the trace calls its dispatches, with the mount's path in front where there is one.
    sections
        In the order of running. A lane may be in several; its hooks then run in each.
    title
        The name without the mount's path.
    """

    name: str
    sections: tuple[Section, ...]
    title: str
