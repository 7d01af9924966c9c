"""The fast road: functions written out for a number of plain hooks, from one template.

Written-out calls save 70 ns on a loop over three hooks, and one packed record per dispatch saves a call of
the recorder per hook. The source is put together once for each form (number of hooks and arguments, reduce,
traced or not) and kept; what belongs to one plan comes in as arguments of ``make``.

The form of the traced one, for two hooks that take (peer, message) and whose results are ignored::

    def make(probe, calls, step, resume, general, destroyed, changes):
        slots = probe.slots ...
        def fire(connection, peer, message):
            slot = slots.slot
            if slot.dispatch or inside(): return general(...)                # a dispatch inside a hook
            try:
                slot.position = 0
                slot.dispatch = dispatch = next_id()
                t2 = t1 = t0 = now()
                result = hook0(peer, message)
                t1 = now()                                                    # end of one, start of the next
                if result is not None and AWAITS[type(result)] and must_await(result): return resume(...)
                slot.position = 1
                ...
            except BaseException as error: ... probe.close(...)
            slot.dispatch = 0
            word = connection, and above it the bits of hooks that changed something
            claim, buffer = ring.room
            pack(buffer, claim(), dispatch, t0, word, t1, t2)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from workbench.engine.awaiting import AWAITS, must_await
from workbench.engine.points import Stop
from workbench.engine.tracing import told_in

__all__ = ["LONGEST", "ROAD", "make_fire"]

LONGEST = 12
"""Chains of more hooks take the general road: there the loop no longer matters."""

ROAD = "<fast road of "
"""How the file names of the functions written here begin; who looks for what is pending knows them by it."""


@lru_cache(maxsize=256)
def make_fire(
    hooks: int,
    arguments: int,
    *,
    reduces: bool,
    feeds: bool,
    traced: bool,
    snapshots: bool,
    destroys: bool,
    changes: bool = False,
) -> Callable[..., Any]:
    """Make the ``make`` of one form.

    Parameters
    ----------
    hooks
        How many, from 1.
    arguments
        How many the point has.
    reduces
        Whether results matter.
    feeds
        Whether the accumulator replaces the first argument.
    traced
        Whether to record.
    snapshots
        Whether a snapshot taker is to be asked; only where traced.
    destroys
        Whether an error is an answer: what make's argument ``destroyed`` gives for it.
    changes
        Whether to ask if a result changes what the hooks share; only where traced.

    Returns
    -------
    callable
        ``make(probe, calls, step, resume, general, destroyed, changes) -> fire``.
    """
    names = [f"a{index}" for index in range(arguments)]
    form = _Form(
        hooks, names, reduces=reduces, feeds=feeds, snapshots=snapshots, destroys=destroys, changes=changes
    )
    source = "\n".join(form.traced() if traced else form.untraced())
    space: dict[str, Any] = {"AWAITS": AWAITS, "must_await": must_await, "Stop": Stop, "told_in": told_in}
    exec(compile(source, f"{ROAD}{hooks}>", "exec"), space)  # noqa: S102 - our own text, numbers are all that varies
    made: Callable[..., Any] = space["make"]
    return made


_DESTROYED = (
    "        except Exception as error:",
    "            if at < 0: raise",  # it comes from a road that we handed over to
    "            return destroyed(error, at)",
)


class _Form:
    """Writes the lines of one form."""

    def __init__(
        self,
        hooks: int,
        names: list[str],
        *,
        reduces: bool,
        feeds: bool,
        snapshots: bool,
        destroys: bool,
        changes: bool,
    ) -> None:
        self.hooks = hooks
        self.names = names
        self.reduces = reduces
        self.feeds = feeds
        self.snapshots = snapshots
        self.destroys = destroys
        self.changes = changes
        self.passed = ", ".join(["value", *names[1:]] if feeds else names)
        self.signature = ", ".join(["connection", *names])
        self.args = "(" + "".join(f"{name}, " for name in names) + ")"
        self.stamps = [f"t{index}" for index in range(hooks + 1)]

    def _head(self) -> list[str]:
        return [
            "def make(probe, calls, step, resume, general, destroyed, changes):",
            f"    {''.join(f'hook{index}, ' for index in range(self.hooks))}= calls",
        ]

    def _settle(self, indent: str, hand_over: str, stop: list[str]) -> list[str]:
        """Write what follows a result that is not None."""
        lines = [
            f"{indent}if result is not None:",
            f"{indent}    if AWAITS[type(result)] and must_await(result):",
            f"{indent}        {hand_over}",
        ]
        if self.changes:
            lines.append(f"{indent}    if changes(value, result): slot.changed |= 1 << slot.position")
        if self.reduces:
            lines += [
                f"{indent}    value = step(value, result)",
                f"{indent}    if type(value) is Stop:",
                *[f"{indent}        {line}" for line in stop],
            ]
        return lines

    def _start_value(self, indent: str) -> str:
        return f"{indent}value = {self.names[0] if self.feeds else None}"

    def untraced(self) -> list[str]:
        lines = [*self._head(), f"    def fire({self.signature}):", self._start_value(" " * 8)]
        indent = " " * (12 if self.destroys else 8)
        lines += ["        try:"] if self.destroys else []
        for position in range(self.hooks):
            lines += [f"{indent}at = {position}"] if self.destroys else []
            lines.append(f"{indent}result = hook{position}({self.passed})")
            hand_over = f"return resume(None, {position}, result, value, connection, {self.args})"
            hand_over = f"at = -1; {hand_over}" if self.destroys else hand_over
            lines += self._settle(indent, hand_over, ["return value.value"])
        return [*lines, *(_DESTROYED if self.destroys else ()), "        return value", "    return fire"]

    def traced(self) -> list[str]:
        lines = [
            *self._head(),
            "    slots = probe.slots; now = probe.clock; next_id = probe.next_id; pack = probe.pack",
            "    tracer = probe.tracer; plan = probe.plan; close = probe.close",
            "    adopt = probe.adopt; refill = probe.refill; ring = probe.ring; inside = probe.inside",
            f"    def fire({self.signature}):",
            "        slot = slots.slot",
            f"        if slot.dispatch or inside(): return general(0, False, {self.signature})",
            self._start_value(" " * 8),
            "        dispatch = -1",
            "        try:",
            "            slot.position = 0",
            "            slot.dispatch = dispatch = next_id()",
            f"            {' = '.join(reversed(self.stamps))} = now()",
            *self._snapshot(),
        ]
        for position in range(self.hooks):
            lines += self._traced_hook(position)
        return [*lines, *self._tail()]

    def _snapshot(self) -> list[str]:
        if not self.snapshots:
            return []
        return [
            "            taker = tracer.snapshots",
            "            if taker is not None and t0 >= taker.due and taker.want(plan, t0):",
            "                slot.dispatch = 0",
            f"                return general(dispatch, True, {self.signature})",
        ]

    def _traced_hook(self, position: int) -> list[str]:
        indent = " " * 12
        so_far = "(" + ", ".join(self.stamps[: position + 2]) + ")"
        # taken over or written before the slot is left, so that whoever looks finds it at every moment
        leave = "slot.dispatch = slot.changed = 0"
        so_far = f"dispatch, connection, {so_far}, slot.changed"
        hand_over = (
            f"run = adopt({so_far}); {leave}; "
            f"return resume(run, {position}, result, value, connection, {self.args})"
        )
        stop = [f"close({so_far}, None, True); {leave}", "return value.value"]
        return [
            *([f"{indent}slot.position = {position}"] if position else []),
            f"{indent}result = hook{position}({self.passed})",
            f"{indent}t{position + 1} = now()",
            *self._settle(indent, hand_over, stop),
        ]

    def _destroyed(self) -> list[str]:
        if not self.destroys:
            return []
        return ["                if isinstance(error, Exception): return destroyed(error, slot.position)"]

    def _tail(self) -> list[str]:
        every = ", ".join(self.stamps[1:])
        stamps = f"(t0, {every})"
        return [
            "        except BaseException as error:",
            # not when the error comes from a road that we handed over to
            "            if slot.dispatch == dispatch:",
            f"                ends = {stamps}[:slot.position + 1] + (now(),)",
            "                try: close(dispatch, connection, ends, slot.changed, error)",
            "                finally: slot.dispatch = slot.changed = 0",
            *self._destroyed(),
            "            raise",
            "        word = connection",
            "        if slot.changed:",
            "            word = slot.changed << 32 | connection & 0xFFFFFFFF",
            "            slot.changed = 0",
            "        parent = -1 if slot.story is None else told_in(slot.story, dispatch)",
            "        claim, buffer = ring.room",
            "        try:",
            f"            pack(buffer, claim(), dispatch, t0, word, parent, {every})",
            "        except StopIteration:",
            f"            refill(dispatch, t0, word, parent, {every})",
            "        finally:",  # written first, so that whoever looks finds it running or written
            "            slot.dispatch = 0",
            "        return value",
            "    return fire",
        ]
