"""The console: clients by name, driven from any thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from workbench.client import Console, ConsoleError
from workbench.client.console import CLIENTS_KEPT


class Loop:
    """A loop in a thread, with the two doors that a hook server has."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.running = True
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def post(self, function: Callable[..., object], *args: Any) -> object:
        """Call a function on the loop."""
        return self.loop.call_soon_threadsafe(function, *args)

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def end(self) -> None:
        """Cancel what runs, and the thread."""
        self.running = False
        self.submit(self._cancel_all()).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Watched(Console):
    """A console that can be waited for."""

    def __init__(self, runner: Callable[[], Any], address: Callable[[], str]) -> None:
        super().__init__(runner, address, lambda: {"X-Given": "yes"})
        self._turned = threading.Condition()
        self.subscribe(self._note)

    def _note(self) -> None:
        with self._turned:
            self._turned.notify_all()

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        with self._turned:
            assert self._turned.wait_for(holds, timeout=5), self.view()


async def answer(connection: ServerConnection) -> None:
    """Send text back, and do what a few words ask for."""
    async for message in connection:
        if message == "close":
            await connection.close(4005, "as asked")
        elif message == "headers":
            request = connection.request
            assert request is not None
            await connection.send(f"{request.headers['X-Given']} {request.headers.get('X-More', '-')}")
        elif message == "flood":
            for number in range(300):
                await connection.send(str(number))
        else:
            await connection.send(message)


def refuse(connection: ServerConnection, request: Request) -> Response | None:
    """Turn away who asks for `/no`."""
    if request.path == "/no":
        return connection.respond(HTTPStatus.IM_A_TEAPOT, "not for you")
    return None


@contextmanager
def served() -> Iterator[tuple[Loop, str]]:
    """Run a server on its own loop and give its address."""
    loop = Loop()

    async def begin() -> Any:
        return await serve(answer, "127.0.0.1", 0, process_request=refuse, subprotocols=None)

    server = loop.submit(begin()).result(5)
    try:
        yield loop, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:

        async def stop() -> None:
            server.close()
            await server.wait_closed()

        loop.submit(stop()).result(5)
        loop.end()


@pytest.fixture
def console() -> Iterator[Watched]:
    """Give a console on a running server."""
    with served() as (loop, address):
        made = Watched(lambda: loop, lambda: address)
        yield made
        # a server of websockets that closes leaves open what it has only just accepted
        made.until(lambda: not any(client.state == "connecting" for client in made.clients))


def shown(console: Console, client: int = 0) -> list[tuple[str, str]]:
    """Give direction and text of a client's lines."""
    return [(line.direction, line.text) for line in console.clients[client].lines]


def test_a_client_sends_and_sees(console: Watched) -> None:
    """Text goes out and comes back, the time between is measured."""
    client = console.open("room?x=1")
    console.send("c1", "hello")
    console.until(lambda: len(client.lines) == 2)

    assert shown(console) == [("out", "hello"), ("in", "hello")]
    assert client.path == "/room?x=1"
    assert client.state == "open"
    assert client.rtt_ns is not None
    assert 0 < client.rtt_ns < 5_000_000_000


def test_what_is_typed_during_the_handshake_is_sent_in_order(console: Watched) -> None:
    """Nothing is lost and nothing overtakes."""
    client = console.open()
    for number in range(20):
        console.send("c1", str(number))
    console.until(lambda: len(client.lines) == 40)

    assert [line.text for line in client.lines if line.direction == "in"] == [str(n) for n in range(20)]


def test_binary_messages_are_shown_in_hexadecimal(console: Watched) -> None:
    """Their beginning at least, with the length."""
    client = console.open()
    console.send("c1", b"\x00\xff")
    console.send("c1", b"x" * 2000)
    console.until(lambda: len(client.lines) == 4)

    texts = [line.text for line in client.lines if line.direction == "in"]
    assert texts[0] == "00 ff"
    assert texts[1].endswith(" ... (2000 bytes)")
    assert all(line.binary for line in client.lines)


def test_long_texts_are_cut_and_say_so(console: Watched) -> None:
    """A page shows the beginning of a huge message."""
    client = console.open()
    console.send("c1", "x" * 100_000)
    console.until(lambda: len(client.lines) == 2)

    assert client.lines[1].text.endswith(" ... (100000 characters)")
    assert len(client.lines[1].text) < 66_000


def test_old_lines_go_and_are_counted(console: Watched) -> None:
    """Two hundred lines are kept."""
    client = console.open()
    console.send("c1", "flood")
    console.until(lambda: len(client.lines) == 200 and client.lines[-1].text == "299")

    assert client.dropped == 101
    assert client.lines[0].text == "100"


def test_the_servers_close_is_shown(console: Watched) -> None:
    """Code and reason, and the client is over."""
    client = console.open()
    console.send("c1", "close")
    console.until(lambda: client.over)

    assert (client.state, client.code, client.reason) == ("closed", 4005, "as asked")
    with pytest.raises(ConsoleError, match="open it again"):
        console.send("c1", "too late")


def test_a_client_closes_with_a_code(console: Watched) -> None:
    """After what was sent before; the second time does nothing."""
    client = console.open()
    console.send("c1", "first")
    console.close("c1", 4001, "bye")
    console.until(lambda: client.over)
    console.close("c1")

    assert (client.code, client.reason) == (4001, "bye")
    assert shown(console)[0] == ("out", "first")


def test_codes_and_reasons_that_no_client_may_send_are_refused(console: Watched) -> None:
    """They are refused at once, and the connection is left alone."""
    client = console.open()
    console.until(lambda: client.state == "open")

    with pytest.raises(ConsoleError, match="not with 1001"):
        console.close("c1", 1001)
    with pytest.raises(ConsoleError, match="has 200"):
        console.close("c1", 4000, "ä" * 100)
    assert client.state == "open"


def test_a_refusal_is_shown_with_status_and_body(console: Watched) -> None:
    """The server's words are what a person needs."""
    client = console.open("/no")
    console.until(lambda: client.over)

    assert (client.state, client.code) == ("refused", 418)
    assert "not for you" in client.reason


def test_nobody_listening_is_a_refusal() -> None:
    """There is no status then, but a reason."""
    loop = Loop()
    try:
        console = Watched(lambda: loop, lambda: "ws://127.0.0.1:1")
        client = console.open()
        console.until(lambda: client.over)
    finally:
        loop.end()

    assert (client.state, client.code) == ("refused", None)
    assert client.reason


def test_headers_come_from_the_bench_and_from_the_person(console: Watched) -> None:
    """The token is the bench's business; more headers are the person's."""
    client = console.open(headers={"X-More": "mine"})
    console.send("c1", "headers")
    console.until(lambda: len(client.lines) == 2)

    assert shown(console)[1] == ("in", "yes mine")


def test_names_are_numbers_or_chosen(console: Watched) -> None:
    """A name in use is refused, one that is over is opened again."""
    assert [console.open().name, console.open(client="me").name, console.open().name] == ["c1", "me", "c2"]
    with pytest.raises(ConsoleError, match="'me' is"):
        console.open(client="me")
    with pytest.raises(ConsoleError, match="letters, digits"):
        console.open(client="no spaces")
    me = console.clients[1]
    console.close("me")
    console.until(lambda: me.over)
    assert console.open(client="me") is not me


def test_an_unknown_client_is_said_with_those_there_are(console: Watched) -> None:
    """A typing error gets an answer."""
    console.open()

    with pytest.raises(ConsoleError, match="no client 'c9'; open ones: c1"):
        console.send("c9", "x")


def test_clearing_forgets_lines_and_then_the_client(console: Watched) -> None:
    """An open client stays, one that is over goes."""
    client = console.open()
    console.send("c1", "close")
    console.until(lambda: client.over)
    other = console.open()
    console.send("c2", "x")
    console.until(lambda: len(other.lines) == 2)

    console.clear("c1")
    console.clear("c2")

    assert [client.name for client in console.clients] == ["c2"]
    assert other.lines == []


def test_a_console_is_bounded(console: Watched) -> None:
    """One more takes the place of the oldest that is over; where none is, it is refused."""
    for _ in range(CLIENTS_KEPT):
        console.open()
    with pytest.raises(ConsoleError, match="holds 16 clients"):
        console.open()
    gone = console.clients[3]
    console.close("c4")
    console.until(lambda: gone.over)

    console.open()

    assert gone not in console.clients
    assert len(console.clients) == CLIENTS_KEPT


def test_a_stopped_bench_is_said() -> None:
    """The sentence says what to do."""
    console = Console(lambda: None, lambda: "")

    with pytest.raises(ConsoleError, match="start it before"):
        console.open()
    assert console.clients == []


def test_the_view_is_json(console: Watched) -> None:
    """Milliseconds since the epoch, and all that a page shows."""
    client = console.open()
    console.send("c1", "x")
    console.until(lambda: len(client.lines) == 2)

    (shown,) = console.view()["clients"]

    assert shown | {"rtt_ns": 0, "lines": []} == {
        "id": "c1",
        "state": "open",
        "path": "/",
        "protocol": None,
        "rtt_ns": 0,
        "code": None,
        "reason": "",
        "dropped": 0,
        "lines": [],
    }
    assert shown["lines"][0]["time"] > 1_600_000_000_000


def test_a_watcher_can_stop_watching(console: Watched) -> None:
    """Ending it twice does no harm."""
    seen: list[int] = []
    end = console.subscribe(lambda: seen.append(1))
    end()
    end()

    client = console.open()
    console.until(lambda: client.state == "open")

    assert seen == []
