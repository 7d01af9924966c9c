"""The bench from end to end, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.support import ask
from workbench import Workbench, WorkbenchError, benches
from workbench.bench.settings import UnknownOption
from workbench.engine.errors import UnknownDialect, UnknownPoint
from workbench.server.errors import NotRunning
from workbench.testing import serving

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
                assert client.recv(timeout=20) == str(number)

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
    with pytest.raises(UnknownDialect, match=r"no dialect 'crosws'; did you mean .crossws.\?"):
        Workbench("crosws")


def test_an_unknown_option_names_the_near_one() -> None:
    """Options are checked when the bench is made and when it is started."""
    with pytest.raises(UnknownOption, match=r"no option 'idle_timout'; did you mean .idle_timeout."):
        Workbench("crossws", idle_timout=3)
    with pytest.raises(UnknownOption, match="'hst' is none"):
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
    with pytest.raises(AttributeError, match="did you mean 'trace'"):
        bench.traces  # noqa: B018


def test_what_cannot_be_set_says_how_it_is_told(bench: Workbench) -> None:
    """There is a name, and no near one would help."""
    with pytest.raises(
        AttributeError, match=r'The .name. of a bench cannot be set; tell it by Workbench\("cr'
    ):
        bench.name = "other"  # type: ignore[misc]  # that is the mistake
    with pytest.raises(AttributeError, match=r"The 'trace' of a bench cannot be set$"):
        bench.trace = None  # type: ignore[assignment]


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
            assert at_right.recv(timeout=20) == f"to the right {number}"
            assert at_left.recv(timeout=20) == f"to the left {number}"


def test_commands_from_other_threads_keep_their_order(bench: Workbench) -> None:
    """What a thread publishes arrives in the order in which it said it."""
    bench.hook("open")(lambda peer: peer.subscribe("all"))
    with serving(bench), connect(str(bench.ws_url)) as client:
        ask(client, "ready")
        thread = threading.Thread(target=lambda: [bench.publish("all", str(n)) for n in range(200)])
        thread.start()
        received = [client.recv(timeout=20) for _ in range(200)]
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


def test_a_bench_runs_anew_while_its_old_server_still_ends(bench: Workbench) -> None:
    """A hook that has stopped the server and goes on does not take the next run's loop away."""
    stopped, anew = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    @bench.hook("ping")
    def leave() -> None:
        threads.append(threading.current_thread())
        bench.stop()
        stopped.set()
        anew.wait(5)

    bench.start()
    with connect(str(bench.ws_url)) as client:
        client.ping()
        assert stopped.wait(5)
        bench.start(port=0)
        loop = bench.hosting.loop
        anew.set()
        threads[0].join(5)

    assert bench.mounts["/"].loop is loop
    with connect(str(bench.ws_url)) as client:
        assert ask(client, "again") == "again"


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


def test_the_asgi_application_has_the_benchs_options() -> None:
    """What ASGI does not carry of them is named; the token and the limit of messages are carried."""
    bench = Workbench("crossws", token="secret", origins=["https://a.example"], deflate=True, max_message=10)
    with pytest.warns(UserWarning, match="ASGI cannot deflate"):
        application = bench.asgi
    assert [lacking.split()[0] for lacking in application.missing] == ["deflate"]
    assert (application.host.options.token, application.host.options.max_message) == ("secret", 10)


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
