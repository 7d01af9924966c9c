"""Who is served: Host, Origin, token."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.server import Head, Headers, ServerOptions
from workbench.server.policy import Policy, bearer, is_loopback


def refusal(target: str = "/", headers: dict[str, str] | None = None, **options: Any) -> int | None:
    """Give the status of the refusal, or None."""
    fields = Headers(headers)
    host = fields.get("host", "localhost")
    head = Head("GET", target, f"http://{host}{target}", "1.1", fields, "127.0.0.1")
    response = Policy(ServerOptions(**options)).refusal(head)
    return None if response is None else response.status


@pytest.mark.parametrize(
    ("name", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("example.com", False),
        ("localhost.example.com", False),
        ("192.168.1.1", False),
        ("", False),
    ],
)
def test_loopback_names(name: str, loopback: bool) -> None:
    """Names and addresses that can only mean this machine."""
    assert is_loopback(name) is loopback


@pytest.mark.parametrize(
    ("host", "options", "status"),
    [
        ("127.0.0.1:1234", {}, None),
        ("localhost", {}, None),
        ("[::1]:80", {}, None),
        (None, {}, None),
        ("evil.example", {}, 403),
        ("evil.example:80", {}, 403),
        ("127.0.0.1.evil.example", {}, 403),
        ("[broken", {}, 403),
        ("evil.example", {"hosts": "*"}, None),
        ("my.example:8000", {"hosts": "my.example"}, None),
        ("My.Example", {"hosts": ["other", "my.example"]}, None),
        ("my.example:8000", {"hosts": ["my.example:8000"]}, None),
        ("evil.example", {"hosts": ["my.example"]}, 403),
        ("evil.example", {"host": "0.0.0.0"}, None),
        ("evil.example", {"host": "localhost"}, 403),
    ],
)
def test_host_rule(host: str | None, options: dict[str, Any], status: int | None) -> None:
    """On loopback binds only names of this machine are served; hosts= adds some, "*" ends the rule."""
    assert refusal(headers={} if host is None else {"Host": host}, **options) == status


@pytest.mark.parametrize(
    ("origin", "options", "status"),
    [
        (None, {}, None),
        ("http://127.0.0.1:8000", {}, None),
        ("https://127.0.0.1:8000", {}, None),
        ("http://127.0.0.1:8001", {}, 403),
        ("http://localhost:8000", {}, 403),
        ("http://evil.example", {}, 403),
        ("null", {}, 403),
        ("http://[broken", {}, 403),
        ("http://evil.example", {"origins": "*"}, None),
        ("http://friend.example", {"origins": "http://friend.example/"}, None),
        ("http://Friend.Example", {"origins": ["http://friend.example"]}, None),
        ("https://friend.example:1", {"origins": ["friend.example"]}, None),
        ("http://friend.example:1", {"origins": ["http://friend.example"]}, 403),
        ("null", {"origins": ["null"]}, None),
    ],
)
def test_origin_rule(origin: str | None, options: dict[str, Any], status: int | None) -> None:
    """Pages of the server's own origin, of those named, and clients that are no pages."""
    headers = {"Host": "127.0.0.1:8000", **({} if origin is None else {"Origin": origin})}
    assert refusal(headers=headers, **options) == status


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("localhost", "https://localhost:443"),
    ],
)
def test_default_ports_go_without_saying(host: str, origin: str) -> None:
    """A proxy that ends TLS does not make its page a stranger."""
    assert refusal(headers={"Host": host, "Origin": origin}) is None


@pytest.mark.parametrize(
    ("target", "authorization", "status"),
    [
        ("/", None, 401),
        ("/?token=secret", None, None),
        ("/?token=wrong", None, 403),
        ("/?token=", None, 403),
        ("/?token=s%65cret", None, None),
        ("/", "Bearer secret", None),
        ("/", "bearer  secret", None),
        ("/", "Bearer wrong", 403),
        ("/?token=secret", "Bearer wrong", 403),
        ("/", "Basic c2VjcmV0", 401),
        ("/?token=%C3%A9", None, 403),
    ],
)
def test_token_rule(target: str, authorization: str | None, status: int | None) -> None:
    """In a header or in the query; missing is 401, wrong is 403."""
    headers = {} if authorization is None else {"Authorization": authorization}
    assert refusal(target, headers, token="secret") == status


@pytest.mark.parametrize(
    ("authorization", "token"),
    [(None, None), ("Bearer t", "t"), ("BEARER  t ", "t"), ("Bearer", ""), ("Basic t", None), ("t", None)],
)
def test_the_token_of_a_header(authorization: str | None, token: str | None) -> None:
    """Only a header of the kind Bearer has one, however the kind is spelt."""
    assert bearer(Headers({} if authorization is None else {"Authorization": authorization})) == token


def test_no_token_asks_for_none() -> None:
    """By default nobody needs one."""
    assert refusal() is None


def test_the_command_channel_looks_after_itself() -> None:
    """Below /_workbench/ Origin and token are not asked for here; the Host rule stands."""
    foreign = {"Origin": "http://evil.example"}
    assert refusal("/_workbench/channel", foreign, token="secret") is None
    assert refusal("/_workbench/status?x", foreign, token="secret") is None
    assert refusal("/_workbenchx", foreign) == 403
    assert refusal("/_workbench/channel", {"Host": "evil.example"}) == 403
