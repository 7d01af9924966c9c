"""A real Jupyter server, a real kernel, a real bench: the whole way, and the figures the proxy has to keep.

The mechanics of large and slow traffic are driven against a small hook server outside the kernel, so that
what grows or closes is the proxy's doing.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socket import SHUT_RDWR, create_connection
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.jupyter.process import JupyterProcess
from tests.jupyter.standin import StandIn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MEGABYTE = 2**20
SPIN = """
from pathlib import Path
while not Path({0!r}).exists():
    for _ in range(1_000_000):
        pass
Path({0!r}).unlink()
"""
BENCH = """
from workbench import Workbench
chat = Workbench("crossws", name="chat")

@chat.hook("message")
def shout(peer, message):
    peer.send(message.text().upper())

chat.start()
"""
ROUTES = """
from workbench import Response

def fetch(request):
    answer = {"path": request.path, "length": len(request.text())}
    return Response(answer, headers={"X-From": "hook"})

chat.fetch = fetch

@chat.hook("upgrade")
def doorkeeper(request):
    if "private" in request.url:
        return Response("no ticket", status=401)
"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """One Jupyter server for all tests here, below a base URL that needs escapes."""
    with JupyterProcess(tmp_path_factory.mktemp("jupyter"), base_url="/user/a%40b/") as process:
        yield process


@pytest.fixture(scope="module")
def kernel(jupyter: JupyterProcess) -> str:
    """One kernel with one bench, "chat"."""
    kernel = jupyter.start_kernel()
    jupyter.run(kernel, BENCH)
    return kernel


@pytest.fixture
def chat(kernel: str) -> str:
    """Return the id of the bench."""
    return f"{kernel}.chat"


@pytest.fixture
def server() -> Iterator[StandIn]:
    """Run a small hook server in the test's own process."""
    with StandIn() as running:
        yield running
        running.gate.set()


@pytest.fixture
def stand_in(jupyter: JupyterProcess, kernel: str, server: StandIn) -> Iterator[str]:
    """Announce the small hook server as a bench of the kernel; the value is its id."""
    yield from _announced(jupyter.runtime, kernel, server)


def _announced(runtime: Path, kernel: str, server: StandIn) -> Iterator[str]:
    facts = {
        "version": 1,
        "id": f"{kernel}.standin",
        "name": "standin",
        "dialect": "crossws",
        "kernel": kernel,
    }
    facts |= {"pid": os.getpid(), "host": "127.0.0.1", "port": server.port, "token": server.token}
    path = runtime / f"workbench-{kernel}.standin.json"
    path.touch(0o600)
    path.write_text(json.dumps({**facts, "state": "live", "reason": ""}))
    yield f"{kernel}.standin"
    path.unlink(missing_ok=True)


def test_a_bench_of_a_kernel_is_listed_with_its_figures(jupyter: JupyterProcess, chat: str) -> None:
    """Name, dialect, state and the proxied path, base URL included."""
    status, _, listed = jupyter.request("GET", "workbench/api/servers")
    assert status == 200
    (found,) = [entry for entry in listed if entry["id"] == chat]
    assert (found["name"], found["dialect"], found["kernel_state"]) == ("chat", "crossws", "idle")
    assert found["state"] in {"ready", "live"}
    assert found["url"] == f"/user/a%40b/workbench/servers/{chat}/"


def test_a_client_reaches_the_hook_through_jupyter(jupyter: JupyterProcess, chat: str) -> None:
    """A message goes in, the hook's answer comes out, and the bench counts it."""
    with jupyter.open(f"workbench/servers/{chat}/") as socket:
        socket.send("hello")
        assert socket.recv(timeout=20) == "HELLO"


def test_a_real_bench_is_reached_as_if_directly(jupyter: JupyterProcess, chat: str, kernel: str) -> None:
    """Its routes, the answer of a hook that refuses an upgrade, and a page of Jupyter's own origin."""
    jupyter.run(kernel, ROUTES)
    here = f"workbench/servers/{chat}/"
    status, headers, body = jupyter.request("POST", f"{here}echo?x=1", b"y" * 100_000)
    assert (status, body) == (200, {"path": "/echo", "length": 100_000})
    assert headers["X-From"] == "hook"
    with pytest.raises(InvalidStatus) as refusal:
        jupyter.open(f"{here}private")
    assert refusal.value.response.status_code == 401
    assert refusal.value.response.body == b"no ticket"
    page = {"Origin": f"http://127.0.0.1:{jupyter.port}"}
    with jupyter.open(here, headers=page) as socket:
        socket.send("page")
        assert socket.recv(timeout=20) == "PAGE"


def test_it_answers_while_a_cell_runs(jupyter: JupyterProcess, chat: str, kernel: str) -> None:
    """A cell that spins in Python holds neither clients nor the list up."""
    with jupyter.client(kernel) as client, jupyter.open(f"workbench/servers/{chat}/") as socket:
        end = jupyter.root / "end"
        client.execute(SPIN.format(str(end)))
        until_busy(jupyter, chat)
        socket.send("still there")
        assert socket.recv(timeout=20) == "STILL THERE"
        (found,) = [e for e in jupyter.request("GET", "workbench/api/servers")[2] if e["id"] == chat]
        assert found["kernel_state"] == "busy"
        assert found["state"] in {"ready", "live"}
        end.touch()


def until_busy(jupyter: JupyterProcess, chat: str, state: str = "busy") -> None:
    """Wait until Jupyter has noticed what the kernel does."""
    for _ in range(400):
        entry = jupyter.request("GET", f"workbench/api/servers/{chat}")[2]
        if entry.get("kernel_state") == state:
            return
        time.sleep(0.05)
    raise AssertionError(f"The kernel did not become {state}.")


def test_stopping_works_while_a_cell_runs_and_starting_again_keeps_the_port(
    jupyter: JupyterProcess, chat: str, kernel: str
) -> None:
    """DELETE goes through the bench's own channel; start goes back to the same port."""
    until_busy(jupyter, chat, "idle")
    port = jupyter.request("GET", f"workbench/api/servers/{chat}")[2]["port"]
    with jupyter.client(kernel) as client:
        end = jupyter.root / "end"
        client.execute(SPIN.format(str(end)))
        until_busy(jupyter, chat)
        assert jupyter.request("DELETE", f"workbench/api/servers/{chat}")[0] == 204
        stopped = jupyter.request("GET", f"workbench/api/servers/{chat}")[2]
        assert (stopped["state"], stopped["kernel_state"]) == ("stopped", "busy")
        assert jupyter.request("DELETE", f"workbench/api/servers/{chat}")[0] == 204
        end.touch()
        status, _, again = jupyter.request("POST", f"workbench/api/servers/{chat}/start")
    assert status == 200
    assert (again["state"], again["port"]) == ("ready", port)


def test_48_mebibytes_come_back(jupyter: JupyterProcess, stand_in: str) -> None:
    """One message far beyond tornado's 10 MiB, and 65 MiB closes with 1009."""
    message = bytes(range(256)) * (48 * MEGABYTE // 256)
    with jupyter.open(f"workbench/servers/{stand_in}/ws/x") as socket:
        socket.send(message)
        assert socket.recv(timeout=30) == message
        with pytest.raises(ConnectionClosed) as ended:  # noqa: PT012 - either may notice first
            socket.send(b"x" * (65 * MEGABYTE))
            socket.recv(timeout=30)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1009


def test_a_reader_that_does_not_read_holds_the_sender_back(jupyter: JupyterProcess, stand_in: str) -> None:
    """A flood towards a client that reads nothing stops at the sockets' buffers; Jupyter's memory stays."""
    before = jupyter.memory
    with jupyter.open(f"workbench/servers/{stand_in}/ws/x", max_queue=1) as socket:
        socket.send("flood")
        grown = _highest(jupyter, 2.0) - before
        assert grown < 64 * MEGABYTE
        socket.socket.shutdown(SHUT_RDWR)


def test_a_hook_that_does_not_take_holds_the_client_back(
    jupyter: JupyterProcess, stand_in: str, server: StandIn
) -> None:
    """A fast client against a slow hook: what is under way is bounded, and so is Jupyter's memory."""
    before = jupyter.memory
    sent = 0

    with jupyter.open(f"workbench/servers/{stand_in}/ws/slow") as socket:

        def send() -> None:
            nonlocal sent
            try:
                for _ in range(500):
                    socket.send(b"x" * MEGABYTE)
                    sent += 1
            except (ConnectionClosed, OSError):
                pass

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        grown = _highest(jupyter, 2.0) - before
        assert sent < 64
        assert grown < 64 * MEGABYTE
        socket.socket.shutdown(SHUT_RDWR)
        server.gate.set()
        thread.join(5)


def _highest(jupyter: JupyterProcess, seconds: float) -> int:
    """Watch Jupyter's memory for a while and return the most it was."""
    deadline, highest = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        highest = max(highest, jupyter.memory)
        time.sleep(0.05)
    return highest


def test_a_download_that_nobody_reads_waits_in_the_hook_server(
    jupyter: JupyterProcess, stand_in: str
) -> None:
    """Half a gibibyte towards a client that takes its time: Jupyter's memory stays."""
    before = jupyter.memory
    size = 512 * MEGABYTE
    path = f"{jupyter.base_url}workbench/servers/{stand_in}/big?size={size}"
    with create_connection(("127.0.0.1", jupyter.port)) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {jupyter.token}\r\n\r\n"
        connection.sendall(head.encode())
        grown = _highest(jupyter, 1.5) - before
        assert grown < 64 * MEGABYTE
        connection.settimeout(10)
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_an_upload_that_the_hook_does_not_take_waits_in_the_client(
    jupyter: JupyterProcess, stand_in: str, server: StandIn
) -> None:
    """An endless upload stops at the sockets' buffers; Jupyter's memory stays."""
    before, sent = jupyter.memory, 0
    path = f"{jupyter.base_url}workbench/servers/{stand_in}/slow-upload"
    with create_connection(("127.0.0.1", jupyter.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {jupyter.token}\r\n"
        connection.sendall(f"{head}Content-Length: {2**30}\r\n\r\n".encode())
        connection.settimeout(1.5)
        with contextlib.suppress(TimeoutError):
            while sent < 256 * MEGABYTE:
                sent += connection.send(b"x" * MEGABYTE)
        assert sent < 64 * MEGABYTE
        assert jupyter.memory - before < 64 * MEGABYTE
    server.gate.set()


def test_close_codes_and_subprotocols_pass_a_real_server(jupyter: JupyterProcess, stand_in: str) -> None:
    """4321 from the hook, and the hook's choice among the subprotocols."""
    with jupyter.open(f"workbench/servers/{stand_in}/ws/x", subprotocols=["nope", "echo.v2"]) as socket:
        assert socket.subprotocol == "echo.v2"
        socket.send("close")
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=20)
    assert ended.value.rcvd is not None
    assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (4321, "you asked")


@pytest.mark.parametrize("path", ["", "ws/x", "_workbench/channel"])
def test_without_a_token_and_from_elsewhere_nothing_opens(
    jupyter: JupyterProcess, chat: str, path: str
) -> None:
    """403 for HTTP and WebSocket alike."""
    nobody: dict[str, Any] = {"Authorization": ""}
    assert jupyter.request("GET", f"workbench/servers/{chat}/{path}", headers=nobody)[0] == 403
    with pytest.raises(InvalidStatus) as refusal:
        jupyter.open(f"workbench/servers/{chat}/{path}", token=False)
    assert refusal.value.response.status_code == 403


def test_a_restarted_kernel_breaks_connections_off_and_its_benches_are_gone(jupyter: JupyterProcess) -> None:
    """1011 for who was connected, 404 afterwards, and the file is tidied away."""
    kernel = jupyter.start_kernel()
    jupyter.run(kernel, BENCH)
    path = jupyter.runtime / f"workbench-{kernel}.chat.json"
    assert path.exists()
    with jupyter.open(f"workbench/servers/{kernel}.chat/") as socket:
        assert jupyter.request("POST", f"api/kernels/{kernel}/restart")[0] == 200
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=10)
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code in {1001, 1011}
    assert jupyter.request("GET", f"workbench/servers/{kernel}.chat/")[0] == 404
    assert not path.exists()
    assert jupyter.request("DELETE", f"api/kernels/{kernel}")[0] == 204


def test_a_killed_kernels_benches_leave_the_list(jupyter: JupyterProcess) -> None:
    """Shutting the kernel down is enough."""
    status, _, made = jupyter.request(
        "POST", "workbench/api/servers", {"dialect": "crossws", "name": "brief"}
    )
    assert (status, made["name"]) == (201, "brief")
    assert made["state"] in {"ready", "live"}
    assert jupyter.run(made["kernel"], "print(brief.name, len(In))") == "brief 2\n"
    assert jupyter.request("DELETE", f"api/kernels/{made['kernel']}")[0] == 204
    listed = jupyter.request("GET", "workbench/api/servers")[2]
    assert made["id"] not in [entry["id"] for entry in listed]
    assert jupyter.request("GET", f"workbench/servers/{made['id']}/")[0] == 404


def test_a_notebooks_kernel_is_found_by_its_path(jupyter: JupyterProcess) -> None:
    """A notebook without a kernel gets one; the bench then runs in it, and the list names the notebook."""
    (jupyter.root / "first.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    status, _, made = jupyter.request(
        "POST", "workbench/api/servers", {"dialect": "crossws", "path": "first.ipynb"}
    )
    assert (status, made["notebook"]) == (201, "first.ipynb")
    again = {"dialect": "crossws", "path": "first.ipynb", "name": "second"}
    assert jupyter.request("POST", "workbench/api/servers", again)[2]["kernel"] == made["kernel"]
    jupyter.request("DELETE", f"api/kernels/{made['kernel']}")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"dialect": "crosws"}, 400, "crossws"),
        ({"dialect": "crossws", "kernel": "nobody"}, 404, "kernel"),
        ({"dialect": "crossws", "path": "nowhere.ipynb"}, 404, "nowhere.ipynb"),
        ({"dialect": "crossws", "name": "x'; import os"}, 400, "name"),
        (b"{", 400, "JSON"),
    ],
)
def test_what_cannot_start_says_why_in_one_sentence(
    jupyter: JupyterProcess, body: Any, status: int, word: str
) -> None:
    """Status, one JSON shape, and no kernel left behind."""
    kernels = len(jupyter.request("GET", "api/kernels")[2])
    answered, _, error = jupyter.request("POST", "workbench/api/servers", body)
    assert answered == status
    assert set(error) == {"status", "reason", "message"}
    assert word in error["message"]
    assert "Traceback" not in error["message"]
    assert len(jupyter.request("GET", "api/kernels")[2]) == kernels


def test_a_taken_port_is_a_conflict(jupyter: JupyterProcess, kernel: str, chat: str) -> None:
    """The sentence names the port."""
    port = jupyter.request("GET", f"workbench/api/servers/{chat}")[2]["port"]
    body = {"dialect": "crossws", "kernel": kernel, "name": "other", "port": port}
    status, _, error = jupyter.request("POST", "workbench/api/servers", body)
    assert status == 409
    assert str(port) in error["message"]
