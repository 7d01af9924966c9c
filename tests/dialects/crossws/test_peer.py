"""What a peer is, and what it can be told."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.dialects.crossws.support import Stage, only_peer, play, turns
from workbench import Workbench
from workbench.dialects.crossws.peer import Peer
from workbench.server.errors import InvalidClose
from workbench.testing import free_port, serving
from workbench.testing.memory import Disconnected


def test_identity() -> None:
    """R34, R35: a stable id that is also its text; request, address and socket as the client has them."""

    async def scene(stage: Stage) -> None:
        await stage.connect(
            "/a?b=1", headers={"x-forwarded-for": "9.9.9.9", "sec-websocket-extensions": "foo"}
        )
        peer = only_peer(stage.bench, "/a")
        assert peer.id == peer.id == str(peer)
        assert repr(peer) == f"<Peer {peer.id} /a>"
        assert (peer.request.url, peer.request.method) == ("http://localhost/a?b=1", "GET")
        assert (peer.remote_address, peer.namespace, peer.protocol) == ("127.0.0.1", "/a", "")
        assert peer.context is peer.request.context
        socket = peer.websocket
        assert socket is peer.websocket
        assert (socket.url, socket.ready_state, socket.buffered_amount) == ("ws://localhost/a?b=1", 1, 0)
        assert (socket.protocol, socket.extensions, socket.binary_type) == ("", "foo", "nodebuffer")
        assert repr(socket) == "<WebSocket ws://localhost/a?b=1 ready_state=1>"

    play(scene)


def test_binary_type_stays() -> None:
    """An assigned `binary_type` counts for all messages of the peer that follow."""
    seen: list[Any] = []

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=lambda _, message: seen.append(message.data))
        ws = await stage.connect()
        ws.send("a")
        await turns()
        only_peer(stage.bench).websocket.binary_type = "text"
        ws.send("b")
        await turns()
        assert seen == [b"a", "b"]

    play(scene)


def test_send() -> None:
    """R36, R37: values go out in order as their payloads; the waiting bytes come back."""

    async def scene(stage: Stage) -> None:
        ws = await stage.connect()
        peer = only_peer(stage.bench)
        assert peer.send("a") == 0
        peer.send(b"b")
        peer.send({"c": 1}, compress=False)
        peer.send(None)
        assert ws.received() == ["a", b"b", '{"c":1}', ""]
        ws.hold()
        assert peer.send("four") == peer.buffered_amount == 4
        with pytest.raises(TypeError):
            peer.send({1, 2})

    play(scene)


def test_send_of_a_lone_surrogate() -> None:
    """Text that UTF-8 cannot hold reaches the client with U+FFFD in it, as in JavaScript."""
    bench = Workbench("crossws", name="surrogates")
    bench.define_hooks(message=lambda peer: peer.send("a\ud800"))
    bench.start(port=free_port())
    try:
        with connect(bench.ws_url or "") as client:
            client.send("")
            assert client.recv(timeout=20) == "a\ufffd"
    finally:
        bench.stop()


def test_closing() -> None:
    """R38: `close` takes code and reason, refuses what the protocol forbids; a later send does nothing."""

    async def scene(stage: Stage) -> None:
        ws = await stage.connect()
        peer = only_peer(stage.bench)
        for code, reason in ((999, ""), (1005, ""), (4000, "x" * 124)):
            with pytest.raises(InvalidClose):
                peer.close(code, reason)
        assert peer.websocket.ready_state == 1
        peer.close(4000, "bye")
        peer.close(4001)
        peer.send("late")
        with pytest.raises(Disconnected) as caught:
            await ws.receive()
        assert (caught.value.code, caught.value.reason) == (4000, "bye")

    play(scene)


def test_terminate() -> None:
    """R38: `terminate` is 1006."""

    async def scene(stage: Stage) -> None:
        ws = await stage.connect()
        only_peer(stage.bench).terminate()
        assert await ws.wait_closed() == (1006, "")

    play(scene)


def test_topics_and_publish() -> None:
    """R43, R44: subscribers of the namespace hear it in join order, the sender only where it asks to."""

    async def scene(stage: Stage) -> None:
        clients = [await stage.connect(path) for path in ("/a", "/a", "/b", "/a")]
        a1, a2, a3 = stage.bench.peers["/a"]
        (b1,) = stage.bench.peers["/b"]
        for peer in (a3, b1, a2, a1, a1):
            peer.subscribe("news")
        assert a1.topics == {"news"}
        a1.unsubscribe("unknown")
        a1.publish("news", "one")
        a1.publish("news", {"two": 2}, to_self=True)
        a1.publish("other", "three")
        a1.publish("", "four")
        assert [client.received() for client in clients] == [
            ['{"two":2}'],
            ["one", '{"two":2}'],
            [],
            ["one", '{"two":2}'],
        ]
        a2.unsubscribe("news")
        a1.publish("news", "five")
        assert [client.received() for client in clients] == [[], [], [], ["five"]]

    play(scene)


def test_publish_in_close() -> None:
    """R46, R48: in `close` a peer can still publish; its own subscriptions are over."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(
            open=lambda peer: peer.subscribe("room"),
            close=lambda peer: peer.publish("room", "bye", to_self=True),
        )
        stays, goes = await stage.connect(), await stage.connect()
        await goes.close()
        assert stays.received() == ["bye"]

    play(scene)


def test_wait_for_drain() -> None:
    """The wait ends when the client has caught up, when it is gone, by timeout, or when it is called off."""

    class Reason(threading.Event):
        reason = ConnectionError("because")

    async def scene(stage: Stage) -> None:
        ws = await stage.connect()
        peer = only_peer(stage.bench)
        await peer.wait_for_drain()
        ws.hold()
        peer.send("x" * 10)
        await peer.wait_for_drain(threshold=10)
        with pytest.raises(TimeoutError, match="10 bytes"):
            await peer.wait_for_drain(poll_interval=0.001, timeout=0.01)
        signal, reasoned = asyncio.Event(), Reason()
        signal.set()
        reasoned.set()
        with pytest.raises(InterruptedError, match="called off"):
            await peer.wait_for_drain(signal=signal)
        with pytest.raises(ConnectionError, match="because"):
            await peer.wait_for_drain(signal=reasoned)
        waiting = asyncio.ensure_future(
            peer.wait_for_drain(poll_interval=0.001, signal=asyncio.Event(), timeout=9)
        )
        await turns()
        ws.release()
        await waiting
        ws.hold()
        peer.send("x")
        waiting = asyncio.ensure_future(peer.wait_for_drain(poll_interval=0.001))
        await turns()
        ws.drop()
        await waiting

    play(scene)


def test_deliver() -> None:
    """`deliver` waits until the message is with the system, and says whether the connection is open."""

    async def scene(stage: Stage) -> None:
        ws = await stage.connect()
        peer = only_peer(stage.bench)
        assert await peer.deliver("quick")
        ws.hold()
        slow = asyncio.ensure_future(peer.deliver("slow", poll_interval=0.001))
        await asyncio.sleep(0.01)
        assert not slow.done()
        ws.release()
        assert await slow
        assert ws.received() == ["quick", "slow"]
        await ws.close()
        assert not await peer.deliver("late")

    play(scene)


def test_deliver_of_a_lone_surrogate() -> None:
    """What UTF-8 cannot say is delivered as `send` sends it: with U+FFFD in its place."""
    stage = Stage()
    bench = stage.bench
    joined = threading.Event()
    bench.define_hooks(open=joined.set)
    with serving(bench), connect(bench.ws_url, proxy=None) as ws:
        assert joined.wait(5)
        assert asyncio.run(asyncio.wait_for(only_peer(bench).deliver("a\ud800"), 5))
        assert ws.recv(5) == "a\ufffd"


def test_deliver_hands_on_what_the_transport_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the send is raised where `deliver` is awaited, and the wait ends."""

    def fails(*_: object) -> int:
        raise OSError("no buffers")

    async def scene(stage: Stage) -> None:
        await stage.connect()
        monkeypatch.setattr(Peer, "_send", fails)
        with pytest.raises(OSError, match="no buffers"):
            await asyncio.wait_for(only_peer(stage.bench).deliver("x"), 5)

    play(scene)


def test_deliver_after_the_server() -> None:
    """A peer kept from a server that has stopped says False instead of waiting for ever."""
    stage = Stage()
    bench = stage.bench
    joined = threading.Event()
    bench.define_hooks(open=joined.set)
    bench.start(port=free_port())
    with connect(bench.ws_url, proxy=None):
        assert joined.wait(5)
        peer = only_peer(bench)
        bench.stop()
    assert not asyncio.run(asyncio.wait_for(peer.deliver("late"), 5))


def test_deliver_while_the_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that the ending loop drops is not waited for."""
    stage = Stage()
    bench = stage.bench
    joined = threading.Event()
    bench.define_hooks(open=joined.set)
    bench.start(port=free_port())

    stopping = threading.Thread(target=bench.stop)

    def lost(*_: object) -> None:
        """Stand for a loop that ends with the call in its queue."""
        stopping.start()

    with connect(bench.ws_url, proxy=None):
        assert joined.wait(5)
        peer = only_peer(bench)
        monkeypatch.setattr(bench.hosting, "post", lost)
        assert not asyncio.run(asyncio.wait_for(peer.deliver("late"), 5))
        stopping.join(5)


def test_drain_hook() -> None:
    """`drain` fires when a client that was slow has caught up."""
    seen: list[int] = []

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(drain=lambda peer: seen.append(peer.buffered_amount))
        ws = await stage.connect()
        ws.hold()
        only_peer(stage.bench).send("x" * 1_000_000)
        ws.release()
        await turns()
        assert seen == [0]

    play(scene)


def test_from_another_thread() -> None:
    """Off the loop, commands are carried out in the order of the calls; bad ones raise at the caller's."""
    from websockets.sync.client import connect

    stage = Stage(idle_timeout=0)
    bench = stage.bench
    joined = threading.Event()
    bench.define_hooks(open=joined.set, error=lambda _, error: stage.escaped.append(str(error)))
    bench.start(port=free_port())
    try:
        with connect(bench.ws_url + "/t", proxy=None) as ws:
            assert joined.wait(5)
            peer = only_peer(bench, "/t")
            peer.subscribe("t")
            for number in range(50):
                assert isinstance(peer.send(number), int)
                peer.publish("t", f"self {number}", to_self=True)
                bench.publish("t", f"all {number}")
            expected = [
                text for number in range(50) for text in (str(number), f"self {number}", f"all {number}")
            ]
            assert [ws.recv(5) for _ in expected] == expected
            assert asyncio.run(peer.deliver("delivered"))
            assert ws.recv(5) == "delivered"
            with pytest.raises(TypeError):
                peer.send({1})
            with pytest.raises(InvalidClose):
                peer.close(999)
            peer.ping("x" * 126)
            peer.close(4000, "from a cell")
            with pytest.raises(Exception, match="4000"):
                ws.recv(5)
    finally:
        bench.stop()
    assert stage.escaped == ["A ping carries at most 125 bytes, this one has 126."]
