"""Routes, continuation and connections of Wookie from outside (sections 4 and 6), rules 39 to 43."""

from __future__ import annotations

import shutil
import subprocess
import time

import httpx
import pytest

from tests.conformance.wookie.driver import Scenario, chunk, chunked, request

# Routing (T1 to T12) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/re/12/ab", "12,ab"),
        ("/re/12/ab?c=d", "12,ab"),
        ("/re/1%32/ab", "12,ab"),
        ("/literal.(x)", "literal"),
        ("/literal.%28x%29", "literal"),
        ("/nocase", "nocase"),
        ("/NoCase", "nocase"),
        ("/next/other", "first route"),
        ("/prio/x", "high"),
        ("/priox", "low"),
        ("/replaced", "new"),
        ("/any", "any"),
    ],
)
def test_routes(scenario: Scenario, path: str, text: str) -> None:
    """T1 to T5, T11, T12: the whole decoded path without its query; groups; literals; case; priority."""
    with scenario.raw() as raw:
        answer = raw.get(path)
    assert (answer.status, answer.text) == (200, text)


@pytest.mark.parametrize(
    "path",
    ["/re/12/ab/", "/x/re/12/ab", "/re/12/AB", "/literalx(x)", "/literal.x", "/OK", "/oks", "/host/one"],
)
def test_no_such_route(scenario: Scenario, path: str) -> None:
    """T1 to T5: what matches only in part, or in other letters, is 404."""
    with scenario.raw() as raw:
        assert raw.get(path).status == 404


def test_methods(scenario: Scenario) -> None:
    """T6: one method, several, or any."""
    with scenario.raw() as raw:
        assert raw.answer_to("PUT", "/multi").text == "put"
        assert raw.answer_to("DELETE", "/multi").text == "delete"
        assert raw.answer_to("GET", "/multi").status == 404
        assert raw.answer_to("POST", "/ok").status == 404
        for method in ("GET", "POST", "PUT", "PATCH", "OPTIONS"):
            assert raw.answer_to(method, "/any").text == "any"


@pytest.mark.parametrize(
    ("host", "status"), [("one.test", 200), ("one.test:8080", 200), ("two.test", 404), ("x.one.test", 404)]
)
def test_hosts(scenario: Scenario, host: str, status: int) -> None:
    """T7: a host matches exactly, or without the port."""
    with scenario.raw() as raw:
        assert raw.get("/host/one", Host=host).status == status


def test_next_route(scenario: Scenario) -> None:
    """T8: the search goes on without this route; code after it does not run, nor do the hooks again."""
    scenario.add("pre-route", "A")
    scenario.add("post-route", "B")
    with scenario.raw() as raw:
        assert raw.get("/next/go").text == "second route"
        scenario.until("post-route/B")
    words = [word for word in scenario.order() if not word.startswith("done ")]
    assert words == ["pre-route/A", "route/next-1", "route/next-2", "post-route/B"]


def test_next_route_at_the_end(scenario: Scenario) -> None:
    """T10: at the end of the table it is 404, without post-route."""
    scenario.add("post-route", "B")
    with scenario.raw() as raw:
        assert raw.get("/nextnone").status == 404
    assert scenario.order() == ["route/nextnone"]


# Chunk routes (F8, F9) ----------------------------------------------------------------------------


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_stream(scenario: Scenario, framing: str) -> None:
    """A chunk route is called with each piece, the last one flagged once."""
    with scenario.raw() as raw:
        raw.send(
            request("POST", "/stream", b"abcdef")
            if framing == "length"
            else chunked("/stream", b"abc", b"def")
        )
        assert raw.answer().text == "abcdef"
        assert raw.get("/ok").text == "ok"
    pieces = scenario.events("chunk")
    assert sum(piece["size"] for piece in pieces) == 6
    assert [piece["last"] for piece in pieces] == [False] * (len(pieces) - 1) + [True]


def test_stream_keeps_what_came_early(scenario: Scenario) -> None:
    """F8: what comes while pre-route is pending is kept, and handed over in one piece."""
    scenario.add("pre-route", "A", "delay:250")
    with scenario.raw() as raw:
        raw.send(request("POST", "/stream", Transfer_Encoding="chunked"))
        for piece in (b"abc", b"def"):
            raw.send(chunk(piece))
        scenario.until("done pre-route/A")
        raw.send(chunk(b"ghi") + chunk(b""))
        assert raw.answer().text == "abcdefghi"
    assert scenario.events("chunk")[0]["size"] == 6


def test_stream_whole_while_pending(scenario: Scenario) -> None:
    """F8: also where the whole body came before the route ran."""
    scenario.add("pre-route", "A", "delay:100")
    with scenario.raw() as raw:
        assert raw.post("/stream", b"abcdef").text == "abcdef"
        assert raw.get("/ok").text == "ok"
    assert [(piece["size"], piece["last"]) for piece in scenario.events("chunk")] == [(6, True)]


def test_stream_without_buffer(scenario: Scenario) -> None:
    """F9: without buffering those bytes are gone, and the route never sees an end."""
    scenario.add("pre-route", "A", "delay:100")
    with scenario.raw() as raw:
        raw.ask("POST", "/stream-unbuffered", b"abcdef")
        assert raw.silent(0.4)
    assert scenario.events("chunk") == []
    scenario.control("/_/clear", hook="pre-route")
    with scenario.raw() as raw:
        assert raw.post("/stream-unbuffered", b"abcdef").text == "abcdef"


def test_streamed_response(scenario: Scenario, close: bool) -> None:
    """A streamed response is chunked, without Content-Length; its hooks see no body."""
    scenario.add("response-started", "A")
    with scenario.raw() as raw:
        answer = raw.get("/chunked", close=close)
        assert (answer.text, answer.headers["transfer-encoding"]) == ("hello world", "chunked")
        assert "content-length" not in answer.headers
        assert raw.ended() if close else raw.get("/ok").text == "ok"
    started = scenario.events("hook")[0]
    assert started["args"] == ["response", "request", "int", "bool", "bool"]


# Expect: 100-continue (T13 to T15) ----------------------------------------------------------------


@pytest.mark.parametrize("path", ["/echo", "/stream", "/stream-own"])
def test_100_continue(scenario: Scenario, path: str) -> None:
    """T13: 100 is sent once where there is a route, by it or for it; then the body comes."""
    with scenario.raw() as raw:
        whole = request("POST", path, b"abc", Expect="100-continue")
        raw.send(whole[:-3])
        assert raw.answer().status == 100
        assert raw.silent(0.1)
        raw.send(whole[-3:])
        assert raw.answer().text == "abc"


def test_100_suppressed(scenario: Scenario) -> None:
    """T14: a route may suppress it."""
    with scenario.raw() as raw:
        whole = request("POST", "/stream-quiet", b"abc", Expect="100-continue")
        raw.send(whole[:-3])
        assert raw.silent()
        raw.send(whole[-3:])
        assert raw.answer().text == "abc"


def test_100_without_a_route(scenario: Scenario) -> None:
    """T15: without a route the answer is 404 at once."""
    with scenario.raw() as raw:
        raw.send(request("POST", "/nowhere", b"abc", Expect="100-continue")[:-3])
        assert raw.answer().status == 404


def test_100_after_the_headers_hook(scenario: Scenario) -> None:
    """The 100 waits for parsed-headers, and a hook that refuses there saves the client the upload."""
    scenario.add("parsed-headers", "A", "send-error:403")
    with scenario.raw() as raw:
        raw.send(request("POST", "/echo", b"abc", Expect="100-continue")[:-3])
        assert raw.answer().status == 403


# Connections (42, 43) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "closes"),
    [
        ("GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close", True),
        ("GET /ok HTTP/1.1\r\nHost: x\r\nConnection: Close", False),
        ("GET /ok HTTP/1.1\r\nHost: x\r\nConnection: keep-alive", False),
        ("GET /ok HTTP/1.1\r\nHost: x", False),
        ("GET /ok HTTP/1.0\r\nHost: x", False),
        ("GET /ok HTTP/1.0\r\nHost: x\r\nConnection: close", True),
    ],
)
def test_42_kept_open(scenario: Scenario, head: str, closes: bool) -> None:
    """42: kept open unless the request says exactly close; HTTP/1.0 too."""
    with scenario.raw() as raw:
        raw.send(f"{head}\r\n\r\n".encode())
        assert raw.answer().text == "ok"
        assert raw.ended() if closes else raw.get("/ok").text == "ok"


def test_43_chunked_bodies(scenario: Scenario) -> None:
    """43: a request with a chunked body is kept open even if it says close."""
    with scenario.raw() as raw:
        raw.send(chunked("/echo", b"abc", close=True))
        assert raw.answer().text == "abc"
        assert raw.get("/ok").text == "ok"


def test_pipelined(scenario: Scenario) -> None:
    """Requests that come together are answered one after the other, none is lost, whatever they wait for."""
    scenario.add("pre-route", "A", "delay:20")
    paths = ["/ok", "/late/30", "/nowhere", "/chunked", "/any"]
    with scenario.raw() as raw:
        raw.send(b"".join(request("GET", path) for path in paths) + chunked("/echo", b"end"))
        answers = [raw.answer() for _ in range(6)]
    assert [answer.status for answer in answers] == [200, 200, 404, 200, 200, 200]
    assert [answer.text for answer in answers if answer.status == 200] == [
        "ok",
        "late",
        "hello world",
        "any",
        "end",
    ]


# Limits and broken requests -----------------------------------------------------------------------


def test_413(head: Scenario) -> None:
    """A stored body above the limit is 413, through response-started, and nothing of it is a request."""
    head.add("response-started", "A")
    size = 2 * 1024 * 1024
    for whole in (request("POST", "/echo", b"x" * (size + 1)), chunked("/echo", b"x" * size, b"x")):
        with head.raw() as raw:
            raw.send(request("GET", "/ok") + whole)
            assert raw.answer().text == "ok"
            assert raw.answer().status == 413
            assert raw.ended()
    statuses = [event["status"] for event in head.events("hook")]
    assert statuses == [200, 413, 200, 413]


def test_413_is_for_stored_bodies(head: Scenario) -> None:
    """The limit is inclusive, and a chunk route has none."""
    size = 2 * 1024 * 1024
    with head.raw() as raw:
        assert len(raw.post("/echo", b"x" * size).body) == size
        assert len(raw.post("/stream", b"x" * 2 * size).body) == 2 * size
        assert raw.get("/ok").text == "ok"


def test_431(scenario: Scenario) -> None:
    """Headers that are too large are 431; what was valid before them is answered."""
    with scenario.raw() as raw:
        raw.send(request("GET", "/ok") + request("GET", "/ok", X_Long="x" * 70_000))
        assert raw.answer().text == "ok"
        assert raw.answer().status == 431
        assert raw.ended()


@pytest.mark.parametrize(
    "bad", [b"NONSENSE\r\n\r\n", b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz"]
)
def test_400(scenario: Scenario, bad: bytes) -> None:
    """What is not HTTP is 400 after what was valid, and the connection ends."""
    scenario.add("pre-route", "A", "delay:50")
    with scenario.raw() as raw:
        raw.send(request("GET", "/ok") + bad)
        assert raw.answer().text == "ok"
        assert raw.answer().status == 400
        assert raw.ended()


def test_a_client_that_leaves(scenario: Scenario) -> None:
    """A client that goes while its request waits disturbs nobody; hooks end, and nothing follows them."""
    scenario.add("pre-route", "A", "delay:100")
    with scenario.raw() as raw:
        raw.ask("GET", "/ok")
        scenario.until("pre-route/A")
        raw.reset()
    scenario.until("done pre-route/A")
    time.sleep(0.05)
    assert "route/ok" not in scenario.order()
    scenario.control("/_/clear", hook="pre-route")
    with scenario.raw() as raw:
        assert raw.get("/ok").text == "ok"


# Real clients -------------------------------------------------------------------------------------


def test_httpx(scenario: Scenario) -> None:
    """httpx: kept connections, chunked uploads, streamed downloads, refusals."""
    scenario.add("body-chunk", "A", "delay:5")
    with httpx.Client(base_url=f"http://127.0.0.1:{scenario.port}") as client:
        assert client.get("/ok").text == "ok"
        assert client.post("/echo", content=b"x" * 100_000).content == b"x" * 100_000
        assert client.post("/stream", content=iter([b"ab", b"cd"])).text == "abcd"
        with client.stream("GET", "/chunked") as response:
            assert "".join(response.iter_text()) == "hello world"
        assert client.put("/multi").text == "put"
        assert client.head("/ok").status_code == 404
        scenario.add("pre-route", "B", "send-error:401")
        assert client.get("/ok").status_code == 401
        assert client.get("/ok").status_code == 401


def test_curl(scenario: Scenario) -> None:
    """curl: two requests on one connection, an upload after 100-continue, and HTTP/1.0."""
    curl = shutil.which("curl")
    assert curl is not None, "curl is needed here"
    url = f"http://127.0.0.1:{scenario.port}"

    def run(*arguments: str, data: bytes = b"") -> str:
        done = subprocess.run(
            [curl, "-sS", "--max-time", "5", *arguments], input=data, capture_output=True, check=True
        )
        return done.stdout.decode()

    assert run(f"{url}/ok", f"{url}/re/1/a") == "ok1,a"
    assert run("-H", "Expect: 100-continue", "--data-binary", "@-", f"{url}/echo", data=b"abc") == "abc"
    assert (
        run("-H", "Transfer-Encoding: chunked", "--data-binary", "@-", f"{url}/stream", data=b"abc") == "abc"
    )
    assert run("-0", f"{url}/ok") == "ok"
    assert run("-o", "/dev/null", "-w", "%{http_code}", f"{url}/nowhere") == "404"
    scenario.add("pre-route", "A", "send-error:401")
    assert run("-w", " %{http_code}", f"{url}/ok") == "from-hook 401"
