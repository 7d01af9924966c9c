"""What runs on the fast road at this moment, read from the threads' own frames.

The fast road keeps its stamps in local variables until a dispatch has ended, so that nothing is paid for the
view of what is pending; whoever wants that view looks into the frames.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

from workbench.engine.templates import ROAD
from workbench.engine.tracing import Slot
from workbench.trace.rows import FastCall

__all__ = ["Listed", "at_work", "fast_calls"]

Listed = tuple[weakref.ref[threading.Thread], Slot]
"""A thread and what runs in it."""


def at_work(listed: Iterable[Listed]) -> Iterator[Any]:
    """Find the runs of the general road that some thread works at, or goes back to.

    Parameters
    ----------
    listed
        The threads to look at.
    """
    for _, slot in listed:
        for run in (slot.run, *(entry[3] for entry in list(slot.stack))):
            if run is not None:
                yield run


def fast_calls(listed: Iterable[Listed]) -> Iterator[FastCall]:
    """Find the dispatches on the fast road; there is at most one in each thread, outermost.

    Parameters
    ----------
    listed
        The threads to look at.
    """
    frames: Mapping[int, FrameType] | None = None
    for thread, slot in listed:
        dispatch, position, changed, run, _ = (
            slot.stack[0] if slot.stack else (slot.dispatch, slot.position, slot.changed, slot.run, 0)
        )
        if dispatch and run is None:
            frames = sys._current_frames() if frames is None else frames  # noqa: SLF001 - the documented way
            alive = thread()
            frame = None if alive is None else frames.get(alive.ident or 0)
            root = 0 if slot.story is None else slot.story.root
            call = _call(frame, dispatch, position, changed, root or -1)
            if call is not None:
                yield call


def _call(
    frame: FrameType | None, dispatch: int, position: int, changed: int, parent: int
) -> FastCall | None:
    """Read a dispatch from its frame; None when it has no stamp yet, or ended meanwhile and is written."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(ROAD):
            names = frame.f_locals
            if names.get("dispatch") == dispatch and "t0" in names:
                stamps = tuple(names[f"t{index}"] for index in range(position + 1))
                plan = names["close"].__self__.plan
                return FastCall(dispatch, plan, names["connection"], stamps, changed, parent)
        frame = frame.f_back
    return None
