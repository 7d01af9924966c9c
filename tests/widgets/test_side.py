"""The side WebSocket over real sockets: who gets in, and that edits do not wait for cells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.widgets.support import bench_with, channel, echo, hear, say, shout
from workbench import Workbench
from workbench.testing import serving
from workbench.testing.memory import MemoryClient
from workbench.widgets import side
from workbench.widgets.protocol import Message

EDITS = 40


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Serve a bench with two hooks."""
    with serving(bench_with(shout, echo)) as served:
        yield served


def test_a_bearer_header_opens_the_channel(bench: Workbench) -> None:
    """Jupyter's proxy adds the token as a header: any op may follow, and hello is answered by the welcome."""

    async def main() -> None:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="ping", id=1)
            assert await hear(socket, "answer", id=1)
            await say(socket, op="hello", v=1, face="lab")
            welcome = await hear(socket, "welcome")
            assert welcome["v"] == 1
            assert welcome["bench"]["name"] == "chat"
            assert "message" in [point["name"] for point in welcome["bench"]["points"]]

    asyncio.run(main())


def test_a_page_shows_the_token_in_its_first_message(bench: Workbench) -> None:
    """A page on this machine has no headers to set, so it says the token in hello."""

    async def main() -> None:
        origin = "http://localhost:8888"
        async with channel(bench, origin=origin) as socket:
            await say(socket, op="hello", v=1, token=bench.token, face="page")
            assert await hear(socket, "welcome")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ("wrong", None),
        (None, {"op": "hello", "v": 1}),
        (None, {"op": "hello", "v": 1, "token": "wrong"}),
        (None, {"op": "hello", "v": 1, "token": "\ud800"}),
        (None, {"op": "edit", "id": 1, "edit": {"kind": "remove", "hook": "h1"}}),
        (None, {"op": "watch", "view": "chain"}),
    ],
)
def test_without_the_token_nobody_gets_in(
    bench: Workbench, header: str | None, first: dict[str, object] | None
) -> None:
    """A wrong or missing token is refused in words, the socket closed with 4401, and nothing was done."""

    async def main() -> None:
        async with channel(bench, token=header) as socket:
            if first is not None:
                await socket.send(json.dumps(first))
            refusal = json.loads(await asyncio.wait_for(socket.recv(), 5))
            assert refusal["op"] == "refused"
            assert "token" in refusal["reason"]
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 5)
            assert socket.close_code == side.CLOSE_REFUSED

    asyncio.run(main())
    assert bench.revision == 2


def test_silence_is_not_waited_for(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever shows no token in time is turned away, also when what it says is of an unknown version."""
    monkeypatch.setattr(side, "SAY_HELLO_WITHIN", 0.1)

    async def main() -> None:
        async with channel(bench) as socket:
            await say(socket, op="hello", v=2, token=bench.token)
            assert "version 1" in (await hear(socket, "refused"))["reason"]
            assert "No token" in (await hear(socket, "refused"))["reason"]
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == side.CLOSE_REFUSED

    asyncio.run(main())


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://[::1"]
)
def test_pages_of_other_machines_are_refused(bench: Workbench, origin: str) -> None:
    """A page that is not on the loopback gets a 403, whatever it knows."""

    async def main() -> None:
        with pytest.raises(InvalidStatus) as refusal:
            async with channel(bench, token=bench.token, origin=origin):
                pass
        assert refusal.value.response.status_code == 403

    asyncio.run(main())


def test_what_is_no_json_is_refused_and_the_channel_stays(bench: Workbench) -> None:
    """Frames that hold no JSON object are answered in words; the connection lives on."""

    async def main() -> None:
        async with channel(bench, token=bench.token) as socket:
            for frame in ("{", b"\x00", "[" * 100_000, "null", '{"op":"x"}'):
                await socket.send(frame)
                assert (await hear(socket, "refused"))["reason"]
            await say(socket, op="ping", id=1)
            assert await hear(socket, "answer", id=1)

    asyncio.run(main())


def test_an_edit_is_in_force_for_the_next_event(bench: Workbench) -> None:
    """From an edit's arrival to its effect on a real client's message: less than a tenth of a second."""

    async def main() -> list[float]:
        took = []
        async with (
            channel(bench, token=bench.token) as socket,
            connect(f"{bench.ws_url}/", proxy=None) as client,
        ):
            await say(socket, op="watch", view="chain", pace="focused")
            await hear(socket, "frame", view="chain")
            for number, on in enumerate((False, True, False, True), start=3):
                before = time.perf_counter()
                await say(socket, op="edit", id=number, edit={"kind": "enable", "hook": "h1", "on": on})
                answer = await hear(socket, "answer", id=number)
                await client.send("a")
                assert await client.recv() == ("A" if on else "a")
                took.append(time.perf_counter() - before)
                assert answer["revision"] == number
                assert answer["python"] == f'bench.chain("message").enable("shout", on={on})'
                shown = await hear(socket, "frame", view="chain")
                assert shown["data"]["revision"] == number
        return took

    assert min(asyncio.run(main())) < 0.1  # the least of four: the machine may be busy with something else


def test_edits_land_while_python_is_busy(bench: Workbench) -> None:
    """A cell that spins in another thread does not keep an edit waiting."""

    async def main() -> float:
        async with channel(bench, token=bench.token) as socket:
            loop = asyncio.get_running_loop()
            until = time.perf_counter() + 0.5
            spinning = loop.run_in_executor(None, _spin, until)
            await asyncio.sleep(0.05)
            before = time.perf_counter()
            await say(socket, op="edit", id=1, edit={"kind": "move", "hook": "h2", "before": "h1"})
            await hear(socket, "answer", id=1)
            took = time.perf_counter() - before
            await spinning
            return took

    assert asyncio.run(main()) < 0.4
    assert [hook.name for hook in bench.chain("message")] == ["echo", "shout"]


def _spin(until: float) -> None:
    while time.perf_counter() < until:
        pass


def test_edits_from_cells_reach_the_page_at_once(bench: Workbench) -> None:
    """An edit made in another thread yields a frame without waiting for the view's pace."""

    async def main() -> None:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="watch", view="history", pace="visible")
            await hear(socket, "frame", view="history")
            await asyncio.get_running_loop().run_in_executor(
                None, bench.chain("message").enable, "echo", False
            )
            shown = await asyncio.wait_for(hear(socket, "frame", view="history"), 0.4)
            assert shown["data"]["entries"][0]["revision"] == 3

    asyncio.run(main())


def test_stopping_answers_and_then_closes_with_1001(bench: Workbench) -> None:
    """The page that stops the server hears so before its own socket goes."""

    async def main() -> None:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="server", id=9, do="stop")
            assert await hear(socket, "answer", id=9)
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == 1001

    asyncio.run(main())
    assert not bench.running


def test_a_face_that_never_reads_is_dropped(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for one face is bounded."""
    monkeypatch.setattr(side, "WAITING_LIMIT", -1)

    async def main() -> None:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="ping", id=1)
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == 1006

    asyncio.run(main())


def test_answers_of_other_threads_go_through_the_loop(bench: Workbench) -> None:
    """Starting a server that runs is answered by the thread that tried, in order with everything else."""

    async def main() -> None:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="server", id=7, do="start")
            assert await hear(socket, "answer", id=7)

    asyncio.run(main())


def test_who_was_turned_away_is_not_listened_to(bench: Workbench) -> None:
    """What follows a refusal in the same breath is not even read."""

    async def main() -> None:
        async with channel(bench, token="wrong") as socket:
            with contextlib.suppress(ConnectionClosed):
                for number in range(20):
                    await say(socket, op="edit", id=number, edit={"kind": "remove", "hook": "h1"})
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == side.CLOSE_REFUSED

    asyncio.run(main())
    assert bench.revision == 2


def test_what_follows_a_wrong_hello_is_not_read() -> None:
    """The link of a session that has ended drops whatever still comes."""

    class Transport:
        """A transport that notes how it was closed."""

        code = 0

        def send(self, data: str) -> int:
            """Send nothing."""
            return len(data) * 0

        def close(self, code: int, reason: str) -> None:
            """Note the code."""
            del reason
            self.code = code

    async def main() -> None:
        bench = bench_with(echo)
        link = side._SideLink(bench, None)
        transport: Any = Transport()
        link.opened(transport)
        link.message('{"op": "hello", "v": 1, "token": "wrong"}')
        link.message('{"op": "edit", "edit": {"kind": "remove", "hook": "h1"}}')
        for nothing in (link.drained, lambda: link.ping(b""), lambda: link.pong(b"")):
            nothing()
        link.close_received(1000, "")
        link.closed(1000, "")
        assert transport.code == side.CLOSE_REFUSED
        assert bench.revision == 1

    asyncio.run(main())


def test_twenty_edits_a_second_through_the_channel_lose_no_event() -> None:
    """While eight clients talk as fast as they can, and the page that edits watches the events."""
    sent, heard, answers, bench = asyncio.run(edited_under_load())
    assert [answer["op"] for answer in answers] == ["answer"] * EDITS
    assert len({answer["revision"] for answer in answers}) == EDITS
    assert Counter(text.lower() for text in heard) == Counter(f"m{number}" for number in range(sent))
    assert bench.trace.recorder.totals.points["message"].calls == sent
    assert bench.trace.dispatches.query("point == 'message'").shape[0] == sent


async def edited_under_load() -> tuple[int, list[str], list[Message], Workbench]:
    """Talk and edit at once."""
    with serving(bench_with(shout, echo)) as bench:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="hello", v=1)
            await hear(socket, "welcome")
            await say(socket, op="watch", view="events", pace="focused")
            editing = asyncio.create_task(edit(socket))
            client = MemoryClient(bench._application)
            sent, heard = await asyncio.to_thread(bench.run, talk(client, editing))
            return sent, heard, editing.result(), bench


async def edit(socket: Any) -> list[Message]:
    """Move, switch off and on again, twenty times a second."""
    changes: list[dict[str, object]] = [
        {"kind": "move", "before": None},
        {"kind": "enable", "on": False},
        {"kind": "enable", "on": True},
        {"kind": "move", "before": "h2"},
    ]
    answers = []
    for number, change in zip(range(EDITS), cycle(changes), strict=False):
        await say(socket, op="edit", id=number, edit={**change, "hook": "h1"})
        answers.append(await hear(socket, "answer", id=number))
        await asyncio.sleep(0.05)
    return answers


async def talk(client: MemoryClient, editing: asyncio.Task[Any]) -> tuple[int, list[str]]:
    """Send numbered messages until the editing is over, and what came back."""
    sockets = [await client.connect("/") for _ in range(8)]
    sent = 0
    heard: list[str] = []
    while not editing.done():
        for socket in sockets:
            socket.send(f"m{sent}")
            sent += 1
        heard += [str(await socket.receive()) for socket in sockets]
        await asyncio.sleep(0)
    return sent, heard
