"""Subscriptions: everybody hears of every change exactly once."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
from collections import Counter
from typing import Any

from tests.dialects.directus.support import person, serving, until

SUBSCRIBERS, CREATES = 200, 250


class Subscriber:
    """A raw socket that counts the texts of the creates that it hears of."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.heard: Counter[str] = Counter()

    @classmethod
    async def open(cls, port: int, token: str) -> Subscriber:
        """Connect, sign in by the URL and subscribe."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET /websocket?access_token={token} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            "",
            "",
        ]
        writer.write("\r\n".join(lines).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        made = cls(reader, writer)
        query = {"fields": ["text"], "limit": 0}
        made.send({"type": "subscribe", "collection": "messages", "query": query})
        assert (await made.next())["event"] == "init"
        return made

    def send(self, message: Any) -> None:
        """Send one masked text frame."""
        payload = json.dumps(message).encode()
        length = (
            bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack(">BH", 0xFE, len(payload))
        )
        self.writer.write(b"\x81" + length + bytes(4) + payload)

    async def next(self) -> Any:
        """Give the next message."""
        first, second = await self.reader.readexactly(2)
        assert first == 0x81
        length = second
        if length == 126:
            (length,) = struct.unpack(">H", await self.reader.readexactly(2))
        return json.loads(await self.reader.readexactly(length))

    async def listen(self, count: int) -> None:
        """Count creates until there were so many, and a moment longer, in case one comes twice."""
        while self.heard.total() < count:
            self._take(await self.next())
        try:
            async with asyncio.timeout(0.3):
                while True:
                    self._take(await self.next())
        except TimeoutError:
            return

    def _take(self, message: Any) -> None:
        assert (message["type"], message["event"]) == ("subscription", "create")
        self.heard.update(item["text"] for item in message["data"])


async def fan_out(port: int, subscribers: int, creates: int) -> list[Counter[str]]:
    """Let subscribers hear of creates by one writer; what each heard."""
    people = [await Subscriber.open(port, "alice-token") for _ in range(subscribers)]
    for one in people:  # limit 0 would apply to what is sent too
        one.send({"type": "unsubscribe"})
        await one.next()
        one.send(
            {"type": "subscribe", "collection": "messages", "query": {"fields": ["text"]}, "event": "create"}
        )
        await one.next()
    writer = await Subscriber.open(port, "admin-token")
    writer.send({"type": "unsubscribe"})
    await writer.next()
    listening = [asyncio.create_task(one.listen(creates)) for one in people]
    for number in range(creates):
        data = {"text": f"message {number}"}
        writer.send({"type": "items", "action": "create", "collection": "messages", "data": data})
        assert (await writer.next())["type"] == "items"
    await asyncio.gather(*listening)
    for one in [*people, writer]:
        one.writer.close()
    return [one.heard for one in people]


def test_each_subscriber_hears_of_each_create_exactly_once() -> None:
    """200 raw sockets subscribed to one collection hear of each of 250 creates exactly once."""
    with serving() as bench:
        assert bench.port is not None
        heard = asyncio.run(fan_out(bench.port, SUBSCRIBERS, CREATES))
        expected = Counter(f"message {number}" for number in range(CREATES))
        assert len(heard) == SUBSCRIBERS
        assert all(one == expected for one in heard)
        until(lambda: not bench.subscriptions)


def test_hooks_give_each_subscriber_a_reading_of_its_own() -> None:
    """R84: with a read hook on the collection each subscriber's reading runs it, as that subscriber."""
    with serving() as bench, person(bench) as alice, person(bench, "rita-token") as rita:
        seen: list[str] = []

        @bench.filter("messages.items.read")  # type: ignore[untyped-decorator]  # a member of the dialect
        def mark(rows: Any, meta: Any, context: Any) -> Any:
            del meta
            seen.append(context.accountability.user)
            return [{**row, "text": context.accountability.user} for row in rows]

        for one in (alice, rita):
            one.ask({"type": "subscribe", "collection": "messages", "event": "create"})
        bench.run(bench.items("messages").create_one({"text": "x"}))
        assert (alice.next()["data"][0]["text"], rita.next()["data"][0]["text"]) == ("alice", "rita")
        assert seen == ["alice", "rita"]


def test_queries_about_the_user_are_read_for_each() -> None:
    """A query that speaks of the user is never shared."""
    query = {"filter": {"text": {"_eq": "$CURRENT_USER"}}, "fields": ["text"]}
    with (
        serving() as bench,
        person(bench) as alice,
        person(bench) as again,
        person(bench, "rita-token") as rita,
    ):
        for one in (alice, again, rita):
            one.ask({"type": "subscribe", "collection": "messages", "query": query})
        bench.run(bench.items("messages").create_one({"text": "alice"}))
        assert alice.next()["data"] == again.next()["data"] == [{"text": "alice"}]
        assert rita.silent()


def test_subscriptions_are_listed_and_go_with_their_client() -> None:
    """Who subscribes to what can be looked at; a client that leaves takes its subscriptions along (R85)."""
    with serving() as bench:
        with person(bench) as alice:
            alice.ask(
                {"type": "subscribe", "collection": "messages", "item": 1.0, "event": "update", "uid": 4}
            )
            (row,) = bench.subscriptions
            assert {name: row[name] for name in ("user", "collection", "event", "item", "uid")} == {
                "user": "alice", "collection": "messages", "event": "update", "item": "1", "uid": "4",
            }  # fmt: skip
        until(lambda: not bench.subscriptions and not bench.clients)
