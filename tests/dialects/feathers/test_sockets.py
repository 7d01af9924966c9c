"""What workbench.dialects.feathers.sockets promises; the rules themselves are driven from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from workbench import Workbench
from workbench.testing import serving


class Notes:
    """Gives things back."""

    async def create(self, data: Any) -> Any:
        """Give it back."""
        return data

    async def get(self, id_: Any, params: Any) -> Any:
        """Give what arrived."""
        return {"id": id_, "query": params.query, "user": params.user}


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Serve notes to everybody, who is called ann."""
    bench = Workbench("feathers", name="sockets")
    bench.use("notes", Notes())
    bench.hooks({"before": {"all": [lambda _context: None]}})

    def joined(connection: Any) -> None:
        connection["user"] = "ann"
        bench.channel("everybody").join(connection)

    bench.on("connection", joined)
    bench.publish(lambda: bench.channel("everybody"))
    with serving(bench):
        yield bench


@pytest.fixture(params=["polling", "websocket"])
def client(request: pytest.FixtureRequest, bench: Workbench) -> Iterator[Any]:
    """Give a client over each transport."""
    made = socketio.SimpleClient()
    made.connect(bench.url, transports=[request.param])
    yield made
    made.disconnect()


def test_members_of_a_connection_become_params(client: Any) -> None:
    """R100: what a listener of "connection" put there, too."""
    assert client.call("get", ("notes", 5, {"a": True}))[1] == {"id": 5, "query": {"a": True}, "user": "ann"}


def test_connections_stand_in_the_trace_with_their_calls(bench: Workbench, client: Any) -> None:
    """Opened, what went through, and whose call a dispatch was."""
    client.call("create", ("notes", {"a": 1}))

    dispatch = bench.trace.dispatches.iloc[-1]
    connection = bench.trace.connections.iloc[-1]
    assert dispatch["point"] == "notes.create"
    assert dispatch["connection"] == connection["connection"] > 0
    assert connection["dialect"] == "feathers"
    moments = bench.trace.moments
    mine = moments[moments["dispatch"] == dispatch["dispatch"]]["text"].tolist()
    assert mine == ["notes created to 1", "answered"]


def test_what_a_client_was_answered_is_kept(bench: Workbench, client: Any) -> None:
    """The trace has the text of the answer beside its time."""
    answer = client.call("create", ("notes", {"a": 1}))[1]

    answered = next(moment for moment in bench.trace.recorder.moments.rows() if moment.text == "answered")
    assert isinstance(answered.data, str)
    assert json.loads(answered.data) == answer


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        (None, [None]),
        ([1, [2]], [1, [2]]),
        ("text", ["text"]),
        (0, [0]),
        ({"n": float("nan")}, [{"n": None}]),
    ],
)
def test_events_carry_any_value(client: Any, data: Any, heard: list[Any]) -> None:
    """As one argument; a list is told element by element."""
    client.call("create", ("notes", data))

    assert [client.receive(timeout=20) for _ in heard] == [["notes created", one] for one in heard]


@pytest.mark.parametrize("query", ["text", [1], 5, None])
def test_a_query_that_is_none_is_no_fault(client: Any, query: Any) -> None:
    """It becomes an object, as spreading makes one."""
    answer = client.call("get", ("notes", 1, query))[1]

    assert isinstance(answer["query"], dict)


def test_those_who_have_gone_are_in_no_channel(bench: Workbench, client: Any) -> None:
    """R56: and listeners are told after that."""
    gone: list[bool] = []
    bench.on("disconnect", lambda connection: gone.append(connection in bench.channel("everybody")))
    other = socketio.SimpleClient()
    other.connect(bench.url, transports=["websocket"])
    other.call("create", ("notes", {"n": 1}))
    other.disconnect()
    client.call("create", ("notes", {"n": 2}))

    for _ in range(100):
        if gone:
            break
        client.call("get", ("notes", 1))
    assert gone == [False]


def test_a_listener_may_send_a_connection_away(bench: Workbench, client: Any) -> None:
    """Emitting "disconnect" closes its socket, as an expired token does."""
    connection = bench.channel("everybody").connections[0]
    bench.run(_emit(bench, connection))

    with pytest.raises(socketio.exceptions.SocketIOError):
        _until_it_fails(client)


def _until_it_fails(client: Any) -> None:
    for _ in range(100):
        client.call("get", ("notes", 1), timeout=2)


async def _emit(bench: Workbench, connection: Any) -> None:
    bench.emit("disconnect", connection)
