"""The registry of dialects, and what each of them must have."""

from __future__ import annotations

import asyncio
import http.client
from typing import Any

import pytest
import socketio
from websockets.sync.client import connect

from tests.dialects.hocuspocus import support as documents
from workbench import Workbench
from workbench.dialects import DIALECTS, load
from workbench.dialects.hocuspocus import wire
from workbench.dialects.wookie import send_response
from workbench.engine.errors import UnknownDialect
from workbench.testing import serving

PATIENCE = 20.0


def test_unknown_dialect_names_near_ones() -> None:
    """An unknown name is refused with the names that are near."""
    with pytest.raises(UnknownDialect, match=r"'croswss'.*did you mean .crossws."):
        load("croswss")


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_each_dialect_is_complete(name: str) -> None:
    """Each dialect has points with one line of doc, and ready-made hooks for its own points."""
    dialect = load(name)
    assert dialect.name == name
    points = {point.name for point in dialect.points}
    for point in dialect.points:
        assert point.doc.endswith(".")
        assert "\n" not in point.doc
    for ready in dialect.ready:
        assert ready.point in points or dialect.open_names
        assert ready.doc
        assert "\n" not in ready.doc
        assert ready.name == ready.function.__name__
    assert all("\n" not in doc for doc in dialect.options.values())


class Notes:
    """Gives back what it got."""

    async def create(self, data: Any) -> Any:
        """Give it back."""
        return data


def fails(text: str) -> None:
    """Raise for one text."""
    if text == "bad":
        raise ValueError("an ordinary error")


async def fails_later(text: str) -> None:
    """Raise for one text, in a coroutine."""
    fails(text)


BOTH = pytest.mark.parametrize("asynchronous", [False, True], ids=["def", "async def"])


@BOTH
def test_after_an_error_in_crossws(asynchronous: bool) -> None:
    """A socket whose message hook raised gets the answer to its next message."""
    bench: Any = Workbench("crossws", name="after")
    bench.on_error(lambda: None)

    def echo(peer: Any, message: Any) -> Any:
        fails(message.text())
        peer.send(message.text())

    async def echo_later(peer: Any, message: Any) -> Any:
        await fails_later(message.text())
        peer.send(message.text())

    bench.hook("message")(echo_later if asynchronous else echo)
    with serving(bench), connect(bench.ws_url, proxy=None) as ws:
        ws.send("bad")
        ws.send("good")
        assert ws.recv(PATIENCE) == "good"


@BOTH
@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_after_an_error_in_feathers(asynchronous: bool, transport: str) -> None:
    """A call over Socket.IO whose hook raised is told the error, and the next call is served."""
    bench: Any = Workbench("feathers", name="after")
    bench.use("notes", Notes())

    def check(context: Any) -> Any:
        return (fails_later if asynchronous else fails)(context.data["text"])

    bench.service("notes").hooks({"before": {"create": [check]}})
    with serving(bench):
        client = socketio.SimpleClient()
        client.connect(bench.url, transports=[transport])
        try:
            # Socket.IO gives the arguments of the acknowledgement: the error alone, or null and the result.
            assert client.call("create", ("notes", {"text": "bad"}))["message"] == "an ordinary error"
            assert client.call("create", ("notes", {"text": "good"}))[1] == {"text": "good"}
        finally:
            client.disconnect()


@BOTH
def test_after_an_error_in_wookie(asynchronous: bool) -> None:
    """A stage that raised costs its request; the server takes the next one of the same client."""
    bench: Any = Workbench("wookie", name="after")
    bench.on_error(lambda: None)
    bench.route("*", "/")(lambda _request, response: send_response(response, body="good"))

    def check(request: Any) -> Any:
        return (fails_later if asynchronous else fails)(request.headers["x-text"])

    bench.hook("pre-route")(check)
    with serving(bench):
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(bench, "bad", 0.5)
        assert ask(bench, "good", PATIENCE) == b"good"


def ask(bench: Any, text: str, patience: float) -> bytes:
    """Ask over HTTP."""
    connection = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=patience)
    try:
        connection.request("GET", "/", headers={"x-text": text})
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("hook", ["beforeHandleMessage", "beforeSync", "onChange", "afterHandleMessage"])
def test_after_an_error_in_hocuspocus(hook: str) -> None:
    """A hook that raised closes its document at most; on the same socket it can be opened again."""
    raised: list[str] = []

    async def scene(stage: documents.Stage) -> None:
        client = await stage.entered()

        def once(_data: Any) -> None:
            if not raised:
                raised.append(hook)
                raise ValueError("an ordinary error")

        stage.bench.hook(hook)(once)
        client.send(client.frames.sync(wire.UPDATE, documents.change(x=1)))
        await stage.until(lambda: raised)
        if hook.startswith("before"):
            await client.next("close")
            assert (await client.enter())[0] == "authenticated"
        client.send(client.frames.sync(wire.UPDATE, documents.change(8, x=2)))
        await client.next("status")

    documents.play(scene)


def test_a_cancelled_hook_denies_a_document() -> None:
    """A hook that awaited something cancelled refuses, and the client may try again on the same socket."""

    async def scene(stage: documents.Stage) -> None:
        raised: list[bool] = []

        async def cancelled(_data: Any) -> None:
            if not raised:
                raised.append(True)
                raise asyncio.CancelledError

        stage.bench.hook("onAuthenticate")(cancelled)
        client = await stage.connect()
        assert (await client.enter())[0] == "denied"
        assert (await client.enter())[0] == "authenticated"

    documents.play(scene)
