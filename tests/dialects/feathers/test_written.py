"""A Feathers bench as a file: services, lists and maps of hooks, logins, publishers, listeners."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.saving import asked, notebook

NOTEBOOK = '''
import os
from workbench import Workbench
from workbench.dialects.feathers import (
    AuthenticationService, BadRequest, JWTStrategy, LocalStrategy, MemoryService, authenticate, hash_password,
    password_hash, protect,
)

bench = Workbench("feathers", name="chat", case_sensitive=False)

SECRET = os.environ.get("NO_SUCH_SECRET", "a secret of more than thirty-two bytes")
journal = []


def labelled(label):
    async def around(context, next):
        journal.append(f"{label}>")
        await next()
        journal.append(f"<{label}")

    around.__name__ = label
    return around


class Messages(MemoryService):
    """Adds a method of its own."""

    async def shout(self, data, params=None):
        return {"text": data["text"].upper()}


class Journal:
    """Says what hooks did."""

    async def find(self, params=None):
        return list(journal)

    async def setup(self, app, path):
        app.service(path).hooks({"before": {"find": [opened]}})


async def opened(context):
    journal.append("opened")


def checked(context):
    if not context.data.get("text"):
        raise BadRequest("text is missing", {"field": "text"})
    context.data = {**context.data, "by": (context.params.get("user") or {}).get("email", "nobody")}


def sign(context):
    context.data = {**context.data, "signed": True}


def forgive(context):
    context.result = {"forgiven": str(context.error)}


bench.set("authentication", {
    "secret": SECRET, "entity": "user", "service": "users", "auth_strategies": ["jwt", "local"],
    "local": {"username_field": "email", "password_field": "password"},
})
bench.use(
    "messages",
    Messages(paginate={"default": 5, "max": 10}),
    methods=["find", "get", "create", "shout"],
    events=["typed"],
)
bench.use("users", MemoryService(store={1: {"email": "root@example.com"}}, multi=True))
bench.use("journal", Journal())
auth = AuthenticationService(bench)
auth.register("jwt", JWTStrategy())
auth.register("local", LocalStrategy())
bench.use("authentication", auth)

messages = bench.service("messages")
messages.hooks({
    "around": {"all": [authenticate("jwt")], "create": [labelled("create")]},
    "before": {"create": [checked, sign]},
    "error": {"get": [forgive]},
})
messages.hooks([labelled("list")])
messages.hooks({"find": [labelled("map")]})
bench.service("users").hooks(
    {"before": {"create": [hash_password("password")]}, "around": {"all": [protect("password")]}}
)
bench.hooks([labelled("app")])
bench.hooks({"setup": [labelled("setup")]})
bench.chain("messages.create").attach(labelled("off"), lane="/messages.around.create", kind="around")
bench.chain("messages.create").enable("off", False)
bench.chain("messages.create").move("sign", before="checked")


@bench.on("connection")
def join(connection):
    bench.channel("all").join(connection)


bench.publish(lambda data, context: bench.channel("all"))


@messages.on("created")
def noted(message, context):
    journal.append(f"created {message['text']}")
'''


def call(client: ClientConnection, number: int, *arguments: Any) -> Any:
    """Call a method over Socket.IO and give what came back; events are passed over."""
    client.send(f"42{number}{json.dumps(arguments)}")
    while True:
        frame = str(client.recv(timeout=20))
        if frame == "2":
            client.send("3")
        elif frame.startswith(f"43{number}"):
            return json.loads(frame.removeprefix(f"43{number}"))


def ask(port: int) -> dict[str, Any]:
    """Make a user, log in, call over REST and hear over Socket.IO; tokens and their dates are left out."""
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}")
    user = http.post("/users", json={"email": "ada@example.com", "password": "secret"}).json()
    login = {"strategy": "local", "email": "ada@example.com", "password": "secret"}
    signed_in = http.post("/authentication", json=login)
    token = signed_in.json()["accessToken"]
    signed = {"authorization": f"Bearer {token}"}
    with connect(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", proxy=None) as client:
        client.recv(timeout=20)
        client.send("40")
        client.recv(timeout=20)
        refused = call(client, 1, "find", "messages", {})
        made = http.post("/messages", json={"text": "hello"}, headers=signed)
        told = str(client.recv(timeout=20))
        known = call(client, 2, "create", "authentication", {"strategy": "jwt", "accessToken": token})
        shouted = call(client, 3, "shout", "messages", {"text": "loud"}, {})
    found = {
        "user": user,
        "login": (signed_in.status_code, signed_in.json()["user"]),
        "stranger": http.post("/messages", json={"text": "x"}).json(),
        "made": (made.status_code, made.json()),
        "missing": http.post("/messages", json={}, headers=signed).json(),
        "forgiven": http.get("/messages/99", headers=signed).json(),
        "found": http.get("/messages", headers=signed).json(),
        "path": http.get("/MESSAGES?$limit=0", headers=signed).json(),
        "refused": refused,
        "told": told,
        "known": known[1]["user"],
        "shouted": shouted,
        "journal": http.get("/journal").json(),
    }
    http.close()
    return found


def test_the_file_answers_what_the_bench_answers(tmp_path: Path) -> None:
    """By `workbench serve` and by uvicorn: REST, Socket.IO, logins, events, and the order of all hooks."""
    bench, served, uvicorn = asked(notebook(tmp_path, NOTEBOOK), tmp_path, ask)
    assert bench == served == uvicorn
    assert bench["made"] == (201, {"text": "hello", "signed": True, "by": "ada@example.com", "id": 1})
    assert bench["stranger"]["code"] == 401
    assert bench["shouted"] == [None, {"text": "LOUD"}]
    assert bench["journal"].count("opened") == 1
    assert "created" in bench["told"]


def test_the_file_reads_as_people_write(tmp_path: Path) -> None:
    """One call of `hooks` for each level and form; settings and services as the notebook has them."""
    bench = notebook(tmp_path, NOTEBOOK)
    with bench:  # what a setup attaches comes by itself
        text = bench.save(tmp_path / "app.py").read_text(encoding="utf-8")
    for line in (
        'SECRET = os.environ.get("NO_SUCH_SECRET", "a secret of more than thirty-two bytes")',
        'bench.use("users", MemoryService(store={1: {"email": "root@example.com"}}, multi=True))',
        "auth = AuthenticationService(bench)",
        'bench.use("authentication", auth)',
        'bench.service("authentication").register("jwt", JWTStrategy())',
        'bench.service("messages").hooks([labelled("list")])',
        'bench.service("messages").hooks({"find": [labelled("map")]})',
        'bench.hooks({"around": {"all": [labelled("app")]}})',
        'bench.hooks({"setup": [labelled("setup")]})',
        'bench.on("connection", join)',
        'bench.publish(lambda data, context: bench.channel("all"))',
        'bench.service("messages").on("created", noted)',
    ):
        assert line in text.splitlines(), line
    assert "opened" not in text.partition("class Journal")[0]
    assert '"before": {"create": [sign, checked]}' in text
