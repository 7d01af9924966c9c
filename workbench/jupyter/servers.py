"""The benches of one Jupyter server: which there are, how they are, starting and stopping them."""

from __future__ import annotations

__all__ = ["Servers"]

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_core.paths import jupyter_runtime_dir

from workbench.jupyter import channel
from workbench.jupyter.discovery import Announcement, read_announcement, read_announcements, split_id
from workbench.jupyter.errors import Conflict, JupyterError, ServerNotFound, TooManyConnections
from workbench.jupyter.figures import figures
from workbench.jupyter.kernels import Kernels
from workbench.jupyter.launcher import Launcher, Pending
from workbench.jupyter.settings import Settings
from workbench.jupyter.wishes import Wanted


class Servers:
    """Everything the handlers need to know about benches; holds no traffic.

    Parameters
    ----------
    kernels
        The kernels of this Jupyter server; benches of others are not shown.
    settings
        Limits and waiting times.
    base_url
        Of the Jupyter server, with slashes at both ends.
    """

    def __init__(self, kernels: Kernels, settings: Settings, base_url: str) -> None:
        self._kernels = kernels
        self._settings = settings
        self._prefix = f"{base_url}workbench/servers/"
        self._launcher = Launcher(kernels, settings)
        self._open: Counter[str] = Counter()
        self._tasks: set[asyncio.Future[Any]] = set()

    def path_of(self, server_id: str) -> str:
        """Return the proxied path of a bench, with a slash at the end."""
        return f"{self._prefix}{quote(server_id)}/"

    def find(self, server_id: str) -> Announcement:
        """Find a bench by its id.

        The kernel is looked up before any file is opened, so an id cannot be made to name a file.

        Raises
        ------
        ServerNotFound
            No such bench, or its kernel is gone.
        """
        parts = split_id(server_id)
        if parts is None or parts[0] not in self._kernels:
            raise ServerNotFound(
                "The kernel of this bench is not running on this Jupyter server; run its notebook again."
            )
        found = read_announcement(_directory(), server_id)
        if found is None:
            raise ServerNotFound("No bench of that id runs in the kernel; run the cell that starts it again.")
        return found

    async def list(self) -> list[dict[str, Any]]:
        """Describe the benches of living kernels, all asked at the same time, and those being started."""
        files = await asyncio.to_thread(read_announcements, _directory())
        ours = [found for found in files if found.kernel in self._kernels]
        notebooks = await self._kernels.notebooks()
        described = await asyncio.gather(*(self._described(found, notebooks) for found in ours))
        known = {found.id for found in ours if found.state != "stopped"}
        starting = [
            self._described_pending(wait, notebooks)
            for wait in self._launcher.pending
            if wait.id not in known
        ]
        replaced = {entry["id"] for entry in starting}
        return [entry for entry in described if entry["id"] not in replaced] + starting

    async def describe(self, server_id: str) -> dict[str, Any]:
        """Describe one bench; raises `ServerNotFound`."""
        return await self._described(self.find(server_id), await self._kernels.notebooks())

    async def start(self, wanted: Wanted) -> tuple[int, dict[str, Any]]:
        """Start a bench in a kernel.

        Parameters
        ----------
        wanted
            Checked wishes: which kernel, which dialect.

        Returns
        -------
        (int, dict)
            201 and the bench; 202 and what is known so far where the kernel has not got to it yet.
        """
        outcome = await self._launcher.start(wanted)
        if isinstance(outcome, Pending):
            return 202, self._described_pending(outcome, await self._kernels.notebooks())
        return 201, await self.describe(outcome)

    async def start_again(self, server_id: str) -> tuple[int, dict[str, Any]]:
        """Start a stopped bench on its old port; one that runs is left alone."""
        found = self.find(server_id)
        if found.state == "stopped":
            outcome = await self._launcher.again(found)
            if isinstance(outcome, Pending):
                return 202, self._described_pending(outcome, await self._kernels.notebooks())
        return 200, await self.describe(server_id)

    async def stop(self, server_id: str) -> None:
        """Stop a bench; through its own channel, so that it works while a cell runs.

        Raises
        ------
        ServerNotFound
            No such bench.
        Conflict
            The hook server neither answered nor stopped.
        """
        found = self.find(server_id)
        if found.state == "stopped":
            return
        with contextlib.suppress(JupyterError):
            await channel.stop(found)
        for _ in range(_STOP_LOOKS):
            now = read_announcement(_directory(), server_id)
            if now is None or now.state == "stopped":
                return
            await asyncio.sleep(_STOP_PAUSE)
        raise Conflict(
            f"{found.name!r} did not stop: a cell holds the interpreter; interrupt the kernel and try again."
        )

    @contextlib.contextmanager
    def connection(self, target: Announcement) -> Iterator[None]:
        """Count a WebSocket connection for as long as it lives.

        Raises
        ------
        TooManyConnections
            The limit is reached.
        """
        if self._open[target.id] >= self._settings.max_connections:
            raise TooManyConnections(
                f"{target.name!r} has its {self._settings.max_connections} connections here; close some."
            )
        self._open[target.id] += 1
        try:
            yield
        finally:
            self._open[target.id] -= 1
            self._open += Counter()  # drops what is zero

    def keep(self, task: asyncio.Future[Any]) -> None:
        """Hold a background task until it is done; the loop itself only holds a weak reference."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _described(self, found: Announcement, notebooks: dict[str, str]) -> dict[str, Any]:
        kernel_state = self._kernels.state(found.kernel)
        state = await figures(found, self._settings.status_seconds, kernel_busy=kernel_state == "busy")
        return {
            "id": found.id,
            "name": found.name,
            "dialect": found.dialect,
            "kernel": found.kernel,
            "url": self.path_of(found.id),
            "port": found.port,
            **state,
            "notebook": notebooks.get(found.kernel),
            "kernel_state": kernel_state,
        }

    def _described_pending(self, waiting: Pending, notebooks: dict[str, str]) -> dict[str, Any]:
        return {
            "id": waiting.id,
            "name": waiting.name,
            "dialect": waiting.dialect,
            "kernel": waiting.kernel,
            "url": self.path_of(waiting.id),
            "port": None,
            "state": "failed" if waiting.error else "starting",
            "reason": waiting.error or waiting.reason,
            "rate": 0.0,
            "errors": 0,
            "clients": 0,
            "notebook": notebooks.get(waiting.kernel),
            "kernel_state": self._kernels.state(waiting.kernel),
        }


_STOP_PAUSE = 0.05
_STOP_LOOKS = 100


def _directory() -> Path:
    return Path(jupyter_runtime_dir())
