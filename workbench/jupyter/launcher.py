"""Starting benches inside kernels, without waiting for ever for a kernel that computes."""

from __future__ import annotations

__all__ = ["Launcher", "Pending"]

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from workbench.jupyter.discovery import Announcement
from workbench.jupyter.errors import BadRequest, Conflict, JupyterError
from workbench.jupyter.kernels import KernelRefused, Kernels
from workbench.jupyter.settings import Settings
from workbench.jupyter.wishes import Wanted
from workbench.naming import slug

_NEW_KERNEL_SECONDS = 30.0
_SHOWN_SECONDS = 60.0  # how long the list shows why a start failed that nobody waited for
_WISHES_FAULT = frozenset({"UnknownDialect", "UnknownOption"})


@dataclass(slots=True)
class Pending:
    """A bench that a kernel was asked to start and has not started yet.

    Attributes
    ----------
    id
        The id that it will have.
    name, dialect, kernel
        As asked for.
    reason
        What it waits for, in words.
    error
        Why it failed, once it has.
    """

    id: str
    name: str
    dialect: str
    kernel: str
    reason: str = "Waits for the running cell"
    error: str = ""
    since: float = field(default_factory=time.monotonic)


class Launcher:
    """Has kernels start benches and remembers what is still on the way.

    Parameters
    ----------
    kernels
        The kernels of this Jupyter server.
    settings
        How long to wait.
    """

    def __init__(self, kernels: Kernels, settings: Settings) -> None:
        self._kernels = kernels
        self._settings = settings
        self._waiting: dict[asyncio.Task[str], Pending] = {}

    @property
    def pending(self) -> list[Pending]:
        """What is on the way, and what failed within the last minute."""
        oldest = time.monotonic() - _SHOWN_SECONDS
        for task, entry in list(self._waiting.items()):
            if entry.kernel not in self._kernels or (entry.error and entry.since < oldest):
                del self._waiting[task]
        return list(self._waiting.values())

    async def start(self, wanted: Wanted) -> str | Pending:
        """Start a bench.

        Parameters
        ----------
        wanted
            The checked wish.

        Returns
        -------
        str or Pending
            The id of the bench that runs now, or what it waits for.

        Raises
        ------
        BadRequest, Conflict, ServerNotFound
            The kernel cannot.
        """
        kernel, new = await self._kernel_for(wanted)
        self._kernels.require_python(kernel)
        request = {"do": "start", "dialect": wanted.dialect, "name": wanted.name, "port": wanted.port}
        name = wanted.name or wanted.dialect
        entry = Pending(f"{kernel}.{slug(name)}", name, wanted.dialect, kernel)
        try:
            return await self._ask(
                entry, request, _NEW_KERNEL_SECONDS if new else self._settings.start_seconds
            )
        except JupyterError:
            if new and wanted.path is None:  # nobody would ever find it
                await self._kernels.shut_down(kernel)
            raise

    async def again(self, stopped: Announcement) -> str | Pending:
        """Start a stopped bench of a kernel again; as `start` otherwise."""
        entry = Pending(stopped.id, stopped.name, stopped.dialect, stopped.kernel)
        return await self._ask(entry, {"do": "again", "id": stopped.id}, self._settings.start_seconds)

    async def _kernel_for(self, wanted: Wanted) -> tuple[str, bool]:
        if wanted.kernel is not None:
            return wanted.kernel, False
        if wanted.path is not None:
            return await self._kernels.of_notebook(wanted.path)
        return await self._kernels.new(), True

    async def _ask(self, entry: Pending, request: dict[str, Any], seconds: float) -> str | Pending:
        """Ask the kernel; whoever has no time to wait finds the entry in `pending`."""
        task = asyncio.create_task(self._evaluate(entry.kernel, request))
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        self._waiting[task] = entry
        task.add_done_callback(self._arrived)
        return entry

    def _arrived(self, task: asyncio.Task[str]) -> None:
        error = None if task.cancelled() else task.exception()
        entry = self._waiting.get(task)
        if entry is None:
            return
        if error is None:
            del self._waiting[task]
        else:
            entry.error, entry.since = str(error), time.monotonic()

    async def _evaluate(self, kernel: str, request: dict[str, Any]) -> str:
        beside = self._settings.start_beside_cells and self._kernels.state(kernel) == "busy"
        try:
            reply = await self._kernels.evaluate(kernel, _expression(request), beside_cells=beside)
        except KernelRefused as refusal:
            if refusal.error == "ModuleNotFoundError":
                raise Conflict(
                    "The kernel's Python has no workbench; install hook-workbench there, then restart it."
                ) from refusal
            raise
        return _checked(json.loads(reply))


def _expression(request: dict[str, Any]) -> str:
    """Make the one expression that kernels evaluate; what was asked for is in it as a string literal only."""
    return (
        f"__import__('importlib').import_module('workbench.jupyter.in_kernel').obey({json.dumps(request)!r})"
    )


def _checked(reply: dict[str, Any]) -> str:
    if reply.get("ok"):
        return str(reply["id"])
    sentence = str(reply.get("message") or reply.get("error") or "The bench did not start.")
    raise (BadRequest if reply.get("error") in _WISHES_FAULT else Conflict)(sentence)
