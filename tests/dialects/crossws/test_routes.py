"""Plain HTTP beside the WebSockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.dialects.crossws.support import Stage, play
from workbench import Response
from workbench.engine.errors import BadSignature


def test_nothing_answers() -> None:
    """Without routes and fetch everything is a 404 that names method and path."""

    async def scene(stage: Stage) -> None:
        response = await stage.client.fetch("GET", "/x?y=1")
        assert (response.status, response.text()) == (404, "Nothing answers GET /x\n")

    play(scene)


def test_routes_by_method_and_path() -> None:
    """Routes answer their method and exact path, the later one of two; HEAD is answered by GET's."""

    async def scene(stage: Stage) -> None:
        bench = stage.bench
        for method in ("get", "post", "put", "patch", "delete"):
            getattr(bench, method)("/x")(lambda request, method=method: f"{method} {request.text()}")
        bench.get("/x")(lambda: "newer")
        bench.head("/only")(lambda: Response(status=204))
        for method in ("post", "put", "patch", "delete"):
            response = await stage.client.fetch(method.upper(), "/x", body="body")
            assert response.text() == f"{method} body"
        assert (await stage.client.fetch("GET", "/x")).text() == "newer"
        assert (await stage.client.fetch("HEAD", "/x")).status == 200
        assert (await stage.client.fetch("HEAD", "/only")).status == 204
        assert (await stage.client.fetch("GET", "/x/")).status == 404

    play(scene)


def test_decorators_give_the_function_back() -> None:
    """A decorated function stays what it was."""
    stage = Stage()

    @stage.bench.get("/x")  # type: ignore[untyped-decorator]  # a bench's members depend on its dialect
    def route() -> str:
        return "x"

    @stage.bench.fetch  # type: ignore[untyped-decorator]  # as above
    def fetch() -> str:
        return "y"

    @stage.bench.resolve  # type: ignore[untyped-decorator]  # as above
    def resolve() -> None:
        return None

    assert (route(), fetch(), resolve()) == ("x", "y", None)
    assert stage.bench._mount.app.resolver is not None


@pytest.mark.parametrize(
    ("answer", "status", "body", "kind"),
    [
        ("text", 200, b"text", "text/plain;charset=UTF-8"),
        (b"\x00", 200, b"\x00", None),
        ({"a": 1}, 200, b'{"a":1}', "application/json"),
        ([1], 200, b"[1]", "application/json"),
        (5, 200, b"5", "application/json"),
        (Response("made", status=201), 201, b"made", "text/plain;charset=UTF-8"),
        (None, 404, b"Nothing answers GET /\n", "text/plain;charset=UTF-8"),
    ],
)
def test_answers(answer: Any, status: int, body: bytes, kind: str | None) -> None:
    """What a function returns becomes a response: text and bytes as they are, data as JSON, None as 404."""

    async def later() -> Any:
        return answer

    async def scene(stage: Stage) -> None:
        for fetch in (lambda: answer, later):
            stage.bench.fetch = fetch
            response = await stage.client.fetch("GET", "/")
            assert (response.status, response.body) == (status, body)
            assert response.headers.get("content-type") == kind

    play(scene)


def test_streamed_answer() -> None:
    """An async iterable is streamed."""

    async def pieces() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    async def scene(stage: Stage) -> None:
        stage.bench.fetch = lambda: pieces()  # noqa: PLW0108  # a generator function itself is refused
        assert (await stage.client.fetch("GET", "/")).body == b"ab"

    play(scene)


def test_errors() -> None:
    """A raised response is the answer; any other error is a 500 that goes to the sink."""

    def fetch(request: Any) -> Any:
        match request.path:
            case "/response":
                raise Response("no", status=403)
            case "/error":
                raise ValueError("at once")
        return later(request)

    async def later(request: Any) -> Any:
        if request.path == "/later/response":
            raise Response("no", status=403)
        raise ValueError("later")

    async def scene(stage: Stage) -> None:
        paths = ("/response", "/error", "/later/response", "/later/error")
        assert [(await stage.client.fetch("GET", path)).status for path in paths] == [403, 500, 403, 500]
        assert stage.escaped == ["at once", "later"]
        assert [row.point for row in stage.bench.trace.failures.rows()] == ["fetch", "fetch"]

    play(scene, fetch=fetch)


def test_fetch_can_be_taken_away() -> None:
    """Assigning None ends it."""

    async def scene(stage: Stage) -> None:
        stage.bench.fetch = None
        assert (await stage.client.fetch("GET", "/")).status == 404

    play(scene, fetch=lambda: "here")


def test_misfit() -> None:
    """A function that requires more than a request is refused at once."""
    stage = Stage()
    with pytest.raises(BadSignature, match="requires 2 arguments"):
        stage.bench.get("/x")(lambda request, response: (request, response))
