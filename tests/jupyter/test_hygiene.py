"""What passes the proxy and what does not, as pure functions."""

from __future__ import annotations

import pytest

from workbench.jupyter.hygiene import (
    Passage,
    foreign_page,
    forwarded_query,
    request_headers,
    response_headers,
)

PASSAGE = Passage("127.0.0.1:20001", "/base/workbench/servers/k.chat", "https", "hub.example", "10.0.0.9")


def test_nothing_that_identifies_the_jupyter_user_is_forwarded() -> None:
    """Cookies, tokens and the XSRF value stay behind; what the client itself says goes through, in order."""
    given = [
        ("Cookie", "a=b"),
        ("Authorization", "token x"),
        ("X-XSRFToken", "y"),
        ("X-Mine", "1"),
        ("Accept", "text/html"),
        ("X-Mine", "2"),
    ]
    seen = request_headers(given, PASSAGE)
    assert [pair for pair in seen if pair[0] in {"X-Mine", "Accept"}] == [
        ("X-Mine", "1"),
        ("Accept", "text/html"),
        ("X-Mine", "2"),
    ]
    assert not {name.lower() for name, _ in seen} & {"cookie", "authorization", "x-xsrftoken"}


def test_hop_by_hop_headers_end_here_in_both_directions() -> None:
    """The standard ones and those that Connection names."""
    given = [("Connection", "keep-alive, X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "5"), ("TE", "trailers")]
    names = {"connection", "x-hop", "keep-alive", "te"}
    assert not {name.lower() for name, _ in request_headers(given, PASSAGE)} & names
    assert response_headers(given, PASSAGE) == []


def test_the_hook_server_learns_where_the_browser_was() -> None:
    """Forwarded headers are ours, whatever the browser claimed."""
    seen = dict(request_headers([("X-Forwarded-For", "1.2.3.4"), ("Host", "hub.example")], PASSAGE))
    assert seen["Host"] == "127.0.0.1:20001"
    assert seen["X-Forwarded-For"] == "10.0.0.9"
    assert seen["X-Forwarded-Host"] == "hub.example"
    assert seen["X-Forwarded-Proto"] == "https"
    assert seen["X-Forwarded-Prefix"] == "/base/workbench/servers/k.chat"


def test_an_accepted_origin_becomes_the_hook_servers_own() -> None:
    """To the hook server the page is one of the same origin; a program without one stays without."""
    with_origin = request_headers([("Origin", "https://hub.example")], PASSAGE)
    assert ("Origin", "http://127.0.0.1:20001") in with_origin
    assert "Origin" not in dict(request_headers([], PASSAGE))


def test_the_token_in_a_referer_is_cut_off() -> None:
    """The address of a JupyterLab page may carry its token."""
    seen = dict(request_headers([("Referer", "https://hub.example/lab?token=abc")], PASSAGE))
    assert seen["Referer"] == "https://hub.example/lab"


def test_answers_cannot_reach_beyond_their_prefix() -> None:
    """Cookies, site data, service workers and transport rules of a hook do not become Jupyter's."""
    given = [
        ("Set-Cookie", "a=b"),
        ("Clear-Site-Data", "*"),
        ("Service-Worker-Allowed", "/"),
        ("Strict-Transport-Security", "max-age=1"),
        ("Content-Type", "text/plain"),
    ]
    assert response_headers(given, PASSAGE) == [("Content-Type", "text/plain")]


@pytest.mark.parametrize(
    ("location", "seen"),
    [
        ("/login?x=1", "/base/workbench/servers/k.chat/login?x=1"),
        ("http://127.0.0.1:20001/login", "/base/workbench/servers/k.chat/login"),
        ("http://127.0.0.1:20001", "/base/workbench/servers/k.chat/"),
        ("next", "next"),
        ("https://example.org/", "https://example.org/"),
        ("//example.org/", "//example.org/"),
        ("http://127.0.0.1:200011/", "http://127.0.0.1:200011/"),
    ],
)
def test_redirects_stay_inside_the_bench(location: str, seen: str) -> None:
    """Absolute paths get the prefix; other sites are left as they are."""
    assert response_headers([("Location", location)], PASSAGE) == [("Location", seen)]


@pytest.mark.parametrize(
    ("query", "token_is_jupyters", "seen"),
    [
        ("", True, ""),
        ("a=1&token=x&b=%20", True, "a=1&b=%20"),
        ("a=1&token=x", False, "a=1&token=x"),
        ("_xsrf=1&a", False, "a"),
        ("t%6Fken=x&a=1", True, "a=1"),
        ("tokens=x", True, "tokens=x"),
    ],
)
def test_jupyters_part_of_the_query_is_taken_out(query: str, token_is_jupyters: bool, seen: str) -> None:
    """The rest keeps its bytes; a token that did not open Jupyter's door is the hook's own."""
    assert forwarded_query(query, token_is_jupyters=token_is_jupyters) == seen


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, True),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"}, False),
        ({"Referer": "https://evil.example/x", "Host": "hub.example"}, True),
        ({"Referer": "https://hub.example/lab", "Host": "hub.example"}, False),
    ],
)
def test_another_sites_page_is_recognised(headers: dict[str, str], foreign: bool) -> None:
    """Embedded requests of other sites are foreign, links that a person follows are not."""
    assert foreign_page(headers) is foreign
