"""Faults, breakpoints and traffic, as a face asks for them.

Each gesture is answered with its Python line: that of what is armed and set is in the history, the others say
theirs.
"""

from __future__ import annotations

__all__ = ["breakpoint_of", "fault_of", "traffic_of"]

import ast
import builtins
import json
from typing import TYPE_CHECKING, Any

from workbench.engine.errors import WorkbenchError, near
from workbench.engine.journal import quoted
from workbench.interventions.breakpoints import Held
from workbench.interventions.errors import FaultError

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
_BREAKPOINT = ("hook", "when", "connection", "condition")
_TRAFFIC = ("clients", "rate", "pattern", "seconds", "seed", "late_ms")


def fault_of(bench: Workbench, message: Message, author: str) -> None:
    """Arm or disarm."""
    if message["do"] == "arm":
        given = {name: message[name] for name in _FAULT if name in message}
        if "error" in given:
            given["error"] = _error(bench, given["error"])
        bench.faults.arm(message.get("kind", ""), **given, author=author)
    else:
        bench.faults.disarm(message.get("fault"), author=author)


def _error(bench: Workbench, text: str) -> Exception | str:
    """Make the exception that is written as a call, such as ValueError("bad"); any other text stays one."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return text
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return text
    name = call.func.id
    kind = bench.space.get(name, getattr(builtins, name, None))
    if kind is None and name.endswith(("Error", "Exception")):
        known = [one for one, held in {**vars(builtins), **bench.space}.items() if _is_exception(held)]
        raise FaultError(f"There is no exception {name!r}{near(name, known)}").about("error")
    if not _is_exception(kind):
        return text
    try:
        made: Exception = eval(text.strip(), bench.space)  # noqa: S307 - a person's own code, as a hook is
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise FaultError(f"{text.strip()} cannot be made: {said}.").about("error") from error
    return made


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def breakpoint_of(bench: Workbench, message: Message, author: str) -> str | None:
    """Set or clear a breakpoint, or decide about a held event; the line that does the latter."""
    points, do = bench.breakpoints, message["do"]
    if do == "set":
        given = {name: message[name] for name in _BREAKPOINT if name in message}
        points.set(message.get("point", ""), **given, author=author)
        return None
    if do == "clear":
        points.clear(message.get("breakpoint"), author=author)
        return None
    held = points.find(message.get("held", ""))
    spoken = f"{bench.board.spoken}.breakpoints.find({quoted(held.id)})"
    if do == "drop":
        held.drop()
        return f"{spoken}.drop()"
    if do == "raise":
        text = message.get("reason", "Raised at a breakpoint.")
        held.raise_(text)
        return f"{spoken}.raise_({quoted(text)})"
    return f"{spoken}.resume({_resume(held, message)})"


def _resume(held: Held, message: Message) -> str:
    given: dict[str, Any] = {
        name: _read(name, message[name]) for name in ("payload", "result") if name in message
    }
    held.resume(**given)
    return ", ".join(f"{name}={quoted(value)}" for name, value in given.items())


def _read(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise WorkbenchError(f"The {name} is not JSON: {error}.") from None


def traffic_of(bench: Workbench, message: Message, _author: str) -> str:
    """Run or stop; the line that does the same."""
    if message["do"] == "stop":
        bench.traffic.stop()
        return f"{bench.board.spoken}.traffic.stop()"
    given = {name: message[name] for name in _TRAFFIC if name in message}
    return bench.traffic.run(message.get("template"), wait=False, **given).python
