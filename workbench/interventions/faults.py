"""Faults: what may be made to go wrong on purpose, where, how often, and the same way each time."""

from __future__ import annotations

__all__ = ["CALL_KINDS", "DEFAULTS", "KINDS", "OWN", "Fault", "Faults"]

import inspect
import itertools
import math
import threading
from collections.abc import Callable, Mapping
from copy import copy
from random import Random
from typing import Any, Final

from workbench.engine.errors import FaultInjected, near
from workbench.engine.hooks import Hook
from workbench.engine.journal import quoted
from workbench.engine.points import Point
from workbench.interventions.errors import FaultError
from workbench.interventions.places import Places
from workbench.interventions.standing import Note, Standing
from workbench.server.closing import close_payload
from workbench.server.errors import InvalidClose

KINDS: Final = ("delay", "raise", "drop", "duplicate", "reorder", "corrupt", "close", "hang")
CALL_KINDS: Final = ("delay", "raise", "hang")
"""Kinds that need hooks to act on; the others may act on what a client sends, before any hook."""

_DOES: Final = {
    "delay": "delayed",
    "raise": "made to raise",
    "drop": "dropped",
    "duplicate": "doubled",
    "reorder": "swapped with the next",
    "corrupt": "corrupted",
    "close": "answered by closing the connection",
    "hang": "made to hang",
}
OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "delay": ("ms", "spread_ms"),
    "raise": ("error",),
    "reorder": ("ms",),
    "close": ("code", "reason"),
}
"""What only some kinds need to be told."""

_REORDER_MS: Final = 1000.0


class Fault:
    """One armed fault.

    Attributes
    ----------
    id
        ``f1``, ``f2`` ... in the order of arming.
    kind
        One of `KINDS`.
    point
        Key of the point or name of the chain; None: every point, or what clients send.
    hook, hook_name
        Id and name of the hook whose calls there it acts on, None: the event as a whole.
    connection
        Only on this connection; None: on all, and where there is none.
    probability
        0 to 1, drawn anew for each event that it could act on.
    seed
        Of the drawing: the same events in the same order meet the same faults.
    ms, spread_ms
        How long a delay takes, and how much more or less; how long `reorder` waits for the next event.
    code, reason
        What `close` closes with.
    error
        What `raise` raises.
    times
        How often it acts before it is disarmed; None: for ever.
    injected, considered
        How often it acted so far, and how many events it could have acted on.
    """

    __slots__ = (
        "_lock", "_random",
        "code", "connection", "considered", "error", "hook", "hook_name", "id", "injected",
        "kind", "ms", "point", "probability", "python", "reason", "released", "seed", "spread_ms", "times",
    )  # fmt: skip

    def __init__(
        self, identity: str, kind: str, *, hook: Hook | None, point: str | None, **given: Any
    ) -> None:
        self.id = identity
        self.kind = kind
        self.point = point
        self.hook = None if hook is None else hook.id
        self.hook_name = None if hook is None else hook.name
        self.connection: int | None = given["connection"]
        self.probability: float = given["probability"]
        self.seed: int = given["seed"]
        self.ms: float = given["ms"]
        self.spread_ms: float = given["spread_ms"]
        self.code: int = given["code"]
        self.reason: str = given["reason"]
        self.error: Exception = given["error"]
        self.times: int | None = given["times"]
        self.python: str = given["python"]
        self.injected = 0
        self.considered = 0
        self.released: list[Callable[[], object]] = []
        self._random = Random(self.seed)  # noqa: S311 - repeatable, not secret
        self._lock = threading.Lock()

    @property
    def spent(self) -> bool:
        """Whether it has acted as often as it was to."""
        return self.times is not None and self.injected >= self.times

    @property
    def on_wire(self) -> bool:
        """Whether it acts on what clients send, before any hook."""
        return self.point is None and self.hook is None and self.kind not in CALL_KINDS

    def strikes(self, connection: int) -> bool:
        """Draw whether it acts on an event of that connection, and count it."""
        if self.connection is not None and self.connection != connection:
            return False
        with self._lock:
            if self.spent:
                return False
            self.considered += 1
            if self._random.random() >= self.probability:
                return False
            self.injected += 1
            return True

    def stand(self) -> None:
        """Get ready to be armed; one that was spent begins anew."""
        with self._lock:
            if self.spent:
                self.injected = self.considered = 0
                self._random = Random(self.seed)  # noqa: S311 - as above

    def release(self) -> None:
        """Let go on what hangs or waits because of it."""
        for release in self.released[:]:
            release()

    def missed(self) -> None:
        """Take an injection back that found nothing to act on."""
        with self._lock:
            self.injected -= 1

    def seconds(self) -> float:
        """Draw how long this delay takes."""
        with self._lock:
            spread = self._random.uniform(-self.spread_ms, self.spread_ms) if self.spread_ms else 0.0
        return max(0.0, self.ms + spread) / 1000

    def fresh_error(self) -> Exception:
        """Give the error to raise, one of its own for each time."""
        return copy(self.error).with_traceback(None)

    def random(self) -> Random:
        """Give a source of chance for one piece of damage, drawn from the seed."""
        with self._lock:
            return Random(self._random.getrandbits(64))  # noqa: S311 - as above

    def applies_to(self, hook: Hook, point: Point, hooks: tuple[Hook, ...]) -> bool:
        """Tell whether it acts on the calls of a hook in a plan."""
        return self.hook == hook.id and (self.point is None or is_at(self.point, point, hooks))

    def enters(self, point: Point, hooks: tuple[Hook, ...]) -> bool:
        """Tell whether it acts on the events of a plan as a whole."""
        if self.hook is not None or self.on_wire:
            return False
        return self.point is None or is_at(self.point, point, hooks)

    @property
    def where(self) -> str:
        """Say for people where it acts."""
        at = f" at {self.point}" if self.point else ""
        place = f"hook {self.hook_name}{at}" if self.hook else f"point {self.point}" if self.point else ""
        place = place or ("messages and requests of clients" if self.on_wire else "every point")
        return place if self.connection is None else f"{place}, connection c{self.connection}"

    def __repr__(self) -> str:
        return (
            f"<fault {self.id}: {self.kind} at {self.where}, probability {self.probability:g}, "
            f"seed {self.seed}; {self.injected} of {self.considered}>"
        )

    def told(self, detail: str = "") -> str:
        """Say for the trace what it did."""
        what = f"hook {self.hook_name}" if self.hook else "event"
        return f"{what} {_DOES[self.kind]}{detail} (fault {self.id})"


def raisable(error: object) -> Exception | None:
    """Give what to raise, of an exception or the text of a `FaultInjected`; None of anything else."""
    if isinstance(error, str):
        return FaultInjected(error)
    return error if isinstance(error, Exception) else None


def is_at(name: str, point: Point, hooks: tuple[Hook, ...]) -> bool:
    """Tell whether a plan is of the point or chain of that name, or has hooks of that lane of its point.

    "filter items.create" is in the chain of every collection, as its lane is (Directus R5).
    """
    if point.name == name:
        return True
    return any(name in (hook.point, f"{hook.point} {hook.lane}") for hook in hooks)


class Faults:
    """The faults of one bench; ``bench.faults``.

    Parameters
    ----------
    places
        Finds points, chains and hooks.
    changed
        Called after every change, to publish other plans.
    spoken
        Gives the name of the bench in printed Python lines.
    note
        Takes down in the bench's history what was armed and disarmed.
    """

    def __init__(
        self,
        places: Places,
        changed: Callable[[], object],
        spoken: Callable[[], str],
        note: Note,
    ) -> None:
        self._places = places
        self._spoken = spoken
        self._ids = itertools.count(1)
        self._standing = Standing[Fault](
            changed,
            note,
            error=FaultError,
            noun="fault",
            state="armed",
            came=Fault.stand,
            went=Fault.release,
        )

    @property
    def list(self) -> list[Fault]:
        """The armed faults, oldest first; a copy."""
        return self._standing.all

    @property
    def armed(self) -> bool:
        """Whether any is armed."""
        return bool(self._standing)

    def arm(
        self,
        kind: str,
        *,
        point: str | None = None,
        hook: object = None,
        connection: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
        ms: float | None = None,
        spread_ms: float = 0.0,
        code: int = 1011,
        reason: str = "",
        error: Exception | str = "A fault was injected here.",
        times: int | None = None,
        author: str | None = None,
    ) -> Fault:
        """Arm a fault; it acts on events that begin from now on.

        Parameters
        ----------
        kind
            ``delay``, ``raise`` and ``hang`` make hooks late, fail, or never end. ``drop``, ``duplicate``,
            ``reorder`` (swap with the connection's next), ``corrupt`` and ``close`` act on the event: at the
            point or hook that is named; where none is, on each message or request as it comes in.
        point
            Name of a hook point, or of a chain such as "messages.create"; None: see `kind`.
        hook
            A hook's name, id or function: its calls alone, and where a point or chain is named, those there.
        connection
            Number of a connection, as in ``trace.connections``; None: all.
        probability
            0 to 1.
        seed
            Any whole number; the same seed and the same events give the same faults.
        ms
            Milliseconds of a delay (needed there); how long ``reorder`` waits for the next event (1000).
        spread_ms
            A delay is drawn evenly from ``ms - spread_ms`` to ``ms + spread_ms``.
        code, reason
            Of the close frame; HTTP connections are cut.
        error
            What ``raise`` raises: an exception, or the text of a `FaultInjected`.
        times
            Act so often, then disarm; None: until it is disarmed.
        author
            For the history; None: the cell that runs, else the program.

        Returns
        -------
        Fault
            To disarm it by, and to see how often it acted.

        Raises
        ------
        FaultError, UnknownPoint, UnknownHook, AmbiguousHook
            For what cannot be armed.
        """
        _check(kind, connection, probability, seed, ms, spread_ms, code, reason, times)
        if (raised := raisable(error)) is None:
            text = f'error is an exception, as in ValueError("bad"), or a text, not {error!r}.'
            raise FaultError(text).about("error")
        place = None if point is None else self._places.find(point)
        found = None if hook is None else self._places.hook(hook, place)
        named = None if found is None else self._places.spell(found, place)
        given = {
            "point": point, "hook": named, "connection": connection,
            "probability": probability, "seed": seed, "ms": ms, "spread_ms": spread_ms, "code": code,
            "reason": reason, "error": error, "times": times,
        }  # fmt: skip
        fault = Fault(
            f"f{next(self._ids)}",
            kind,
            hook=found,
            point=None if place is None else place.name,
            connection=connection,
            probability=float(probability),
            seed=seed,
            ms=_REORDER_MS if ms is None else float(ms),
            spread_ms=float(spread_ms),
            code=code,
            reason=reason,
            error=raised,
            times=times,
            python=_line(self._spoken(), kind, given),
        )
        self._standing.add("arm", fault, author)
        return fault

    def disarm(self, fault: Fault | str | None = None, *, author: str | None = None) -> None:
        """Disarm a fault; what hangs or waits because of it goes on.

        Parameters
        ----------
        fault
            The fault or its id; None: all.
        author
            As in `arm`.

        Raises
        ------
        FaultError
            When no such fault is armed.
        """
        self._standing.remove("disarm", fault, f"{self._spoken()}.faults.disarm", author)

    def retire(self) -> None:
        """Disarm those that have acted as often as they were to."""
        self._standing.retire(lambda fault: fault.spent)

    def __repr__(self) -> str:
        listed = "; ".join(map(repr, self.list))
        return f"<faults: {listed or 'none armed'}>"


def _check(
    kind: str,
    connection: int | None,
    probability: float,
    seed: int,
    ms: float | None,
    spread_ms: float,
    code: int,
    reason: str,
    times: int | None,
) -> None:
    if kind not in KINDS:
        raise FaultError(f"There is no fault {kind!r}{near(str(kind), KINDS)}").about("kind")
    for name, value, least in (("connection", connection, 1), ("times", times, 1), ("seed", seed, None)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and (least is None or value >= least)):
            text = f"{name} is a whole number{' from 1' if least else ''}, not {value!r}."
            raise FaultError(text).about(name)
    for name, number, most in (
        ("probability", probability, 1.0),
        ("ms", 0 if ms is None else ms, 3_600_000.0),
        ("spread_ms", spread_ms, 3_600_000.0),
    ):
        if not _is_number(number) or not 0 <= number <= most:
            raise FaultError(f"{name} is a number from 0 to {most:.0f}, not {number!r}.").about(name)
    if kind == "delay" and ms is None:
        raise FaultError("A delay needs ms=, its length in milliseconds.").about("ms")
    if not isinstance(reason, str):
        raise FaultError(f"reason is a text, not {reason!r}.").about("reason")
    for name, said in (("code", ""), ("reason", reason)):
        try:
            close_payload(code, said)
        except InvalidClose as error:
            raise FaultError(f"code and reason must fit a close frame: {error}").about(name) from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


DEFAULTS: Final[Mapping[str, Any]] = {
    name: one.default
    for name, one in inspect.signature(Faults.arm).parameters.items()
    if one.default is not one.empty
}
"""What `Faults.arm` takes where nothing is said."""


def _line(spoken: str, kind: str, given: dict[str, Any]) -> str:
    """Spell the line that arms the same fault."""
    parts = [
        f"{name}={quoted(value)}"
        for name, value in given.items()
        if value is not None and value != DEFAULTS.get(name)
    ]
    return f"{spoken}.faults.arm({', '.join([quoted(kind), *parts])})"
