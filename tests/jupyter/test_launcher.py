"""Starting benches in kernels that are busy, ending or of another language."""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from workbench.jupyter.in_kernel import obey
from workbench.jupyter.launcher import _expression

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def settings(jp_serverapp: Any) -> Any:
    """Return the extension's settings."""
    return jp_serverapp.web_app.settings["workbench_settings"]


@pytest.fixture
def kernel(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Start a real kernel in the in-process server."""
    manager = jp_serverapp.kernel_manager
    kernel = jp_asyncio_loop.run_until_complete(manager.start_kernel())
    yield kernel
    if kernel in manager:
        jp_asyncio_loop.run_until_complete(manager.shutdown_kernel(kernel, now=True))


async def ask(jp_fetch: Any, kernel: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """Ask for a bench in a kernel."""
    answer = await jp_fetch(
        "workbench",
        "api",
        "servers",
        method="POST",
        body=json.dumps({"dialect": "crossws", "kernel": kernel, **body}),
        raise_error=False,
    )
    return answer.code, json.loads(answer.body)


async def entries(jp_fetch: Any) -> list[dict[str, Any]]:
    """Ask for the list."""
    listed: list[dict[str, Any]] = json.loads((await jp_fetch("workbench", "api", "servers")).body)
    return listed


@asynccontextmanager
async def cell(app: Any, kernel: str, code: str) -> AsyncIterator[Any]:
    """Run a cell without waiting for its end; the value is the client that asked for it."""
    client = app.kernel_manager.get_kernel(kernel).client()
    client.start_channels(hb=False)
    await client.wait_for_ready(timeout=30)
    client.execute(code)
    while app.kernel_manager.get_kernel(kernel).execution_state != "busy":  # noqa: ASYNC110 - Jupyter's own
        await asyncio.sleep(0.02)
    try:
        yield client
    finally:
        client.stop_channels()


class Held:
    """A cell that holds its kernel up until it is told to end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.code = f"""
import time
from pathlib import Path
while not Path({str(file)!r}).exists():
    time.sleep(0.02)
"""

    def end(self) -> None:
        """Let the cell end."""
        self._file.touch()


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """Return the cell."""
    return Held(tmp_path / "end")


async def until(jp_fetch: Any, state: set[str]) -> dict[str, Any]:
    """Ask for the list until its one entry has one of the states."""
    async with asyncio.timeout(20):
        while True:
            listed = await entries(jp_fetch)
            if listed and listed[0]["state"] in state:
                return listed[0]
            await asyncio.sleep(0.05)


async def test_in_a_busy_kernel_the_answer_is_202_and_the_bench_comes_after_the_cell(
    jp_fetch: Any, jp_serverapp: Any, settings: Any, kernel: str, held: Held
) -> None:
    """Where there is no way past the cell, the list says what is waited for; nobody hangs."""
    settings.start_beside_cells = False
    settings.start_seconds = 0.2
    async with cell(jp_serverapp, kernel, held.code):
        code, entry = await ask(jp_fetch, kernel, name="late")
        assert code == 202
        assert (entry["id"], entry["state"]) == (f"{kernel}.late", "starting")
        assert entry["reason"] == "Waits for the running cell"
        assert [(found["id"], found["state"]) for found in await entries(jp_fetch)] == [
            (entry["id"], "starting")
        ]
        held.end()
        assert (await until(jp_fetch, {"ready", "live"}))["id"] == entry["id"]


async def test_a_waiting_bench_survives_a_failing_cell(
    jp_fetch: Any, jp_serverapp: Any, settings: Any, kernel: str, held: Held
) -> None:
    """A cell that raises clears the kernel's queue; the request is sent again."""
    settings.start_beside_cells = False
    settings.start_seconds = 0.2
    async with cell(jp_serverapp, kernel, f"{held.code}1 / 0"):
        code, _ = await ask(jp_fetch, kernel, name="late")
        assert code == 202
        held.end()
        await until(jp_fetch, {"ready", "live"})


async def test_beside_a_running_cell_the_bench_starts_at_once(
    jp_fetch: Any, jp_serverapp: Any, settings: Any, kernel: str
) -> None:
    """In a subshell of the kernel; the cell goes on."""
    settings.start_seconds = 15.0
    async with cell(jp_serverapp, kernel, "import time; time.sleep(20)") as client:
        code, entry = await ask(jp_fetch, kernel, name="now")
        assert code == 201
        assert entry["state"] == "ready"
        with pytest.raises(queue.Empty):
            await client.get_shell_msg(timeout=0.1)  # the cell still runs


async def test_a_kernel_that_ends_meanwhile_takes_what_waited_with_it(
    jp_fetch: Any, jp_serverapp: Any, settings: Any, kernel: str
) -> None:
    """No ghost stays in the list."""
    settings.start_beside_cells = False
    settings.start_seconds = 0.1
    async with cell(jp_serverapp, kernel, "import time; time.sleep(30)"):
        assert (await ask(jp_fetch, kernel))[0] == 202
        await jp_serverapp.kernel_manager.shutdown_kernel(kernel, now=True)
        assert await entries(jp_fetch) == []


async def test_a_kernel_of_another_language_is_refused(jp_fetch: Any, jp_serverapp: Any) -> None:
    """With its language in the sentence."""
    kernel = await jp_serverapp.kernel_manager.start_kernel(kernel_name="echo")
    code, error = await ask(jp_fetch, kernel)
    assert code == 409
    assert "echo" in error["message"]
    await jp_serverapp.kernel_manager.shutdown_kernel(kernel, now=True)


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a\\'b", "a\nb", "'); import os #", "\u2028"])
def test_what_was_asked_for_is_a_literal_and_nothing_else(name: str) -> None:
    """Even unchecked text could not leave its string."""
    request = {"do": "start", "dialect": "crossws", "name": name, "port": None}
    seen: list[Any] = []

    class Module:
        @staticmethod
        def obey(text: str) -> None:
            seen.append(json.loads(text))

    class Library:
        @staticmethod
        def import_module(name: str) -> type[Module]:
            assert name == "workbench.jupyter.in_kernel"
            return Module

    eval(_expression(request), {"__import__": lambda _: Library, "__builtins__": {}})
    assert seen == [request]


def test_in_the_kernel_every_error_becomes_a_sentence() -> None:
    """An unknown dialect, an unknown bench and nonsense alike."""
    unknown = json.loads(obey('{"do": "start", "dialect": "crosws", "name": null, "port": null}'))
    assert (unknown["ok"], unknown["error"]) == (False, "UnknownDialect")
    assert "crossws" in unknown["message"]
    lost = json.loads(obey('{"do": "again", "id": "k.nothing"}'))
    assert "no longer holds" in lost["message"]
    assert json.loads(obey("{"))["ok"] is False
