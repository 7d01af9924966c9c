"""The ready-made hooks do what their one line says."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from tests.dialects.crossws.support import Stage, only_peer, play, turns
from workbench.dialects.crossws.ready import READY
from workbench.testing.memory import Refused


def attach(stage: Stage, *names: str) -> None:
    """Attach ready-made hooks by name."""
    for ready in READY:
        if ready.name in names:
            stage.bench.chain(ready.point).attach(ready.function)


def test_newcomers_get_these() -> None:
    """The first three are echo, upper_case and require_token."""
    assert [ready.name for ready in READY[:3]] == ["echo", "upper_case", "require_token"]
    assert len({ready.name for ready in READY}) == len(READY)


def test_each_can_be_imported_by_its_name() -> None:
    """The import that a printed line shows gives the hook itself."""
    modules = [importlib.import_module(one.function.__module__) for one in READY]
    found = [getattr(module, one.name) for module, one in zip(modules, READY, strict=True)]
    assert found == [one.function for one in READY]


def test_echo_and_upper_case() -> None:
    """`echo` sends a message back; before it, `upper_case` changes texts and leaves bytes alone."""

    async def scene(stage: Stage) -> None:
        attach(stage, "echo", "upper_case")
        ws = await stage.connect()
        ws.send("hi")
        await turns()
        stage.bench.chain("message").move("upper_case", before="echo")
        ws.send("hi")
        ws.send(b"hi")
        await turns()
        assert ws.received() == ["hi", "HI", b"hi"]

    play(scene)


def test_require_token() -> None:
    """`require_token` answers 401 unless the address ends in ?token=open."""

    async def scene(stage: Stage) -> None:
        attach(stage, "require_token")
        await stage.connect("/?token=open")
        with pytest.raises(Refused, match="401"):
            await stage.connect("/?token=shut")

    play(scene)


def test_rooms() -> None:
    """`join_room`, `to_room` and `say_goodbye` make rooms out of ?room=."""

    async def scene(stage: Stage) -> None:
        attach(stage, "join_room", "to_room", "say_goodbye")
        red, also_red, lobby = [await stage.connect(path) for path in ("/?room=red", "/?room=red", "/")]
        red.send("hi")
        await turns()
        peer = next(iter(stage.bench.peers["/"]))
        await red.close(4000)
        assert also_red.received() == [
            "hi",
            json.dumps({"left": str(peer), "code": 4000}, separators=(",", ":")),
        ]
        assert lobby.received() == []

    play(scene)


def test_broadcast_and_welcome() -> None:
    """`broadcast` reaches all others, `welcome` greets with a number."""

    async def scene(stage: Stage) -> None:
        attach(stage, "broadcast", "welcome")
        one, two = await stage.connect(), await stage.connect()
        one.send("hi")
        await turns()
        assert json.loads(one.received()[0])["peers"] == 1
        assert two.received()[1:] == ["hi"]

    play(scene)


def test_context_hooks() -> None:
    """`parse_json` and `count_messages` write into the context."""

    async def scene(stage: Stage) -> None:
        attach(stage, "parse_json", "count_messages")
        ws = await stage.connect()
        context = only_peer(stage.bench).context
        ws.send('{"a": 1}')
        await turns()
        assert context == {"json": {"a": 1}, "messages": 1}
        ws.send("no json")
        await turns()
        assert context == {"json": None, "messages": 2}

    play(scene)


def test_printing_hooks(capsys: pytest.CaptureFixture[str]) -> None:
    """`log` prints who says what, `log_error` what a client did wrong."""

    async def scene(stage: Stage) -> None:
        attach(stage, "log", "log_error")
        ws = await stage.connect()
        peer: Any = only_peer(stage.bench)
        ws.send("hi")
        ws.send("x" * 20)
        await ws.wait_closed()
        out = capsys.readouterr().out.splitlines()
        assert out[0] == f"{peer.id[:8]}: hi"
        assert out[1].startswith("error: Received a message larger")

    play(scene, max_payload=10)


def test_slow_down() -> None:
    """`slow_down` waits, and the trace counts that as waiting."""

    async def scene(stage: Stage) -> None:
        attach(stage, "slow_down", "echo")
        stage.bench.chain("message").move("slow_down", before="echo")
        ws = await stage.connect()
        ws.send("hi")
        assert await ws.receive() == "hi"
        await turns()
        assert stage.bench.trace.calls.wait_ns.max() > 150_000_000

    play(scene)
