"""The application as a whole: databases, mounts, threads, restarts, and what the bench shows."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.dialects.directus.support import OPTIONS, person, request, serving, until
from workbench import Workbench, WorkbenchError
from workbench.engine.hooks import Scope
from workbench.server.errors import InvalidOption


def test_items_outlive_the_bench_in_a_database_of_their_own(tmp_path: Path) -> None:
    """A named database keeps rows and users; a field that is new is added to its table."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with serving(database=url) as bench, person(bench) as alice:
        alice.items("create", data={"text": "kept"})
    wider = {"messages": {**OPTIONS["collections"]["messages"], "extra": "string"}}
    with serving(database=url, collections=wider) as bench, person(bench) as alice:
        data = alice.items("read", query={"fields": ["text", "extra"]})["data"]
        assert data == [{"text": "kept", "extra": None}]


def test_a_bench_without_a_database_has_a_file_that_goes_with_it() -> None:
    """The usual database is a SQLite file; it is gone once nobody holds the bench."""
    bench = Workbench("directus", **{**OPTIONS, "database": None})
    file = Path(str(bench.mounts["/"].app.database_of_items.url.database))  # type: ignore[attr-defined]
    bench.start()
    assert request(bench, "GET", "/items/messages", token="alice-token") == (200, {"data": []})
    assert file.exists()
    bench.stop()
    del bench
    until(lambda: (gc.collect() and not file.exists()) or not file.exists(), "the file to go")


def test_restarting_begins_again() -> None:
    """Init hooks and server.start come with each start, server.stop with each stop; schedules go on."""
    with serving() as bench:
        assert request(bench, "GET", "/server/ping")[0] == 200  # the first start is over
        told: list[str] = []
        for event in ("app.before", "app.after"):
            bench.init(event, lambda meta: told.append(meta.event))
        bench.action("server.start", lambda meta: told.append(meta.event))
        bench.action("server.stop", lambda meta: told.append(meta.event))
        ticks: list[int] = []
        bench.schedule("* * * * * *", lambda: ticks.append(1))
        until(lambda: ticks)
        bench.restart()
        assert request(bench, "GET", "/server/ping") == (200, "pong")
        assert told == ["server.stop", "app.before", "app.after", "server.start"]
        seen = len(ticks)
        until(lambda: len(ticks) > seen)


def test_errors_at_the_start_are_told_and_disturb_nothing() -> None:
    """An init hook that raises is noted, and so is an extension; the server serves (R15, R20)."""
    seen: list[str] = []

    def broken(action: Any) -> None:
        action("websocket.message", lambda: None)
        raise RuntimeError("no extension")

    bench = Workbench("directus", **{**OPTIONS, "extensions": [broken]})
    bench.on_error(lambda error: seen.append(str(error)))
    bench.init("app.before", lambda: 1 / 0)
    try:
        bench.start()
        assert request(bench, "GET", "/server/ping") == (200, "pong")
        assert seen == ["division by zero"]
        assert not bench.board.state.of("action")
        assert "no extension" in bench.trace.errors["error"][0]
    finally:
        bench.stop()


def test_mounted_beside_another_dialect() -> None:
    """At a path of its own it has its own hooks, its own socket and its own routes."""
    bench = Workbench("crossws", name="host")
    shop = bench.mount("/shop", "directus", **OPTIONS)
    shop.filter("websocket.message", lambda message: {**message, "uid": "mounted"})
    try:
        bench.start()
        with person(bench, path="/shop/websocket") as alice:
            assert alice.ask({"type": "ping"}) == {"type": "pong", "uid": "mounted"}
        assert request(bench, "GET", "/shop/items/messages", token="alice-token")[0] == 200
        assert set(bench.trace.dispatches["point"]) == {"/shop:filter websocket.message"}
        assert set(bench.trace.dispatches["dialect"]) == {"directus"}
    finally:
        bench.stop()


def test_services_work_from_any_thread() -> None:
    """Items are created by a cell, broadcasts come from another thread."""
    with serving() as bench, person(bench) as alice:
        until(lambda: bench.clients)
        key = bench.run(bench.items("messages").create_one({"text": "cell"}))
        assert bench.run(bench.items("messages").read_one(key))["text"] == "cell"
        service = bench.services.WebSocketService()
        sender = threading.Thread(target=service.broadcast, args=({"type": "hello"},))
        sender.start()
        sender.join()
        assert alice.next() == {"type": "hello"}
        with pytest.raises(WorkbenchError, match="did you mean 'user'"):
            service.broadcast("x", {"usr": "alice"})


def test_service_events() -> None:
    """`on` and `off` of the service attach and remove an action, by the event's short name."""
    with serving() as bench:
        service, heard = bench.services.WebSocketService(), []

        def connected(meta: Any) -> None:
            heard.append(meta.client.accountability.user)

        service.on("connect", connected)
        with person(bench):
            until(lambda: heard == ["alice"])
        service.off("connect", connected)
        service.off("connect", connected)
        with person(bench) as alice:
            alice.ask({"type": "ping"})
        assert heard == ["alice"]


def test_shadow_hooks_change_and_send_nothing() -> None:
    """A shadow filter sees a copy, a shadow action a client that sends nothing; both are in the trace."""
    with serving() as bench, person(bench) as alice:

        def spoil(message: Any, meta: Any) -> Any:
            message["uid"] = "spoilt"
            meta.client.send("x")
            meta.client.close()
            meta.client.terminate()
            return {"type": "nonsense"}

        bench.chain("filter websocket.message").attach(spoil, scope=Scope(shadow=True))
        bench.chain("action websocket.message").attach(
            lambda meta: meta.client.send("y"), name="quiet", scope=Scope(shadow=True)
        )
        assert alice.ask({"type": "ping", "uid": 1}) == {"type": "pong", "uid": 1}
        assert alice.silent()
        assert sorted(bench.trace.calls["hook"]) == ["quiet", "spoil"]


def test_hooks_for_one_connection() -> None:
    """A hook of limited scope runs for its connection alone."""
    with serving() as bench, person(bench) as alice, person(bench, "rita-token") as rita:
        until(lambda: len(bench.clients) == 2)
        mine = next(one.connection for one in bench.clients if one.accountability.user == "rita")
        bench.chain("filter websocket.message").attach(
            lambda message: {**message, "uid": "rita's"}, name="mark", scope=Scope(frozenset({mine}))
        )
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        assert rita.ask({"type": "ping"}) == {"type": "pong", "uid": "rita's"}


def test_edits_while_messages_flow() -> None:
    """A message finishes on the chain that it began with."""
    with serving() as bench, person(bench) as alice:
        reached, go = threading.Event(), asyncio.Event()

        async def wait(message: Any) -> Any:
            if message["uid"] == 1:
                reached.set()
                await go.wait()
            return message

        def mark(message: Any) -> Any:
            return {**message, "uid": message["uid"] + 100}

        bench.filter("websocket.message", wait)
        alice.send({"type": "ping", "uid": 1})
        assert reached.wait(5)
        bench.filter("websocket.message", mark)
        assert alice.ask({"type": "ping", "uid": 2}) == {"type": "pong", "uid": 102}
        bench.hosting.loop.call_soon_threadsafe(go.set)
        assert alice.next() == {"type": "pong", "uid": 1}


def test_rerun_extension_takes_its_own_place() -> None:
    """An extension that is registered anew replaces what it registered before, as one edit."""
    bench = Workbench("directus", **OPTIONS)

    def make(count: int) -> Any:
        @bench.extension  # type: ignore[untyped-decorator]  # a member of the dialect
        def extension(filter: Any, embed: Any) -> None:  # noqa: A002 - its name there
            for number in range(count):
                filter("items.create", lambda: None, name=f"f{number}")
            embed("head", f"<i>{count}</i>")

        return extension

    make(2)
    make(3)
    assert [row.hook.name for row in bench.board.state.of("filter")] == ["f0", "f1", "f2"]
    assert bench.mounts["/"].app.extensions.embedded("head").count("<i>") == 1  # type: ignore[attr-defined]
    bench.undo()
    assert len(bench.board.state.of("filter")) == 2


def test_extensions_that_ask_for_what_there_is_not() -> None:
    """What an extension may ask for is said; so is what embed takes; blank texts are noted."""
    bench = Workbench("directus", **OPTIONS)
    with pytest.raises(WorkbenchError, match="'service', which no extension is given; did you mean"):
        bench.extension(lambda service: service)
    with pytest.raises(WorkbenchError, match="is given; there are: 'action', 'context'"):
        bench.extension(lambda api: api)
    with pytest.raises(WorkbenchError, match="An extension is a function"):
        bench.extension(4)
    with pytest.raises(WorkbenchError, match='"head" or "body"'):
        bench.embed("feet", "x")
    with pytest.raises(WorkbenchError, match="takes an event"):
        bench.filter(4, lambda: None)
    bench.embed("body", lambda: " ")
    with pytest.warns(UserWarning, match="cron line .*, not 'no line': this schedule is left out"):
        bench.schedule("no line", lambda: None)
    noted = " ".join(bench.trace.errors["error"])
    assert "blank" in noted
    assert "cron line" in noted
    got: dict[str, Any] = {}

    def everything(register: Any, context: Any, logger: Any, env: Any) -> None:
        got.update(context)
        assert (register.filter, logger, env) != (None, None, None)
        assert (logger, env) == (context.logger, context.env)

    bench.extension(everything)
    assert set(got) == {"services", "env", "database", "emitter", "logger", "get_schema"}
    assert asyncio.run(got["get_schema"]())["messages"].key.name == "id"


def test_following_may_be_switched() -> None:
    """`bench.follow` is read and set while the bench runs, and refuses other words."""
    bench = Workbench("directus", **OPTIONS)
    assert bench.follow == "system"
    bench.follow = "documentation"
    assert bench.follow == "documentation"
    with pytest.raises(InvalidOption, match="documentation"):
        bench.follow = "both"


def test_commands_and_starter() -> None:
    """Without anything named there are collections and somebody to sign in; commands say where."""
    bench = Workbench("directus")
    app: Any = bench.mounts["/"].app
    labels = dict(app.commands("http://h:1", "ws://h:1", token=True))
    assert labels["wscat"] == "wscat -c 'ws://h:1/websocket?token=BENCH&access_token=TOKEN'"
    assert labels["curl"] == "curl 'http://h:1/items/messages?token=BENCH&access_token=TOKEN'"
    try:
        bench.start()
        with connect(f"{bench.ws_url}/websocket", proxy=None) as ws:
            ws.send(json.dumps({"type": "auth", "email": "admin@example.com", "password": "admin"}))
            assert json.loads(ws.recv(timeout=20))["status"] == "ok"
    finally:
        bench.stop()


def test_under_a_foreign_asgi_server() -> None:
    """What ASGI carries works there: items over HTTP, and the start with the first request."""
    from httpx import ASGITransport, AsyncClient

    bench = Workbench("directus", **OPTIONS)
    begun: list[str] = []
    bench.action("server.start", lambda meta: begun.append(meta.event))
    with pytest.warns(UserWarning, match="bare-close"):
        application = bench.asgi

    async def scene() -> None:
        async with AsyncClient(transport=ASGITransport(application), base_url="http://localhost") as client:
            answer = await client.get("/items/messages?access_token=alice-token")
            assert (answer.status_code, answer.json()) == (200, {"data": []})

    asyncio.run(scene())
    assert begun == ["server.start"]
