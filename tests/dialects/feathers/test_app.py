"""What workbench.dialects.feathers.app promises."""

from __future__ import annotations

import asyncio
import shlex
import threading
from typing import Any

import httpx
import pytest
import socketio

from tests.server.drivers import hosting
from tests.support import in_a_loop
from workbench import Workbench
from workbench.engine.errors import WorkbenchError
from workbench.testing import free_port, serving


class Notes:
    """Keeps nothing, and knows whether it was set up."""

    def __init__(self) -> None:
        self.life: list[str] = []

    async def setup(self, _app: Any, path: str) -> None:
        """Note it."""
        await asyncio.sleep(0)
        self.life.append(f"setup {path}")

    async def teardown(self, _app: Any, path: str) -> None:
        """Note it."""
        await asyncio.sleep(0)
        self.life.append(f"teardown {path}")

    async def find(self, params: Any) -> Any:
        """Say who asks, and whether everything was ready."""
        return {"provider": params.get("provider"), "life": self.life}

    async def create(self, data: Any) -> Any:
        """Give it back."""
        return data


def test_services_are_torn_down_when_a_foreign_server_ends() -> None:
    """Under uvicorn they are set up before the first answer, and torn down before it is gone."""
    bench = Workbench("feathers", name="foreign")
    notes = Notes()
    bench.use("notes", notes)
    port = free_port()
    with hosting(bench.asgi, port):
        seen = httpx.get(f"http://127.0.0.1:{port}/notes", trust_env=False).json()
    assert seen["life"] == ["setup notes"]
    assert notes.life == ["setup notes", "teardown notes"]


@in_a_loop
async def test_a_cell_awaits_calls_on_its_own_loop_while_the_bench_serves() -> None:
    """They run on the bench's; provider is None inside and "rest" outside (R45, R85)."""
    bench = Workbench("feathers", name="cells")
    notes = Notes()
    bench.use("notes", notes)
    threads: list[str] = []
    bench.hooks({"before": {"find": [lambda _context: threads.append(threading.current_thread().name)]}})

    before = await bench.service("notes").find()
    with serving(bench):
        inside = await bench.service("notes").find()
        outside = (await asyncio.to_thread(httpx.get, f"{bench.url}/notes")).json()
        by_run = await asyncio.to_thread(bench.run, bench.service("notes").call("find", [None]))

    assert before["provider"] is None
    assert (inside["provider"], outside["provider"]) == (None, "rest")
    assert by_run.result["provider"] is None
    assert outside["life"] == ["setup notes"]
    assert notes.life == ["setup notes", "teardown notes"]
    assert threads[0] == "MainThread"
    assert set(threads[1:]) == {threads[1]} != {"MainThread"}


def test_a_path_is_taken_once_where_there_are_transports() -> None:
    """R68; unuse gives it free."""
    bench = Workbench("feathers", name="taken")
    bench.use("notes", Notes())

    with pytest.raises(WorkbenchError, match='Path "notes" already exists'):
        bench.use("/notes/", Notes())
    asyncio.run(bench.unuse("notes"))
    bench.use("notes", Notes())


def test_an_application_may_be_mounted_beside_another_dialect() -> None:
    """REST and Socket.IO below its path, with a chain of its own."""
    bench = Workbench("crossws", name="beside")
    api = bench.mount("/api", "feathers")
    api.use("notes", Notes(), methods=["find", "create"])
    api.service("notes").hooks({"before": {"create": [lambda context: context.data.update(seen=1)]}})

    with serving(bench):
        made = httpx.post(f"{bench.url}/api/notes", json={"text": "a"})
        client = socketio.SimpleClient()
        client.connect(bench.url, socketio_path="/api/socket.io", transports=["websocket"])
        acked = client.call("create", ("notes", {"text": "b"}))
        client.disconnect()

    assert (made.status_code, made.json()) == (201, {"text": "a", "seen": 1})
    assert list(acked) == [None, {"text": "b", "seen": 1}]
    assert bench.trace.dispatches["point"].tolist() == ["/api:notes.create"] * 2


def test_a_websocket_elsewhere_is_refused() -> None:
    """With the path at which there is one."""
    bench = Workbench("feathers", name="elsewhere")
    with serving(bench):
        answer = httpx.get(
            f"{bench.url}/notes",
            headers={
                "connection": "upgrade",
                "upgrade": "websocket",
                "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
                "sec-websocket-version": "13",
            },
        )

    assert answer.status_code == 404
    assert "Socket.IO is at /socket.io/" in answer.text


def test_the_command_that_creates_is_answered() -> None:
    """Header and body of it are what the service takes, as a shell reads the line."""
    bench = Workbench("feathers", name="commands")
    bench.use("notes", Notes())
    with serving(bench):
        line = dict(bench.mounts["/"].app.commands(str(bench.url), ""))["curl, create"]
        _, _, _, header, _, body, url = shlex.split(line)
        name, _, value = header.partition(": ")
        answer = httpx.post(url, content=body, headers={name: value}, trust_env=False)
    assert (answer.status_code, answer.json()) == (201, {"text": "hello"})


def test_commands_to_copy_have_a_place_for_the_token() -> None:
    """Never the token itself; and the first service's path."""
    bench = Workbench("feathers", name="commands")
    bench.use("notes", Notes())
    app = bench.mounts["/"].app

    plain = dict(app.commands("http://h:1/", "ws://h:1/"))
    asked = dict(app.commands("http://h:1", "ws://h:1", token=True))

    assert plain["curl"] == "curl -i http://h:1/notes"
    assert "Bearer TOKEN" in asked["curl"]
    assert "Bearer TOKEN" in asked["curl, create"]
    assert "Bearer TOKEN" in asked["JavaScript"]


def test_a_setup_that_fails_is_told_and_the_server_runs() -> None:
    """The error is the bench's to show."""
    bench = Workbench("feathers", name="failing")
    told: list[str] = []
    bench.on_error(lambda error: told.append(str(error)))

    class Bad(Notes):
        async def setup(self, _app: Any, _path: str) -> None:
            raise ValueError("not today")

    bench.use("notes", Bad())
    with serving(bench):
        assert httpx.get(f"{bench.url}/notes").status_code == 200
    assert told == ["not today"]
