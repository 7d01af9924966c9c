"""Which loop a server runs on, and that calls from other threads keep their place before what is read."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.conftest import Serve
from tests.server.support import TEXT, Events, RecordingLink, StubHandler, frame
from workbench.server import HookServer, Response, loops
from workbench.server.loops import SWITCH, Posted, new_loop, posted_on


def test_the_environment_chooses(either_loop: str) -> None:
    """What it names is what servers run on."""
    loop = new_loop()
    assert type(loop).__module__.startswith("asyncio") == (either_loop == "asyncio")
    loop.close()


def test_without_uvloop_it_is_asyncio(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be installed nothing is missing."""
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr(loops, "uvloop", None)
    loop = new_loop()
    assert type(loop).__module__.startswith("asyncio")
    loop.close()


@pytest.mark.usefixtures("either_loop")
def test_no_pause_is_shorter_than_what_was_asked_for() -> None:
    """Where the loop counts milliseconds too, whatever part of one has gone by."""
    gained: list[float] = []

    async def main() -> None:
        for number in range(60):
            asked = 0.001 + number * 0.000_05
            begun = time.perf_counter()
            await asyncio.sleep(asked)
            gained.append(asked - (time.perf_counter() - begun))

    loop = new_loop()
    loop.run_until_complete(main())
    loop.close()
    assert max(gained) <= 0


@pytest.mark.usefixtures("either_loop")
def test_calls_of_other_threads_are_made_in_order() -> None:
    """One that was cancelled is not made."""
    seen: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def ask() -> None:
            handles = [loop.call_soon_threadsafe(seen.append, number) for number in range(4)]
            handles[2].cancel()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        await asyncio.sleep(0)
        assert not posted_on(loop)

    loop = new_loop()
    loop.run_until_complete(main())
    loop.close()
    assert seen == [0, 1, 3]


def test_an_error_in_a_posted_call_keeps_none_of_the_others_from_being_made() -> None:
    """It goes to the loop's handler."""
    seen: list[Any] = []
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, context: seen.append(repr(context["exception"])))
    posted = Posted(asyncio.Handle(call, (), loop) for call in (lambda: 1 / 0, lambda: seen.append("made")))
    posted.catch_up()
    loop.close()
    assert seen == ["ZeroDivisionError('division by zero')", "made"]
    assert not posted


@contextlib.contextmanager
def busy(server: HookServer) -> Iterator[None]:
    """Hold up a server's loop, so that it finds all that happens meanwhile together."""
    begun, over = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        over.wait(10)

    server.post(hold)
    begun.wait(10)
    yield
    over.set()


ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.usefixtures("either_loop")
@pytest.mark.parametrize("kind", ["request", "message"])
def test_what_was_posted_before_a_client_sent_is_done_before_it_is_read(serve: Serve, kind: str) -> None:
    """A cell that changes something and then has a client ask sees the change."""
    seen = Events()

    def answer(_: object) -> Response:
        seen.add("read")
        return Response()

    link = RecordingLink(lambda *_: seen.add("read"))
    served = serve(StubHandler(request=answer, upgrade=lambda _, handshake: handshake.accept(link)))
    wire = served.wire()
    if kind == "message":
        wire.upgrade()
    else:
        wire.send(ASKED).response()
        seen.expect("read")
    with busy(served.server):
        served.server.post(seen.add, "posted")
        wire.send(frame(TEXT, b"a") if kind == "message" else ASKED)
    seen.expect("read")
    assert seen.names()[-2:] == ["posted", "read"]


@pytest.mark.usefixtures("either_loop")
def test_a_client_that_a_posted_call_has_cut_is_not_read(serve: Serve) -> None:
    """The call comes first, and nothing after it."""
    handler = StubHandler()
    served = serve(handler)
    wire = served.wire()
    wire.send(ASKED).response()
    assert served.server._run is not None
    (connection,) = served.server._run.connections
    with busy(served.server):
        served.server.post(connection.abort)
        wire.send(ASKED)
    with contextlib.suppress(ConnectionResetError):
        wire.rest()
    assert len(handler.requests) == 1


@pytest.mark.usefixtures("either_loop")
def test_a_hook_may_run_other_programs(serve: Serve) -> None:
    """Also on the loop of a thread that is not the main one."""

    async def work() -> bytes:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print('from afar')", stdout=asyncio.subprocess.PIPE
        )
        return (await program.communicate())[0]

    assert serve().server.submit(work()).result(20).strip() == b"from afar"
