"""Bad input of each kind gets one clear answer, and the server serves on."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support import ask, http
from workbench import Workbench, WorkbenchError
from workbench.server.errors import ServerError
from workbench.testing import free_port

KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"


def request(*parts: bytes, line: bytes = b"GET / HTTP/1.1") -> bytes:
    """Write the head of a request to loopback."""
    return line + b"\r\nHost: 127.0.0.1\r\n" + b"".join(parts) + b"\r\n"


def frame(opcode: int, payload: bytes, *, flags: int = 0x80, mask: bool = True) -> bytes:
    """Write a frame of less than 64 KiB; the mask is four zeros."""
    bit = 0x80 if mask else 0
    size = len(payload)
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + struct.pack(">H", size)
    return bytes([flags | opcode]) + length + (bytes(4) if mask else b"") + payload


def exchange(bench: Workbench, data: bytes) -> bytes:
    """Send bytes and give all that comes until the server hangs up."""
    assert bench.port is not None
    with socket.create_connection(("127.0.0.1", bench.port), timeout=10) as client:
        client.sendall(data)
        came = bytearray()
        while part := client.recv(65536):
            came += part
    return bytes(came)


def serves(bench: Workbench) -> bool:
    """Say whether a client that comes now is served."""
    with connect(bench.ws_url or "") as client:
        return ask(client, "still there") == "still there"


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (request(UPGRADE, VERSION), b"400 Bad Request", b"Missing or invalid Sec-WebSocket-Key header"),
        (
            request(UPGRADE, b"Sec-WebSocket-Key: short\r\n", VERSION),
            b"400 Bad Request",
            b"Missing or invalid Sec-WebSocket-Key header",
        ),
        (
            request(UPGRADE, KEY, b"Sec-WebSocket-Version: 12\r\n"),
            b"400 Bad Request",
            b"Missing or invalid Sec-WebSocket-Version header",
        ),
        (
            request(UPGRADE, KEY, VERSION, line=b"POST / HTTP/1.1"),
            b"405 Method Not Allowed",
            b"Invalid HTTP method",
        ),
        (
            request(b"Upgrade: other\r\nConnection: Upgrade, close\r\n", KEY, VERSION),
            b"404 Not Found",
            b"Nothing answers GET /\n",
        ),
        (
            b"\x16\x03\x01\x02\x00 is TLS\r\n\r\n",
            b"400 Bad Request",
            b"The request cannot be read as HTTP: Invalid method encountered.\n",
        ),
    ],
    ids=["no key", "bad key", "bad version", "bad method", "other protocol", "no HTTP"],
)
def test_an_upgrade_that_is_not_one(bench: Workbench, data: bytes, status: bytes, body: bytes) -> None:
    """It gets a status that says what is missing, no `open` runs for it, and the next client is served."""
    bench.hook("open", name="opened")(lambda _: None)
    bench.start()

    head, _, came = exchange(bench, data).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 " + status)
    assert came == body
    assert "opened" not in set(bench.trace.calls["hook"])
    assert serves(bench)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (frame(1, b"a" * 1025), 1009),
        (frame(1, b"a" * 1000, flags=0) + frame(0, b"a" * 25), 1009),
        (b"\x81\xff\x7f" + b"\xff" * 7 + bytes(4), 1009),
        (frame(1, b"hello", mask=False), 1002),
        (frame(1, b"hello", flags=0x80 | 0x40), 1002),
        (frame(3, b"hello"), 1002),
        (frame(0, b"hello"), 1002),
        (frame(9, b"a" * 126), 1002),
        (frame(8, b"\x03"), 1002),
        (frame(1, b"\xff"), 1007),
        (frame(1, "\ud800".encode("utf-8", "surrogatepass")), 1007),
    ],
    ids=[
        "too long",
        "too long in pieces",
        "nine exabytes announced",
        "unmasked",
        "reserved bit",
        "unknown opcode",
        "continues nothing",
        "long ping",
        "half a close code",
        "no UTF-8",
        "lone surrogate",
    ],
)
def test_oversized_and_malformed_frames(frames: bytes, code: int) -> None:
    """The connection ends with their code; the `error` and `close` hooks hear of it, no message comes."""
    bench = Workbench("crossws", name="frames", max_message=1024)
    heard: list[str] = []
    gone = threading.Event()

    @bench.hook("message")
    def echo(peer: Any, message: Any) -> None:
        heard.append("message")
        peer.send(message.text())

    @bench.hook("error")
    def error() -> None:
        heard.append("error")

    @bench.hook("close")
    def close() -> None:
        heard.append("close")
        gone.set()

    bench.start()
    try:
        came = exchange(bench, request(UPGRADE, KEY, VERSION) + frames).partition(b"\r\n\r\n")[2]

        assert came == b"\x88\x02" + struct.pack(">H", code)
        assert gone.wait(5)
        assert heard == ["error", "close"]
        assert serves(bench)
    finally:
        bench.stop()


def test_a_hook_with_the_wrong_signature(bench: Workbench) -> None:
    """It is refused at attach, by one sentence that says what the point gives; the chain stays as it was."""
    bench.start()

    def greedy(peer: Any, message: Any, room: Any) -> None:
        """Ask for more than there is."""

    with pytest.raises(WorkbenchError) as refused:
        bench.hook("message")(greedy)

    assert str(refused.value) == (
        "hook 'greedy' requires 3 arguments (peer, message, room), but message(peer, message) gives 2; "
        "remove room or give a default"
    )
    assert [hook.name for hook in bench.chain("message")] == ["echo", "shout"]
    assert serves(bench)


async def some_turns() -> None:
    """Let what waits for a turn of the loop go on."""
    for _ in range(5):
        await asyncio.sleep(0)


class Rude(BaseException):
    """An error that no `except Exception` holds."""


@pytest.mark.parametrize("wait", [False, True], ids=["at once", "later"])
@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        Rude("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
        StopIteration(),
        ExceptionGroup("both", [ValueError(1), TypeError(2)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_hook_that_raises(bench: Workbench, error: BaseException, wait: bool) -> None:
    """Whatever it raises, its call tells, its connection stays, and the server's loop too."""

    async def later() -> None:
        await asyncio.sleep(0)
        raise error

    def break_down(_: Any, message: Any) -> Any:
        if message.text() != "break":
            return None
        if wait:
            return later()
        raise error

    told: list[tuple[str, str]] = []
    bench.on_error(lambda _error, failure: told.append((failure.point, failure.error)))
    bench.hook("message", before="echo")(break_down)
    bench.start()

    with connect(bench.ws_url or "") as client:
        client.send("break")
        assert ask(client, "same connection") == "same connection"
    bench.run(some_turns())  # the hook that waits for one may still be about to raise

    calls = bench.trace.calls
    outcome = calls[(calls["hook"] == "break_down")]["outcome"].iloc[0]
    cancels = isinstance(error, (asyncio.CancelledError, GeneratorExit))
    assert outcome == ("cancelled" if cancels else "raised")
    if not cancels:
        assert [point for point, _ in told] == ["message"]
    assert serves(bench)


def test_a_hook_that_never_returns(bench: Workbench) -> None:
    """The trace shows it pending, other events go on, and `stop` ends it."""

    async def stuck(_: Any, message: Any) -> None:
        if message.text() == "stick":
            started.set()
            await asyncio.Event().wait()

    started = threading.Event()
    bench.hook("message", before="echo")(stuck)
    bench.start()

    with connect(bench.ws_url or "") as client:
        client.send("stick")
        assert started.wait(5)
        pending = bench.trace.calls.query("outcome == 'pending'")

        assert list(pending["hook"]) == ["stuck"]
        assert ask(client, "the same client") == "the same client"
        assert serves(bench)

        bench.stop()
        with pytest.raises(ConnectionClosed, match="1001"):
            client.recv(timeout=20)
    assert "cancelled" in set(bench.trace.calls.query("hook == 'stuck'")["outcome"])


@pytest.mark.parametrize(
    "call",
    [
        lambda bench: bench.hook("mesage"),
        lambda bench: bench.chain("mesage"),
        lambda bench: bench.define_hooks(mesage=print),
    ],
    ids=["hook", "chain", "define_hooks"],
)
def test_an_unknown_point(bench: Workbench, call: Callable[[Workbench], object]) -> None:
    """The refusal suggests the near one."""
    bench.start()

    with pytest.raises(WorkbenchError) as refused:
        call(bench)

    assert str(refused.value) == "crossws has no hook point 'mesage'; did you mean 'message'?"
    assert serves(bench)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda _: Workbench("crosws"), "There is no dialect 'crosws'; did you mean 'crossws'?"),
        (
            lambda _: Workbench(3),  # type: ignore[arg-type]
            "There is no dialect 3; there are: 'crossws', 'directus', 'feathers', 'hocuspocus', 'wookie'",
        ),
        (
            lambda _: Workbench("crossws", name="two\nlines"),
            "The name of a bench is a line of text such as \"chat\", not 'two\\nlines'",
        ),
        (
            lambda _: Workbench("crossws", idle_timeout="long"),
            "idle_timeout is a number from 0 on, or None, not 'long'.",
        ),
        (
            lambda bench: bench.hook("message")(3),
            "message(peer, message) needs a function to call, not 3 (int); define one with def",
        ),
        (
            lambda bench: bench.define_hooks({"message": 3}),
            "The hook for 'message' is a function or None, not 3",
        ),
        (
            lambda bench: bench.define_hooks(3),
            (
                "There is no hook in 3: a mapping is expected, or an object with a method "
                "upgrade, open, message, close, error, drain, ping or pong"
            ),
        ),
        (
            lambda bench: bench.get("health"),
            "A path that begins with a slash is expected, as in @bench.get(\"/health\"), not 'health'",
        ),
        (lambda bench: bench.mount(3, "crossws"), 'The path of a mount is a text such as "/chat", not 3'),
        (
            lambda bench: bench.chain("message").set_policy("gather"),
            "A Policy is expected, or parts of one such as shape=\"gather\", not 'gather'",
        ),
        (
            lambda bench: bench.chain("message").set_policy(reduce="merg"),
            "reduce is a Reduce or the name of one, not 'merg'; did you mean 'merge'?",
        ),
        (
            lambda bench: bench.chain("message").attach(print, name="echo", scope="nonsense"),
            (
                "the scope of a hook is a Scope such as Scope(frozenset({3})), not 'nonsense'; "
                "Scope() stands for all connections"
            ),
        ),
        (
            lambda bench: bench.trace.changes("newest"),
            "The number of an event is expected, as in trace.dispatches; got 'newest'.",
        ),
        (lambda bench: bench.start(host=3), 'host is a name or an address, such as "127.0.0.1", not 3.'),
        (lambda bench: bench.start(token=3), "token is a text or None, not 3."),
    ],
)
def test_a_mistake_in_a_call(bench: Workbench, call: Callable[[Any], object], sentence: str) -> None:
    """It is one sentence that says what was expected and what came; the bench can do what it could before."""
    bench.start()

    with pytest.raises((WorkbenchError, ServerError)) as refused:
        call(bench)

    assert str(refused.value) == sentence
    assert serves(bench)


def test_a_start_that_cannot_work_is_not_remembered(bench: Workbench) -> None:
    """A host that does not exist stops this start, not the next one."""
    with pytest.raises(ServerError, match=r"no\.such\.host\.invalid"):
        bench.start(host="no.such.host.invalid")

    bench.start()
    assert serves(bench)


def test_a_second_bench_on_a_taken_port(bench: Workbench) -> None:
    """It is told who holds the port; both benches are usable afterwards."""
    bench.start(port=free_port())
    second = Workbench("crossws", name="second", port=bench.port)

    with pytest.raises(ServerError) as refused:
        second.start()

    assert str(refused.value) == (
        f"Port {bench.port} on 127.0.0.1 is in use already by the bench 'chat' of this process: "
        "stop that one, or ask for another port (port=0 takes any that is free)."
    )
    assert second.state == ("failed", str(refused.value))
    assert serves(bench)
    try:
        assert http((second.start(port=free_port()).url or "") + "/")[0] == 404
    finally:
        second.stop()
