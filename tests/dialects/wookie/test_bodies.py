"""Bodies: pieces, what is kept and what is lost, and a gibibyte that leaves memory flat."""

from __future__ import annotations

import asyncio
import resource
import socket
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.dialects.wookie.support import Stage, play, turns, until
from workbench import Workbench
from workbench.dialects.wookie import finish, make_future, send_response, with_chunking
from workbench.server.memory import ConnectionLost
from workbench.testing import serving

MIB = 1024 * 1024


def echo(request: Any, response: Any) -> None:
    """Answer with the stored body."""
    send_response(response, body=request.body)


def sizes_of(stage: Stage) -> list[tuple[int, bool]]:
    """Note the pieces that body-chunk hooks see."""
    seen: list[tuple[int, bool]] = []
    if stage.bench.profile.empty_last:
        stage.bench.add_hook(
            "body-chunk", lambda _request, _chunk, start, end, last: seen.append((end - start, last))
        )
    else:
        stage.bench.add_hook("body-chunk", lambda _request, chunk, last: seen.append((len(chunk), last)))
    return seen


def test_pieces_in_docs() -> None:
    """40: a known length is one piece up to a mebibyte, and pieces beyond it; no body is no piece."""

    async def scene(stage: Stage) -> None:
        seen = sizes_of(stage)
        stage.route(echo)
        assert (await stage.post([b"ab", b"cd"])).text() == "abcd"
        await stage.get()
        assert seen == [(4, True)]
        seen.clear()
        assert len((await stage.post([b"x" * MIB, b"x" * MIB])).body) == 2 * MIB
        assert seen == [(MIB, False), (MIB, True)]

    play(scene)


def test_pieces_at_head() -> None:
    """40: a piece per packet, then an empty one that says the end, without body too."""

    async def scene(stage: Stage) -> None:
        seen = sizes_of(stage)
        stage.route(echo)
        assert (await stage.post([b"ab", b"cd"])).text() == "abcd"
        await stage.get()
        assert seen == [(2, False), (2, False), (0, True), (0, True)]

    play(scene, profile="head")


@pytest.mark.parametrize("profile", ["docs", "head"])
def test_the_next_piece_waits(profile: str) -> None:
    """A piece begins when the hooks of the one before are through, also where both came together."""
    order: list[str] = []

    async def slow(_request: Any, chunk: bytes) -> None:
        order.append(f"begin {len(chunk)}")
        await asyncio.sleep(0.01)
        order.append(f"end {len(chunk)}")

    async def scene(stage: Stage) -> None:
        stage.route(echo)
        stage.bench.add_hook("body-chunk", slow)
        assert len((await stage.post([b"x" * MIB, b"xx"])).body) == MIB + 2

    play(scene, profile=profile)
    assert all(order[place].startswith("begin") for place in range(0, len(order), 2))
    assert all(order[place].startswith("end") for place in range(1, len(order), 2))


def test_async_callbacks_hold_the_client() -> None:
    """A chunk route's callback may be a coroutine: the next piece waits for it."""
    order: list[str] = []

    def route(request: Any, response: Any) -> None:
        @request.with_chunking  # type: ignore[untyped-decorator]  # of a request that is Any
        async def take(chunk: bytes, last: bool) -> None:
            order.append(f"begin {len(chunk)}")
            await asyncio.sleep(0.01)
            order.append("end")
            if last:
                send_response(response, body="done")

    async def scene(stage: Stage) -> None:
        stage.route(route, chunk=True)
        assert (await stage.post([b"x" * 2 * MIB, b"yy"])).text() == "done"

    play(scene)
    assert order == [f"begin {2 * MIB}", "end", "begin 2", "end"]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_callback_that_raises_is_a_failing_route(asynchronous: bool) -> None:
    """What a callback raises destroys the request."""

    def route(request: Any, _response: Any) -> None:
        def fail(_chunk: bytes, _last: bool) -> Any:
            if asynchronous:
                return later()
            raise LookupError("broken")

        async def later() -> None:
            await asyncio.sleep(0)
            raise LookupError("broken")

        request.with_chunking(fail)

    async def scene(stage: Stage) -> None:
        stage.route(route, chunk=True)
        with pytest.raises(ConnectionLost):
            await stage.post(b"body")

    assert play(scene).escaped == ["broken"]


def test_what_comes_early_is_kept() -> None:
    """F8: with_chunking may come late; what came meanwhile is handed over in one piece, with its end."""
    seen: list[tuple[bytes, bool]] = []

    async def route(request: Any, response: Any) -> None:
        await asyncio.sleep(0.02)

        def take(chunk: bytes, last: bool) -> None:
            seen.append((chunk, last))
            send_response(response)

        with_chunking(request, take)

    async def scene(stage: Stage) -> None:
        stage.route(route, chunk=True)
        await stage.post([b"x" * MIB, b"y"])

    play(scene)
    assert seen == [(b"x" * MIB + b"y", True)]


def test_what_is_kept_is_bounded() -> None:
    """Beyond a mebibyte the client is held until the route takes what was kept; nothing is lost."""
    wait, total = make_future(), [0]

    def route(request: Any, response: Any) -> None:
        def take(chunk: bytes, last: bool) -> None:
            total[0] += len(chunk)
            if last:
                send_response(response, body=str(total[0]))

        with_chunking(request, take)

    async def scene(stage: Stage) -> None:
        seen = sizes_of(stage)
        stage.route(route, chunk=True)
        stage.bench.add_hook("pre-route", lambda _request, _response: wait)
        task = asyncio.ensure_future(stage.post([b"x" * MIB] * 8))
        await until(lambda: len(seen) >= 2)
        await turns()
        assert len(seen) == 2
        finish(wait)
        assert (await task).text() == str(8 * MIB)

    play(scene)


def test_what_nobody_takes_is_forgotten() -> None:
    """A chunk route that answers without taking the body holds nobody, and keeps nothing."""

    async def scene(stage: Stage) -> None:
        stage.route(lambda _request, response: send_response(response, body="no"), chunk=True)
        assert (await stage.post([b"x" * MIB] * 4)).text() == "no"

    play(scene)


def test_lost_bytes_are_told() -> None:
    """F9: without buffering the bytes are gone; the trace says how many."""

    def route(request: Any, _response: Any) -> None:
        with_chunking(request, lambda _chunk, _last: None)

    async def scene(stage: Stage) -> None:
        stage.route(route, chunk=True, buffer_body=False)
        stage.bench.add_hook("pre-route", lambda _request, _response: asyncio.sleep(0.02))
        task = asyncio.ensure_future(stage.post(b"body"))
        told = "stage: 4 bytes of body dropped: the route did not take them"
        await until(lambda: told in stage.moments())
        await turns()
        assert not task.done()
        task.cancel()

    play(scene)


def test_the_limit_counts_stored_bodies() -> None:
    """max_body_size is for what is stored; a chunk route takes any."""

    def stream(request: Any, response: Any) -> None:
        def take(_chunk: bytes, last: bool) -> None:
            if last:
                send_response(response, body="all")

        with_chunking(request, take)

    async def scene(stage: Stage) -> None:
        stage.route(echo, "/echo")
        stage.route(stream, "/stream", chunk=True)
        assert (await stage.post(b"x" * 10, "/echo")).status == 200
        assert (await stage.post(b"x" * 11, "/echo")).status == 413
        assert (await stage.post([b"x" * 11] * 3, "/stream")).text() == "all"

    play(scene, max_body_size=10)


@given(
    st.lists(st.binary(max_size=5), min_size=1, max_size=6),
    st.sampled_from(["docs", "head"]),
    st.sampled_from(["plain", "waiting", "mixed"]),
    st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_every_framing_keeps_the_rules(pieces: list[bytes], profile: str, kind: str, chunk: bool) -> None:
    """39: in any pieces, waiting or not: sizes add up, the last flag is set once, on the final call."""
    seen: list[tuple[bytes, bool]] = []
    taken: list[bytes] = []

    def note(_request: Any, data: bytes, *rest: Any) -> Any:
        seen.append((data, rest[-1]))
        waits = kind == "waiting" or (kind == "mixed" and len(seen) % 2)
        return asyncio.sleep(0) if waits else None

    def stream(request: Any, response: Any) -> None:
        def take(data: bytes, last: bool) -> None:
            taken.append(data)
            if last:
                send_response(response, body=b"".join(taken))

        with_chunking(request, take)

    async def scene(stage: Stage) -> None:
        stage.bench.add_hook("body-chunk", note)
        stage.bench.add_hook("body-complete", lambda _request: seen.append((b"complete", False)))
        stage.route(stream if chunk else echo, chunk=chunk)
        assert (await stage.post(pieces)).body == b"".join(pieces)
        await until(lambda: seen and seen[-1][0] == b"complete")

    assume(any(pieces) or not chunk or profile == "head")  # else no piece, and no end for the callback
    play(scene, profile=profile)
    calls = seen[:-1]
    assert b"".join(data for data, _ in calls) == b"".join(pieces)
    assert [last for _, last in calls] == [False] * (len(calls) - 1) + [True] * bool(calls)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_gibibyte_leaves_memory_flat(framing: str) -> None:
    """A body of 1 GiB goes through body-chunk with every byte counted and no more memory than before."""
    bench: Any = Workbench("wookie", name="test")
    size, piece = 1024 * MIB, b"x" * MIB
    total = [0]

    @bench.route("POST", "/", chunk=True)  # type: ignore[untyped-decorator]  # a member of the dialect
    def stream(request: Any, response: Any) -> None:
        def take(_chunk: bytes, last: bool) -> None:
            if last:
                send_response(response, body=str(total[0]))

        with_chunking(request, take)

    def count(_request: Any, chunk: bytes) -> None:
        total[0] += len(chunk)

    bench.add_hook("body-chunk", count)
    with serving(bench), socket.create_connection((bench.host, bench.port), 30) as client:
        head = f"POST / HTTP/1.1\r\nHost: {bench.host}\r\n"
        begin = b""
        if framing == "length":
            client.sendall(f"{head}Content-Length: {size}\r\n\r\n".encode())
        else:
            client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            begin = b"%x\r\n" % MIB
        for number in range(size // MIB):
            if number == 16:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            client.sendall(begin + piece + (b"\r\n" if begin else b""))
        if begin:
            client.sendall(b"0\r\n\r\n")
        answer = client.recv(4096)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert answer.endswith(str(size).encode())
    assert grown < 16 * 1024  # KiB
