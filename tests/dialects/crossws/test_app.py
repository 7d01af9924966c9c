"""What a bench of crossws offers beside its hooks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.dialects.crossws.support import Stage, play, turns
from workbench import Response, Workbench
from workbench.engine.errors import WorkbenchError
from workbench.server.errors import InvalidClose


def test_publish() -> None:
    """R45: the bench publishes to all namespaces or one, and frames are queued on return."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(open=lambda peer: peer.subscribe("t"))
        a, b = await stage.connect("/a"), await stage.connect("/b")
        stage.bench.publish("t", {"n": 1})
        stage.bench.publish("t", "a only", namespace="/a")
        stage.bench.publish("t", "nobody", namespace="/c")
        stage.bench.publish("", "nobody")
        assert (a.received(), b.received()) == (['{"n":1}', "a only"], ['{"n":1}'])
        with pytest.raises(TypeError):
            stage.bench.publish("t", {1})

    play(scene)


def test_close_all() -> None:
    """R49: everybody is closed with code and reason, or dropped; a forbidden code changes nothing."""

    async def scene(stage: Stage) -> None:
        clients = [await stage.connect(path) for path in ("/a", "/b")]
        with pytest.raises(InvalidClose):
            stage.bench.close_all(999)
        stage.bench.close_all(4000, "all")
        assert [await client.wait_closed() for client in clients] == [(4000, "all")] * 2
        client = await stage.connect()
        stage.bench.close_all(force=True)
        assert (await client.wait_closed())[0] == 1006
        client = await stage.connect()
        stage.bench.close(4001, "bye")
        assert await client.wait_closed() == (4001, "bye")

    play(scene)


def test_peers_are_live() -> None:
    """`peers` maps namespaces to sets; empty sets stay, and the mapping cannot be changed."""

    async def scene(stage: Stage) -> None:
        peers = stage.bench.peers
        ws = await stage.connect("/a")
        assert {name: len(found) for name, found in peers.items()} == {"/a": 1}
        await ws.close()
        assert {name: len(found) for name, found in peers.items()} == {"/a": 0}
        with pytest.raises(TypeError):
            peers["/b"] = set()

    play(scene)


def test_stop_cancels_what_runs() -> None:
    """Hooks that still run when the server stops are cancelled, which is no error."""
    ended: list[str] = []

    async def message() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=message)
        ws = await stage.connect()
        ws.send("x")
        await turns()

    stage = play(scene)
    assert (ended, stage.escaped) == (["cancelled"], [])


def test_commands() -> None:
    """The commands are those that a person would type."""
    commands = dict(Stage().bench._mount.app.commands("http://127.0.0.1:1/", "ws://127.0.0.1:1"))
    assert commands["wscat"] == "wscat -c ws://127.0.0.1:1"
    assert commands["curl"] == "curl -i http://127.0.0.1:1/"
    assert 'connect("ws://127.0.0.1:1")' in commands["Python"]


def test_commands_where_clients_need_a_token() -> None:
    """Each sends it in a header, as a word to replace."""
    app = Stage().bench._mount.app
    assert [text.partition("\n")[0] for _, text in app.commands("http://h/", "ws://h", token=True)] == [
        'wscat -H "Authorization: Bearer TOKEN" -c ws://h',
        'curl -i -H "Authorization: Bearer TOKEN" http://h/',
        'async with connect("ws://h", additional_headers={"Authorization": "Bearer TOKEN"}) as ws:',
    ]


def test_needs() -> None:
    """What a transport must be able to do follows from hooks and options as they are."""
    stage = Stage()
    app = stage.bench._mount.app
    assert app.needs == frozenset()
    stage.bench.define_hooks(ping=lambda: None, drain=lambda: None, error=lambda: None)
    assert app.needs == {"ping-pong", "drain", "failures"}
    stage.bench.chain("drain").enable("drain", on=False)
    assert app.needs == {"ping-pong", "failures"}
    assert Stage(per_message_deflate=True, idle_timeout=5).bench._mount.app.needs == {
        "deflate",
        "idle-timeout",
    }


def test_options_are_checked() -> None:
    """An option that nobody knows is refused with the near ones."""
    with pytest.raises(WorkbenchError, match="max_payload"):
        Workbench("crossws", max_paylod=1)


def test_mounts_share_a_bench() -> None:
    """A second crossws at a path has hooks, peers and routes of its own, and paths whole."""

    async def scene(stage: Stage) -> None:
        chat = stage.bench.mount(
            "/chat", "crossws", fetch=lambda request: request.path, hooks={"open": greet}
        )
        ws = await stage.connect("/chat/room")
        assert await ws.receive() == "hello from /chat/room"
        assert list(stage.bench.peers) == []
        assert list(chat.peers) == ["/chat/room"]
        assert (await stage.client.fetch("GET", "/chat/x")).text() == "/chat/x"
        assert (await stage.client.fetch("GET", "/x")).status == 404
        assert stage.bench.trace.dispatches.point.tolist() == ["/chat:open"]

    def greet(peer: Any) -> None:
        peer.send(f"hello from {peer.namespace}")

    play(scene)


def test_escaped_errors_name_the_mount() -> None:
    """An error in a mounted application carries the board's key of its point."""

    def boom() -> None:
        raise ValueError("boom")

    async def scene(stage: Stage) -> None:
        stage.bench.mount("/chat", "crossws", hooks={"open": boom})
        await stage.connect("/chat")
        assert [row.point for row in stage.bench.trace.failures.rows()] == ["/chat:open"]

    play(scene)


def test_compression_option() -> None:
    """`per_message_deflate` is for all connections, unless an `upgrade` hook says otherwise."""
    asked: list[Any] = []

    class Handshake:
        def accept(self, _: Any, **options: Any) -> None:
            asked.append(options["deflate"])

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(
            upgrade=lambda request: {"per_message_deflate": request.query.get("d") and False}
        )
        for path in ("/", "/?d=no"):
            await stage.request(path, Handshake())
        assert asked == [True, False]

    play(scene, per_message_deflate=True)


def test_invalid_handshake_is_in_the_register() -> None:
    """R17: where the server finds the handshake invalid there is no peer, and the register says so."""

    class Handshake:
        def accept(self, *_: Any, **__: Any) -> None:
            return None

        def reject(self, response: Response) -> None:
            raise AssertionError(response)

    async def scene(stage: Stage) -> None:
        await stage.request("/", Handshake())
        assert stage.bench.trace.connections.reason.tolist() == ["not a valid WebSocket request"]
        assert not stage.bench.peers

    play(scene)
