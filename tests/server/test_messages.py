"""Headers, requests and responses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.server import Headers, Request, Response
from workbench.server.errors import InvalidHeader

names = st.text("abcABC-", min_size=1, max_size=6)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=10)
fields = st.lists(st.tuples(names, values), max_size=8)


def test_headers_are_read_in_any_case() -> None:
    """Names compare without case; repeats are joined, or given as a list."""
    headers = Headers([("X-One", "1"), ("Two", 2), ("x-one", "3")])
    assert headers["x-ONE"] == "1, 3"
    assert headers.get_all("X-ONE") == ["1", "3"]
    assert headers.get("none") is None
    assert headers.get("none", "x") == "x"
    assert headers.get_all("none") == []
    assert "TWO" in headers
    assert "none" not in headers
    assert 2 not in headers
    assert list(headers) == ["x-one", "two"]
    assert len(headers) == 3
    with pytest.raises(KeyError):
        headers["none"]


def test_headers_come_from_many_sources() -> None:
    """A mapping, one with lists, pairs, other headers, the wire, nothing."""
    assert Headers({"A": "1", "B": ["2", "3"]}).items() == [("a", "1"), ("b", "2"), ("b", "3")]
    assert Headers(Headers({"A": "1"})).items() == [("a", "1")]
    assert Headers.from_wire([(b"A", b"\xe9")]).items() == [("a", "é")]
    assert Headers().items() == []
    assert Headers(None) == {}


def test_headers_can_be_changed() -> None:
    """Setting replaces every repeat, deleting an absent one is nothing, a copy is independent."""
    headers = Headers([("a", "1"), ("b", "2"), ("A", "3")])
    copy = headers.copy()
    headers["A"] = "4"
    del headers["b"]
    del headers["b"]
    assert headers.items() == [("a", "4")]
    assert copy.items() == [("a", "1"), ("b", "2"), ("a", "3")]


def test_headers_compare_as_what_they_say() -> None:
    """Equal to headers with the same fields, and to a mapping in any case; never to something else."""
    assert Headers({"A": "1"}) == Headers({"a": "1"})
    assert Headers({"A": "1"}) == {"a": "1"}
    assert Headers({"A": "1"}) != {"a": "2"}
    assert Headers() != 5
    assert repr(Headers({"A": "1"})) == "Headers([('a', '1')])"


@pytest.mark.parametrize("name", ["", "a b", "a:", "ä", "a\r\n", "a\0"])
def test_bad_header_names_are_refused(name: str) -> None:
    """A name that would break the message never gets in."""
    with pytest.raises(InvalidHeader, match="not a header name"):
        Headers({name: "x"})


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "\0", "€"])
def test_bad_header_values_are_refused(value: str) -> None:
    """Nor a value; the sentence names the header."""
    with pytest.raises(InvalidHeader, match="X-A"):
        Headers({"X-A": value})


@settings(deadline=None)
@given(fields)
def test_lines_join_repeats_but_not_set_cookie(pairs: list[tuple[str, str]]) -> None:
    """On the wire a name comes once, with all its values in order; each cookie has its own line."""
    headers = Headers([*pairs, ("Set-Cookie", "a=1"), ("set-cookie", "b=2")])
    lines = headers.lines()
    assert [value for name, value in lines if name.lower() == "set-cookie"] == ["a=1", "b=2"]
    others = [(name.lower(), value) for name, value in lines if name.lower() != "set-cookie"]
    assert len({name for name, _ in others}) == len(others)
    assert dict(others) == {name: headers[name] for name in headers if name != "set-cookie"}


@pytest.mark.parametrize(
    ("url", "target", "path"),
    [
        ("http://h:1/a/b?x=1&y", "/a/b?x=1&y", "/a/b"),
        ("http://h", "/", "/"),
        ("http://h?q=/x", "/?q=/x", "/"),
        ("http://h/%41?%42", "/%41?%42", "/%41"),
    ],
)
def test_request_takes_its_url_apart(url: str, target: str, path: str) -> None:
    """Target and path as they were on the request line, escapes included."""
    request = Request("GET", url)
    assert (request.target, request.path) == (target, path)
    assert repr(request) == f"<Request GET {url}>"
    assert request.context is None


def test_query_is_a_dict_of_first_values() -> None:
    """Repeats are in get_all, blanks are kept, escapes are resolved; it is the same object each time."""
    request = Request("GET", "http://h/?a=1&b=%20&a=2&c")
    assert request.query == {"a": "1", "b": " ", "c": ""}
    assert request.query.get_all("a") == ["1", "2"]
    assert request.query is request.query


def test_request_reads_its_body() -> None:
    """As text, bad bytes replaced, and as JSON."""
    assert Request("POST", "http://h/", body=b"a\xff").text() == "a\ufffd"
    assert Request("POST", "http://h/", body=b'{"a": 1}').json() == {"a": 1}
    with pytest.raises(ValueError, match="Expecting"):
        Request("POST", "http://h/", body=b"x").json()


@pytest.mark.parametrize(
    ("body", "data", "kind"),
    [
        ("é", "é".encode(), "text/plain;charset=UTF-8"),
        (b"\x00", b"\x00", None),
        (bytearray(b"x"), b"x", None),
        (memoryview(b"x"), b"x", None),
        ({"a": "é"}, '{"a":"é"}'.encode(), "application/json"),
        ([1], b"[1]", "application/json"),
        (None, b"", None),
    ],
)
def test_response_body_decides_the_content_type(body: Any, data: bytes, kind: str | None) -> None:
    """Text, bytes, JSON or nothing."""
    response = Response(body)
    assert (response.body, response.headers.get("content-type")) == (data, kind)


def test_given_content_type_wins() -> None:
    """Also over that of JSON."""
    assert Response("x", headers={"Content-Type": "text/html"}).headers["content-type"] == "text/html"
    assert Response.json("x", headers={"Content-Type": "a/b"}).headers["content-type"] == "a/b"


def test_response_json_takes_any_data() -> None:
    """Also text and None, which the constructor takes for something else."""
    assert Response.json("x", status=201, status_text="Made").body == b'"x"'
    assert Response.json(None).text() == "null"
    assert Response.json(1).headers["content-type"] == "application/json"


def test_response_is_an_exception_that_says_its_status() -> None:
    """It can be raised; ok is 2xx."""
    assert (str(Response(status=404)), str(Response(status=404, status_text="No"))) == ("404", "404 No")
    assert repr(Response()) == "<Response 200>"
    assert [Response(status=status).ok for status in (199, 200, 299, 300)] == [False, True, True, False]
    assert isinstance(Response(), Exception)


@pytest.mark.parametrize("status", [99, 1000])
def test_response_status_has_three_digits(status: int) -> None:
    """Anything else is refused when it is made."""
    with pytest.raises(ValueError, match="100 to 999"):
        Response(status=status)


@pytest.mark.parametrize("text", ["a\r\nset-cookie: b", "a\nb", "\u20ac"])
def test_a_status_text_is_one_line(text: str) -> None:
    """A line break in it would begin a header, or a second response."""
    with pytest.raises(InvalidHeader, match="one line of Latin-1"):
        Response("x", status_text=text)


@pytest.mark.parametrize("body", [5, 1.5, object(), True])
def test_other_bodies_are_refused(body: Any) -> None:
    """A number is no body, least of all one of that many zero bytes."""
    with pytest.raises(TypeError, match=r"Response\.json"):
        Response(body)


@pytest.mark.parametrize("source", [5, "a: b", b"a: b"])
def test_other_sources_of_headers_are_refused(source: Any) -> None:
    """By a sentence that says what they are made of."""
    with pytest.raises(InvalidHeader, match="a mapping, pairs"):
        Headers(source)


def test_json_bodies_escape_lone_surrogates() -> None:
    """As JSON.stringify does; UTF-8 has no bytes for them."""
    assert Response({"a": "\ud800"}).body == b'{"a":"\\ud800"}'


@pytest.mark.parametrize("words", ["statusText", "status_text"])
def test_a_response_as_javascript_writes_it(words: str) -> None:
    """A second argument with status, statusText and headers says the same as the keywords."""
    init = {"status": 401, words: "Who", "headers": {"www-authenticate": "Basic"}}
    for response in (Response("no", init), Response.json("no", init)):
        assert str(response) == "401 Who"
        assert response.headers["www-authenticate"] == "Basic"
    assert Response("yes", {}).status == 200
    assert Response("yes", {}, status=201).status == 201


@pytest.mark.parametrize("make", [Response, Response.json])
@pytest.mark.parametrize("init", [401, "401", {"code": 401}, {1: 2}])
def test_a_second_argument_that_is_none_of_javascripts(make: Any, init: Any) -> None:
    """Anything else in second place is refused, with what came and what to write."""
    with pytest.raises(TypeError, match=r"not ('401'|401|'code'|1): write Response\(.*status=401"):
        make("no", init)
