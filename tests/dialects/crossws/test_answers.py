"""What `upgrade` hooks may answer."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import Headers, Response
from workbench.dialects.crossws.answers import (
    accept,
    accepted,
    deflate_options,
    in_fetch_order,
    refusal,
    reject,
)
from workbench.server.errors import InvalidOption
from workbench.server.options import DeflateOptions


@pytest.mark.parametrize("answer", [None, True, "yes", {}, 5, {"unknown": 1}])
def test_plain_accepts(answer: Any) -> None:
    """R2: what has none of the known keys accepts plainly."""
    read = accepted(answer)
    assert (len(read.headers), read.context, read.namespace, read.protocol) == (0, {}, "", None)
    assert (read.deflate, read.handled) == (None, False)


def test_all_keys() -> None:
    """Each known key is read; the subprotocol leaves the headers."""
    read = accepted(
        {
            "headers": [("x-a", "1"), ("Sec-WebSocket-Protocol", "p1")],
            "context": {"user": "bob"},
            "namespace": "room",
            "perMessageDeflate": True,
        }
    )
    assert read.headers.items() == [("x-a", "1")]
    assert (read.context, read.namespace, read.protocol, read.deflate) == (
        {"user": "bob"},
        "room",
        "p1",
        True,
    )


def test_protocol_precedence() -> None:
    """R14: `protocol` wins over a header of that name."""
    assert accepted({"protocol": "p2", "headers": {"sec-websocket-protocol": "p1"}}).protocol == "p2"


def test_handled_ignores_the_rest() -> None:
    """R15: with `handled` other keys count for nothing."""
    read = accepted({"handled": True, "headers": {"bad name": "x"}})
    assert read.handled
    assert len(read.headers) == 0


def test_deflate_options() -> None:
    """Compression is a switch, our options, or a mapping in the words of `ws` or ours."""
    given = DeflateOptions(level=1)
    assert [deflate_options(value) for value in (None, True, False, given)] == [None, True, False, given]
    assert deflate_options(
        {
            "serverNoContextTakeover": True,
            "client_no_context_takeover": True,
            "serverMaxWindowBits": 10,
            "clientMaxWindowBits": True,
            "threshold": 10,
            "concurrencyLimit": 5,
            "zlibDeflateOptions": {"level": 3, "memLevel": 7, "chunkSize": 1024},
        }
    ) == DeflateOptions(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        server_max_window_bits=10,
        threshold=10,
        level=3,
        memory_level=7,
    )
    with pytest.raises(TypeError, match="per_message_deflate is True, False or a mapping"):
        deflate_options("yes")
    with pytest.raises(InvalidOption):
        deflate_options({"server_max_window_bits": 20})


def test_a_context_is_a_mapping() -> None:
    """What cannot be merged into a context is refused by a sentence."""
    with pytest.raises(TypeError, match="is a mapping, not 5"):
        accepted({"context": 5})


def test_refusal() -> None:
    """R5 to R8: a response, one carried by the error, or a 500 that says nothing."""

    class WrappedError(Exception):
        response = Response("teapot", status=418)

    raised = Response(status=403)
    assert refusal(raised) is raised
    assert refusal(WrappedError()).status == 418
    fault = refusal(ValueError("secret"))
    assert (fault.status, fault.body) == (500, b"Internal Server Error")
    assert fault.headers["content-type"].startswith("text/plain")


def test_accept_and_reject() -> None:
    """The two helpers spell answers out: a mapping, and a raised response."""
    assert accept() == {}
    assert accept(namespace="n", headers={"a": "b"}, per_message_deflate=False, context={}, protocol="p") == {
        "namespace": "n",
        "headers": {"a": "b"},
        "per_message_deflate": False,
        "context": {},
        "protocol": "p",
    }
    with pytest.raises(Response) as caught:
        reject("no", status=403, headers={"x-why": "because"})
    assert (caught.value.status, caught.value.text(), caught.value.headers["x-why"]) == (403, "no", "because")


def test_order_of_fields() -> None:
    """Fields go out as fetch walks them: by name in lower case, repeats in their order."""
    headers = in_fetch_order(Headers([("X-B", "1"), ("Set-Cookie", "b"), ("A", "2"), ("set-cookie", "a")]))
    assert headers.lines() == [("a", "2"), ("set-cookie", "b"), ("set-cookie", "a"), ("x-b", "1")]
