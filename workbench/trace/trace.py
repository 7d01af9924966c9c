"""The trace of one bench: what people and faces ask about what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from workbench.engine.errors import WorkbenchError
from workbench.trace.changes import Change, changes_frame
from workbench.trace.connections import NO_CONNECTION, Connections
from workbench.trace.failures import Failure, Failures, call_of
from workbench.trace.output import Capture, Line, Printed, capture
from workbench.trace.recorder import Recorder
from workbench.trace.snapshots import Shot, Snapshots
from workbench.trace.stories import story_of

if TYPE_CHECKING:
    import pandas as pd

    from workbench.engine.board import Board
    from workbench.engine.journal import JournalEntry
    from workbench.engine.plan import Plan

__all__ = ["NoSnapshot", "Trace"]

FRAMES = ("dispatches", "calls", "connections", "edits", "errors", "moments")


class NoSnapshot(WorkbenchError):
    """There is nothing to say what an event's hooks changed."""


class Trace:
    """Records what the hooks of a board do, and shows it as DataFrames.

    On from the start. Memory is bounded; `dropped` counts what had to go. Every frame is a copy, made when
    asked for.

    Parameters
    ----------
    board
        The board whose plans are traced.
    name
        Name of the bench, for exports and for showing.
    dialect_of
        Names the dialect of a point's key; a bench with several mounts knows. A text stands for all points.
    recorder, connections, snapshots
        Parts to use instead of new ones.

    Attributes
    ----------
    recorder
        Keeps one record per dispatch; `recorder.totals` and `recorder.tail` are for live views.
    registry
        The connections (:class:`~workbench.trace.connections.Connections`).
    snapshots
        Snapshots of payloads; ``trace.snapshots.limit(rate)`` sets how many events a second get one.
    output
        What hooks printed.
    failures
        The errors that escaped.
    """

    def __init__(
        self,
        board: Board,
        *,
        name: str = "bench",
        dialect_of: Callable[[str], str] | str = "",
        recorder: Recorder | None = None,
        connections: Connections | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self.name = name
        self.board = board
        self.recorder = Recorder() if recorder is None else recorder
        self.registry = Connections() if connections is None else connections
        self.snapshots = Snapshots() if snapshots is None else snapshots
        self.output = Printed()
        self.failures = Failures()
        self._dialect_of = dialect_of
        self._cleared = 0
        self.recorder.snapshots = self.snapshots
        self.recorder.moments.lasts = self.snapshots.has
        self.on()

    # -- switches

    @property
    def enabled(self) -> bool:
        """Whether dispatches that begin now are traced."""
        return self.board.tracer is self.recorder

    def on(self) -> None:
        """Trace from now on. Events that have begun finish as they began."""
        self.recorder.recording = True
        self.board.tracer = self.recorder

    def off(self) -> None:
        """Trace no more; hooks then run at no cost of tracing. What was recorded stays."""
        self.recorder.recording = False
        self.board.tracer = None

    def clear(self) -> None:
        """Forget all that was recorded; open connections and the board's edits stay."""
        self._cleared = time.time_ns()
        self.recorder.clear()
        for part in (self.snapshots, self.output, self.failures, self.registry):
            part.clear()

    def limit(self, megabytes: float) -> None:
        """Set how much room records of dispatches may take; the oldest beyond it go, and are counted.

        Parameters
        ----------
        megabytes
            64 unless it is set; a million events with five plain hooks each take 72.

        Raises
        ------
        ValueError
            Less than 1.
        """
        if not megabytes >= 1:
            raise ValueError(f"A trace needs room for 1 megabyte of records or more; got {megabytes!r}.")
        self.recorder.store.resize(round(megabytes * 1024 * 1024))

    def capture_output(self, *, tee: bool = False) -> Capture:
        """Begin to keep what hooks print; a bench does so while it runs, and calls `stop` of what it gets.

        Parameters
        ----------
        tee
            Also let the text go where it would have gone: for a server on a terminal, where nobody sees the
            trace.
        """
        return capture(self.recorder.current_call, self.output, tee=tee)

    def add_error(
        self,
        error: BaseException,
        *,
        point: str = "",
        hook: str = "",
        connection: int = NO_CONNECTION,
        dispatch: int | None = None,
    ) -> Failure:
        """Note an error that a hook system let escape.

        Parameters
        ----------
        error
            What was raised.
        point, hook, connection
            Where, as far as that is known.
        dispatch
            Id of the event; None for the one in which a traced hook raised the error, else for the one that
            runs here, if any.
        """
        if dispatch is None:
            dispatch = call_of(error)[0]
        if dispatch < 0:
            dispatch = self.recorder.current() or -1
        return self.failures.add(error, point=point, hook=hook, connection=connection, dispatch=dispatch)

    # -- figures

    @property
    def kept(self) -> int:
        """How many dispatches are kept."""
        return self.recorder.kept

    @property
    def dropped(self) -> int:
        """How many dispatches were dropped, oldest first, to keep memory bounded."""
        return self.recorder.dropped

    # -- frames

    @property
    def dispatches(self) -> pd.DataFrame:
        """One row per event at a hook point, in the order in which they began.

        Columns: dispatch, point, dialect, connection (-1: none), revision, start (UTC), duration_ns (0 while
        pending), hooks (how many ran), outcome (as of `calls`), error, parent (the dispatch that caused this
        one, or began the request that it belongs to; -1: none).
        """
        from workbench.trace.frames import dispatches_frame

        return dispatches_frame(self.recorder.rows(), self.recorder.epoch_ns, self.dialect_of)

    @property
    def calls(self) -> pd.DataFrame:
        """One row per hook of every event, skipped ones too, in order.

        Columns: dispatch, position (from 0), hook, hook_id, version, point, dialect, connection, revision,
        start (UTC), duration_ns (0 while pending, and for skipped ones), wait_ns (time spent awaiting, part
        of duration_ns), outcome (ok, changed, stopped, raised, skipped, cancelled, pending), error.

        A hook that sets something on the objects that it gets, or returns what the point takes, has
        ``changed`` always. What it changes inside of a value in place, such as an item of a list or a key of
        a dict within a payload, is seen only in events with a snapshot (`changes`); elsewhere it is ``ok``.
        ``trace.snapshots.limit(rate)`` sets how many events a second get one; where copies are large they are
        fewer, so that copying takes no more than 2 % of the time (``share``).
        """
        from workbench.trace.frames import calls_frame

        return calls_frame(self.recorder.rows(), self.recorder.epoch_ns, self.dialect_of)

    @property
    def connections(self) -> pd.DataFrame:
        """One row per connection, in the order in which they were opened.

        Columns: connection, dialect, path, remote, opened, closed (UTC, missing while open), code, reason,
        messages_in, messages_out, bytes_in, bytes_out (payload bytes).
        """
        from workbench.trace.frames import connections_frame

        return connections_frame(self.registry.rows())

    @property
    def edits(self) -> pd.DataFrame:
        """One row per edit of the board, oldest first.

        Columns: revision, time (UTC), edit, hook, hook_id, point, author, python (the line that does the
        same), undone.
        """
        from workbench.trace.frames import edits_frame

        journal = self.board.journal
        return edits_frame(journal, _hook_names(journal))

    @property
    def errors(self) -> pd.DataFrame:
        """One row per error that no hook and no policy took care of, oldest first.

        Columns: time (UTC), dispatch (-1: none), point, hook, connection, error, traceback (the user's
        frames).
        """
        from workbench.trace.frames import errors_frame

        return errors_frame(self.failures.rows())

    @property
    def moments(self) -> pd.DataFrame:
        """One row per thing that happened beside the hooks' calls, oldest first.

        Columns: time (UTC), dispatch (-1: none), connection (-1: none), kind (sent, stage, fault, held),
        text, size (of what was sent, in characters or bytes; 0 where nothing was).
        """
        from workbench.trace.frames import moments_frame

        return moments_frame(self.recorder.moments.rows(), self.recorder.epoch_ns)

    def story(self, dispatch: int) -> list[int]:
        """List the dispatches that share their first cause with one, itself included, in order.

        Parameters
        ----------
        dispatch
            Any one of them.

        Returns
        -------
        list of int
            The first is the root; empty where the trace does not have the dispatch (any more).
        """
        return story_of(self.recorder, dispatch)

    def summary(self, by: str = "hook") -> pd.DataFrame:
        """Counts and percentiles of the calls, in groups; see :func:`~workbench.trace.summary.summary_frame`.

        Parameters
        ----------
        by
            hook, hook_id, point, dialect, connection, revision, version, outcome or dispatch.
        """
        from workbench.trace.summary import summary_frame

        return summary_frame(self.calls, by)

    def changes(self, dispatch: int | None = None) -> pd.DataFrame:
        """What each hook changed in the payload and context of one event, field by field.

        Parameters
        ----------
        dispatch
            Id of the event; None for the newest one that has a snapshot.

        Returns
        -------
        pandas.DataFrame
            position, hook, path (``message.raw_data``), before, after, op (added, changed, removed). No rows:
            no hook changed anything.

        Raises
        ------
        NoSnapshot
            The event has no snapshot; the message says why.
        """
        shot = self.shot(dispatch)
        hooks = shot.plan.hooks
        return changes_frame([(position, hooks[position].name, made) for position, made in shot.changes()])

    def shot(self, dispatch: int | None = None) -> Shot:
        """Return the snapshots behind :meth:`changes`; same parameter, same exception."""
        if dispatch is not None and not isinstance(dispatch, SupportsIndex):
            raise NoSnapshot(f"The number of an event is expected, as in trace.dispatches; got {dispatch!r}.")
        shot = self.snapshots.newest() if dispatch is None else self.snapshots.get(dispatch)
        if shot is None:
            raise NoSnapshot(self._why_none(dispatch))
        return shot

    def field_changes(self, dispatch: int | None = None) -> list[tuple[int, list[Change]]]:
        """Return what :meth:`changes` shows as plain objects, for faces that need no DataFrame."""
        return self.shot(dispatch).changes()

    def printed(self, dispatch: int | None = None) -> pd.DataFrame:
        """What hooks printed: dispatch, position, hook, stream, time (UTC), text.

        Parameters
        ----------
        dispatch
            Id of one event; None for all.
        """
        from workbench.trace.frames import printed_frame

        lines = self.output.lines(dispatch)
        plans = self._plans_of({line.dispatch for line in lines})

        def hook_of(event: int, position: int) -> str:
            plan = plans.get(event)
            return plan.hooks[position].name if plan is not None and position >= 0 else ""

        return printed_frame(lines, hook_of)

    def printed_lines(self, dispatch: int) -> list[Line]:
        """Return what the hooks of one event printed as plain objects, for faces that need no DataFrame."""
        return self.output.lines(dispatch)

    # -- exports

    def to_parquet(self, path: str | Path) -> Path:
        """Write all frames into the folder `path`, one Parquet file each, and return it.

        The files are ``dispatches``, ``calls``, ``connections``, ``edits`` and ``errors``, each ``.parquet``;
        `pandas.read_parquet` gives the frames back as they are here.
        """
        from workbench.trace.parquet import write_parquet

        return write_parquet({name: getattr(self, name) for name in FRAMES}, path)

    def to_chrome(self, path: str | Path) -> Path:
        """Write the trace as Chrome trace JSON (for https://ui.perfetto.dev) and return the file's path.

        One track per connection; compressed where the name ends in ``.gz``.
        """
        from workbench.trace.chrome import write_chrome

        return write_chrome(
            path,
            self.recorder.rows(),
            epoch=self.recorder.epoch_ns,
            name=self.name,
            connections={row.index: row.path for row in self.registry.rows()},
            edits=self.board.journal,
        )

    # -- how it shows itself

    def dialect_of(self, point: str) -> str:
        """Name the dialect that a point belongs to."""
        return self._dialect_of if isinstance(self._dialect_of, str) else self._dialect_of(point)

    def __repr__(self) -> str:
        state = "on" if self.enabled else "off"
        return (
            f"<trace of {self.name}: {state}, {self.kept} dispatches kept, {self.dropped} dropped; "
            f"frames: .dispatches .calls .connections .edits .errors .summary() .changes()>"
        )

    def _repr_html_(self) -> str:
        figures = {
            "dispatches": f"{self.kept:,} kept, {self.dropped:,} dropped",
            "connections": f"{self.registry.open:,} open, {self.registry.total:,} in all",
            "snapshots": f"{len(self.snapshots):,} kept, {self.snapshots.dropped:,} dropped, "
            f"{self.snapshots.rate:g} a second and {self.snapshots.share:.0%} of the time at most",
            "printed": f"{len(self.output):,} calls, {self.output.dropped:,} dropped",
            "errors": f"{self.failures.total:,} escaped, {self.failures.dropped:,} dropped",
        }
        rows = "".join(
            f"<tr><th scope='row'>{name}</th><td>{text}</td></tr>" for name, text in figures.items()
        )
        state = "on" if self.enabled else "off: nothing new is recorded; <code>trace.on()</code>"
        hint = " ".join(f"<code>.{name}</code>" for name in (*FRAMES, "summary()", "changes()", "printed()"))
        return (
            f"<table><caption>Trace of {escape(self.name)}: {state}</caption>{rows}</table>"
            f"<p>DataFrames: {hint}; files: <code>.to_parquet(folder)</code> "
            f"<code>.to_chrome(file)</code></p>"
        )

    # -- inside

    def _plans_of(self, dispatches: set[int]) -> dict[int, Plan]:
        """Find the plans of some dispatches; those that are gone are left out."""
        if len(dispatches) == 1:
            rows = self.recorder.tail(1, before=max(dispatches) + 1)
        else:
            rows = self.recorder.rows()
        places = np.flatnonzero(np.isin(rows.dispatches["id"], list(dispatches)))
        return {
            int(rows.dispatches["id"][place]): rows.plans[rows.dispatches["plan"][place]] for place in places
        }

    def _why_none(self, dispatch: int | None) -> str:
        """Say why there is no snapshot, and what to do."""
        if dispatch is None:
            what = "No event has a snapshot"
            if not self.enabled:
                return f"{what}: the trace is off; switch it on with trace.on(), then send one."
            if not self.snapshots.rate:
                return f"{what}: their rate is 0; set it with trace.snapshots.limit(100), then send one."
            since = " since the trace was cleared" if self._cleared else " yet"
            return f"{what}{since}; send one through a hook that gets a message or a context."
        if not self._plans_of({dispatch}):
            gone = "the trace was cleared, or it" if self._cleared else "it"
            return (
                f"There is no dispatch {dispatch!r} in the trace: {gone} was dropped for want of room, or "
                f"it never was; trace.dispatches lists what is kept."
            )
        return (
            f"Dispatch {dispatch} has no snapshot: at most {self.snapshots.rate:g} events a second get one, "
            f"fewer where copying would take more than {self.snapshots.share:.0%} of the time, "
            f"the oldest {self.snapshots.dropped} are gone for want of room, and some points have nothing to "
            f"show; trace.snapshots.limit(rate, share=0.1) takes more. Where there never was one, a hook "
            f"that changes something inside of a value, such as a key of a dict, counts as ok."
        )


def _hook_names(journal: Sequence[JournalEntry]) -> dict[str, str]:
    """Names of all hooks that edits have put or taken away, by their ids."""
    changes = [change for entry in journal for change in (entry.inverse, entry.outcome)]
    rows = (row for change in changes for some in change.rows.values() for row in some)
    return {row.hook.id: row.hook.name for row in rows}
