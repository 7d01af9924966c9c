"""Faults, breakpoints and traffic, as a face asks for them; each gesture is answered with its Python line."""

from __future__ import annotations

__all__ = ["breakpoint_of", "fault_of", "traffic_of"]

import json
from typing import TYPE_CHECKING, Any

from workbench.engine.errors import WorkbenchError
from workbench.interventions.breakpoints import Held

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.widgets.protocol import Message

_FAULT = (
    "point",
    "hook",
    "connection",
    "probability",
    "seed",
    "ms",
    "spread_ms",
    "code",
    "reason",
    "error",
    "times",
)
_TRAFFIC = ("clients", "rate", "pattern", "seconds", "seed", "late_ms")


def fault_of(bench: Workbench, message: Message) -> str:
    """Arm or disarm; the line that does the same."""
    if message["do"] == "arm":
        given = {name: message[name] for name in _FAULT if name in message}
        return bench.faults.arm(message.get("kind", ""), **given).python
    fault = message.get("fault")
    bench.faults.disarm(fault)
    return f"{bench.board.spoken}.faults.disarm({'' if fault is None else repr(fault)})"


def breakpoint_of(bench: Workbench, message: Message) -> str:
    """Set or clear a breakpoint, or decide about a held event; the line that does the same."""
    points, do = bench.breakpoints, message["do"]
    spoken = f"{bench.board.spoken}.breakpoints"
    if do == "set":
        given = {name: message[name] for name in ("hook", "when", "connection") if name in message}
        return points.set(message.get("point", ""), **given).python
    if do == "clear":
        gone = message.get("breakpoint")
        points.clear(gone)
        return f"{spoken}.clear({'' if gone is None else repr(gone)})"
    held = points.find(message.get("held", ""))
    spoken = f"{spoken}.find({held.id!r})"
    if do == "drop":
        held.drop()
        return f"{spoken}.drop()"
    if do == "raise":
        text = message.get("reason", "Raised at a breakpoint.")
        held.raise_(text)
        return f"{spoken}.raise_({text!r})"
    return f"{spoken}.resume({_resume(held, message)})"


def _resume(held: Held, message: Message) -> str:
    given: dict[str, Any] = {
        name: _read(name, message[name]) for name in ("payload", "result") if name in message
    }
    held.resume(**given)
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _read(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise WorkbenchError(f"The {name} is not JSON: {error}.") from None


def traffic_of(bench: Workbench, message: Message) -> str:
    """Run or stop; the line that does the same."""
    if message["do"] == "stop":
        bench.traffic.stop()
        return f"{bench.board.spoken}.traffic.stop()"
    given = {name: message[name] for name in _TRAFFIC if name in message}
    return bench.traffic.run(message.get("template"), wait=False, **given).python
