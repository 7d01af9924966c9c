"""Five plain hooks of two arguments.

Untraced and traced, against pluggy and blinker, side by side in one run.

Isolated: the engine's and recorder's own cost, for the hooks do nothing.
Budget: traced at most 1.0 us and 0.45 of pluggy's.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any

import blinker
import pluggy

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.recorder import Recorder

_ROUNDS = 9
_NUMBER = 50_000


def best(call: Callable[[], Any]) -> float:
    """Give the ns of one call, best of some rounds; the loop's own cost is taken off."""
    gc.disable()
    try:
        empty = min(_round(lambda: None) for _ in range(_ROUNDS))
        return min(_round(call) for _ in range(_ROUNDS)) - empty
    finally:
        gc.enable()


def _round(call: Callable[[], Any]) -> float:
    start = time.perf_counter_ns()
    for _ in range(_NUMBER):
        call()
    return (time.perf_counter_ns() - start) / _NUMBER


def of_workbench(hooks: int, *, traced: bool) -> Callable[[], Any]:
    """Fire a plan."""
    board = Board([Point("message", ("peer", "message"))])
    for index in range(hooks):

        def hook(peer: object, message: object) -> None:
            """Do nothing."""

        board.attach("message", hook, name=f"hook{index}")
    board.tracer = Recorder() if traced else None
    fire = board.plan("message").fire
    return lambda: fire(1, 2, 3)


def of_writers(hooks: int) -> Callable[[], Any]:
    """Fire a traced plan whose hooks all change something that is tracked, as most hooks of a chat do."""
    board = Board([Point("message", ("peer", "message"))])
    recorder = board.tracer = Recorder()
    touch = recorder.touch
    for index in range(hooks):
        board.attach("message", lambda _peer, _message: touch(), name=f"hook{index}")
    fire = board.plan("message").fire
    return lambda: fire(1, 2, 3)


def of_pluggy(hooks: int) -> Callable[[], Any]:
    """Call implementations of a pluggy hook."""
    specify, implement = pluggy.HookspecMarker("bench"), pluggy.HookimplMarker("bench")

    class Specification:
        @specify
        def message(self, peer: object, message: object) -> None:
            """Say something."""

    class Plugin:
        @implement
        def message(self, peer: object, message: object) -> None:
            """Do nothing."""

    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Specification)
    for _ in range(hooks):
        manager.register(Plugin())
    call = manager.hook.message
    return lambda: call(peer=2, message=3)


def of_blinker(hooks: int) -> Callable[[], Any]:
    """Send a blinker signal."""
    signal = blinker.Signal()
    kept = []
    for _ in range(hooks):

        def receiver(_sender: object, message: object) -> None:
            """Do nothing."""

        signal.connect(receiver)
        kept.append(receiver)
    return lambda: (signal.send(2, message=3), kept)[0]


def main() -> None:
    """Print figures and ratios."""
    of_others = {"pluggy, 5": best(of_pluggy(5)), "blinker, 5": best(of_blinker(5))}
    ours = {
        f"workbench {'traced' if traced else 'untraced'}, {hooks}": best(of_workbench(hooks, traced=traced))
        for traced, hooks in [(False, 0), (False, 3), (False, 5), (True, 3), (True, 5)]
    }
    ours["workbench traced, 5 that write"] = best(of_writers(5))
    for name, figure in ours.items():
        for other, peer in of_others.items():
            budget = "<= 1000 ns and 0.45x of pluggy" if name == "workbench traced, 5" else "-"
            sys.stdout.write(
                f"{name} | {figure:.0f} ns | {other} {peer:.0f} ns | {figure / peer:.2f}x | {budget}\n"
            )


if __name__ == "__main__":
    main()
