"""Signing in: what passwords, tokens and hooks make of somebody."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from tests.dialects.directus.support import person, request, serving
from workbench.dialects.directus import DirectusError

LOGIN = {"email": "alice@example.com", "password": "pass"}


def test_access_tokens_are_signed_claims() -> None:
    """HS256 with id, role, the two accesses, iat, exp and iss; hooks may add some (spec d.10)."""
    with serving(secret="short") as bench:
        bench.filter("auth.jwt", lambda claims: {**claims, "team": "a"})
        data = request(bench, "POST", "/auth/login", LOGIN)[1]["data"]
        claims = jwt.decode(data["access_token"], options={"verify_signature": False})
        assert jwt.get_unverified_header(data["access_token"])["alg"] == "HS256"
        assert {**claims, "iat": 0, "exp": 0} == {
            "id": "alice", "role": "editor", "app_access": False, "admin_access": False, "team": "a",
            "iat": 0, "exp": 0, "iss": "directus",
        }  # fmt: skip
        assert claims["exp"] - claims["iat"] == 900
        assert data["expires"] == 900_000


@pytest.mark.parametrize(
    "claims",
    [
        {"id": "alice", "admin_access": True, "iss": "directus"},
        {"iss": "directus", "exp": 2**40},
        {"iss": "other"},
    ],
)
def test_tokens_that_others_signed(claims: dict[str, Any]) -> None:
    """A token signed by another key, or by none, is nobody's."""
    with serving() as bench:
        signed = jwt.encode({"exp": time.time() + 60, **claims}, "another key, long enough for HS256 by far")
        unsigned = jwt.encode({"exp": time.time() + 60, **claims}, None, algorithm="none")
        for token in (signed, unsigned):
            status, answer = request(bench, "GET", "/items/messages", token=token)
            assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "INVALID_CREDENTIALS")


def test_login_filters_may_refuse_and_change() -> None:
    """What a filter makes of the body is what is checked; an error refuses, and no action says success."""
    with serving() as bench:
        told: list[tuple[str, Any]] = []
        bench.action("auth.login", lambda meta: told.append((meta.status, meta.user)))
        bench.filter(
            "auth.login", lambda payload: {**payload, "password": payload["password"].strip()}, name="trim"
        )
        assert request(bench, "POST", "/auth/login", {**LOGIN, "password": " pass "})[0] == 200
        assert request(bench, "POST", "/auth/login", {**LOGIN, "password": "wrong"})[0] == 401
        assert told == [("success", "alice"), ("fail", "alice")]

        def refuse(payload: Any) -> None:
            raise DirectusError("NO", f"Not you, {payload['email']}.", 403)

        bench.filter("auth.login", refuse)
        assert request(bench, "POST", "/auth/login", LOGIN)[0] == 403
        assert len(told) == 2


def test_hooks_decide_who_somebody_is() -> None:
    """R48: another accountability is taken as it is; an equal one, a changed original or nothing are not."""
    with serving() as bench:
        for number, hook in enumerate(
            (
                lambda payload: {**payload},
                lambda payload: payload.update(user="eve"),
                lambda payload: payload,
            )
        ):
            bench.chain("filter websocket.authenticate").attach(hook, name=f"same{number}")
            with person(bench) as alice:
                alice.ask({"type": "ping"})
                assert [one.accountability.user for one in bench.clients] == ["alice"]
            bench.chain("filter websocket.authenticate").clear()
        bench.filter("websocket.authenticate", lambda payload: {**payload, "user": "eve", "role": "reader"})
        with person(bench, "no-token") as eve:
            assert eve.items("read")["data"] == []
            assert eve.items("create", data={"text": "x"})["error"]["code"] == "FORBIDDEN"


def test_what_is_known_of_a_connection() -> None:
    """Accountability has address and user agent, origin only where one was sent."""
    with serving() as bench:
        seen: list[dict[str, Any]] = []
        bench.filter("authenticate", lambda payload: seen.append(dict(payload)))
        request(bench, "GET", "/server/ping")
        assert seen == [
            {"role": None, "user": None, "roles": [], "admin": False, "app": False, "ip": "127.0.0.1"}
        ]
