"""A bench's server over its life, over real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support import ask
from workbench import Workbench, WorkbenchError, benches
from workbench.dialects.crossws.peer import Peer
from workbench.server.errors import PortInUse
from workbench.server.server import HookServer
from workbench.testing import free_port, serving


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


def test_a_hook_is_told_that_it_cannot_restart_its_server(bench: Workbench) -> None:
    """The bench goes on as it was, and the way that the sentence names leads to a new run."""
    told: list[str] = []

    @bench.hook("message")
    def again(peer: Peer) -> None:
        try:
            bench.restart()
        except WorkbenchError as error:
            told.append(str(error))
        peer.send("went on")

    with serving(bench):
        with connect(str(bench.ws_url)) as client:
            assert ask(client, "restart") == "restart"
            assert client.recv(timeout=20) == "went on"
        assert bench.running
        assert "A hook cannot restart the server that runs it" in told[0]

        loop = bench.hosting.loop
        thread = threading.Thread(target=bench.restart)
        thread.start()
        thread.join(10)
        assert bench.running
        assert bench.hosting.loop is not loop


def test_a_new_bench_of_the_name_replaces_the_old_one(bench: Workbench) -> None:
    """Its clients are told 1001, its port is taken over, and its state says why it stopped."""
    bench.start(port=free_port())
    port = bench.port
    newer = Workbench("crossws", name="chat")
    try:
        with connect(str(bench.ws_url)) as client:
            newer.start()
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(timeout=20)

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

    with pytest.raises(PortInUse, match="by the bench 'chat' of this process"):
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


def test_a_port_that_another_kernel_announced_is_named(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other kernel's discovery file says which of its benches holds the port."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with socket.socket() as listener:
        port = free_port()
        listener.bind(("127.0.0.1", port))
        listener.listen()
        facts = {"name": "far", "port": port, "pid": os.getppid(), "state": "ready"}
        (tmp_path / "workbench-k.far.json").write_text(json.dumps(facts), encoding="utf-8")
        (tmp_path / "workbench-k.broken.json").write_text("{", encoding="utf-8")

        with pytest.raises(PortInUse, match=rf"'far' of another kernel \(process {os.getppid()}\)"):
            bench.start(port=port)


def test_starting_with_other_options_starts_anew(bench: Workbench) -> None:
    """The same options leave the server alone; others, the port among them, take effect at once."""
    first, second = free_port(), free_port()
    bench.start(port=first)
    with connect(str(bench.ws_url)) as client:
        bench.start(port=first, host="127.0.0.1")
        assert ask(client, "same") == "same"
        bench.start(port=second)
        assert list(client) == []
    assert bench.port == second


def test_a_port_that_was_taken_meanwhile_is_replaced_by_a_free_one(bench: Workbench) -> None:
    """A port that nobody asked for is a habit, not a condition."""
    bench.start()
    port = bench.port
    bench.stop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port or 0))
        listener.listen()
        bench.start()

    assert bench.port not in (None, port)


def test_the_process_stops_its_benches_when_it_ends(tmp_path: Path) -> None:
    """A script that ends without a stop closes its clients properly and exits at once."""
    script = tmp_path / "script.py"
    script.write_text(
        "from workbench import Workbench\nfrom websockets.sync.client import connect\n"
        "bench = Workbench('crossws').start()\nclient = connect(bench.ws_url)\n"
        "print(bench.running)\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-W", "error", str(script)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_an_interrupted_start_leaves_no_server_behind(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C in the moment of starting frees the port again."""
    started: list[HookServer] = []
    start = HookServer.start

    def interrupted(server: HookServer) -> HookServer:
        started.append(start(server))
        raise KeyboardInterrupt

    monkeypatch.setattr(HookServer, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bench.start()

    assert not started[0].running
    assert not bench.running
    monkeypatch.undo()
    assert bench.start().running


def test_a_server_whose_thread_died_is_a_failure_with_a_way_out(bench: Workbench) -> None:
    """The state says what to do, and doing it helps; nothing of the dead server stays."""
    before = sys.stdout
    bench.start()
    server = bench.serving.server
    assert server is not None
    server.stop()

    assert bench.state == ("failed", "The server's thread has ended; start the bench again")
    assert bench.start().state[0] == "ready"
    bench.stop()
    assert sys.stdout is before


def test_the_token_is_kept_over_a_second_start(bench: Workbench) -> None:
    """Running the cell again must not lock out those who have the link; `token=False` ends it."""
    bench.start(token=True)
    token = bench.serving.options.token
    bench.start(token=True)
    assert bench.serving.options.token == token
    bench.start(token=False)
    assert bench.serving.options.token is None
