"""What a recorder must offer, and the run that records nothing.

Each shape has one general runner, written once against `Run`. Untraced plans give it `UNTRACED`; traced
plans give it the recorder's own. Beside that, plans of plain functions have a fast road written by
`templates`, which talks to a `Probe` in packed records; the moment something out of the ordinary happens
there (something to await, an error, a stop, a snapshot) the fast road hands over to the general runner or
to the probe's `close`.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from workbench.engine.plan import Plan

__all__ = [
    "UNTRACED", "Dispatched", "Probe", "Run", "Shot", "Slot", "Slots", "SnapshotTaker", "Story", "Tracer",
    "Turning", "told_in",
]  # fmt: skip


class Story(Protocol):
    """What dispatches belong to that follow one another without one being inside another: an HTTP request.

    The first dispatch in it becomes its root, and the parent of the later ones.
    """

    root: int
    """Id of that dispatch; 0 before there is one."""


def told_in(story: Story | None, dispatch: int) -> int:
    """Give the parent of a dispatch of a story, -1 for the first one, which becomes the root.

    Parameters
    ----------
    story
        What `Slot.story` holds.
    dispatch
        Id of the dispatch.
    """
    if story is None:
        return -1
    if not story.root:
        story.root = dispatch
    return -1 if story.root == dispatch else story.root


class Slot:
    """What runs now in one thread.

    The fast road writes the plain members; everything else goes through `Run`.
    """

    __slots__ = ("changed", "clock", "dispatch", "position", "run", "stack", "story")

    def __init__(self) -> None:
        self.dispatch = 0  # id of the dispatch whose hook runs now, 0: none
        self.position = 0  # position of that hook in its plan, -1: the core of an onion
        self.changed = 0  # bit n: a tracked object changed while hook n ran
        self.run: Any = None  # the general runner's run, None on the fast road
        self.clock = 0  # since when the running hook works, perf ns
        self.stack: list[tuple[int, int, int, Any, int]] = []  # what this thread goes back to, innermost last
        self.story: Story | None = None  # set by whoever fires, around the firing


class Slots(threading.local):
    """One Slot per thread.

    Cheaper than a context variable, and right across awaits since awaitables are stepped.
    """

    def __init__(self) -> None:
        self.slot = Slot()


class Shot(Protocol):
    """One dispatch being snapshotted. Its methods never raise."""

    def step(self, position: int, args: tuple[Any, ...]) -> bool:
        """Copy the parts after the hook at that position; args as the next hook gets them.

        True: something differs from the step before.
        """

    def end(self) -> None:
        """The dispatch is over."""


class SnapshotTaker(Protocol):
    """Decides which dispatches are snapshotted."""

    due: int
    """No dispatch that starts before this stamp (perf ns) is wanted: refusing costs one comparison."""

    def want(self, plan: Plan, start: int) -> bool:
        """Take one of the allowed snapshots, or refuse."""

    def begin(self, dispatch: int, plan: Plan, args: tuple[Any, ...]) -> Shot:
        """Copy the parts before the first hook."""


class Dispatched(Protocol):
    """One dispatch on record."""

    shot: Shot | None

    @property
    def dispatch(self) -> int:
        """Id of the dispatch, -1 where nothing is recorded."""

    def finish(self, error: BaseException | None = None) -> None:
        """The dispatch is over."""


class Run(Dispatched, Protocol):
    """One dispatch, as the general runners report it.

    `begin` is followed by `ended`, `raised` or `suspended`, in the same step.
    """

    def begin(self, position: int) -> None:
        """Hook at that position is about to be called."""

    def ended(self, position: int) -> None:
        """It returned a value."""

    def raised(self, position: int, error: BaseException) -> None:
        """It raised."""

    def suspended(self, position: int) -> None:
        """It returned something to await."""

    def stopped(self, position: int) -> None:
        """Its result ended the fold, or it did not call next."""

    def changes(self, position: int) -> None:
        """It has changed what the hooks share: by its result, or as a snapshot shows."""

    def step(self, position: int, awaitable: Any) -> Awaitable[Any]:
        """Wrap what it returned, so that working and waiting are told apart."""


class Turning(Dispatched, Protocol):
    """One dispatch of an onion, as its layers report it: whose turn it is, while it is at work.

    Layers that are written out take their turns themselves, as `turn` does: they put down whose turn it is,
    then when it began; where the slot is this dispatch's they tell it, and the context.
    """

    @property
    def places(self) -> list[int]:
        """Whose turn it was, one after the other."""

    @property
    def stamps(self) -> list[int]:
        """When each of them began, perf ns."""

    @property
    def slot(self) -> Slot:
        """Of the thread where the dispatch was at work last."""

    def turn(self, position: int) -> None:
        """From now on the hook at that position is at work, `onion.CORE`, or `onion.NOBODY`."""

    def raised(self, position: int, error: BaseException) -> None:
        """The hook at that position, or the core, raised."""

    def stopped(self, position: int) -> None:
        """It did not call next."""

    def look(self, position: int) -> None:
        """Let a snapshot be taken, where this dispatch gets any: what changed is that hook's doing."""

    def enter(self, position: int) -> Any:
        """The dispatch is at work in this thread, with somebody's turn; give what `leave` is told."""

    def leave(self, token: Any) -> int:
        """It waits, or is over; give whose turn it was."""

    def whose(self) -> int:
        """Give whose turn it is, while it is at work."""

    def part(self, awaitable: Any, position: int) -> Any:
        """Give what is awaited in the place of a part of it, from that turn on.

        Where nobody else does, it enters and leaves at each step.
        """


class _Untraced:
    """A run that records nothing."""

    shot: Shot | None = None
    dispatch = -1
    places: Any = None
    stamps: Any = None
    slot: Any = None

    def begin(self, position: int) -> None:
        pass

    def ended(self, position: int) -> None:
        pass

    def raised(self, position: int, error: BaseException) -> None:
        pass

    def suspended(self, position: int) -> None:
        pass

    def stopped(self, position: int) -> None:
        pass

    def changes(self, position: int) -> None:
        pass

    def step(self, position: int, awaitable: Any) -> Awaitable[Any]:  # noqa: ARG002
        return awaitable  # type: ignore[no-any-return]

    def finish(self, error: BaseException | None = None) -> None:
        pass

    def turn(self, position: int) -> None:
        pass

    def look(self, position: int) -> None:
        pass

    def enter(self, position: int) -> None:
        pass

    def leave(self, token: Any) -> int:  # noqa: ARG002
        return -1

    def whose(self) -> int:
        return -1

    def part(self, awaitable: Any, position: int) -> Any:  # noqa: ARG002
        return awaitable


class _Nothing(Run, Turning, Protocol):
    """Both at once."""


UNTRACED: _Nothing = _Untraced()


class Room(Protocol):
    """Where the next records lie."""

    room: tuple[Callable[[], int], bytearray]
    """Claims the offset of the next plain record (StopIteration: full, call refill), and its buffer."""


class Probe(Protocol):
    """A recorder's end of one plan."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    @property
    def slots(self) -> Slots:
        """What runs now, thread by thread."""

    @property
    def clock(self) -> Callable[[], int]:
        """The stamps' clock, ns."""

    @property
    def next_id(self) -> Callable[[], int]:
        """Ids of dispatches: 1, 2, ... over all plans and threads."""

    @property
    def inside(self) -> Callable[[], object]:
        """Tells whether this task was started by a hook (the context variable's get)."""

    @property
    def put_inside(self) -> Callable[[Any], object]:
        """Notes in the context which call runs, for tasks that it starts: run and position."""

    @property
    def tracer(self) -> Tracer:
        """Whose snapshot taker is asked at each dispatch."""

    @property
    def ring(self) -> Room:
        """Where plain records go."""

    @property
    def pack(self) -> Callable[..., None]:
        """``pack(buffer, offset, id, start, connection, parent, end of hook 0, end of hook 1, ...)``.

        Where something changed, the bits of those hooks stand above the connection's 32.
        """

    def refill(self, *fields: int) -> None:
        """Make room and write the record that found none."""

    def open(self, connection: int, args: tuple[Any, ...], *, dispatch: int = 0, shot: bool = False) -> Run:
        """Begin a general run.

        `dispatch` is the id where one was drawn already, `shot` whether to snapshot it.
        """

    def turning(self, turns: list[int], *, held: bool = False) -> Callable[[int, tuple[Any, ...]], Turning]:
        """Give what begins a run of an onion, from connection and arguments.

        For the turns see `link`; `held` says whether it may have to wait before the first of them.
        """

    def adopt(self, dispatch: int, connection: int, stamps: tuple[int, ...], changed: int) -> Run:
        """Go on generally with a dispatch whose first hooks ran on the fast road.

        The last one returned an awaitable.
        """

    def close(
        self,
        dispatch: int,
        connection: int,
        stamps: tuple[int, ...],
        changed: int,
        error: BaseException | None = None,
        stopped: bool = False,
    ) -> None:
        """Write a fast dispatch that stopped or raised in the last hook of stamps."""


class Tracer(Protocol):
    """What the board is given to trace with."""

    snapshots: SnapshotTaker | None
    """None: no dispatch is snapshotted. May be set at any time."""

    def probe(self, plan: Plan) -> Probe:
        """Learn about a new plan."""
