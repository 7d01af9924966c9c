"""The lints: what looks like a mistake in the hooks, in one sentence, with events that show it and a fix.

Each rule is one function here and looks at the board, at the newest events and at what was recorded beside
them. A lint is a suspicion: it says what was seen, how often and where, and can be muted.
"""

from __future__ import annotations

__all__ = ["RULES", "SAMPLE", "lints"]

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.trace.outcomes import CHANGED, OK
from workbench.widgets.figures import figures
from workbench.widgets.hook_source import calls_next, first_parameter, returns_something
from workbench.widgets.records import newest
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.hooks import Hook
    from workbench.trace.recorder import Rows

SAMPLE: Final = 5_000
"""Newest events that are looked at."""

EXAMPLES: Final = 3
"""Events that a lint names."""

HELD_NS: Final = 50_000_000
"""Work without an await after which a hook is said to hold the loop."""

_ENOUGH: Final = 20
_UNANSWERED: Final = ("dropped", "no answer", "unanswered", "destroyed")


@dataclass(slots=True)
class Lint:
    """One suspicion.

    Attributes
    ----------
    rule
        Its name, for muting.
    hook, name, point
        Whose: id, name and point of the hook; empty where no single one is meant.
    sentence
        What was seen.
    why
        What follows from it.
    fix
        What to do.
    count
        How often.
    examples
        Numbers of events that show it, newest first.
    """

    rule: str
    sentence: str
    why: str
    fix: str
    hook: str = ""
    name: str = ""
    point: str = ""
    count: int = 0
    examples: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules look at."""

    bench: Workbench
    rows: Rows
    hooks: tuple[Hook, ...]

    def events_of(self, wanted: Any, hook: str) -> list[int]:
        """Numbers of the events in which a hook has one of the marked calls, newest first."""
        calls = self.rows.calls
        places = [
            (plan, position)
            for plan, one in enumerate(self.rows.plans)
            for position, here in enumerate(one.hooks)
            if here.id == hook
        ]
        mine = np.zeros(len(calls), bool)
        for plan, position in places:
            mine |= (calls["plan"] == plan) & (calls["position"] == position)
        found: list[int] = calls["dispatch"][mine & wanted][::-1].tolist()
        return found


def lints(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lints, those that occur most often first."""
    seen = _Seen(bench, newest(bench, SAMPLE).rows, tuple(bench.board.state.hooks()))
    found = [lint for rule in RULES for lint in rule(seen)]
    found.sort(key=lambda lint: -lint.count)
    return {"lints": [_shown(lint) for lint in found], "sample": len(seen.rows.dispatches)}


def _shown(lint: Lint) -> dict[str, Any]:
    return {
        "rule": lint.rule,
        "hook": lint.hook,
        "name": visible(lint.name, 200),
        "point": visible(lint.point, 200),
        "sentence": visible(lint.sentence, 400),
        "why": lint.why,
        "fix": lint.fix,
        "count": lint.count,
        "examples": lint.examples[:EXAMPLES],
    }


def _of(hook: Hook, **more: Any) -> dict[str, Any]:
    return {"hook": hook.id, "name": hook.name, "point": hook.point, **more}


# rules ----------------------------------------------------------------------------------------------


def _next_twice(seen: _Seen) -> Iterator[Lint]:
    errors = [error for error in seen.rows.errors if error.text.startswith("NextCalledTwice")]
    plans = dict(zip(seen.rows.dispatches["id"].tolist(), seen.rows.dispatches["plan"].tolist(), strict=True))
    by_hook: dict[str, list[int]] = {}
    for error in errors:
        if error.position >= 0 and error.dispatch in plans:
            hook = seen.rows.plans[plans[error.dispatch]].hooks[error.position]
            by_hook.setdefault(hook.id, []).append(error.dispatch)
    for hook in seen.hooks:
        if found := by_hook.get(hook.id):
            yield Lint(
                "next-twice",
                f"{hook.name} called next a second time.",
                "What it wraps runs once for each event, so the second call raised.",
                "Keep what next returned: result = await next(); use the result where it is needed again.",
                **_of(hook, count=len(found), examples=sorted(found, reverse=True)),
            )


def _next_not_awaited(seen: _Seen) -> Iterator[Lint]:
    for hook in seen.hooks:
        if hook.kind == "around" and calls_next(hook.function) == "unawaited":
            events = seen.events_of(np.ones(len(seen.rows.calls), bool), hook.id)
            yield Lint(
                "next-not-awaited",
                f"{hook.name} calls next without awaiting it.",
                "Its own time ends before what it wraps has run, and errors of the service pass it by.",
                "Write await next() (or return next()).",
                **_of(hook, count=len(events), examples=events),
            )


def _returned_nothing(seen: _Seen) -> Iterator[Lint]:
    for hook in seen.hooks:
        point = seen.bench.board.state.points.get(hook.point)
        if point is None or not point.policy.reduce.feeds or returns_something(hook.function):
            continue
        events = seen.events_of(seen.rows.calls["outcome"] == CHANGED, hook.id)
        if events:
            yield Lint(
                "returned-nothing",
                f"{hook.name} returned nothing, and changed the payload in place.",
                "It works here, since in-place changes are seen by the next hook. The moment it builds a new "
                "object, the change is lost.",
                f"End it with return {first_parameter(hook.function)}.",
                **_of(hook, count=len(events), examples=events),
            )
        elif runs := seen.events_of(seen.rows.calls["outcome"] == OK, hook.id):
            yield Lint(
                "returned-nothing",
                f"{hook.name} stands where its result counts, and returns nothing.",
                "The payload stays as it was before it.",
                f"Return the payload, as in return {first_parameter(hook.function)}; "
                "or attach it where nothing is expected.",
                **_of(hook, count=len(runs), examples=runs),
            )


def _unanswered(seen: _Seen) -> Iterator[Lint]:
    moments = seen.bench.trace.recorder.moments.newest(2_000)
    gone = [
        moment
        for moment in moments
        if moment.kind == "stage" and any(word in moment.text for word in _UNANSWERED)
    ]
    refused = [moment for moment in gone if "DirectusError" in moment.text]
    dropped = [moment for moment in gone if moment not in refused]
    if refused:
        yield Lint(
            "unanswered",
            "A message got no answer: a hook raised an error that Directus tells no client of.",
            "Its client waits for ever: only a DirectusError reaches a client, others just the trace.",
            'Raise one to refuse a message: raise DirectusError("NOT_ALLOWED", "why"), '
            "from workbench.dialects.directus.",
            count=len(refused),
            examples=[moment.dispatch for moment in refused if moment.dispatch > 0],
        )
    if dropped:
        yield Lint(
            "unanswered",
            "A request was dropped without an answer.",
            "A hook failed before anything was sent, so the client waits until it gives up.",
            'Answer first, then signal the error: send_response(request, 401, "who are you?").',
            count=len(dropped),
            examples=[moment.dispatch for moment in dropped if moment.dispatch > 0],
        )


def _held_the_loop(seen: _Seen) -> Iterator[Lint]:
    calls = seen.rows.calls
    work = np.where(calls["end"] == 0, 0, calls["end"] - calls["start"] - calls["wait"])
    long = work > HELD_NS
    if not long.any():
        return
    for hook in seen.hooks:
        events = seen.events_of(long, hook.id)
        if events:
            worst = int(work[np.isin(calls["dispatch"], events)].max())
            yield Lint(
                "held-loop",
                f"{hook.name} worked for {worst / 1e6:.0f} ms without awaiting.",
                "Meanwhile nothing else ran on the server: every other client waited as long.",
                "Await what it waits for (asyncio.sleep, not time.sleep), or move the work into a thread: "
                "await asyncio.to_thread(function, ...).",
                **_of(hook, count=len(events), examples=events),
            )


def _never_ran(seen: _Seen) -> Iterator[Lint]:
    now = figures(seen.bench)
    if now.events < _ENOUGH:
        return
    for hook in seen.hooks:
        counted = now.of(hook.id)
        if (
            hook.enabled
            and not counted.calls
            and not counted.pending
            and _attached_for(seen, hook) >= _ENOUGH
        ):
            at = now.points.get(hook.point, 0)
            why = (
                f"{at:,} events came to {hook.point}, and an earlier hook ended each of them."
                if at
                else f"No event came to {hook.point} while {now.events:,} came elsewhere."
            )
            yield Lint(
                "never-ran",
                f"{hook.name} never ran.",
                why,
                "Check the name of the point, or move it before what ends the events; remove it where nobody "
                "needs it.",
                **_of(hook, count=1),
            )


def _changed_after_await(seen: _Seen) -> Iterator[Lint]:
    """A hook that awaited and wrote into the connection's context while another event of it was under way."""
    calls, dispatches = seen.rows.calls, seen.rows.dispatches
    waited = (calls["wait"] > 0) & (calls["outcome"] == CHANGED)
    if not waited.any():
        return
    spans = {
        int(row["id"]): (int(row["connection"]), int(row["start"]), int(row["end"]) or 2**62)
        for row in dispatches
    }
    for hook in seen.hooks:
        found: dict[int, str] = {}
        for dispatch in seen.events_of(waited, hook.id)[:50]:
            path = _context_path(seen.bench, dispatch, hook.id)
            if path and _overlapped(spans, dispatch):
                found[dispatch] = path
        if found:
            path = Counter(found.values()).most_common(1)[0][0]
            yield Lint(
                "changed-after-await",
                f"{hook.name} awaited and changed {path} while other events of the connection ran.",
                "Between its await and its write another event may have read or written the same, so one "
                "change can undo the other.",
                "Write before the await, or keep the value in the event and not in the connection's context; "
                "a lock per connection works too.",
                **_of(hook, count=len(found), examples=list(found)),
            )


def _one_name(seen: _Seen) -> Iterator[Lint]:
    names = Counter((hook.point, hook.lane, hook.name) for hook in seen.hooks)
    for (point, _, name), count in names.items():
        if count > 1:
            yield Lint(
                "one-name",
                f"{count} hooks at {point} are called {name}.",
                "Lines such as move or enable name a hook, and cannot say which of them is meant.",
                'Give each a name of its own: attach(function, name="...").',
                name=name,
                point=point,
                count=count,
            )


RULES: Final[tuple[Callable[[_Seen], Iterable[Lint]], ...]] = (
    _next_twice,
    _next_not_awaited,
    _returned_nothing,
    _unanswered,
    _held_the_loop,
    _never_ran,
    _changed_after_await,
    _one_name,
)
"""All rules, in the order in which lints of equal count are shown."""


# evidence -------------------------------------------------------------------------------------------


def _attached_for(seen: _Seen, hook: Hook) -> int:
    """How many of the newest events began with the hook already on the board."""
    entries = [entry.revision for entry in seen.bench.board.journal if entry.hook == hook.id]
    since = min(entries, default=0)
    revisions = np.array([plan.revision for plan in seen.rows.plans], np.int64)
    if not len(revisions):
        return 0
    return int((revisions[seen.rows.dispatches["plan"]] >= since).sum()) if since else _ENOUGH


def _context_path(bench: Workbench, dispatch: int, hook: str) -> str:
    shot = bench.trace.snapshots.get(dispatch)
    if shot is None:
        return ""
    for position, changes in shot.changes():
        if shot.plan.hooks[position].id == hook:
            for change in changes:
                if change.path and change.path[0] == "context":
                    return ".".join(str(part) for part in change.path[:2])
    return ""


def _overlapped(spans: Mapping[int, tuple[int, int, int]], dispatch: int) -> bool:
    connection, start, end = spans[dispatch]
    return any(
        other != dispatch and mine == connection and began < end and ended > start
        for other, (mine, began, ended) in spans.items()
    )
