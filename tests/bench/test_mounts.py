"""Mounts, members of the dialect and the bench's own paths, over real sockets."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support import ask, http
from workbench import Response, Workbench, WorkbenchError
from workbench.bench.mounts import Hosting, Mount, start_all
from workbench.bench.settings import UnknownOption
from workbench.dialects.base import Mount as BaseMount
from workbench.server.errors import NotRunning
from workbench.testing import serving
from workbench.trace.connections import NO_CONNECTION


def test_the_dialects_members_are_the_benchs(bench: Workbench) -> None:
    """`get` decorates, `fetch` and `resolve` are assigned or decorate, `peers` is looked at."""

    @bench.get("/health")  # type: ignore[untyped-decorator]  # a member of the dialect
    def health(_: Any) -> dict[str, bool]:
        return {"ok": True}

    bench.fetch = lambda request: Response(f"fetched {request.path}")

    with serving(bench):
        assert http(f"{bench.url}/health") == (200, '{"ok":true}')
        assert http(f"{bench.url}/other") == (200, "fetched /other")
        assert not bench.peers
    assert {"fetch", "peers", "publish"} <= set(dir(bench))


def test_a_mount_has_its_own_points_on_the_shared_board(bench: Workbench) -> None:
    """Both mounts answer at their paths; board, journal and trace are one."""
    room = bench.mount("chat/", "crossws")

    @room.hook("message")
    def whisper(peer: Any, message: Any) -> None:
        peer.send(message.text().lower())

    with serving(bench):
        with connect(f"{bench.ws_url}/chat/room") as client:
            assert ask(client, "HeLLo") == "hello"
        with connect(f"{bench.ws_url}/chatter") as client:
            assert ask(client, "HeLLo") == "HeLLo"

    assert room.path == "/chat"
    assert [hook.name for hook in room.chain("message")] == ["whisper"]
    assert [hook.name for hook in bench.chain("/chat:message")] == ["whisper"]
    assert [hook.name for hook in bench.chain("message")] == ["echo", "shout"]
    assert {"message", "/chat:message"} <= set(bench.trace.calls["point"])
    assert set(bench.trace.dispatches["dialect"]) == {"crossws"}
    assert list(bench.mounts) == ["/", "/chat"]


@pytest.mark.parametrize("path", ["/", "/chat", "/_workbench", "/_workbench/x"])
def test_a_mount_at_a_taken_path_is_refused(bench: Workbench, path: str) -> None:
    """The bench's own paths and those of other mounts are taken."""
    bench.mount("/chat", "crossws")

    with pytest.raises(WorkbenchError, match="is taken"):
        bench.mount(path, "crossws")


def test_a_mount_takes_no_server_options(bench: Workbench) -> None:
    """The port belongs to the bench."""
    with pytest.raises(UnknownOption, match="belongs to the bench"):
        bench.mount("/x", "crossws", port=3)


def test_the_status_is_for_those_who_have_the_token(bench: Workbench) -> None:
    """Jupyter's list asks for it; nobody else is told."""
    with serving(bench, token="for clients"):
        url = f"{bench.url}/_workbench/status"
        assert http(url)[0] == 401
        assert http(url, Authorization="Bearer wrong")[0] == 401
        code, body = http(url, Authorization=f"Bearer {bench.token}")

    assert code == 200
    assert json.loads(body) | {"reason": ""} == {
        "name": "chat",
        "dialect": "crossws",
        "state": "ready",
        "reason": "",
        "rate": 0.0,
        "errors": 0,
        "clients": 0,
        "revision": 2,
    }


def test_the_benchs_own_paths_are_closed_to_dialects(bench: Workbench) -> None:
    """What lies below `/_workbench/` and is nothing is 404, whatever `fetch` would answer."""
    bench.fetch = lambda _: Response("mine")
    with serving(bench):
        assert http(f"{bench.url}/_workbench/other")[0] == 404
        with pytest.raises(InvalidStatus) as refused:
            connect(f"{bench.ws_url}/_workbench/other")
        assert refused.value.response.status_code == 404


def test_a_bench_is_served_by_one_server_at_a_time(bench: Workbench) -> None:
    """Peers of two loops cannot share topics, so a second server's connections are refused."""

    async def main() -> None:
        with pytest.raises(WorkbenchError, match="served already"):
            bench.hosting.meet(asyncio.get_running_loop())

    with serving(bench):
        asyncio.run(main())
    called: list[str] = []
    bench.hosting.post(called.append, "never")  # nobody serves: dropped
    assert called == []
    with pytest.raises(NotRunning, match="start it first"):
        _ = bench.mounts["/"].loop


def test_posts_to_a_loop_that_is_gone_are_dropped() -> None:
    """What was to be sent concerns nobody any more."""
    hosting = Hosting(lambda: None)
    loop = asyncio.new_event_loop()
    hosting.meet(loop)
    loop.close()

    called: list[str] = []
    hosting.post(called.append, "never")
    assert called == []
    hosting.meet(asyncio.new_event_loop())
    hosting.loop.close()


def test_only_the_loop_that_serves_is_forgotten() -> None:
    """A loop that ends late does not take away the loop of the run that came after."""
    hosting = Hosting(lambda: None)
    newer = asyncio.new_event_loop()

    async def ends() -> bool:
        hosting.meet(asyncio.get_running_loop())
        hosting.on(newer)
        return hosting.off()

    assert not asyncio.run(ends())
    assert hosting.loop is newer
    newer.close()


@pytest.mark.parametrize(
    "take", [BaseMount.sink, BaseMount.note, Mount.sink, Mount.note, Workbench.take_failure]
)
def test_an_error_without_a_connection_has_one_number(take: Callable[..., None]) -> None:
    """Whoever names no connection passes on the number that the trace knows for none."""
    assert inspect.signature(take).parameters["connection"].default == NO_CONNECTION


def test_start_all_begins_those_that_begin() -> None:
    """Applications with a `start` are started when their bench is served, others are left alone."""
    started: list[str] = []

    class Beginner:
        def start(self) -> None:
            started.append("begun")

    start_all([SimpleNamespace(app=Beginner()), SimpleNamespace(app=object())])  # type: ignore[list-item]
    assert started == ["begun"]


def test_begins_once_for_each_loop() -> None:
    """What is to begin does so on the loop, once, whether the server or a client is first."""
    begun: list[object] = []
    hosting = Hosting(lambda: begun.append(asyncio.get_running_loop()))

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        hosting.meet(loop)
        hosting.on(loop)
        await asyncio.sleep(0)
        assert begun == [loop]
        assert hosting.off()
        hosting.on(loop)
        hosting.meet(loop)
        await asyncio.sleep(0)
        assert begun == [loop, loop]

    asyncio.run(serve())
