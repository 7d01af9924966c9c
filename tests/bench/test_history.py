"""The history of a bench in a notebook: marks, and the way back to them."""

from __future__ import annotations

from typing import Any

from workbench import Workbench


def test_a_bench_returns_to_a_mark_and_undo_takes_that_back() -> None:
    """The printed lines name the bench, and its history has them."""
    bench = Workbench("crossws", name="marked")

    @bench.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    bench.mark("before lunch")
    bench.chain("message").enable("echo", False)
    bench.faults.arm("drop")
    bench.return_to("before lunch")

    assert ([hook.name for hook in bench.chain("message")], len(bench.faults.list)) == (["echo"], 1)
    assert bench.history["python"].iloc[-1] == 'bench.return_to("before lunch")'
    bench.undo()
    assert list(bench.chain("message")) == []
    bench.undo()
    assert bench.faults.list == []
    bench.redo()
    assert len(bench.faults.list) == 1
