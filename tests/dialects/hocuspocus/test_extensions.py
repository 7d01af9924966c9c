"""The extensions that are shipped: database, logger, throttle, webhook."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.dialects.hocuspocus.support import Stage, change, play
from workbench.dialects.hocuspocus import Rejection, wire
from workbench.dialects.hocuspocus.extensions import Database, Logger, Throttle, Webhook
from workbench.dialects.hocuspocus.extensions.webhook import sign
from workbench.engine.errors import WorkbenchError
from workbench.server.messages import Headers
from workbench.testing.clock import FakeClock


def test_a_database_by_two_functions() -> None:
    """Fetch gets the load's payload, store the whole content, as in the original; either may be async."""
    kept: dict[str, bytes] = {}

    async def fetch(data: Any) -> bytes | None:
        return kept.get(data.document_name)

    def store(data: Any, content: bytes) -> None:
        kept[data.document_name] = content

    async def scene(stage: Stage) -> None:
        stage.bench.configure(extensions=[Database(fetch=fetch, store=store)], debounce=0.01)
        client = await stage.entered()
        if not kept:
            client.send(client.frames.sync(wire.UPDATE, change(x=1)))
            await stage.until(lambda: kept)
        await stage.until(stage.bench.get_documents_count)
        assert stage.bench.documents()[0].content == 'm: {"x": 1.0}'

    play(scene)
    play(scene)


def test_a_bench_keeps_documents_in_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite, where nobody says otherwise."""
    monkeypatch.chdir(tmp_path)
    stage = Stage()
    assert not list(stage.bench.chain("onStoreDocument"))

    async def scene(stage: Stage) -> None:
        assert [hook.name for hook in stage.bench.chain("onStoreDocument")] == ["database"]
        client = await stage.entered()
        client.send(client.frames.sync(wire.UPDATE, change(x=1)))
        await client.next("status")

    play(scene, database="sqlite:///test.sqlite")
    assert (tmp_path / "test.sqlite").exists()


def test_the_logger_tells_of_nine_hooks() -> None:
    """Each may be left out."""
    lines: list[str] = []

    async def scene(stage: Stage) -> None:
        stage.bench.configure(extensions=[Logger(lines.append, prefix="notes", onUpgrade=False)])
        client = await stage.entered()
        client.send(client.frames.sync(wire.UPDATE, change(x=1)))
        await client.next("status")
        await stage.client.fetch("GET", "/hello")
        await client.ws.close()
        await stage.until(lambda: stage.bench.get_documents_count() == 0)

    play(scene)
    assert lines == [
        "[notes] Server has been configured.",
        "[notes] Server has been configured.",
        '[notes] New connection to "doc".',
        '[notes] Loaded document "doc".',
        '[notes] Document "doc" changed.',
        "[notes] Incoming HTTP request to /hello",
        '[notes] Connection to "doc" closed.',
        "[notes] Shut down.",
    ]


def connect(throttle: Throttle, **headers: str) -> bool:
    """Ask the throttle for one connect; whether it is let in."""
    request = SimpleNamespace(remote_address="127.0.0.1")
    fields = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    try:
        throttle.on_connect(SimpleNamespace(request_headers=fields, request=request))  # type: ignore[arg-type]
    except Rejection:
        return False
    return True


def test_the_throttle_bans_the_one_too_many() -> None:
    """For the time of the ban; other addresses are not touched."""
    clock = FakeClock()
    throttle = Throttle(3, interval=60, ban_time=300, clock=clock)
    assert [connect(throttle, x_real_ip="1.1.1.1") for _ in range(5)] == [True, True, True, False, False]
    assert connect(throttle, x_forwarded_for="2.2.2.2, 9.9.9.9")
    assert connect(throttle)
    clock.advance(301)
    assert connect(throttle, x_real_ip="1.1.1.1")


def test_the_throttle_counts_within_its_interval() -> None:
    """And may be switched off."""
    clock = FakeClock()
    throttle = Throttle(2, interval=10, clock=clock)
    for _ in range(5):
        assert connect(throttle)
        clock.advance(6)
    off = Throttle(None)
    assert all(connect(off) for _ in range(50))
    throttle.on_destroy()
    assert connect(throttle)


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An HTTP server that keeps what is posted, answers a connect with JSON, and refuses /no."""
    posted: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            posted.append((dict(self.headers.items()), body))
            self.send_response(403 if self.path == "/no" else 200)
            self.end_headers()
            self.wfile.write(b'{"user": "from the hook", "text": "begin"}')

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", posted
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_webhook_posts_signed_events(receiver: tuple[str, list[tuple[dict[str, str], bytes]]]) -> None:
    """What answers a connect becomes context, a create fills the document, changes are debounced."""
    url, posted = receiver
    events = ("change", "connect", "create", "disconnect")

    async def scene(stage: Stage) -> None:
        hook = Webhook(url, secret="s3cret", events=events, debounce=0.05, max_debounce=1)
        stage.bench.configure(extensions=[hook])
        client = await stage.entered()
        await stage.until(stage.bench.get_connections_count)
        (connection,) = stage.bench.document("doc").get_connections()
        assert connection.context.user == "from the hook"
        assert "text: begin" in stage.bench.documents()[0].content
        for number in range(3):
            client.send(client.frames.sync(wire.UPDATE, change(number + 1, **{str(number): number})))
            await client.next("status")
        await stage.until(lambda: any(b'"change"' in body for _, body in posted))
        await client.ws.close()
        await stage.until(lambda: any(b'"disconnect"' in body for _, body in posted))
        await asyncio.sleep(0.1)

    play(scene)
    kinds = [json.loads(body)["event"] for _, body in posted]
    assert kinds == ["connect", "create", "change", "disconnect"]
    headers, body = posted[2]
    assert headers["X-Hocuspocus-Signature-256"] == sign("s3cret", body)
    assert json.loads(body)["payload"]["document_name"] == "doc"


def test_a_webhook_that_fails_denies(receiver: tuple[str, list[tuple[dict[str, str], bytes]]]) -> None:
    """With "Forbidden"."""

    async def scene(stage: Stage) -> None:
        stage.bench.configure(extensions=[Webhook(receiver[0] + "/no", events=["connect"])])
        client = await stage.connect()
        assert await client.enter() == ("denied", "Forbidden")

    play(scene)


def test_a_webhook_is_checked_when_it_is_made() -> None:
    """Its URL and its events."""
    with pytest.raises(WorkbenchError, match="http or https"):
        Webhook("file:///etc/passwd")
    with pytest.raises(WorkbenchError, match="events are"):
        Webhook("http://localhost", events=["chance"])
