"""From an edit to the plan that follows it, with a hundred hooks on the board. Budget: at most 1 ms."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.recorder import Recorder

_EDITS = 300


def measure(points: int, hooks: int, clock: Callable[[], int]) -> list[float]:
    """Give the ms of each of some moves, the new plan included, from short to long.

    Parameters
    ----------
    points
        Over how many points the hooks are spread.
    hooks
        How many in all.
    clock
        Of the wall, or of the thread's own time, in which a busy machine has no part; ns.
    """
    board = Board([Point(f"point{index}", ("peer", "message")) for index in range(points)])
    board.tracer = Recorder()
    for index in range(hooks):
        board.attach(f"point{index % points}", lambda _peer, _message: None, name=f"hook{index}")
    taken = []
    for _ in range(_EDITS):
        start = clock()
        board.move("hook0", before=None)
        board.plan("point0").fire(1, 2, 3)
        taken.append((clock() - start) / 1e6)
        board.move("hook0", before=f"hook{points}")
    return sorted(taken)


def main() -> None:
    """Print median and 99th percentile."""
    for points in (1, 10):
        wall, own = (measure(points, 100, clock) for clock in (time.perf_counter_ns, time.thread_time_ns))
        late = int(_EDITS * 0.99)
        figures = (
            f"median {statistics.median(wall):.2f} ms, p99 {wall[late]:.2f} ms "
            f"({own[late]:.2f} ms of the thread's own time)"
        )
        sys.stdout.write(f"edit to publish, 100 hooks on {points} points | {figures} | - | - | <= 1 ms\n")


if __name__ == "__main__":
    main()
