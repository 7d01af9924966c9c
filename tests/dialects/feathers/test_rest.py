"""What workbench.dialects.feathers.rest promises; the rules themselves are driven from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from workbench import Workbench
from workbench.testing import serving


class Notes:
    """Says what arrived."""

    async def find(self, params: Any) -> Any:
        """Say what the query was, and one header."""
        return {"query": params.query, "header": params.headers.get("x-two")}

    async def get(self, id_: str) -> Any:
        """Give what the id names."""
        return {"text": "plain text", "nothing": None, "half": "\ud800", "number": float("nan")}[id_]

    async def create(self, data: Any) -> Any:
        """Give it back, with its type."""
        return {"data": data, "type": type(data).__name__}


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    """Serve the notes, with one hook."""
    bench = Workbench("feathers", name="rest")
    bench.use("notes", Notes())
    bench.hooks({"before": {"all": [lambda context: context.params.update(seen=True)]}})
    bench.publish(lambda: None)
    with serving(bench):
        yield bench


def test_repeated_headers_are_joined(bench: Workbench) -> None:
    """As Node does."""
    answer = httpx.get(f"{bench.url}/notes?a[$gt]=1", headers=[("x-two", "a"), ("x-two", "b")])

    assert answer.json() == {"query": {"a": {"$gt": "1"}}, "header": "a, b"}


@pytest.mark.parametrize(
    ("kind", "sent", "data"),
    [
        ("application/json", "", {}),
        ("application/json", "[1]", [1]),
        ("application/vnd.api+json; charset=utf-8", '{"a":1}', {"a": 1}),
        ("application/x-www-form-urlencoded", "a[b]=1", {"a": {"b": "1"}}),
        ("text/plain", "words", "words"),
    ],
)
def test_a_body_is_read_by_its_type(bench: Workbench, kind: str, sent: str, data: Any) -> None:
    """JSON, forms and text."""
    answer = httpx.post(f"{bench.url}/notes", content=sent, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["data"]) == (201, data)


@pytest.mark.parametrize("sent", ["5", "{", "null", '"text"', "[" * 100_000])
def test_json_that_is_no_object_or_list_is_a_plain_failure(bench: Workbench, sent: str) -> None:
    """R91, and it breaks nothing however deep it is."""
    answer = httpx.post(f"{bench.url}/notes", content=sent, headers={"content-type": "application/json"})

    assert answer.status_code == 500
    assert set(answer.json()) == {"message"}


def test_texts_are_sent_as_text_and_nothing_as_no_content(bench: Workbench) -> None:
    """As on koa; half a character and a number that is none can be read all the same."""
    text = httpx.get(f"{bench.url}/notes/text")

    assert (text.text, text.headers["content-type"]) == ("plain text", "text/plain; charset=utf-8")
    assert httpx.get(f"{bench.url}/notes/nothing").status_code == 204
    assert httpx.get(f"{bench.url}/notes/number").json() is None
    assert httpx.get(f"{bench.url}/notes/half").status_code == 200


def test_what_was_answered_stands_in_the_story_of_the_call(bench: Workbench) -> None:
    """The moments of a request belong to its dispatch, and what was answered is kept with them."""
    response = httpx.post(f"{bench.url}/notes", json={"a": 1})

    last = bench.trace.dispatches.iloc[-1]
    moments = bench.trace.moments
    mine = moments[moments["dispatch"] == last["dispatch"]]
    assert last["point"] == "notes.create"
    assert mine["text"].tolist() == ["answered 201"]
    (answered,) = bench.trace.recorder.moments.rows(frozenset((int(last["dispatch"]),)))
    assert answered.data == response.content


def test_a_client_never_sees_a_traceback(bench: Workbench) -> None:
    """Only the message of what was raised."""
    answer = httpx.get(f"{bench.url}/notes/missing")

    assert (answer.status_code, answer.json()) == (500, {"message": "missing"})
