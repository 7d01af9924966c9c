"""Calling a function on events made again, in a thread of its own that may be given up."""

from __future__ import annotations

__all__ = ["Outcome", "Play", "Tried"]

import asyncio
import ctypes
import dis
import sys
import threading
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final, Literal

from workbench.bench.drafts import line_of
from workbench.bench.remaking import Case
from workbench.engine.awaiting import must_await
from workbench.engine.errors import OnlyTried
from workbench.engine.hooks import Hook
from workbench.engine.rehearsal import rehearsal
from workbench.trace.failures import one_line
from workbench.trace.output import Printed, capture

Outcome = Literal["ok", "changed", "raised", "late"]

_GRACE: Final = 0.1
"""Seconds that cancelled tasks have to end."""

_STOPPING: Final = 0.5
"""Seconds during which a thread is told to stop before it is left behind."""

_playing: ContextVar[int | None] = ContextVar("workbench trial", default=None)
"""Number of the event on which something is tried here."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How the draft did on one event.

    Attributes
    ----------
    dispatch
        Number of the event.
    outcome
        ``ok``, ``changed`` (payload, context or answer), ``raised`` or ``late``.
    says
        What it raised, or why it is late; else empty.
    line
        Of the draft, where it raised; None elsewhere.
    printed
        What it printed.
    meant
        Whether a ``raise`` of its own raised it.
    """

    dispatch: int
    outcome: Outcome
    says: str = ""
    line: int | None = None
    printed: str = ""
    meant: bool = False


class Enough(BaseException):
    """Raised in the midst of a draft whose time is over."""


class Play:
    """One function, called on some events.

    Parameters
    ----------
    cases
        The events.
    hook
        With the function.
    seconds
        For all of them together.

    Attributes
    ----------
    tried
        How each went, in the order of the cases; those that never began are missing.
    remarks
        Sentences for people: why some are missing, and what was left behind.
    """

    def __init__(self, cases: Sequence[Case], hook: Hook, seconds: float) -> None:
        self._cases = cases
        self._hook = hook
        self._seconds = seconds
        self._file = hook.origin.file or ""
        self._printed = Printed()
        self._done: dict[int, Tried] = {}
        self._begun: set[int] = set()
        self._barred: list[str] = []
        self._over = False
        self.remarks: list[str] = []

    @property
    def tried(self) -> list[Tried]:
        """See the class."""
        texts: dict[int, str] = {}
        for line in self._printed.lines():
            texts[line.dispatch] = texts.get(line.dispatch, "") + line.text
        found = [self._done[case.dispatch] for case in self._cases if case.dispatch in self._done]
        return [
            Tried(one.dispatch, one.outcome, one.says, one.line, texts.get(one.dispatch, ""), one.meant)
            for one in found
        ]

    def run(self) -> None:
        """Call it on all of them; returns when that is done, or time is over."""
        if not self._cases:
            return
        capturing = capture(_caller, self._printed)
        thread = threading.Thread(target=self._play, name="workbench trial", daemon=True)
        thread.start()
        thread.join(self._seconds + 3 * _GRACE)
        if thread.is_alive():
            self._stop(thread)
        if not thread.is_alive():
            capturing.stop()  # else what it goes on printing is kept from whichever cell runs then
        self._tell()

    # -- in the thread

    def _play(self) -> None:
        with rehearsal():
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(self._all())
            except (Enough, RuntimeError):  # stopped in the midst of the loop's own work
                self._over = True
            finally:
                loop.close()

    async def _all(self) -> None:
        tasks = {case.dispatch: asyncio.create_task(self._one(case)) for case in self._cases}
        await asyncio.wait(tasks.values(), timeout=self._seconds)
        self._over = True
        for dispatch, task in tasks.items():
            if not task.done():
                self._late(dispatch, _line_awaited(task.get_coro(), self._file))
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=_GRACE)

    async def _one(self, case: Case) -> None:
        if self._over:
            return
        _playing.set(case.dispatch)
        self._begun.add(case.dispatch)
        try:
            result = case.call(self._hook)
            if must_await(result):
                result = await result
            outcome: Outcome = "changed" if case.changed(self._hook, result) else "ok"
        except OnlyTried as error:
            self._barred.append(str(error))
            self._begun.discard(case.dispatch)
        except BaseException as error:  # noqa: BLE001 - whatever a draft raises, to end its process too
            if not (self._over or isinstance(error, Enough)):
                self._done[case.dispatch] = self._raised(case.dispatch, error)
        else:
            if not self._over:
                self._done[case.dispatch] = Tried(case.dispatch, outcome)

    def _raised(self, dispatch: int, error: BaseException) -> Tried:
        line = line_of(error, self._file)
        where = "" if line is None else f" (line {line})"
        meant = isinstance(error, Exception) and _is_meant(error, self._file)
        return Tried(dispatch, "raised", f"{one_line(error)}{where}", line, meant=meant)

    # -- in the thread that waits

    def _stop(self, thread: threading.Thread) -> None:
        """Raise in the thread until it ends, or goes on whatever is raised."""
        self._over = True
        frames = sys._current_frames()  # noqa: SLF001 - the one way to see where another thread is
        line = _line_in(frames.get(thread.ident or 0), self._file)
        for dispatch in list(self._begun):
            self._late(dispatch, line)
        for _ in range(20):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Enough)
            )
            thread.join(_STOPPING / 20)
            if not thread.is_alive():
                return
        self.remarks.append("The function does not stop: its thread goes on until it ends by itself.")

    def _tell(self) -> None:
        if self._barred:
            number = f"{len(self._barred)} of {len(self._cases)} events were left: "
            self.remarks.append(f"{number}{self._barred[0]}.")
        missing = len(self._cases) - len(self._done) - len(self._barred)
        if missing:
            self.remarks.append(f"{missing} of {len(self._cases)} events were not tried, as time was over.")

    def _late(self, dispatch: int, line: int | None) -> None:
        says = f"Still running after {self._seconds:g} s" + ("" if line is None else f" (line {line})")
        self._done.setdefault(dispatch, Tried(dispatch, "late", says, line))


def _caller() -> tuple[int, int] | None:
    dispatch = _playing.get()
    return None if dispatch is None else (dispatch, 0)


def _line_in(frame: FrameType | None, file: str) -> int | None:
    """Find the line of a file at which a thread is: the innermost one."""
    while frame is not None and frame.f_code.co_filename != file:
        frame = frame.f_back
    return None if frame is None else frame.f_lineno


def _line_awaited(coroutine: Any, file: str) -> int | None:
    """Find the line of a file at which a coroutine waits: the innermost one."""
    line = None
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None and frame.f_code.co_filename == file:
            line = frame.f_lineno
        coroutine = getattr(coroutine, "cr_await", None)
    return line


def _is_meant(error: BaseException, file: str) -> bool:
    """Tell whether a ``raise`` that stands in the file made an error, rather than a mistake there."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or last.tb_frame.f_code.co_filename != file:
        return False
    return _operation(last.tb_frame.f_code, last.tb_lasti) == "RAISE_VARARGS"


def _operation(code: Any, offset: int) -> str:
    operations: Iterable[dis.Instruction] = dis.get_instructions(code)
    return next((one.opname for one in operations if one.offset == offset), "")
