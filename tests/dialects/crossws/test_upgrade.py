"""Handshakes: who is asked, in which order, and what the answers mean."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conformance.crossws.driver import Scenario
from tests.dialects.crossws.support import Stage, only_peer, play, turns
from workbench import Response, define_hooks
from workbench.dialects.crossws import accept, reject
from workbench.server.links import RawSocket
from workbench.testing import free_port, serving
from workbench.testing.memory import Refused


async def refused(stage: Stage, path: str = "/", **options: Any) -> Response:
    """Connect, and give the response that came instead."""
    with pytest.raises(Refused) as caught:
        await stage.connect(path, **options)
    return caught.value.response


def test_chain_merges_headers_and_context() -> None:
    """Several hooks of a chain add up: headers are appended, contexts merged, the last name counts."""

    async def scene(stage: Stage) -> None:
        chain = stage.bench.chain("upgrade")
        chain.attach(lambda: accept(headers={"set-cookie": "a=1"}, context={"a": 1, "b": 1}), name="one")
        chain.attach(lambda: None, name="two")
        chain.attach(
            lambda: accept(headers={"set-cookie": "b=2"}, context={"b": 2}, namespace="n"), name="three"
        )
        ws = await stage.connect()
        assert ws.response.headers.get_all("set-cookie") == ["a=1", "b=2"]
        assert only_peer(stage.bench, "n").context == {"a": 1, "b": 2}

    play(scene)


@pytest.mark.parametrize("raised", [False, True], ids=["returned", "raised"])
def test_a_response_in_javascripts_words_refuses(raised: bool) -> None:
    """The seed's own line, `Response("Unauthorized", {"status": 401, ...})`, refuses as it does there."""

    def upgrade() -> Response:
        response = Response("Unauthorized", {"status": 401, "headers": {"WWW-Authenticate": "Basic"}})
        if raised:
            raise response
        return response

    async def scene(stage: Stage) -> None:
        stage.bench.hook("upgrade")(upgrade)
        answer = await refused(stage, "/")
        assert (answer.status, answer.text()) == (401, "Unauthorized")
        assert answer.headers["www-authenticate"] == "Basic"

    play(scene)


def test_returned_response_ends_its_layer() -> None:
    """R4, R20: a returned response ends the layer it is in, and yields to a resolved answer."""
    called: list[str] = []
    answers: dict[str, Any] = {"/none": None, "/empty": {}, "/other": Response("other", status=402)}

    def resolved(request: Any) -> Any:
        called.append("resolved")
        return answers[request.path]

    async def scene(stage: Stage) -> None:
        stage.bench.resolve = lambda: define_hooks(upgrade=resolved)
        chain = stage.bench.chain("upgrade")
        chain.attach(lambda: Response("no", status=401), name="one")
        chain.attach(lambda: called.append("two"), name="two")
        assert (await refused(stage, "/none")).status == 401
        assert (await refused(stage, "/other")).status == 402
        await stage.connect("/empty")
        assert called == ["resolved"] * 3

    play(scene)


def test_raised_response_ends_both_layers() -> None:
    """R21: a raise, of a response or an error, at once or later, keeps the resolved hook from running."""
    called: list[str] = []

    def ask(request: Any) -> Any:
        called.append(request.path)
        return define_hooks(upgrade=lambda: called.append("resolved"))

    async def later() -> None:
        await asyncio.sleep(0)
        reject(status=409)

    def upgrade(request: Any) -> Any:
        if request.path == "/later":
            return later()
        if request.path == "/error":
            raise ValueError("oops")
        return reject("no", status=403)

    async def scene(stage: Stage) -> None:
        stage.bench.resolve = ask
        stage.bench.define_hooks(upgrade=upgrade)
        assert [(await refused(stage, path)).status for path in ("/now", "/error", "/later")] == [
            403,
            500,
            409,
        ]
        assert called == ["/later"]  # R9: a raise at once skips the resolver too
        assert stage.escaped == []  # R8
        assert stage.outcomes("upgrade") == ["raised"] * 3

    play(scene)


def test_async_hooks_start_before_the_resolver_is_asked() -> None:
    """R18: the resolver is asked once the global hooks have started, and not after they have ended."""
    order: list[str] = []

    async def upgrade() -> dict[str, Any]:
        order.append("started")
        await turns(5)
        order.append("ended")
        return {"context": {"a": 1}}

    async def resolve() -> Any:
        order.append("asked")
        await turns(1)
        order.append("answered")
        return define_hooks(upgrade=late)

    async def late() -> dict[str, Any]:
        order.append("resolved")
        return {"context": {"b": 1}}

    async def scene(stage: Stage) -> None:
        stage.bench.resolve(resolve)
        stage.bench.define_hooks(upgrade=upgrade)
        await stage.connect()
        assert order == ["started", "asked", "answered", "ended", "resolved"]
        assert only_peer(stage.bench).context == {"b": 1}  # R20: answers are not merged

    play(scene)


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_failing_resolver(kind: str) -> None:
    """R22: a resolver that raises is like an `upgrade` that raises; only the trace has its error."""

    def resolve(request: Any) -> Any:
        if kind == "async":
            return fails(request)
        raise_one(request)
        return None

    async def fails(request: Any) -> None:
        raise_one(request)

    def raise_one(request: Any) -> None:
        if request.path == "/response":
            raise Response(status=402)
        raise ValueError("no hooks today")

    async def scene(stage: Stage) -> None:
        stage.bench.resolve = resolve
        assert (await refused(stage, "/")).status == 500
        assert (await refused(stage, "/response")).status == 402
        assert stage.escaped == []
        (row,) = stage.bench.trace.failures.rows()
        assert (row.error, row.point, row.hook) == ("ValueError: no hooks today", "upgrade", "resolve")

    play(scene)


def test_failing_resolver_leaves_hooks_alone() -> None:
    """A resolver that raises at once refuses, while global hooks that still wait run to their end."""
    ended: list[str] = []

    async def upgrade(request: Any) -> None:
        await turns(20)
        ended.append(request.path)
        if request.path == "/raises":
            raise ValueError("nobody hears this")

    def resolve() -> None:
        raise Response(status=402)

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=upgrade)
        stage.bench.resolve = resolve
        assert (await refused(stage, "/ends")).status == 402
        assert (await refused(stage, "/raises")).status == 402
        assert ended == []
        await turns(60)
        assert ended == ["/ends", "/raises"]

    play(scene)


def test_resolver_with_async_hooks_that_answers_at_once() -> None:
    """R18: a plain resolver beside an async global hook: both are waited for."""

    async def upgrade() -> dict[str, Any]:
        await turns(3)
        return {"context": {"a": 1}}

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=upgrade)
        stage.bench.resolve = lambda: {"open": lambda peer: peer.send("resolved")}
        ws = await stage.connect()
        assert await ws.receive() == "resolved"
        assert only_peer(stage.bench).context == {"a": 1}

    play(scene)


def test_namespace() -> None:
    """R13: `get_namespace` replaces the path, `upgrade` replaces both; empty names count for nothing."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=lambda request: {"namespace": request.query.get("ns", "")})
        await stage.connect("/a/b?ns=")
        await stage.connect("/a/b?ns=room")
        await stage.connect("/?empty")
        assert {name: len(peers) for name, peers in stage.bench.peers.items()} == {
            "of /a/b": 1,
            "room": 1,
            "/": 1,
        }

    play(scene, get_namespace=lambda request: "" if "empty" in request.url else f"of {request.path}")


def test_failing_get_namespace() -> None:
    """A `get_namespace` that raises refuses with 500."""

    def fails(_: Any) -> str:
        raise ValueError("no name")

    async def scene(stage: Stage) -> None:
        assert (await refused(stage)).status == 500

    play(scene, get_namespace=fails)


def test_handle_protocols() -> None:
    """R14: `handle_protocols` is asked only where something was offered and nothing else chosen."""
    asked: list[tuple[str, ...]] = []

    def choose(offered: tuple[str, ...], request: Any) -> str:
        asked.append(offered)
        return offered[-1] if request.path == "/last" else ""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=lambda request: {"protocol": request.query.get("p")})
        assert (await stage.connect("/last", protocols=["a", "b", "a"])).protocol == "b"
        assert (await stage.connect("/none", protocols=["a"])).protocol == ""
        assert (await stage.connect("/last")).protocol == ""
        assert (await stage.connect("/last?p=mine", protocols=["a"])).protocol == "mine"
        assert asked == [("a", "b"), ("a",)]
        peer = only_peer(stage.bench, "/none")
        assert (peer.protocol, peer.websocket.protocol) == ("", "a")

    play(scene, handle_protocols=choose)


@pytest.mark.parametrize("kind", ["raised", "awaited"])
def test_a_hooks_own_cancellation(kind: str) -> None:
    """R8: a CancelledError that comes out of a hook refuses with 500, like any other error."""

    async def waits() -> None:
        task = asyncio.ensure_future(asyncio.sleep(10))
        task.cancel()
        await task

    def upgrade() -> Any:
        if kind == "awaited":
            return waits()
        raise asyncio.CancelledError

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=upgrade)
        assert (await refused(stage)).status == 500

    play(scene)


def test_impossible_answer() -> None:
    """An answer that nobody could send refuses with 500 and is told, since no hook raised anything."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=lambda: {"headers": {"bad name": "x"}})
        assert (await refused(stage)).status == 500
        assert "bad name" in stage.escaped[0]

    play(scene)


def test_hand_over() -> None:
    """R15: a hook that takes the socket and says `handled` is the last to hear of the connection."""
    taken: list[RawSocket] = []

    def upgrade(request: Any) -> dict[str, Any]:
        raw = request.hand_over()
        assert request.hand_over() is raw
        taken.append(raw)
        raw.transport.write(b"HTTP/1.1 200 OK\r\n\r\nmine")
        raw.transport.close()
        return {"handled": True, "context": {"a": 1}}

    async def fetch(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        answer = await reader.read()
        writer.close()
        return answer

    stage = Stage()
    stage.bench.define_hooks(upgrade=upgrade, open=taken.clear, close=taken.clear)
    stage.bench.start(port=free_port())
    try:
        assert asyncio.run(fetch(stage.bench.port)) == b"HTTP/1.1 200 OK\r\n\r\nmine"
    finally:
        stage.bench.stop()
    assert len(taken) == 1
    assert stage.bench.trace.connections.reason.tolist() == ["handed over"]


def test_compression_of_one_connection() -> None:
    """R16: where an answer asks for it a connection compresses, but for sends with `compress=False`."""
    stage = Stage()
    stage.bench.define_hooks(
        upgrade=lambda request: {"per_message_deflate": request.path == "/deflate"},
        open=lambda peer: (peer.send("x" * 5000), peer.send("x" * 5000, compress=False)),
    )
    with serving(stage.bench) as bench:
        first_bytes = []
        for path in ("/deflate", "/plain"):
            offer = {"Sec-WebSocket-Extensions": "permessage-deflate"}
            with Scenario(bench.port or 0).raw(path, headers=offer) as (raw, _):
                first_bytes.append([raw.read_frame()[0], raw.read_frame()[0]])
    assert first_bytes == [[0xC1, 0x81], [0x81, 0x81]]


def test_hand_over_in_memory() -> None:
    """Where there is no socket to take, taking it refuses the handshake."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=lambda: {"handled": True})
        assert (await refused(stage)).status == 500

    play(scene)


def test_refusals_are_in_the_register() -> None:
    """A refused connection has a row in the trace that says with what it was refused."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=lambda: Response(status=401))
        await refused(stage, "/x?y=1")

    frame = play(scene).bench.trace.connections
    assert (frame.path[0], frame.reason[0], frame.closed.notna()[0]) == ("/x?y=1", "refused with 401", True)


def test_two_dispatches() -> None:
    """Each layer is a dispatch of its own, the resolved function a guest of its connection."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=lambda: {"context": {"a": 1}})
        stage.bench.resolve = lambda: define_hooks(upgrade=resolved)
        await stage.connect()
        calls = stage.bench.trace.calls
        assert calls.hook.tolist() == ["upgrade", "resolved"]
        assert calls.hook_id.tolist() == ["h1", "g1"]
        assert calls.dispatch.nunique() == 2

    def resolved() -> None:
        """Answer nothing."""

    play(scene)
