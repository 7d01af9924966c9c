"""Shadow hooks run and are traced; nobody outside notices them."""

from __future__ import annotations

import threading
from typing import Any

from tests.dialects.crossws.support import Stage, only_peer, play, turns
from workbench.dialects.crossws.shadows import ShadowPeer
from workbench.engine.hooks import Scope

SHADOW = Scope(shadow=True)


def test_message_in_shadow() -> None:
    """A shadow hook sees message, context and peers, and changes and sends nothing."""
    seen: list[Any] = []

    async def shadow(peer: Any, message: Any) -> None:
        seen.append((message.text(), peer.id, peer.context.n, len(peer.peers), peer in peer.peers))
        message.raw_data = "changed"
        peer.context.n = 2
        for other in peer.peers:
            other.send("sent")
        peer.subscribe("t")
        peer.publish("t", "published", to_self=True)
        peer.ping("x" * 200)
        seen.append(await peer.deliver("x"))
        peer.close(4000)
        peer.terminate()
        raise ValueError("nobody hears this")

    async def scene(stage: Stage) -> None:
        chain = stage.bench.chain("message")
        chain.attach(shadow, scope=SHADOW)
        chain.attach(lambda peer, message: peer.send(message.text()), name="echo")
        ws, other = await stage.connect(), await stage.connect()
        peer = next(iter(stage.bench.peers["/"]))
        peer.context.n = 1
        ws.send("hi")
        await turns(20)
        assert ws.received() == ["hi"]
        assert other.received() == []
        assert (peer.context.n, peer.topics, peer.websocket.ready_state) == (1, set(), 1)
        assert seen == [("hi", peer.id, 1, 2, True), False]
        assert stage.escaped == []

    play(scene)


def test_what_could_not_be_sent_is_refused_in_shadow_too() -> None:
    """A stand-in that took everything would hide a mistake until the hook counts."""

    def shadow(peer: Any) -> None:
        peer.send(object())

    async def publishes(peer: Any) -> None:
        peer.publish("t", object())

    async def delivers(peer: Any) -> None:
        await peer.deliver(object())

    def closes(peer: Any) -> None:
        peer.close(999)

    async def scene(stage: Stage) -> None:
        for hook in (shadow, publishes, delivers, closes):
            stage.bench.chain("open").attach(hook, scope=SHADOW)
        ws = await stage.connect()
        await turns(20)
        assert stage.bench.trace.calls["outcome"].astype(str).tolist() == ["raised"] * 4
        assert (ws.received(), stage.escaped) == ([], [])

    play(scene)


def test_upgrade_and_close_in_shadow() -> None:
    """At the other points, too, what a shadow hook gets is a copy."""
    seen: list[Any] = []

    def upgrade(request: Any) -> Any:
        request.context.a = 1
        seen.append((request.path, hasattr(request, "hand_over")))
        return {"context": {"b": 1}}

    def close(peer: Any, details: Any) -> None:
        details.code = 1
        seen.append(isinstance(peer, ShadowPeer))

    async def scene(stage: Stage) -> None:
        codes: list[int] = []
        stage.bench.chain("upgrade").attach(upgrade, scope=SHADOW)
        stage.bench.chain("close").attach(close, scope=SHADOW)
        stage.bench.chain("close").attach(lambda _, details: codes.append(details.code), name="code")
        ws = await stage.connect("/x")
        assert only_peer(stage.bench, "/x").context == {}
        await ws.close(4000)
        assert seen == [("/x", False), True]
        assert codes == [4000]

    play(scene)


def test_context_that_cannot_be_copied() -> None:
    """Where a value cannot be copied, the context is copied one level deep."""

    async def scene(stage: Stage) -> None:
        stage.bench.chain("open").attach(lambda peer: peer.context.update(a=1), name="shadow", scope=SHADOW)
        stage.bench.define_hooks(upgrade=lambda: {"context": {"lock": threading.Lock()}})
        await stage.connect()
        assert list(only_peer(stage.bench).context) == ["lock"]

    play(scene)
