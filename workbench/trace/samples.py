"""The newest events of each chain with the very arguments that their hooks got, to try drafts on.

The arguments hold on to live objects (a peer, a request), so there are few, and only of events whose snapshot
is whole: what was too large to be copied is not held either.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.trace.snapshots import Shot

__all__ = ["CHAINS", "EACH", "Sample", "Samples"]

EACH = 20
"""Events that are kept of one chain."""

CHAINS = 64
"""Chains of which events are kept; those that ran last."""

Sample = tuple["Shot", tuple[Any, ...]]
"""The snapshots of an event, and its arguments."""


class Samples:
    """Keeps the newest events by the name of their chain."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[Sample]] = OrderedDict()

    def keep(self, shot: Shot, args: Sequence[Any]) -> None:
        """Keep an event, in the place of the oldest one of its chain."""
        name = shot.plan.point.name
        self._of.setdefault(name, deque(maxlen=EACH)).append((shot, tuple(args)))
        self._of.move_to_end(name)
        if len(self._of) > CHAINS:
            self._of.popitem(last=False)

    def newest(self, wanted: Callable[[Any], bool]) -> list[Sample]:
        """Give at most `EACH` events of the plans that are wanted, the newest first."""
        found = [sample for samples in self._of.values() for sample in samples if wanted(sample[0].plan)]
        return nlargest(EACH, found, key=lambda sample: sample[0].dispatch)

    def clear(self) -> None:
        """Forget all."""
        self._of.clear()
