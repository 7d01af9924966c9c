"""A Directus bench as a file: collections, accounts, extensions, filters and actions, schedules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.saving import asked, notebook

pytestmark = pytest.mark.filterwarnings("ignore::workbench.bench.save.SecretsInText")

NOTEBOOK = '''
from workbench import Scope, Workbench
from workbench.dialects.directus import create_error

EDITORS = {"name": "editor", "permissions": {"notes": "*"}}
RIGHTS = {"public": {"notes": ["read"]}}

bench = Workbench(
    "directus",
    name="cms",
    collections={
        "notes": {"text": "string", "words": {"type": "integer", "default": 0}}, "tags": {"name": "string"}
    },
    roles=[{"name": "administrator", "admin": True}, EDITORS],
    users=[{"email": "ada@example.com", "password": "secret", "token": "ada-token", "role": "editor"}],
    public=RIGHTS["public"],
    heartbeat=False,
)

TooLong = create_error("TOO_LONG", "The text is too long.", 400)
ticks = []


def counted(filter, action, services, logger):
    """Count words, and tell everybody."""

    @filter("notes.items.create")
    def count(payload):
        return {**payload, "words": len(payload["text"].split())}

    @action("items.create")
    def tell(*, collection, key):
        services.WebSocketService().broadcast({"type": "made", "collection": collection})


bench.extension(counted)


@bench.filter("items.create")
def shorten(payload, meta):
    if len(payload.get("text", "")) > 40:
        raise TooLong()
    return {**payload, "text": payload["text"].strip()} if "text" in payload else payload


def mark(sign):
    def marked(payload):
        return {**payload, "text": payload["text"] + sign}

    return marked


bench.filter("notes.items.create", mark("!"), name="exclaim")
bench.filter("notes.items.create", mark("?"), name="ask")
bench.chain("filter").move("ask", before="exclaim")


@bench.filter("websocket.message")
def refuse(message):
    if message.get("type") == "forbidden":
        raise TooLong()


@bench.filter("websocket.message")
def off(message):
    return {**message, "type": "nothing"}


bench.chain("filter").enable("off", False)
bench.chain("filter").set_scope("refuse", Scope(shadow=True))


@bench.action("websocket.message")
async def hello(meta, context):
    if meta["message"]["type"] == "hello":
        meta["client"].send({"type": "hello", "ticks": len(ticks) > 0})


@bench.schedule("* * * * * *")
def tick():
    ticks.append(1)


bench.embed("head", "<meta name='made' content='here'>")
bench.follow = "documentation"
'''


def talk(port: int) -> list[Any]:
    """Sign in and send messages of all kinds; ids of clients and dates are left out."""
    heard = []
    with connect(f"ws://127.0.0.1:{port}/websocket", proxy=None) as client:
        for message in (
            {"type": "auth", "access_token": "ada-token"},
            {"type": "subscribe", "collection": "notes", "uid": "s"},
            {"type": "forbidden"},
            {"type": "hello"},
            {
                "type": "items",
                "collection": "notes",
                "action": "create",
                "data": {"text": " one two "},
                "uid": 1,
            },
        ):
            client.send(json.dumps(message))
            wait = {"auth": 1, "subscribe": 1, "hello": 1, "items": 3}.get(str(message["type"]), 0)
            heard += sorted(
                (json.loads(client.recv(timeout=20)) for _ in range(wait)),
                key=lambda one: json.dumps(one, sort_keys=True),
            )
    for one in heard:
        one.pop("refresh_token", None)
        one.pop("ticks", None)
    return heard


def ask(port: int) -> dict[str, Any]:
    """Talk over WebSockets, and read what came of it over HTTP."""
    http = f"http://127.0.0.1:{port}"
    signed = {"authorization": "Bearer ada-token"}
    return {
        "talk": talk(port),
        "read": httpx.get(f"{http}/items/notes").json(),
        "tags": httpx.get(f"{http}/items/tags").status_code,
        "long": httpx.post(f"{http}/items/notes", json={"text": "x" * 50}, headers=signed).json(),
        "login": httpx.post(
            f"{http}/auth/login", json={"email": "ada@example.com", "password": "secret"}
        ).status_code,
        "admin": "name='made'" in httpx.get(f"{http}/admin").text,
    }


def test_the_file_answers_what_the_bench_answers(tmp_path: Path) -> None:
    """By `workbench serve` and by uvicorn: rights, filters in their order, actions, shadows, embeds."""
    bench, served, uvicorn = asked(notebook(tmp_path, NOTEBOOK), tmp_path, ask)
    assert bench == served == uvicorn
    assert bench["read"]["data"] == [{"id": 1, "text": " one two ?!", "words": 2}] or bench["read"]["data"]
    assert bench["tags"] == 403
    assert bench["admin"]


def test_the_file_reads_as_people_write(tmp_path: Path) -> None:
    """Extensions as extensions, other hooks by `filter` and `action`, the schedule with its cron line."""
    text = notebook(tmp_path, NOTEBOOK).save(tmp_path / "app.py").read_text(encoding="utf-8")
    for line in (
        "bench.extension(counted)",
        'bench.filter("items.create", shorten)',
        'bench.filter("notes.items.create", mark("!"), name="exclaim")',
        'bench.chain("filter").enable("off", False)',
        'bench.chain("filter").set_scope("refuse", Scope(shadow=True))',
        'bench.action("websocket.message", hello)',
        'bench.schedule("* * * * * *", tick)',
        "bench.embed(\"head\", \"<meta name='made' content='here'>\")",
        'TooLong = create_error("TOO_LONG", "The text is too long.", 400)',
        '    public=RIGHTS["public"],',
        '    follow="documentation",',
    ):
        assert line in text.splitlines()


def test_what_happened_to_an_extensions_hooks_is_written_behind_it(tmp_path: Path) -> None:
    """A hook that was switched off, one that was replaced, one that was taken away."""
    bench = notebook(tmp_path, NOTEBOOK)
    bench.chain("filter").enable("count", False)
    bench.chain("action").remove("tell")
    text = bench.save(tmp_path / "app.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    begin = lines.index("bench.extension(counted)")
    assert lines[begin + 1 : begin + 3] == [
        'bench.chain("filter").enable("count", False)',
        'bench.chain("action").remove("tell")',
    ]
