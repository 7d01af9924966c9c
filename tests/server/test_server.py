"""A server's life: start, stop, ports, threads, and what must not kill it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import errno
import gc
import itertools
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.server.conftest import Serve
from tests.server.support import Events, RecordingLink, StubHandler, Wire, echo, frame
from workbench.server import (
    HookServer,
    NotRunning,
    PortInUse,
    Response,
    ServerOptions,
    serve_handler,
    switching,
)
from workbench.server.errors import StartFailed
from workbench.server.ports import listen
from workbench.testing import free_port

pytestmark = pytest.mark.usefixtures("either_loop")


def make(handler: Any = None, **options: Any) -> HookServer:
    """Make a server that the test itself starts and stops."""
    return HookServer(serve_handler(handler or StubHandler()), ServerOptions(**options), "mine")


def is_running(server: HookServer) -> bool:
    """Ask anew each time, which a type checker does not expect of a property."""
    return server.running


def test_start_listens_and_stop_frees_the_port() -> None:
    """Once started it answers, once stopped the port can be had at once; both may be repeated."""
    server = make(port=free_port())
    for _ in range(2):
        assert server.start() is server
        server.start()
        assert is_running(server)
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.ws_url == f"ws://127.0.0.1:{server.port}"
        with Wire(server.port) as wire:
            assert wire.send("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n").response()[2] == b"GET /x "
        server.stop()
        server.stop()
        assert not is_running(server)
        assert [server.port, server.url, server.ws_url] == [None] * 3
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", server.options.port))


def test_port_0_takes_any() -> None:
    """The port that was found is told."""
    server = make()
    server.start()
    try:
        assert server.port
    finally:
        server.stop()


def test_stop_leaves_no_thread_and_no_switch_interval() -> None:
    """While any server runs threads take turns quickly; after the last one everything is as before."""
    before, threads = sys.getswitchinterval(), threading.active_count()
    first, second = make(port=free_port()), make(port=free_port())
    first.start()
    second.start()
    assert sys.getswitchinterval() == pytest.approx(switching.INTERVAL)
    first.stop()
    assert sys.getswitchinterval() == pytest.approx(switching.INTERVAL)
    second.stop()
    assert sys.getswitchinterval() == pytest.approx(before)
    assert threading.active_count() == threads


def test_a_changed_switch_interval_is_left_alone() -> None:
    """What somebody else set meanwhile stays."""
    before = sys.getswitchinterval()
    switching.hold()
    try:
        sys.setswitchinterval(0.02)
        switching.release()
        assert sys.getswitchinterval() == pytest.approx(0.02)
    finally:
        sys.setswitchinterval(before)


def test_port_in_use_names_the_holder(serve: Serve) -> None:
    """The error says which port, who holds it and what to do."""
    served = serve()
    server = make(port=served.port)
    with pytest.raises(PortInUse) as caught:
        server.start()
    assert caught.value.port == served.port
    assert f"(process {__import__('os').getpid()})" in str(caught.value)
    assert not server.running


def test_port_in_use_by_another_process() -> None:
    """The holder may be any process of this machine."""
    port = free_port()
    code = f"import socket; s = socket.create_server(('127.0.0.1', {port})); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(PortInUse, match=f"process {holder.pid}"):
            make(port=port).start()
        holder.communicate(b"\n")


def test_port_in_use_without_a_known_holder(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    """Where the system does not tell, the sentence does without."""
    import psutil

    def denied(_: str) -> list[Any]:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    with pytest.raises(PortInUse, match="in use already: stop"):
        make(port=serve().port).start()


def test_impossible_hosts_are_start_failures() -> None:
    """A host that is not of this machine, or does not exist."""
    with pytest.raises(StartFailed, match=r"Cannot listen on .*\. The host is an address of this"):
        make(host="192.0.2.1").start()
    with pytest.raises(StartFailed, match=r"no address .* 'no\.such.*\. 127\.0\.0\.1 serves"):
        make(host="no.such.host.invalid").start()


@pytest.mark.parametrize(
    ("number", "step"),
    [(errno.EACCES, "Ports below 1024 are kept"), (errno.ENOBUFS, "Ask for another host or port")],
)
def test_what_keeps_a_port_from_listening_has_a_next_step(
    monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    """The sentence ends with what to do, whatever the system said."""

    def refused(*_: object) -> None:
        raise OSError(number, "Refused")

    monkeypatch.setattr(socket.socket, "listen", refused)
    with pytest.raises(StartFailed, match=rf"Cannot listen on 127\.0\.0\.1:0: Refused\. {step}"):
        listen("127.0.0.1", 0)


def test_all_interfaces_are_reached_over_loopback() -> None:
    """The URL of a server on 0.0.0.0 is one that works here."""
    server = make(host="0.0.0.0", port=free_port())
    server.start()
    try:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.host == "0.0.0.0"
        with Wire(server.port) as wire:
            assert wire.send("GET / HTTP/1.1\r\nHost: any.example\r\n\r\n").response()[0] == 200
    finally:
        server.stop()


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_ipv6_addresses_have_brackets() -> None:
    """The URL of a server on ::1 can be used as it is."""
    server = make(host="::1", port=free_port())
    try:
        server.start()
    except StartFailed:
        pytest.skip("this machine has no IPv6 loopback")
    try:
        assert server.url == f"http://[::1]:{server.port}"
    finally:
        server.stop()


def test_stop_closes_clients_with_1001(serve: Serve) -> None:
    """Every client hears that the server goes, and its link hears the end."""
    links = [RecordingLink(echo), RecordingLink(echo)]
    waiting = iter(links)
    served = serve(StubHandler(upgrade=lambda _, handshake: handshake.accept(next(waiting))))
    with connect(served.ws_url, proxy=None) as first, connect(served.ws_url, proxy=None) as second:
        stopping = threading.Thread(target=served.server.stop)
        stopping.start()
        for connection in (first, second):
            with pytest.raises(ConnectionClosed):
                connection.recv()
            assert connection.close_code == 1001
        stopping.join()
    assert [link.expect("closed") for link in links] == [("closed", 1001, "")] * 2


def test_stop_is_bounded_with_clients_that_never_answer() -> None:
    """WebSockets that ignore close, half-sent requests, handlers that never end: cut after the timeout."""
    link = RecordingLink()

    async def never(_: object) -> Response:
        await asyncio.Event().wait()
        return Response()

    handler = StubHandler(request=never, upgrade=lambda _, handshake: handshake.accept(link))
    server = make(handler, port=free_port(), stop_timeout=0.3)
    server.start()
    with Wire(server.port) as silent, Wire(server.port) as half, Wire(server.port) as pending:
        silent.upgrade()
        half.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
        pending.send("GET / HTTP/1.1\r\n\r\n")
        time.sleep(0.05)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 2
        assert silent.frame() == (0x88, (1001).to_bytes(2, "big"))
        assert half.rest() == b""
    assert link.expect("closed") == ("closed", 1006, "")


def test_stop_waits_for_responses_on_their_way() -> None:
    """A request that is being answered gets its answer."""

    async def slow(_: object) -> Response:
        await asyncio.sleep(0.1)
        return Response("done")

    server = make(StubHandler(request=slow), port=free_port())
    server.start()
    with Wire(server.port) as wire:
        wire.send("GET / HTTP/1.1\r\n\r\n")
        time.sleep(0.03)
        server.stop()
        assert wire.rest().endswith(b"done")


@pytest.mark.parametrize("how", ["spins", "sleeps"])
def test_stop_is_bounded_with_a_hook_that_holds_up_the_loop(how: str) -> None:
    """The port is free and the clients are cut although the loop does not turn; a spinning hook is broken."""
    reported: list[str] = []
    begun, released = threading.Event(), threading.Event()

    def stuck(_: object) -> Response:
        begun.set()
        if how == "sleeps":
            released.wait(20)
        number = 0
        while how == "spins":
            number += 1
        return Response()

    server = HookServer(
        serve_handler(StubHandler(request=stuck)),
        ServerOptions(port=free_port(), stop_timeout=0.2),
        "stuck",
        report=lambda error, what: reported.append(f"{what}: {error}"),
    )
    server.start()
    thread = server._run.thread  # type: ignore[union-attr]
    with Wire(server.port) as wire:
        wire.send("GET / HTTP/1.1\r\n\r\n")
        begun.wait(10)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 3
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", server.options.port))
        assert wire.rest() == b""
    assert any("held up its loop" in line for line in reported)
    released.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_hook_may_stop_its_own_server() -> None:
    """stop() on the server's own thread returns at once; the server ends when the hook has."""
    server: HookServer

    def stopping(_: object) -> Response:
        server.stop()
        return Response("last words")

    server = make(StubHandler(request=stopping), port=free_port())
    server.start()
    thread = server._run.thread  # type: ignore[union-attr]
    with Wire(server.port) as wire:
        wire.send("GET / HTTP/1.1\r\n\r\n")
        assert wire.rest().endswith(b"last words")
    thread.join(10)
    assert not thread.is_alive()


def test_post_keeps_the_order_from_every_thread(serve: Serve) -> None:
    """Calls of one thread happen in the order in which they were posted, on the loop's thread."""
    served, told = serve(), Events()
    seen: list[tuple[int, int]] = []

    def post_many(thread: int) -> None:
        for number in range(200):
            served.server.post(seen.append, (thread, number))

    threads = [threading.Thread(target=post_many, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    served.server.post(told.add, "done")
    told.expect("done")
    for index in range(4):
        assert [number for thread, number in seen if thread == index] == list(range(200))


def test_post_on_the_loop_is_direct(serve: Serve) -> None:
    """A hook that posts does it at once."""
    served, told = serve(), Events()

    def outer() -> None:
        served.server.post(told.add, "inner")
        told.add("outer")

    served.server.post(outer)
    told.expect("outer")
    assert told.names() == ["inner", "outer"]


def test_posted_errors_are_reported(serve: Serve) -> None:
    """Whatever a posted call raises, the server lives on."""
    served, told = serve(), Events()
    for error in (RuntimeError("planned"), SystemExit(1), KeyboardInterrupt()):

        def fail(error: BaseException = error) -> None:
            raise error

        served.server.post(fail)
    served.server.post(told.add, "alive")
    told.expect("alive")
    assert len(served.reported()) == 3


def test_submit_gives_the_result(serve: Serve) -> None:
    """A coroutine runs on the server's loop; its result, or error, comes back."""
    served = serve()

    async def work(value: int) -> int:
        assert asyncio.get_running_loop() is served.server.loop
        if value < 0:
            raise ValueError("negative")
        return value * 2

    assert served.server.submit(work(21)).result(10) == 42
    with pytest.raises(ValueError, match="negative"):
        served.server.submit(work(-1)).result(10)


def test_nothing_can_be_asked_of_a_stopped_server() -> None:
    """post, submit and loop raise NotRunning, which says what to do."""
    server = make()

    async def work() -> None:
        """Never begun."""

    with pytest.raises(NotRunning, match=r"call start\(\) first"):
        server.post(print)
    with pytest.raises(NotRunning):
        server.submit(work())
    with pytest.raises(NotRunning):
        _ = server.loop
    server.start()
    run = server._run
    server.stop()
    assert run is not None
    with pytest.raises(NotRunning):
        run.post(print)
    run.end()


def test_loop_errors_do_not_kill_the_server(serve: Serve) -> None:
    """Errors in callbacks and tasks are reported; SystemExit out of a task does not end the loop."""
    served = serve()

    def in_callback() -> None:
        raise RuntimeError("in a callback")

    async def in_task(error: BaseException) -> None:
        raise error

    served.server.loop.call_soon_threadsafe(in_callback)
    served.server.submit(in_task(SystemExit(3)))
    with Wire(served.port) as wire:
        assert wire.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").response()[0] == 200
    texts = " ".join(served.reported())
    assert "in a callback" in texts
    assert "SystemExit" in texts


def test_start_that_fails_in_the_thread_is_a_start_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong before it listens is raised by start, and leaves nothing behind."""

    def broken(*_: object) -> None:
        raise RuntimeError("planned")

    monkeypatch.setattr("workbench.server.server.Door", broken)
    server = make(port=free_port())
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="planned"):
        server.start()
    assert not server.running
    assert threading.active_count() == before
    monkeypatch.undo()
    server.start()
    server.stop()


def test_server_answers_while_the_main_thread_computes(serve: Serve) -> None:
    """A cell that spins in Python does not keep clients waiting."""
    served = serve()
    times: list[float] = []
    done = threading.Event()

    def client() -> None:
        with connect(served.ws_url, proxy=None) as connection:
            for _ in range(30):
                began = time.perf_counter()
                connection.send("x")
                connection.recv()
                times.append(time.perf_counter() - began)
        done.set()

    thread = threading.Thread(target=client)
    thread.start()
    for number in itertools.count():
        if number % 1000 == 0 and done.is_set():
            break
    thread.join()
    assert len(times) == 30


def test_tasks_left_behind_are_cancelled(serve: Serve) -> None:
    """Stopping cancels what hooks have started, and waits a moment for it to end."""
    served, told = serve(), Events()

    async def lasting() -> None:
        told.add("begun")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            told.add("ended")

    future = served.server.submit(lasting())
    told.expect("begun")
    served.server.stop()
    assert told.names() == ["begun", "ended"]
    with pytest.raises(concurrent.futures.CancelledError):
        future.result(1)


def test_new_websockets_during_stop_are_closed_at_once(serve: Serve) -> None:
    """An upgrade that was on its way when stop began is told 1001."""
    told = Events()
    link = RecordingLink()
    release = threading.Event()

    async def upgrade(_: object, handshake: Any) -> None:
        told.add("asked")
        await asyncio.to_thread(release.wait, 10)
        handshake.accept(link)

    served = serve(StubHandler(upgrade=upgrade))
    wire = served.wire()
    wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
    wire.send("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    told.expect("asked")
    stopping = threading.Thread(target=served.server.stop)
    stopping.start()
    time.sleep(0.05)
    release.set()
    wire.until(b"\r\n\r\n")
    assert wire.frame() == (0x88, (1001).to_bytes(2, "big"))
    wire.send(frame(0x88, (1001).to_bytes(2, "big")))
    wire.socket.close()
    stopping.join()
    assert link.expect("closed") == ("closed", 1001, "")


def test_errors_are_logged_unless_told_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    """Without a reporter errors go to the log `workbench.server`, with their traceback."""

    def fail(_: object) -> Response:
        raise RuntimeError("planned")

    server = make(StubHandler(request=fail), port=free_port())
    server.start()
    try:
        with Wire(server.port) as wire:
            wire.send("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n").response()
    finally:
        server.stop()
    (record,) = caplog.records
    assert record.name == "workbench.server"
    assert "GET /x raised RuntimeError: planned" in record.message


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """Give a certificate for localhost and its key, as options."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return {"certificate": str(certificate), "key": str(key)}


def test_tls(serve: Serve, certificate: dict[str, str]) -> None:
    """With a certificate it speaks HTTPS and WSS, and URLs say so."""
    handler = StubHandler()
    served = serve(handler, **certificate)
    context = ssl.create_default_context(cafile=certificate["certificate"])
    assert served.server.url == f"https://127.0.0.1:{served.port}"
    wire = served.wire()
    wire.socket = context.wrap_socket(wire.socket, server_hostname="localhost")
    assert (
        wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").rest().endswith(b"GET / ")
    )
    assert handler.requests[0].url == "https://localhost/"
    with connect(
        f"wss://localhost:{served.port}", ssl=context, proxy=None, sock=Wire(served.port).socket
    ) as one:
        for data in ("x", "y" * 100_000):
            one.send(data)
            assert one.recv() == data
    assert handler.link.expect("closed")[1] == 1000


def test_tls_that_is_still_being_agreed_upon_ends_with_the_server(
    serve: Serve, certificate: dict[str, str]
) -> None:
    """A client that says nothing, and one that speaks no TLS: neither holds up the end or outlives it."""
    served = serve(**certificate)
    silent, plain = served.wire(), served.wire()
    plain.send("GET / HTTP/1.1\r\n\r\n")
    with contextlib.suppress(ConnectionResetError):
        assert b"HTTP" not in plain.rest()
    served.server.stop()
    assert silent.rest() == b""


def test_a_socket_that_was_handed_over_is_cut_when_the_server_stops(serve: Serve) -> None:
    """Nothing of the server's is left behind; one that has ended before is forgotten."""
    raw: list[Any] = []
    told = Events()

    def upgrade(_: object, handshake: Any) -> None:
        raw.append(handshake.hand_over())
        told.add("handed over")

    served = serve(StubHandler(upgrade=upgrade))
    assert served.server._run is not None
    host = served.server._run.host
    for number in range(2):
        wire = served.wire()
        wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        told.expect("handed over")
        assert host.handed_over == {raw[-1].transport}
        if not number:
            served.server.post(raw[-1].transport.abort)
    served.server.stop()
    assert wire.rest() == b""


def test_clients_that_come_as_the_server_stops_leave_no_socket_behind() -> None:
    """Whoever was let in gets a connection, which is closed with the others."""
    gc.collect()
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        for _ in range(10):
            server = make()
            server.start()
            clients = [socket.create_connection((server.host, server.port)) for _ in range(5)]
            server.stop()
            for client in clients:
                client.close()
        gc.collect()
    assert [str(warning.message) for warning in noted] == []
