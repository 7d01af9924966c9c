"""Who may use the extension: users that Jupyter knows, pages of its origin, what its authorizer allows."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning
from tornado.httpclient import HTTPResponse
from websockets.exceptions import InvalidStatus

from tests.jupyter.conftest import Address
from tests.jupyter.standin import StandIn

ROUTES = [
    ("GET", "api/version"),
    ("GET", "api/servers"),
    ("POST", "api/servers"),
    ("GET", "api/servers/{}"),
    ("DELETE", "api/servers/{}"),
    ("POST", "api/servers/{}/start"),
    ("GET", "static/bench.js"),
    ("GET", "servers/{}/x"),
    ("POST", "servers/{}/x"),
    ("PUT", "servers/{}/x"),
    ("HEAD", "servers/{}/x"),
    ("OPTIONS", "servers/{}/x"),
    ("GET", "servers/{}/_workbench/status"),
]


async def ask(jp_fetch: Any, method: str, path: str, **options: Any) -> HTTPResponse:
    """Ask without raising for error statuses, without a token unless the headers have one."""
    headers = {"Authorization": "", **options.pop("headers", {})}
    answer: HTTPResponse = await jp_fetch(
        "workbench",
        path,
        method=method,
        headers=headers,
        body=b"{}" if method in {"POST", "PUT"} else None,
        raise_error=False,
        follow_redirects=False,
        **options,
    )
    return answer


async def cookie_of(jp_fetch: Any, token: str) -> dict[str, str]:
    """Log in with the token, as a browser does; returns what the browser then sends."""
    answer = await jp_fetch("login", params={"token": token}, follow_redirects=False, raise_error=False)
    pairs = [line.partition(";")[0] for line in answer.headers.get_list("Set-Cookie")]
    assert any(pair.startswith("username-") for pair in pairs)
    return {"Cookie": "; ".join(pairs)}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_without_a_token_every_route_answers_403(
    jp_fetch: Any, bench: str, hook_server: StandIn, method: str, path: str
) -> None:
    """No redirect to a login page, one JSON shape, and the hook server sees nothing."""
    answer = await ask(jp_fetch, method, path.format(bench))
    assert answer.code == 403
    if method != "HEAD":
        assert json.loads(answer.body)["reason"] == "forbidden"
    assert hook_server.requests == []


@pytest.mark.parametrize("headers", [{"Authorization": "token wrong"}, {"Cookie": "username-x=1"}])
async def test_a_wrong_token_or_cookie_is_no_token(
    jp_fetch: Any, bench: str, headers: dict[str, str]
) -> None:
    """What Jupyter does not know opens nothing."""
    answer = await ask(jp_fetch, "GET", f"servers/{bench}/x", headers=headers)
    assert answer.code == 403


async def test_the_token_may_stand_in_the_query_and_goes_no_further(
    jp_fetch: Any, jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """A link with Jupyter's token works; the hook sees the query without it."""
    answer = await ask(jp_fetch, "GET", f"servers/{bench}/x", params={"a": "1", "token": jupyter.token})
    assert answer.code == 200
    assert json.loads(answer.body)["uri"] == "/x?a=1"
    _, _, headers = hook_server.requests[-1]
    assert jupyter.token not in str(headers)


async def test_a_browsers_cookie_opens_the_proxy_and_stays_behind(
    jp_fetch: Any, jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """Logged in by cookie, a GET passes; cookies and authorization do not reach the hook."""
    cookies = await cookie_of(jp_fetch, jupyter.token)
    answer = await ask(jp_fetch, "GET", f"servers/{bench}/x", params={"token": "mine"}, headers=cookies)
    assert answer.code == 200
    assert json.loads(answer.body)["uri"] == "/x?token=mine"
    _, _, headers = hook_server.requests[-1]
    assert not {"Cookie", "Authorization"} & set(headers)


async def test_a_post_by_cookie_needs_the_xsrf_value(jp_fetch: Any, jupyter: Address, bench: str) -> None:
    """POST without it is refused, on the proxy and on the REST interface; with it, it passes."""
    cookies = await cookie_of(jp_fetch, jupyter.token)
    for path in (f"servers/{bench}/x", "api/servers"):
        answer = await ask(jp_fetch, "POST", path, headers=cookies)
        assert answer.code == 403
        assert "_xsrf" in json.loads(answer.body)["message"]
    value = "ab" * 16
    both = {"Cookie": f"{cookies['Cookie']}; _xsrf={value}", "X-XSRFToken": value}
    answer = await ask(jp_fetch, "POST", f"servers/{bench}/x", headers=both)
    assert answer.code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_foreign_origin_with_the_cookie_gets_403(
    jp_fetch: Any, jupyter: Address, bench: str, method: str, origin: str
) -> None:
    """Another site's page cannot use the person's cookie."""
    cookies = await cookie_of(jp_fetch, jupyter.token)
    answer = await ask(jp_fetch, method, f"servers/{bench}/x", headers={**cookies, "Origin": origin})
    assert answer.code == 403
    assert origin in json.loads(answer.body)["message"]


async def test_a_foreign_page_cannot_run_hooks_by_embedding(
    jp_fetch: Any, jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """An image of another site, which sends no Origin, does not reach the hook."""
    cookies = await cookie_of(jp_fetch, jupyter.token)
    site = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    answer = await ask(jp_fetch, "GET", f"servers/{bench}/x", headers={**cookies, **site})
    assert answer.code == 403
    assert hook_server.requests == []


async def test_an_origin_that_the_administrator_allows_may_use_the_proxy(
    jp_fetch: Any, jp_serverapp: Any, jupyter: Address, bench: str
) -> None:
    """`c.ServerApp.allow_origin` counts here as everywhere in Jupyter."""
    jp_serverapp.web_app.settings["allow_origin"] = "https://friend.example"
    cookies = await cookie_of(jp_fetch, jupyter.token)
    page = {"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    answer = await ask(jp_fetch, "GET", f"servers/{bench}/x", headers={**cookies, **page})
    assert answer.code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://friend.example"


async def test_a_websocket_without_a_token_gets_403(jupyter: Address, bench: str) -> None:
    """The handshake is refused before the hook server is asked."""
    with pytest.raises(InvalidStatus) as refusal:
        await jupyter.open(bench, "/ws/x", token=False)
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_websocket_of_a_foreign_origin_with_the_cookie_gets_403(
    jp_fetch: Any, jupyter: Address, bench: str, hook_server: StandIn, origin: str
) -> None:
    """Cross-site WebSocket hijacking ends at the proxy."""
    headers = {**await cookie_of(jp_fetch, jupyter.token), "Origin": origin}
    with pytest.raises(InvalidStatus) as refusal:
        await jupyter.open(bench, "/_workbench/channel", token=False, headers=headers)
    assert refusal.value.response.status_code == 403
    assert hook_server.requests == []


async def test_a_websocket_of_jupyters_own_page_is_of_the_hook_servers_origin(
    jp_fetch: Any, jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """The hook server's own origin rule sees a page of its own origin."""
    headers = {**await cookie_of(jp_fetch, jupyter.token), "Origin": f"http://127.0.0.1:{jupyter.port}"}
    async with jupyter.open(bench, "/ws/x", token=False, headers=headers) as socket:
        await socket.send("hi")
        assert await socket.recv() == "hi"
    _, _, seen = hook_server.requests[-1]
    assert seen["Origin"] == f"http://127.0.0.1:{hook_server.port}"
    assert not {"Cookie", "Authorization"} & set(seen)


class Allowing(Authorizer):
    """Allows some actions on the workbench and notes what it was asked."""

    allowed = frozenset({"read"})

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Allow what the test allows."""
        del handler, user
        return resource == "workbench" and action in self.allowed


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "api/servers", "read"),
        ("GET", "api/version", "read"),
        ("POST", "api/servers", "execute"),
        ("DELETE", "api/servers/{}", "execute"),
        ("POST", "api/servers/{}/start", "execute"),
        ("GET", "servers/{}/x", "read"),
        ("POST", "servers/{}/x", "write"),
        ("GET", "servers/{}/_workbench/status", "execute"),
    ],
)
async def test_each_route_asks_the_authorizer_for_its_action(
    jp_fetch: Any, jp_serverapp: Any, jupyter: Address, bench: str, method: str, path: str, needed: str
) -> None:
    """All actions but the needed one are not enough."""
    authorizer = Allowing(parent=jp_serverapp)
    authorizer.allowed = frozenset({"read", "write", "execute"}) - {needed}
    jp_serverapp.web_app.settings["authorizer"] = authorizer
    token = {"Authorization": f"token {jupyter.token}"}
    answer = await ask(jp_fetch, method, path.format(bench), headers=token)
    assert answer.code == 403
    assert needed in json.loads(answer.body)["message"]


@pytest.mark.parametrize(("path", "needed"), [("/ws/x", "write"), ("/_workbench/channel", "execute")])
async def test_websockets_ask_the_authorizer_too(
    jp_serverapp: Any, jupyter: Address, bench: str, path: str, needed: str
) -> None:
    """A client's connection writes; the command channel executes."""
    authorizer = Allowing(parent=jp_serverapp)
    authorizer.allowed = frozenset({"read", "write", "execute"}) - {needed}
    jp_serverapp.web_app.settings["authorizer"] = authorizer
    with pytest.raises(InvalidStatus) as refusal:
        await jupyter.open(bench, path)
    assert refusal.value.response.status_code == 403
    authorizer.allowed = frozenset({needed})
    async with jupyter.open(bench, path):
        pass


def test_jupyter_finds_no_handler_that_anybody_may_use(jp_configurable_serverapp: Any) -> None:
    """Jupyter's own check of all routes, made an error for ours."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        jp_configurable_serverapp()
    ours = [str(entry.message) for entry in caught if issubclass(entry.category, JupyterServerAuthWarning)]
    assert [text for text in ours if "workbench" in text] == []
