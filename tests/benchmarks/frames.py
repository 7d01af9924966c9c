"""A million recorded calls to a DataFrame, and what a call costs to keep.

The peer is the plain way: a tuple per call in a list, and a DataFrame of it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pandas as pd

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.trace import Trace

DISPATCHES = 200_000
HOOKS = 5
ROUNDS = 5


def recorded() -> Trace:
    """Run a million traced calls."""
    board = Board([Point("message", ("peer", "message"))])
    trace = Trace(board, dialect_of="crossws")
    for number in range(HOOKS):
        board.attach("message", lambda _peer, _message: None, name=f"hook {number}")
    fire = board.plan("message").fire
    for number in range(DISPATCHES):
        fire(number % 32 + 1, None, None)
    if trace.kept != DISPATCHES:
        raise SystemExit(f"{trace.kept:,} of {DISPATCHES:,} dispatches were kept")
    return trace


def plain() -> list[tuple[object, ...]]:
    """A million calls as anybody would note them first."""
    names = [f"hook {number}" for number in range(HOOKS)]
    return [
        (number, position, names[position], "message", number % 32 + 1, number * 1000, 200, "ok")
        for number in range(DISPATCHES)
        for position in range(HOOKS)
    ]


def best_time(function: Callable[[], object]) -> float:
    """Seconds, the best of some runs: what else the machine does is not ours."""
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        function()
        found.append(time.perf_counter() - begun)
    return min(found)


def main() -> None:
    """Print the rows of the table."""
    trace, noted = recorded(), plain()
    columns = ["dispatch", "position", "hook", "point", "connection", "start", "duration_ns", "outcome"]
    ours = best_time(lambda: trace.calls)
    peer = best_time(lambda: pd.DataFrame(noted, columns=columns))
    what = "a million calls to a DataFrame"
    print(f"{what} | {ours:.2f} s | list of tuples {peer:.2f} s | {ours / peer:.2f}x | <= 0.3 s")
    calls = DISPATCHES * HOOKS
    kept = trace.recorder.store.size / calls
    tuples = (sys.getsizeof(noted) + sum(map(sys.getsizeof, noted[:HOOKS])) * DISPATCHES) / calls
    print(f"a call kept | {kept:.1f} bytes | tuple {tuples:.0f} bytes | {kept / tuples:.2f}x | <= 64 bytes")
    frame = trace.calls.memory_usage(index=False).sum() / calls
    summary = best_time(trace.summary)
    print(f"a call in the frame | {frame:.1f} bytes | - | - | -")
    print(f"summary of a million calls | {summary:.2f} s | - | - | -")


if __name__ == "__main__":
    main()
