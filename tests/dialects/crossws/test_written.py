"""A crossws bench as a file: hooks of many kinds, guests, routes, and another dialect mounted beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.saving import asked, notebook

pytestmark = pytest.mark.filterwarnings("ignore::workbench.bench.save.SecretsInText")

NOTEBOOK = '''
import json
from collections import Counter
from functools import partial
from workbench import Policy, Response, Scope, Workbench, define_hooks

bench = Workbench("crossws", name="chat", max_payload=2000)
rooms = bench.mount("/rooms", "crossws", serialize=True)

LOUD = {"mark": "!", "times": 2}
seen = Counter()
GREETINGS = {}
failures = []


def greeting(language):
    def register(function):
        GREETINGS[language] = function
        return function

    return register


@greeting("en")
def english(name):
    return f"hello {name}"


@greeting("it")
def italian(name):
    return f"ciao {name}"


LOUD["times"] = 3


class Badge:
    """Counts what it marks."""

    def __init__(self, sign="#"):
        self.sign = sign
        self.count = 0

    def mark(self, peer, message):
        self.count += 1
        message.raw_data = f"{self.sign}{self.count} {message.text()}"


badge = Badge("@")


def told(prefix):
    def tell(peer, message):
        peer.send(prefix + message.text())

    tell.__name__ = f"tell_{len(prefix)}"
    return tell


@bench.hook("upgrade")
def authenticate(request):
    if request.query.get("token") == "bad":
        raise Response("who are you?", status=401)
    return {"context": {"user": request.query.get("user", "nobody")}, "headers": {"x-chat": "1"}}


@bench.hook("open")
def greet(peer):
    peer.send(GREETINGS[peer.request.query.get("lang", "en")](peer.context.user))


@bench.hook("message")
def emphasise(peer, message):
    message.raw_data = message.text() + LOUD["mark"] * LOUD["times"]


bench.chain("message").attach(badge.mark, before="emphasise")
bench.chain("message").attach(told("> "))
bench.chain("message").attach(told(">> "), effects="pure")


@bench.hook("message")
def silent(peer, message):
    peer.send("never")


bench.chain("message").enable("silent", False)


@bench.hook("message", scope=Scope(shadow=True))
def unheard(peer, message):
    peer.send("in the shadow")
    message.raw_data = "changed in the shadow"


def add(peer, message, *, websocket=None, by=1):
    seen[peer.context.user] += by


bench.chain("message").attach(partial(add, by=2), name="count")


@bench.hook("message")
def fail(peer, message):
    if "fail" in message.text():
        raise RuntimeError("told to")


@bench.hook("message")
def report(peer, message):
    peer.send(json.dumps({"seen": seen[peer.context.user], "failures": failures}))


def echo(peer, message):
    peer.send("first echo")


bench.chain("message").attach(echo, name="old echo")


def echo(peer, message):
    peer.send("second echo")


bench.chain("message").attach(echo)
bench.chain("message").set_policy(failure="contain")


@bench.on_error
def note(error):
    failures.append(str(error))


def shout(peer, message):
    peer.send(f"guest {message.text()}")


@bench.resolve
def guests(request):
    return define_hooks(message=shout) if "guest" in request.query else None


@bench.get("/health")
def health(request):
    return {"ok": True, "who": request.query.get("who")}


bench.post("/double")(lambda request: {"twice": 2 * json.loads(request.body)})


@bench.fetch
async def other(request):
    return Response(f"nothing at {request.path}", status=404, headers={"x-other": "yes"})


@rooms.hook("message")
def to_room(peer, message):
    peer.send(f"room {peer.request.path}: {message.text()}")
'''


def heard(url: str, *texts: str, count: int) -> list[str]:
    """What a client hears that says some texts."""
    with connect(url, proxy=None) as client:
        for text in texts:
            client.send(text)
        return [str(client.recv(timeout=20)) for _ in range(count)]


def ask(port: int) -> dict[str, Any]:
    """Talk to the server in all the ways that the notebook knows."""
    ws, http = f"ws://127.0.0.1:{port}", f"http://127.0.0.1:{port}"
    refused = httpx.get(f"{http}/chat?token=bad", headers=UPGRADE)
    return {
        "english": heard(f"{ws}/?user=ada", "one", "fail", count=11),
        "italian": heard(f"{ws}/?user=eva&lang=it&guest=1", "two", count=7),
        "room": heard(f"{ws}/rooms/7", "three", count=1),
        "refused": (refused.status_code, refused.text),
        "health": httpx.get(f"{http}/health", params={"who": "me"}).json(),
        "double": httpx.post(f"{http}/double", content=b"21").json(),
        "other": httpx.get(f"{http}/x").headers["x-other"],
    }


UPGRADE = {
    "connection": "upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_the_file_answers_what_the_bench_answers(tmp_path: Path) -> None:
    """By `workbench serve` and by uvicorn: hooks, guests, routes, errors and the mount, in their order."""
    bench, served, uvicorn = asked(notebook(tmp_path, NOTEBOOK), tmp_path, ask)
    assert bench == served == uvicorn
    assert bench["english"][:5] == [
        "hello ada",
        "> @1 one!!!",
        ">> @1 one!!!",
        '{"seen": 2, "failures": []}',
        "first echo",
    ]
    assert "never" not in bench["english"]
    assert bench["italian"][-1].startswith("guest ")
    assert bench["refused"] == (401, "who are you?")


def test_the_file_reads_as_people_write(tmp_path: Path) -> None:
    """Imports, constants and functions in their order, the factory's own call, names only where needed."""
    text = notebook(tmp_path, NOTEBOOK).save(tmp_path / "app.py").read_text(encoding="utf-8")
    for line in (
        "import functools",
        'bench = Workbench("crossws", name="chat", max_payload=2000)',
        'rooms = bench.mount("/rooms", "crossws", serialize=True)',
        'badge = Badge("@")',
        'bench.chain("message").attach(told("> "))',
        'bench.chain("message").attach(told(">> "), effects="pure")',
        'bench.chain("message").attach(badge.mark)',
        'bench.chain("message").attach(unheard, scope=Scope(shadow=True))',
        'bench.chain("message").enable("silent", False)',
        'bench.chain("message").set_policy(failure="contain")',
        "bench.on_error(note)",
        "bench.resolve(guests)",
        'bench.get("/health")(health)',
        'rooms.chain("message").attach(to_room)',
        "asgi = bench.asgi",
    ):
        assert line in text.splitlines()
    assert "seen = Counter()" in text
    assert text.index("import json") < text.index("LOUD = ") < text.index("def emphasise")
