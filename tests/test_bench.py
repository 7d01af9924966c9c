"""The bench from end to end, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from workbench import Response, Workbench, WorkbenchError, benches
from workbench.engine.errors import UnknownDialect, UnknownPoint
from workbench.server.errors import NotRunning, PortInUse
from workbench.settings import UnknownOption
from workbench.testing import free_port, serving


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Give a crossws bench with echo and shout, stopped at the end."""
    made = Workbench("crossws", name="chat")

    @made.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    @made.hook("message")
    def shout(_: Any, message: Any) -> None:
        message.raw_data = message.text().upper()

    yield made
    made.stop()


def ask(client: ClientConnection, text: str) -> str | bytes:
    """Send a message and give the next one that comes."""
    client.send(text)
    return client.recv(timeout=5)


def http(url: str, **headers: str) -> tuple[int, str]:
    """Ask for a page and give status and body."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


# -- the first three minutes


def test_a_move_takes_effect_at_the_next_message(bench: Workbench) -> None:
    """A chain is edited while a client is connected, and the trace shows both revisions."""
    with serving(bench), connect(str(bench.ws_url)) as client:
        assert ask(client, "hello") == "hello"
        bench.chain("message").move("shout", before="echo")
        assert ask(client, "hello") == "HELLO"

    calls = bench.trace.calls
    assert list(calls["hook"]) == ["echo", "shout", "shout", "echo"]
    assert list(calls["position"]) == [0, 1, 0, 1]
    assert list(calls["revision"]) == [2, 2, 3, 3]
    assert list(calls["outcome"]) == ["ok", "changed", "changed", "ok"]
    assert (calls["duration_ns"] > 0).all()
    assert list(bench.trace.changes()["after"]) == ["HELLO"]


def test_the_journal_has_the_lines_that_rebuild_the_board(bench: Workbench) -> None:
    """What was edited by code is written as code, in the bench's own words."""
    bench.chain("message").move("shout", before="echo")

    assert list(bench.history["python"])[-1] == 'made.chain("message").move("shout", before="echo")'
    bench.undo()
    assert [hook.name for hook in bench.chain("message")] == ["echo", "shout"]
    bench.redo()
    assert [hook.name for hook in bench.chain("message")] == ["shout", "echo"]


@pytest.mark.slow
def test_ten_thousand_messages_through_five_hooks_are_fifty_thousand_calls() -> None:
    """Every call is kept, in order, with revision, outcome and a duration above zero."""
    bench = Workbench("crossws", name="busy")
    names = [f"hook{number}" for number in range(5)]
    for name in names[:4]:
        bench.hook("message", name=name)(lambda peer, message: None)  # noqa: ARG005
    bench.hook("message", name=names[4])(lambda peer, message: peer.send(message.text()))

    with serving(bench), connect(str(bench.ws_url), compression=None) as client:
        for start in range(0, 10_000, 100):
            for number in range(start, start + 100):
                client.send(str(number))
            for number in range(start, start + 100):
                assert client.recv(timeout=5) == str(number)

    calls = bench.trace.calls
    assert len(calls) == 50_000
    assert bench.trace.dropped == 0
    assert list(calls["hook"]) == names * 10_000
    assert list(calls["position"]) == list(range(5)) * 10_000
    assert calls["dispatch"].is_monotonic_increasing
    assert set(calls["revision"]) == {5}
    assert set(calls["outcome"]) == {"ok"}
    assert (calls["duration_ns"] > 0).all()


# -- names


def test_the_variable_is_the_name() -> None:
    """A bench without a name is called as the variable that holds it, in printed Python lines too."""
    my_bench = Workbench("crossws")

    my_bench.hook("message")(print)

    assert my_bench.name == "my_bench"
    assert my_bench.board.journal[0].python.startswith('my_bench.chain("message").attach(')


def test_a_bench_without_a_variable_is_numbered() -> None:
    """Without a variable the dialect's name is used, and then numbers."""
    held = {"a": Workbench("crossws"), "b": Workbench("crossws")}

    first, second = held["a"].name, held["b"].name

    assert first.startswith("crossws")
    assert second.startswith("crossws-")
    assert benches[first] is held["a"]
    held["b"].hook("message")(print)
    assert held["b"].board.journal[0].python.startswith(f'benches["{second}"].chain(')


def test_a_variable_given_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is assigned in a roundabout way is looked up in the namespace at first use."""
    roundabout = [Workbench("crossws")]
    monkeypatch.setitem(globals(), "found_later", roundabout[0])

    assert roundabout[0].name == "found_later"


def test_benches_forgets_what_nobody_holds() -> None:
    """A stopped bench goes with its last holder; a running one stays."""
    kept = Workbench("crossws", name="kept-alive").start()
    Workbench("crossws", name="dropped")
    del kept
    gc.collect()

    assert "dropped" not in benches
    assert "kept-alive" in benches
    benches["kept-alive"].stop()
    gc.collect()
    assert "kept-alive" not in benches


# -- mistakes


def test_an_unknown_dialect_names_the_near_one() -> None:
    """The sentence says what there is."""
    with pytest.raises(UnknownDialect, match=r'no dialect "crosws"; did you mean .crossws.\?'):
        Workbench("crosws")


def test_an_unknown_option_names_the_near_one() -> None:
    """Options are checked when the bench is made and when it is started."""
    with pytest.raises(UnknownOption, match=r'no option "idle_timout" here; did you mean .idle_timeout.'):
        Workbench("crossws", idle_timout=3)
    with pytest.raises(UnknownOption, match='"hst" is none'):
        Workbench("crossws").start(hst="::1")


def test_an_unknown_point_names_the_near_one(bench: Workbench) -> None:
    """A typing error in a decorator is answered at once, not at the first message."""
    with pytest.raises(UnknownPoint, match=r"did you mean 'message'\?"):
        bench.hook("mesage")
    with pytest.raises(UnknownPoint, match=r'@bench.hook\("message"\)'):
        bench.hook(print)  # type: ignore[arg-type]


def test_a_member_that_nobody_knows_is_refused(bench: Workbench) -> None:
    """A typing error in an assignment is not swallowed."""
    with pytest.raises(AttributeError, match="did you mean 'fetch'"):
        bench.ftech = print
    with pytest.raises(AttributeError, match="publish"):
        bench.publsh  # noqa: B018


# -- start and stop


def test_starting_twice_leaves_the_server_as_it_is(bench: Workbench) -> None:
    """A cell with `bench.start()` may be run again while clients are connected."""
    with serving(bench), connect(str(bench.ws_url)) as client:
        port = bench.port
        assert bench.start() is bench
        assert bench.port == port
        assert ask(client, "still here") == "still here"


def test_a_restart_keeps_the_port(bench: Workbench) -> None:
    """Stop and start, or restart, serve at the same address unless told otherwise."""
    bench.start()
    port = bench.port

    bench.stop()
    assert (bench.port, bench.url, bench.ws_url) == (None, None, None)
    bench.start()
    assert bench.port == port
    bench.restart()
    assert bench.port == port


def test_a_new_bench_of_the_name_replaces_the_old_one(bench: Workbench) -> None:
    """Its clients are told 1001, its port is taken over, and its state says why it stopped."""
    bench.start(port=free_port())
    port = bench.port
    newer = Workbench("crossws", name="chat")
    try:
        with connect(str(bench.ws_url)) as client:
            newer.start()
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(timeout=5)

        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert newer.port == port
        assert bench.state == ("stopped", "Replaced by a newer bench of the same name")
        assert benches["chat"] is newer
    finally:
        newer.stop()


def test_a_new_bench_of_the_name_can_be_told_another_port(bench: Workbench) -> None:
    """Then the old one is stopped all the same."""
    bench.start()
    newer = Workbench("crossws", name="chat")
    with serving(newer, port=free_port()):
        assert not bench.running


def test_a_port_in_use_says_which_bench_holds_it(bench: Workbench) -> None:
    """The other bench of this process is named, and the state keeps the reason."""
    bench.start()
    other = Workbench("crossws", name="late")

    with pytest.raises(PortInUse, match='by the bench "chat" of this process'):
        other.start(port=bench.port)

    state, reason = other.state
    assert state == "failed"
    assert "in use already by the bench" in reason
    other.start(port=0)
    assert other.state[0] == "ready"
    other.stop()


def test_a_port_in_use_by_something_else_is_said(bench: Workbench) -> None:
    """Where it is no bench, the sentence still names the port and the way out."""
    with socket.socket() as listener:
        port = free_port()
        listener.bind(("127.0.0.1", port))
        listener.listen()

        with pytest.raises(PortInUse, match=rf"Port {port} on 127.0.0.1 is in use already.*port=0"):
            bench.start(port=port)


def test_the_state_says_what_goes_on(bench: Workbench) -> None:
    """From stopped over ready to live, each with a reason in words."""
    assert bench.state == ("stopped", "Not started yet")
    with serving(bench):
        assert bench.state == ("ready", f"Listens on {bench.url}")
        with connect(str(bench.ws_url)) as client:
            ask(client, "x")
            assert bench.state == ("live", "1 client connected")
        assert "chat (crossws)" in repr(bench)
    assert bench.state == ("stopped", "Stopped")


def test_a_token_is_asked_of_every_client(bench: Workbench, capsys: pytest.CaptureFixture[str]) -> None:
    """`token=True` makes one up and prints a link; without it nobody gets in, with it everybody does."""
    bench.start(token=True)
    link = capsys.readouterr().out.split()[-1]

    with pytest.raises(InvalidStatus) as refused:
        connect(str(bench.ws_url))
    assert refused.value.response.status_code == 401
    with connect("ws" + link.removeprefix("http")) as client:
        assert ask(client, "let in") == "let in"
    assert bench.token not in link


def test_a_with_statement_starts_and_stops(bench: Workbench) -> None:
    """The bench is its own context manager."""
    with bench as started:
        assert started is bench
        assert bench.running
    assert not bench.running


# -- threads


def test_a_coroutine_runs_on_the_benchs_loop(bench: Workbench) -> None:
    """`run` is for plain code: it waits, hands the result or the error back, and knows its limits."""

    async def where() -> object:
        return asyncio.get_running_loop()

    async def fails() -> None:
        raise KeyError("no")

    with pytest.raises(NotRunning, match="start it first"):
        bench.run(where())
    with serving(bench):
        assert bench.run(where()) is bench.hosting.loop
        with pytest.raises(KeyError, match="no"):
            bench.run(fails())
        with pytest.raises(TimeoutError):
            bench.run(asyncio.sleep(5), timeout=0.05)

        async def on_its_own_loop() -> None:
            bench.run(where())

        with pytest.raises(WorkbenchError, match="use await instead"):
            bench.run(on_its_own_loop())


def test_a_hook_of_one_bench_may_post_to_another() -> None:
    """Two benches that publish to one another from their hooks do not wait for one another."""
    pair = [Workbench("crossws", name="left"), Workbench("crossws", name="right")]
    for mine, other in (pair, reversed(pair)):

        @mine.hook("open")
        def join(peer: Any) -> None:
            peer.subscribe("all")

        @mine.hook("message")
        def pass_on(_: Any, message: Any, other: Workbench = other) -> None:
            other.publish("all", message.text())

    with (
        serving(pair[0]) as left,
        serving(pair[1]) as right,
        connect(str(left.ws_url)) as at_left,
        connect(str(right.ws_url)) as at_right,
    ):
        for number in range(50):
            at_left.send(f"to the right {number}")
            at_right.send(f"to the left {number}")
        for number in range(50):
            assert at_right.recv(timeout=5) == f"to the right {number}"
            assert at_left.recv(timeout=5) == f"to the left {number}"


def test_commands_from_other_threads_keep_their_order(bench: Workbench) -> None:
    """What a thread publishes arrives in the order in which it said it."""
    bench.hook("open")(lambda peer: peer.subscribe("all"))
    with serving(bench), connect(str(bench.ws_url)) as client:
        ask(client, "ready")
        thread = threading.Thread(target=lambda: [bench.publish("all", str(n)) for n in range(200)])
        thread.start()
        received = [client.recv(timeout=5) for _ in range(200)]
        thread.join()

    assert received == [str(number) for number in range(200)]


def test_a_hook_may_stop_its_own_bench(bench: Workbench) -> None:
    """The hook returns, the client is told 1001, and the bench is stopped."""

    @bench.hook("message")
    def leave(_: Any, message: Any) -> None:
        if message.text() == "STOP":
            bench.stop()

    bench.start()
    with connect(str(bench.ws_url)) as client:
        client.send("stop")
        received = list(client)  # ends with the connection

    assert received == ["stop"]
    assert client.close_code == 1001
    assert not bench.running


# -- errors that escape


def test_an_error_that_nobody_handles_reaches_the_sink(bench: Workbench) -> None:
    """It goes to the trace and to `on_error`; the connection lives on."""
    seen: list[tuple[str, str]] = []

    @bench.on_error
    def note(error: BaseException, failure: Any) -> None:
        seen.append((str(error), failure.point))

    @bench.hook("message", before="echo")
    def fail(_: Any, message: Any) -> None:
        if message.text() == "bad":
            raise ValueError("bad message")

    with serving(bench), connect(str(bench.ws_url)) as client:
        client.send("bad")
        assert ask(client, "good") == "good"

    assert seen == [("bad message", "message")]
    assert list(bench.trace.errors["error"]) == ["ValueError: bad message"]


def test_a_sink_with_one_argument_is_enough_and_may_fail_itself(bench: Workbench) -> None:
    """Its own error is noted too; nothing is raised into the server."""

    def note(error: BaseException) -> None:
        raise RuntimeError(f"cannot note {error}")

    bench.on_error(note)
    bench.take_failure(ValueError("first"), point="message")

    assert list(bench.trace.errors["error"]) == ["ValueError: first", "RuntimeError: cannot note first"]


def test_without_a_sink_errors_are_logged(bench: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    """A program on a terminal shows them where it shows other errors."""
    bench.take_failure(ValueError("seen"), point="message")

    assert "ValueError: seen at message" in caplog.text


def test_a_print_in_a_hook_belongs_to_its_call(bench: Workbench, capsys: pytest.CaptureFixture[str]) -> None:
    """It is kept with the call; on a terminal it is shown as well. After the stop, prints are left alone."""

    @bench.hook("message")
    def talk(_: Any, message: Any) -> None:
        print("heard", message.text())

    before = sys.stdout
    with serving(bench), connect(str(bench.ws_url)) as client:
        ask(client, "hello")

    printed = bench.trace.printed()
    assert list(printed["hook"]) == ["talk"]
    assert list(printed["text"]) == ["heard HELLO\n"]
    assert "heard HELLO" in capsys.readouterr().out
    assert sys.stdout is before


# -- HTTP, mounts and the bench's own paths


def test_the_dialects_members_are_the_benchs(bench: Workbench) -> None:
    """`get` decorates, `fetch` and `resolve` are assigned or decorate, `peers` is looked at."""

    @bench.get("/health")  # type: ignore[untyped-decorator]  # a member of the dialect
    def health(_: Any) -> dict[str, bool]:
        return {"ok": True}

    bench.fetch = lambda request: Response(f"fetched {request.path}")

    with serving(bench):
        assert http(f"{bench.url}/health") == (200, '{"ok":true}')
        assert http(f"{bench.url}/other") == (200, "fetched /other")
        assert not bench.peers
    assert {"fetch", "peers", "publish"} <= set(dir(bench))


def test_a_mount_has_its_own_points_on_the_shared_board(bench: Workbench) -> None:
    """Both mounts answer at their paths; board, journal and trace are one."""
    room = bench.mount("chat/", "crossws")

    @room.hook("message")
    def whisper(peer: Any, message: Any) -> None:
        peer.send(message.text().lower())

    with serving(bench):
        with connect(f"{bench.ws_url}/chat/room") as client:
            assert ask(client, "HeLLo") == "hello"
        with connect(f"{bench.ws_url}/chatter") as client:
            assert ask(client, "HeLLo") == "HeLLo"

    assert room.path == "/chat"
    assert [hook.name for hook in room.chain("message")] == ["whisper"]
    assert [hook.name for hook in bench.chain("/chat:message")] == ["whisper"]
    assert [hook.name for hook in bench.chain("message")] == ["echo", "shout"]
    assert {"message", "/chat:message"} <= set(bench.trace.calls["point"])
    assert set(bench.trace.dispatches["dialect"]) == {"crossws"}
    assert list(bench.mounts) == ["/", "/chat"]


@pytest.mark.parametrize("path", ["/", "/chat", "/_workbench", "/_workbench/x"])
def test_a_mount_at_a_taken_path_is_refused(bench: Workbench, path: str) -> None:
    """The bench's own paths and those of other mounts are taken."""
    bench.mount("/chat", "crossws")

    with pytest.raises(WorkbenchError, match="is taken"):
        bench.mount(path, "crossws")


def test_a_mount_takes_no_server_options(bench: Workbench) -> None:
    """The port belongs to the bench."""
    with pytest.raises(UnknownOption, match="belongs to the bench"):
        bench.mount("/x", "crossws", port=3)


def test_the_status_is_for_those_who_have_the_token(bench: Workbench) -> None:
    """Jupyter's list asks for it; nobody else is told."""
    with serving(bench, token="for clients"):
        url = f"{bench.url}/_workbench/status"
        assert http(url)[0] == 401
        assert http(url, Authorization="Bearer wrong")[0] == 401
        code, body = http(url, Authorization=f"Bearer {bench.token}")

    assert code == 200
    assert json.loads(body) | {"reason": ""} == {
        "name": "chat",
        "dialect": "crossws",
        "state": "ready",
        "reason": "",
        "rate": 0.0,
        "errors": 0,
        "clients": 0,
        "revision": 2,
    }


def test_the_benchs_own_paths_are_closed_to_dialects(bench: Workbench) -> None:
    """What lies below `/_workbench/` and is nothing is 404, whatever `fetch` would answer."""
    bench.fetch = lambda _: Response("mine")
    with serving(bench):
        assert http(f"{bench.url}/_workbench/other")[0] == 404
        with pytest.raises(InvalidStatus) as refused:
            connect(f"{bench.ws_url}/_workbench/other")
        assert refused.value.response.status_code == 404


# -- the console


def test_the_console_is_a_client_like_any_other(bench: Workbench) -> None:
    """It connects over the loopback with the token that clients need, and shows what came."""
    arrived = threading.Event()
    bench.console.subscribe(lambda: arrived.set() if len(bench.console.clients[0].lines) > 1 else None)
    with serving(bench, token="secret"):
        bench.console.open("/room", client="c1")
        bench.console.send("c1", "hello")
        assert arrived.wait(5)

    lines = bench.console.clients[0].lines
    assert [(line.direction, line.text) for line in lines] == [("out", "hello"), ("in", "hello")]
    assert bench.trace.connections["path"].tolist() == ["/room"]


# -- without a socket of its own


def test_the_bench_is_an_asgi_application(bench: Workbench) -> None:
    """Any ASGI server can run it; hooks, trace and posts work as on the built-in server."""

    async def main() -> list[str]:
        sent: list[dict[str, Any]] = []
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"x")],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "subprotocols": [],
        }
        running = asyncio.create_task(bench.asgi(scope, inbox.get, outbox.put))
        await inbox.put({"type": "websocket.connect"})
        sent.append(await asyncio.wait_for(outbox.get(), 5))
        await inbox.put({"type": "websocket.receive", "text": "hello"})
        sent.append(await asyncio.wait_for(outbox.get(), 5))
        await inbox.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(running, 5)
        return [event["type"] + " " + (event.get("text") or "") for event in sent]

    assert asyncio.run(main()) == ["websocket.accept ", "websocket.send hello"]
    assert "echo" in set(bench.trace.calls["hook"])
    bench.publish("topic", "nobody is there")  # the loop has gone: dropped, not raised
