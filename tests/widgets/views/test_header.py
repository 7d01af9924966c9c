"""The header: what a newcomer is offered first, a hook to paste into a cell and a client that gets in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from workbench import Workbench
from workbench.testing.provider import Provider
from workbench.widgets.views import build

_PATIENCE = 5.0


def _until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def _served(dialect: str, **options: Any) -> Iterator[Workbench]:
    options |= {"database": None} if dialect == "hocuspocus" else {}
    bench = Workbench(dialect, name="first", **options)
    try:
        yield bench.start()
    finally:
        bench.stop()


def _message(bench: Workbench, header: Any) -> None:
    with connect(header["address"], proxy=None) as client:
        client.send("hello")
        _until(lambda: len(bench.trace.printed()))


def _token(_bench: Workbench, header: Any) -> None:
    with Provider(header["address"], "notes", token="ada") as ada:
        assert ada.state == "synced"


def _call(_bench: Workbench, header: Any) -> None:
    answer = httpx.post(f"{header['address']}/messages", json={"text": "hello"}, trust_env=False)
    assert answer.json() == {"id": 1, "text": "hello"}


def _item(bench: Workbench, header: Any) -> None:
    with connect(f"{bench.ws_url}{header['socket_path']}", proxy=None) as client:
        client.send(
            json.dumps(
                {"type": "items", "action": "create", "collection": "messages", "data": {"text": "hello"}}
            )
        )
        answers = iter(lambda: json.loads(client.recv(timeout=_PATIENCE)), None)
        assert next(answer for answer in answers if answer["type"] == "items")["data"]["text"] == "hello"


def _request(_bench: Workbench, header: Any) -> None:
    assert httpx.get(f"{header['address']}/", trust_env=False).status_code == 404  # there is no route yet


EVENTS = {
    "crossws": (_message, "hello"),
    "hocuspocus": (_token, "notes ada"),
    "feathers": (_call, "messages create {'text': 'hello', 'id': 1}"),
    "directus": (_item, "{'text': 'hello'}"),
    "wookie": (_request, "GET /"),
}
"""The event that each dialect's first hook is for, and what it prints of it."""


@pytest.mark.parametrize("dialect", EVENTS)
def test_the_first_hook_works_as_it_is_offered(dialect: str) -> None:
    """Pasted into a cell it is attached, sees the event that it is for, and lets it pass."""
    happen, printed = EVENTS[dialect]
    with _served(dialect) as bench:
        header = build("header", bench, {})
        exec(header["example"], {header["spoken"]: bench})
        happen(bench, header)
        assert printed in " ".join(bench.trace.printed()["text"])
        calls = bench.trace.calls
        assert list(calls[calls.hook == "watch"].outcome.unique()) in (["ok"], ["changed"])
        assert bench.trace.failures.total == 0


def test_the_first_hook_is_for_what_is_there() -> None:
    """Services and collections that a bench has are named, by the variable that holds it."""
    feathers: Any = Workbench("feathers", name="here")

    class Profiles:
        async def find(self, params: Any) -> list[Any]:
            return [params]

    feathers.use("users/profiles", Profiles())
    example = feathers.mounts["/"].app.example("chat")
    assert example.startswith('@chat.hook("users/profiles.find")\n')
    directus = Workbench("directus", name="here", collections={"notes": {"text": "string"}})
    assert '.filter("notes.items.create")' in directus.mounts["/"].app.example("chat")


@pytest.mark.parametrize("dialect", EVENTS)
def test_the_first_client_gets_in(dialect: str) -> None:
    """Where the header names a path, the console's client is open there; where not, none would be let in."""
    with _served(dialect) as bench:
        path = build("header", bench, {})["socket_path"]
        if path is None:
            with pytest.raises(InvalidStatus, match="404"), connect(f"{bench.ws_url}/", proxy=None):
                pass
            return
        client = bench.console.open(path)
        _until(lambda: client.state != "connecting")
        assert client.state == "open"


def test_a_path_is_found_among_the_mounts() -> None:
    """A bench that has no plain WebSocket of its own offers that of what is mounted on it."""
    with _served("feathers") as bench:
        bench.mount("/chat", "crossws")
        header = build("header", bench, {})
        assert (header["socket_path"], header["address"]) == ("/chat", bench.url)


def test_nobody_is_signed_in_who_was_not_named() -> None:
    """The token of the first user is in the path only where the bench has that user."""
    bench = Workbench("directus", name="own", users=[], roles=[])
    assert build("header", bench, {})["socket_path"] == "/websocket"
