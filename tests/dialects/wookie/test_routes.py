"""The table of routes, by itself."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.wookie.errors import BadRoute, RouteNotFound
from workbench.dialects.wookie.routes import Routes, with_vhost
from workbench.engine.errors import BadSignature


def nothing(request: Any, response: Any, *groups: Any) -> None:
    """Answer nothing."""


def found(routes: Routes, path: str, method: str = "GET", host: str | None = None) -> str | None:
    """Name the route that takes a request."""
    row = routes.find(method, path, host)
    return None if row is None else row[0].name


def test_the_whole_path_is_matched() -> None:
    """A pattern matches the whole path, and gives its groups."""
    routes = Routes()
    routes.add("get", "/re/([0-9]+)(x)?", nothing)
    row = routes.find("GET", "/re/12", None)
    assert row is not None
    assert row[1] == ("12", None)
    assert found(routes, "/re/12/") is None
    assert found(routes, "a/re/12") is None


def test_literals_and_case() -> None:
    """A literal is compared as it stands; without case both literals and patterns are."""
    routes = Routes()
    routes.add("GET", "/a.(b", nothing, regex=False)
    routes.add("GET", "/c.(d", nothing, regex=False, case_sensitive=False)
    routes.add("GET", "/e+", nothing, case_sensitive=False)
    assert found(routes, "/a.(b") == "GET /a.(b"
    assert found(routes, "/A.(b") is None
    assert found(routes, "/C.(D") == "GET /c.(d"
    assert found(routes, "/cx(d") is None
    assert found(routes, "/EEE") == "GET /e+"


def test_priority_then_age() -> None:
    """The largest priority is asked first, ties in the order of the table."""
    routes = Routes()
    for number, priority in enumerate((0, 5, 0, 5, -1)):
        routes.add("GET", f"/{number}?.*", nothing, priority=priority)
    assert [route.resource for route in routes] == ["/1?.*", "/3?.*", "/0?.*", "/2?.*", "/4?.*"]


def test_replace_keeps_the_slot() -> None:
    """A route of the same methods, pattern and host takes the old one's place, unless told otherwise."""
    routes = Routes()
    first = routes.add(["GET", "POST"], "/a", nothing)
    routes.add("GET", "/b", nothing)
    again = routes.add(["POST", "GET"], "/a", nothing)
    assert [route.resource for route in routes] == ["/a", "/b"]
    assert first not in list(routes)
    assert again in list(routes)
    routes.add("GET", "/b", nothing, replace=False)
    routes.add("GET", "/b", nothing, vhost="one")
    assert len(routes) == 4


def test_hosts() -> None:
    """A host binds the routes of a block, exactly or without the port; no Host is none."""
    routes = Routes()
    with with_vhost("one.test"):
        routes.add("GET", "/", nothing)
    for host in ("one.test", "one.test:80"):
        assert found(routes, "/", host=host) == "GET /"
    other: str | None
    for other in (None, "two.test", "one.test.de"):
        assert found(routes, "/", host=other) is None


def test_removing() -> None:
    """A route is removed by methods and pattern; a missing one is told, with what there is."""
    routes = Routes()
    with pytest.raises(RouteNotFound, match="none yet"):
        routes.remove("GET", "/a")
    routes.add("GET", "/a", nothing)
    with pytest.raises(RouteNotFound, match="no route GET,PUT /a; there are: GET /a"):
        routes.remove(("PUT", "GET"), "/a")
    routes.remove("GET", "/a")
    assert found(routes, "/a") is None
    routes.add("*", "/a", nothing)
    routes.clear()
    assert len(routes) == 0


@pytest.mark.parametrize(
    ("method", "resource", "options"),
    [
        ("GET", "/(", {}),
        ("GET", None, {}),
        ("GET", 3, {"regex": False}),
        ("", "/", {}),
        ((), "/", {}),
        (3, "/", {}),
        ("GET", "/", {"priority": float("nan")}),
        ("GET", "/", {"priority": True}),
    ],
)
def test_what_could_answer_nothing_is_refused(method: Any, resource: Any, options: Any) -> None:
    """Patterns, methods and priorities that are none are refused in words."""
    with pytest.raises(BadRoute, match="route"):
        Routes().add(method, resource, nothing, **options)


def test_a_function_takes_what_it_is_given() -> None:
    """A route function that requires more than request, response and groups is refused; fewer are fine."""
    routes = Routes()
    with pytest.raises(BadSignature, match="requires 4"):
        routes.add("GET", "/(.*)", lambda _request, _response, _one, _two: None)
    assert routes.add("GET", "/(.*)", lambda: "called").call(1, 2, "x") == "called"


def test_what_was_asked_before_is_found_anew_after_an_edit() -> None:
    """Answers are kept until the table changes, and not more of them than some."""
    routes = Routes()
    routes.add("GET", "/a", nothing)
    assert (found(routes, "/a"), found(routes, "/b")) == ("GET /a", None)
    routes.add("GET", "/b|/a", nothing, priority=1)
    assert found(routes, "/a") == found(routes, "/b") == "GET /b|/a"
    routes.remove("GET", "/b|/a")
    for number in range(3000):
        assert found(routes, f"/{number}") is None
    assert found(routes, "/a") == "GET /a"
    assert len(routes._known) <= 1024
