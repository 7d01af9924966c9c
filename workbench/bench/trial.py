"""Trying a draft on recorded events, before it is live.

The draft is called on stand-ins, in a thread and on a loop of its own, for a second at most: nothing is sent,
no context changes, and a loop without end holds nobody up. What it does there is told event by event. It is
advised against where it raised, or did not end, on an event on which the live version does neither. What a
``raise`` of its own raises is meant, as hooks refuse things in that way.
"""

from __future__ import annotations

__all__ = ["SECONDS", "Stage", "Trial", "rehearse", "why_not"]

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from workbench.bench.drafts import Problem
from workbench.bench.playing import Outcome, Play, Tried
from workbench.bench.remaking import Case, NotRemade, remake
from workbench.engine.hooks import Hook
from workbench.engine.points import Point
from workbench.trace.samples import Sample
from workbench.trace.snapshots import Snapshots

T = TypeVar("T")

SECONDS: Final = 1.0
"""How long a draft has for all events together, and then the live version for those in question."""

_PATIENCE: Final = 2.0
"""Seconds to wait for the bench's loop, on which stand-ins are made."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a draft did on recorded events.

    Attributes
    ----------
    events
        Those on which it was called, newest first.
    skipped
        Why it was not called, or on fewer than there are; empty: nothing to say.
    problems
        Why it should not be taken in.
    """

    events: tuple[Tried, ...] = ()
    skipped: str = ""
    problems: tuple[Problem, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Count the events that came out so."""
        return sum(one.outcome == outcome for one in self.events)


class Stage(Protocol):
    """The loop on which the live objects are touched."""

    @property
    def running(self) -> asyncio.AbstractEventLoop | None:
        """The loop; None where nobody serves."""

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on it."""


def why_not(hook: Hook, point: Point) -> str:
    """Say why drafts of a hook are not tried; empty where they are.

    Parameters
    ----------
    hook
        Which.
    point
        Its point.
    """
    if hook.effects == "outside":
        return f"{hook.name} is marked as touching the outside, so its drafts are not tried."
    if point.shadow is None:
        return f"Events of {point.title} are not tried: there are no stand-ins for what its hooks get."
    return ""


def rehearse(snapshots: Snapshots, stage: Stage, point: Point, hook: Hook, fresh: Hook) -> Trial:
    """Try the draft of a hook on the newest events that there are snapshots of.

    Parameters
    ----------
    snapshots
        Where the events are.
    stage
        The bench's loop.
    point
        The hook's.
    hook
        As it is.
    fresh
        As it would be, with the draft as its function.
    """
    if reason := why_not(hook, point):
        return Trial(skipped=reason)
    samples = snapshots.samples(lambda plan: _may_meet(plan, hook, point))
    if not samples:
        return Trial(skipped=f"No event that {hook.name} could be tried on is recorded yet.")
    try:
        cases, reasons = _made(stage, samples, hook)
        play = Play(cases, fresh, SECONDS)
        play.run()
        doubtful = {one.dispatch for one in play.tried if _is_doubtful(one)}
        again = [sample for sample in samples if sample[0].dispatch in doubtful]
        others, _ = _made(stage, again, hook)
    except TooLong:
        return Trial(skipped="The bench's loop was busy, so no event could be copied; try again.")
    live = Play(others, hook, SECONDS)
    live.run()
    excused = {one.dispatch for one in live.tried if one.outcome in ("raised", "late")}
    blamed = [one for one in play.tried if one.dispatch in doubtful - excused]
    told = [*reasons, *play.remarks]
    return Trial(tuple(play.tried), " ".join(told), tuple(_problems(blamed, hook, fresh)))


def _may_meet(plan: Any, hook: Hook, point: Point) -> bool:
    """Whether a hook ran in a plan; one that has not run yet may where all of a point's hooks do."""
    if any(ran.id == hook.id for ran in plan.hooks):
        return True
    return plan.point.name == hook.point and point.bind is None and point.policy.shape != "onion"


def _made(stage: Stage, samples: Sequence[Sample], hook: Hook) -> tuple[list[Case], list[str]]:
    """Make events again, each in a turn of its own: a large document is copied with every one of them."""
    cases: list[Case] = []
    reasons: list[str] = []
    for sample in samples:
        try:
            cases.append(_on(stage, partial(remake, sample, hook)))
        except NotRemade as error:
            reasons.append(str(error))
    if not reasons:
        return cases, []
    return cases, [f"{len(reasons)} of {len(samples)} events could not be made again: {reasons[0]}."]


def _on(stage: Stage, make: Callable[[], T]) -> T:
    """Do something on the bench's loop, or here where nobody else touches its objects."""
    loop = stage.running
    if loop is None or loop is _here():
        return make()
    done: Future[T] = Future()

    def there() -> None:
        try:
            done.set_result(make())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            done.set_exception(error)

    stage.post(there)
    return done.result(_PATIENCE)


def _here() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _is_doubtful(one: Tried) -> bool:
    return one.outcome == "late" or (one.outcome == "raised" and not one.meant)


def _problems(blamed: Iterable[Tried], hook: Hook, fresh: Hook) -> Iterable[Problem]:
    """Say each thing that went wrong once."""
    kinds: dict[tuple[str, int | None], list[int]] = {}
    for one in blamed:
        kinds.setdefault((one.says, one.line), []).append(one.dispatch)
    for (says, line), dispatches in kinds.items():
        several = len(dispatches) > 1
        events = f"event {dispatches[0]}" + (f" and {len(dispatches) - 1} more" if several else "")
        other = f"version {hook.version}, which runs now, copes with {'them' if several else 'it'}"
        yield Problem(line or fresh.origin.line or 1, 1, f"{says} when tried on {events}; {other}")
