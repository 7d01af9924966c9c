"""The list of benches: what it says of servers that answer, that wait and that are gone."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.iostream import IOStream

from tests.jupyter.conftest import KERNEL, FakeKernels
from tests.jupyter.standin import StandIn


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing, as a server does whose interpreter is held."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def dead_process() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


async def listed(jp_fetch: Any) -> list[dict[str, Any]]:
    """Ask for the list."""
    answer = await jp_fetch("workbench", "api", "servers")
    assert answer.headers["Cache-Control"] == "no-store"
    entries: list[dict[str, Any]] = json.loads(answer.body)
    return entries


async def test_a_bench_is_listed_with_everything_a_panel_needs(
    jp_fetch: Any, bench: str, hook_server: StandIn
) -> None:
    """All fields, the figures from the hook server itself."""
    assert await listed(jp_fetch) == [
        {
            "id": bench,
            "name": "chat",
            "dialect": "crossws",
            "kernel": KERNEL,
            "url": f"/a%40b/workbench/servers/{bench}/",
            "port": hook_server.port,
            "state": "live",
            "reason": "",
            "rate": 2.5,
            "errors": 1,
            "clients": 3,
            "notebook": "lessons/first.ipynb",
            "kernel_state": "idle",
        }
    ]


async def test_one_bench_can_be_asked_for_alone(jp_fetch: Any, bench: str) -> None:
    """The same entry as in the list; an unknown id is a 404."""
    answer = await jp_fetch("workbench", "api", "servers", bench)
    assert [json.loads(answer.body)] == await listed(jp_fetch)
    answer = await jp_fetch("workbench", "api", "servers", f"{KERNEL}.other", raise_error=False)
    assert (answer.code, json.loads(answer.body)["reason"]) == (404, "not_found")


async def test_benches_of_other_kernels_are_not_listed_and_their_files_stay(
    jp_fetch: Any, announce: Callable[..., str], kernels: FakeKernels, jp_runtime_dir: Path
) -> None:
    """Another Jupyter server may use the same folder."""
    del kernels
    other = announce(kernel="99999999-2222-3333-4444-555555555555")
    assert await listed(jp_fetch) == []
    assert (jp_runtime_dir / f"workbench-{other}.json").exists()


async def test_the_bench_of_a_dead_process_leaves_the_list_and_its_file_goes(
    jp_fetch: Any,
    announce: Callable[..., str],
    kernels: FakeKernels,
    jp_runtime_dir: Path,
    dead_process: int,
) -> None:
    """A kernel that was killed could not tidy up itself."""
    del kernels
    bench = announce(pid=dead_process)
    assert await listed(jp_fetch) == []
    assert not (jp_runtime_dir / f"workbench-{bench}.json").exists()


async def test_a_server_that_is_not_there_is_listed_with_the_reason(
    jp_fetch: Any, announce: Callable[..., str], kernels: FakeKernels, closed_port: int
) -> None:
    """Nothing listens: failed, in words."""
    del kernels
    announce(port=closed_port)
    (entry,) = await listed(jp_fetch)
    assert (entry["state"], entry["reason"]) == ("failed", "The server does not answer")


@pytest.mark.parametrize(
    ("kernel_state", "state", "reason"),
    [("busy", "busy", "A cell holds the interpreter"), ("idle", "failed", "The server does not answer")],
)
async def test_a_server_that_says_nothing_is_listed_with_the_reason(
    jp_fetch: Any,
    jp_serverapp: Any,
    announce: Callable[..., str],
    kernels: FakeKernels,
    silent_port: int,
    kernel_state: str,
    state: str,
    reason: str,
) -> None:
    """Whether a cell runs tells the two apart, and the list does not wait for long."""
    jp_serverapp.web_app.settings["workbench_settings"].status_seconds = 0.2
    kernels.alive[KERNEL] = kernel_state
    announce(port=silent_port)
    (entry,) = await listed(jp_fetch)
    assert (entry["state"], entry["reason"]) == (state, reason)


async def test_a_connection_that_is_not_made_in_time_is_closed(
    jp_fetch: Any, jp_serverapp: Any, bench: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list waits for less time than connecting may take, and leaves no socket behind."""
    del bench
    opened: list[IOStream] = []

    def connect(stream: IOStream, _: object) -> asyncio.Future[IOStream]:
        opened.append(stream)
        return asyncio.Future()

    monkeypatch.setattr("workbench.jupyter.upstream._Stream.connect", connect)
    jp_serverapp.web_app.settings["workbench_settings"].status_seconds = 0.05
    (entry,) = await listed(jp_fetch)
    assert entry["state"] == "failed"
    assert [stream.closed() for stream in opened] == [True]


async def test_a_stopped_bench_is_listed_without_being_asked(
    jp_fetch: Any, announce: Callable[..., str], kernels: FakeKernels, hook_server: StandIn
) -> None:
    """Its file says so, and why."""
    del kernels
    announce(state="stopped", reason="Stopped from the panel")
    (entry,) = await listed(jp_fetch)
    assert (entry["state"], entry["reason"]) == ("stopped", "Stopped from the panel")
    assert hook_server.requests == []


@pytest.mark.parametrize("status", [{"state": 5, "rate": "fast", "clients": None}, {}])
async def test_odd_figures_do_not_break_the_list(
    jp_fetch: Any, bench: str, hook_server: StandIn, status: dict[str, Any]
) -> None:
    """Hook servers run experiments; the list says what it can."""
    del bench
    hook_server.status = status
    (entry,) = await listed(jp_fetch)
    assert (entry["state"], entry["rate"], entry["clients"]) == ("live", 0.0, 0)


async def test_a_wrong_token_in_the_file_shows_as_no_answer(
    jp_fetch: Any, announce: Callable[..., str], kernels: FakeKernels
) -> None:
    """Another program took the port of a bench that crashed."""
    del kernels
    announce(token="wrong")
    (entry,) = await listed(jp_fetch)
    assert entry["state"] == "failed"


async def test_the_version_tells_what_the_front_end_needs(jp_fetch: Any) -> None:
    """Version of the package and of the channel."""
    import workbench

    answer = json.loads((await jp_fetch("workbench", "api", "version")).body)
    assert answer == {"version": workbench.__version__, "channel": 1}


async def test_stopping_gives_up_with_a_sentence(
    jp_fetch: Any, bench: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hook server took the order and did not obey: 409, not an endless wait."""
    monkeypatch.setattr("workbench.jupyter.servers._STOP_LOOKS", 2)
    monkeypatch.setattr("workbench.jupyter.channel._SECONDS", 0.2)
    answer = await jp_fetch("workbench", "api", "servers", bench, method="DELETE", raise_error=False)
    assert (answer.code, json.loads(answer.body)["reason"]) == (409, "conflict")
