"""Events of one connection: their order, their hooks, their errors."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from tests.dialects.crossws.support import Stage, only_peer, play, turns
from workbench import define_hooks
from workbench.dialects.crossws.link import member


def test_life_of_a_connection() -> None:
    """Each event reaches its point, with its arguments, in order."""
    seen: list[Any] = []

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(
            upgrade=lambda request: seen.append(("upgrade", request.path)),
            open=lambda peer: seen.append(("open", peer in peer.peers)),
            message=lambda peer, message: seen.append(("message", message.text(), message.peer is peer)),
            ping=lambda _, data: seen.append(("ping", data)),
            pong=lambda _, data: seen.append(("pong", data)),
            close=lambda peer, details: seen.append(
                ("close", details.code, details["reason"], peer in peer.peers)
            ),
        )
        ws = await stage.connect("/a")
        ws.send("hi")
        assert await ws.ping(b"1") == b"1"
        ws.pong(b"2")
        await ws.close(4000, "bye")
        assert seen == [
            ("upgrade", "/a"),
            ("open", True),
            ("message", "hi", True),
            ("ping", b"1"),
            ("pong", b"2"),
            ("close", 4000, "bye", False),
        ]

    play(scene)


def test_messages_overlap() -> None:
    """R25: messages start in arrival order; a slow one does not hold the next."""
    order: list[str] = []

    async def message(peer: Any, message: Any) -> None:
        order.append(f"start {message}")
        await asyncio.sleep(0.05 if message.text() == "slow" else 0)
        order.append(f"end {message}")
        peer.send(str(message))

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=message)
        ws = await stage.connect()
        ws.send("slow")
        ws.send("quick")
        assert [await ws.receive(), await ws.receive()] == ["quick", "slow"]
        assert order == ["start slow", "start quick", "end quick", "end slow"]

    play(scene)


def test_starts_keep_their_order() -> None:
    """R25, R26: a plain hook never starts before a coroutine hook of an earlier event."""
    order: list[str] = []

    async def opened() -> None:
        order.append("open")

    def message(_: Any, message: Any) -> Any:
        return later(message) if message.text().startswith("async") else order.append(str(message))

    async def later(message: Any) -> None:
        order.append(str(message))

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(open=opened, message=message)
        await stage.connect()
        link = only_peer(stage.bench)._link
        for text in ("plain 1", "async 2", "plain 3", "async 4", "async 5", "plain 6"):
            link.message(text)  # all in one turn, as when they come in one segment
        assert order == []
        await turns()
        assert order == ["open", "plain 1", "async 2", "plain 3", "async 4", "async 5", "plain 6"]

    play(scene)


def test_serialize() -> None:
    """With `serialize` the next event of a peer waits for the hooks of the one before; peers do not."""
    order: list[str] = []

    finished = asyncio.Event()

    def closed(peer: Any) -> None:
        order.append(f"{peer.namespace} close")
        finished.set()

    async def message(peer: Any, message: Any) -> None:
        order.append(f"{peer.namespace} start {message}")
        await asyncio.sleep(0.02)
        order.append(f"{peer.namespace} end {message}")
        if message.text() == "1":
            raise ValueError("the next one runs all the same")

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=message, close=closed)
        a, b = await stage.connect("/a"), await stage.connect("/b")
        a.send("1")
        a.send("2")
        b.send("1")
        await a.close()
        await finished.wait()
        assert [one for one in order if one[:2] == "/a"] == [
            "/a start 1",
            "/a end 1",
            "/a start 2",
            "/a end 2",
            "/a close",
        ]
        assert order.index("/b start 1") < order.index("/a end 1")
        assert stage.escaped == ["the next one runs all the same"] * 2

    play(scene, serialize=True)


def test_errors_go_to_the_sink() -> None:
    """R29, R30, R32: what hooks raise, at once or later, goes to the sink; the connection lives on."""

    async def later() -> None:
        await turns(1)
        raise ValueError("async")

    def message(_: Any, message: Any) -> Any:
        if message.text() == "async":
            return later()
        raise ValueError("sync")

    def boom() -> None:
        raise ValueError("in another point")

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=message, open=boom, ping=boom, error=boom, close=boom)
        ws = await stage.connect()
        ws.send("sync")
        ws.send("async")
        await turns()
        await ws.ping()
        only_peer(stage.bench).ping(b"x" * 126)
        await ws.close()
        assert sorted(stage.escaped) == ["async", *["in another point"] * 4, "sync"]
        failures = stage.bench.trace.failures.rows()
        assert {row.connection for row in failures} == {1}
        assert [row.point for row in failures][:2] == ["open", "message"]

    play(scene)


def test_error_ends_its_dispatch_only() -> None:
    """A hook that raises ends the chain of its event; the next event runs the whole chain again."""
    ran: list[str] = []

    def first(_: Any, message: Any) -> None:
        if message.text() == "bad":
            raise ValueError("bad")

    async def scene(stage: Stage) -> None:
        chain = stage.bench.chain("message")
        chain.attach(first)
        chain.attach(lambda _, message: ran.append(str(message)), name="second")
        ws = await stage.connect()
        ws.send("bad")
        ws.send("good")
        await turns()
        assert ran == ["good"]

    play(scene)


def test_returned_values_are_ignored() -> None:
    """R24: what a hook returns is ignored, also under a policy that keeps it."""
    from workbench import FIRST, Policy

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=lambda: {"ignored": True}, open=lambda: 5)
        ws = await stage.connect()
        ws.send("x")
        await turns()
        stage.bench.chain("message").set_policy(Policy("fold", FIRST))
        ws.send("x")
        await turns()
        assert stage.escaped == []

    play(scene)


def test_resolved_hooks_follow_global_ones() -> None:
    """R18, R21: in one chain, after the global ones have settled, and not after a raise."""
    order: list[str] = []

    async def slow(_: Any, message: Any) -> None:
        await turns(2)
        order.append(f"global {message}")
        if message.text() == "bad":
            raise ValueError("bad")

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=slow)
        stage.bench.resolve = lambda: {"message": lambda _, message: order.append(f"resolved {message}")}
        ws = await stage.connect()
        ws.send("good")
        ws.send("bad")
        await turns()
        assert order == ["global good", "resolved good", "global bad"]
        calls = stage.bench.trace.calls
        assert sorted(calls.position.tolist()) == [0, 0, 1, 1]

    play(scene)


def test_resolved_members_are_looked_up_at_each_event() -> None:
    """R23: assigning or deleting a member of the resolved object counts from the next event on."""

    class Hooks:
        def message(self, peer: Any) -> None:
            peer.send("method")

    for hooks in (define_hooks(message=lambda peer: peer.send("method")), Hooks()):

        async def scene(stage: Stage, hooks: Any = hooks) -> None:
            stage.bench.resolve = lambda: hooks
            ws = await stage.connect()
            ws.send("1")
            ws.send("2")
            await turns()
            hooks.message = lambda peer: peer.send("assigned")
            ws.send("3")
            await turns()
            hooks.message = None
            ws.send("4")
            await turns()
            assert ws.received() == ["method", "method", "assigned"]

        play(scene)


def test_guest_that_does_not_fit() -> None:
    """A resolved function that its point could never call goes to the sink at its event."""

    async def scene(stage: Stage) -> None:
        stage.bench.resolve = lambda: {"open": lambda peer, more, than, that: (peer, more, than, that)}
        await stage.connect()
        assert "requires 4 arguments" in stage.escaped[0]

    play(scene)


def test_member() -> None:
    """Members are functions of mappings or objects; what cannot be called is none."""
    assert member({"open": print}, "open") is print
    assert member(SimpleNamespace(open=print), "open") is print
    assert member({"open": 5}, "open") is None
    assert member(object(), "open") is None


def test_too_large_message() -> None:
    """R31: a message over the limit is an `error` without the peer, then a `close` with 1006."""
    seen: list[Any] = []

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(
            error=lambda peer, error: seen.append((type(error).__name__, error.code, peer in peer.peers)),
            close=lambda _, details: seen.append(details.code),
        )
        ws = await stage.connect()
        ws.send("x" * 11)
        assert (await ws.wait_closed())[0] == 1009
        assert seen == [("WSError", 1009, False), 1006]

    play(scene, max_payload=10)


def test_long_ping() -> None:
    """R42: a ping of more than 125 bytes is an `error` that changes nothing."""
    seen: list[Any] = []

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(error=lambda peer, error: seen.append((error.code, peer in peer.peers)))
        await stage.connect()
        only_peer(stage.bench).ping("x" * 126)
        assert seen == [(None, True)]

    play(scene)


def test_idle_timeout() -> None:
    """R50: a silent peer is dropped, one that answers pings is not; its pongs are hidden (R42)."""
    seen: list[Any] = []

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(
            pong=lambda: seen.append("pong"),
            close=lambda peer, details: seen.append((peer.namespace, details.code)),
        )
        silent = await stage.connect("/silent")
        silent.polite = False
        await stage.connect("/polite")
        await silent.wait_closed()
        assert seen == [("/silent", 1006)]

    play(scene, idle_timeout=0.05)


def test_no_idle_timeout() -> None:
    """R50: 0 means never."""
    stage = Stage(idle_timeout=0)
    assert stage.bench._mount.app.limits == {"idle_timeout": None}


def test_changes_are_seen() -> None:
    """What a hook changes of message and context is in the trace, under its name."""

    def shout(peer: Any, message: Any) -> None:
        message.raw_data = message.text().upper()
        peer.context.loud = True

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=shout)
        ws = await stage.connect()
        ws.send("hi")
        await turns()
        assert stage.outcomes("message") == ["changed"]
        (dispatch,) = stage.bench.trace.dispatches.dispatch
        changes = stage.bench.trace.changes(dispatch)
        assert changes.path.tolist() == ["message.raw_data", "context.loud"]

    play(scene)


def test_changes_of_close_details() -> None:
    """What a `close` hook makes of the details is in the trace too."""

    def close(_: Any, details: Any) -> None:
        details.reason = "rewritten"

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(close=close)
        ws = await stage.connect()
        await ws.close(4000, "as sent")
        (dispatch,) = stage.bench.trace.dispatches.dispatch
        (row,) = stage.bench.trace.changes(dispatch).itertuples()
        assert (row.path, row.before, row.after) == ("details.reason", "as sent", "rewritten")

    play(scene)


def test_register_counts() -> None:
    """The register of connections has codes and counts of each connection."""

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(message=lambda peer: peer.send("answer"))
        ws = await stage.connect("/x")
        ws.send("hi")
        await ws.receive()
        await ws.close(4001, "done")

    row = play(scene).bench.trace.connections.iloc[0]
    assert (row.dialect, row.path, row.code, row.reason) == ("crossws", "/x", 4001, "done")
    assert (row.messages_in, row.messages_out, row.bytes_in, row.bytes_out) == (1, 1, 2, 6)
