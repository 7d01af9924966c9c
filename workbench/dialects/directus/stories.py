"""Stories: the dispatches of one message, or of one request, have its first one as their parent."""

from __future__ import annotations

__all__ = ["Story", "fired", "root", "story"]

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from workbench.engine.plan import Plan
from workbench.trace.recorder import Recorder


class Story:
    """One message or request, on its way.

    Attributes
    ----------
    root
        Id of its first dispatch, 0 before there is one.
    """

    __slots__ = ("root",)

    def __init__(self) -> None:
        self.root = 0


_STORY: ContextVar[Story | None] = ContextVar("workbench directus story", default=None)


@contextmanager
def story() -> Iterator[Story]:
    """Begin a story; it holds in this context, and in the tasks that are begun in it."""
    mine = Story()
    token = _STORY.set(mine)
    try:
        yield mine
    finally:
        _STORY.reset(token)


def root() -> int:
    """Give the first dispatch of the story that is told here, -1 without one."""
    mine = _STORY.get()
    return -1 if mine is None or not mine.root else mine.root


def fired(recorder: Recorder, plan: Plan, connection: int, *args: Any) -> Any:
    """Fire a plan as part of the story that is told here.

    Parameters
    ----------
    recorder
        Which records it.
    plan, connection, args
        As for `Plan.fire`.
    """
    mine = _STORY.get()
    if mine is None:
        return plan.fire(connection, *args)
    slot = recorder.slots.slot
    before, slot.story = slot.story, mine
    try:
        return plan.fire(connection, *args)
    finally:
        slot.story = before
