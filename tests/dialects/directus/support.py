"""What the tests of Directus share: a served bench, and clients that read JSON."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from workbench import Workbench

PATIENCE = 20.0
EDITOR = "editor"
OPTIONS: dict[str, Any] = {
    "database": "sqlite://",
    "collections": {
        "messages": {
            "text": "string",
            "likes": {"type": "integer", "default": 0},
            "date_created": {"type": "timestamp", "default": "$NOW"},
        },
        "notifications": {"title": "string", "target": "string"},
        "board": {"fields": {"headline": {"type": "string", "default": "nothing"}}, "singleton": True},
    },
    "roles": [
        {"name": "administrator", "admin": True},
        {"name": EDITOR, "permissions": {"messages": "*", "notifications": "*", "board": "*"}},
        {"name": "reader", "permissions": {"messages": "read"}},
    ],
    "users": [
        {"email": "admin@example.com", "token": "admin-token", "role": "administrator"},
        {
            "id": "alice",
            "email": "alice@example.com",
            "password": "pass",
            "token": "alice-token",
            "role": EDITOR,
        },
        {"id": "rita", "token": "rita-token", "role": "reader"},
    ],
}


class Person:
    """A client of a bench."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws

    def send(self, message: Any) -> None:
        """Send a message: text as it is, anything else as JSON."""
        self.ws.send(message if isinstance(message, str) else json.dumps(message))

    def next(self, timeout: float = PATIENCE) -> Any:
        """Give the next message."""
        return json.loads(self.ws.recv(timeout=timeout))

    def ask(self, message: Any) -> Any:
        """Send a message and give the next one that comes."""
        self.send(message)
        return self.next()

    def silent(self, seconds: float = 0.15) -> bool:
        """Tell whether nothing comes for a while."""
        try:
            self.ws.recv(timeout=seconds)
        except TimeoutError:
            return True
        return False

    def items(self, action: str, **more: Any) -> Any:
        """Send an items message for messages; give the answer."""
        return self.ask({"type": "items", "action": action, "collection": "messages", "uid": "i", **more})


@contextmanager
def serving(**options: Any) -> Iterator[Workbench]:
    """Serve a bench with the usual people and collections."""
    bench = Workbench("directus", **{**OPTIONS, **options})
    try:
        yield bench.start()
    finally:
        bench.stop()


@contextmanager
def person(bench: Workbench, token: str | None = "alice-token", path: str = "/websocket") -> Iterator[Person]:
    """Connect a client, signed in by its token in the URL; None: not signed in."""
    query = "" if token is None else f"?access_token={token}"
    with connect(f"{bench.ws_url}{path}{query}", proxy=None, open_timeout=PATIENCE, close_timeout=1) as ws:
        yield Person(ws)


def request(bench: Workbench, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """Ask over HTTP; give status and what was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=PATIENCE)
    try:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
        is_json = (response.getheader("content-type") or "").startswith("application/json")
        return response.status, json.loads(text) if is_json else text
    finally:
        connection.close()


def until(condition: Callable[[], Any], what: str = "it") -> Any:
    """Wait until something holds; give it."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.01)
    return found
