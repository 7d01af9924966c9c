"""One connection: faults, breakpoints and clients that misbehave."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.dialects.directus.support import person, request, serving, until
from workbench.dialects.directus import DirectusError


@pytest.mark.parametrize("mode", ["handshake", "public"])
def test_a_cancelled_hook_fails_the_sign_in(mode: str) -> None:
    """A filter that awaited something cancelled refuses, at once and later, and its client hears of it."""
    with serving(mode=mode) as bench:
        bench.on_error(lambda: None)

        @bench.filter("websocket.authenticate")  # type: ignore[untyped-decorator]  # a member of the dialect
        async def cancelled(_payload: Any) -> None:
            raise asyncio.CancelledError

        with person(bench, None) as alice:
            answer = alice.ask({"type": "auth", "access_token": "alice-token"})
            assert answer["error"]["code"] == "AUTH_FAILED"
            if mode == "public":
                assert alice.ask({"type": "ping"}) == {"type": "pong"}
            else:
                with pytest.raises(ConnectionClosed):
                    alice.next()


def test_faults_at_a_chain() -> None:
    """A delay at the filters of messages holds their answer; a raise at an item's chain is no answer."""
    with serving() as bench, person(bench) as alice:
        bench.filter("websocket.message", lambda message: message, name="look")
        bench.filter("items.create", lambda payload: payload, name="items")
        fault = bench.faults.arm("delay", point="filter websocket.message", ms=150)
        begun = time.perf_counter()
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        assert time.perf_counter() - begun > 0.14
        bench.faults.disarm(fault)
        bench.faults.arm("raise", hook="items", error=DirectusError("FAULT", "A fault."), times=1)
        assert alice.items("create", data={"text": "x"})["error"]["code"] == "FAULT"
        assert alice.items("create", data={"text": "x"})["data"]["text"] == "x"


def test_a_breakpoint_holds_one_message() -> None:
    """A held message is edited and let go; another client's are served meanwhile."""
    with serving() as bench, person(bench) as alice, person(bench, "rita-token") as rita:
        bench.filter("websocket.message", lambda message: message, name="look")
        until(lambda: len(bench.clients) == 2)
        mine = next(one.connection for one in bench.clients if one.accountability.user == "alice")
        bench.breakpoints.set(point="filter websocket.message", connection=mine)
        alice.send({"type": "ping", "uid": "held"})
        (held,) = until(lambda: list(bench.breakpoints.held))
        assert rita.ask({"type": "ping"}) == {"type": "pong"}
        held.resume({"payload": {"type": "ping", "uid": "edited"}})
        assert alice.next() == {"type": "pong", "uid": "edited"}


def test_actions_held_by_a_fault_hold_nobody() -> None:
    """A delay at an action holds that action alone."""
    with serving() as bench, person(bench) as alice:
        done: list[str] = []
        bench.action("websocket.message", lambda meta: done.append(meta.message["type"]), name="late")
        bench.faults.arm("delay", hook="late", ms=600)
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        assert done == []
        until(lambda: done == ["ping"])


def test_tokens_stay_out_of_the_trace() -> None:
    """What a sign-in answers is in no frame of the trace."""
    with serving() as bench, person(bench, None) as alice:
        granted = alice.ask({"type": "auth", "email": "alice@example.com", "password": "pass"})
        again = alice.ask({"type": "auth", "refresh_token": granted["refresh_token"]})
        assert again["status"] == "ok"
        moments = bench.trace.recorder.moments.rows()
        shown = json.dumps([str(one) for one in moments])
        assert granted["refresh_token"] not in shown
        assert again["refresh_token"] not in shown


def test_refused_connections_are_in_the_register() -> None:
    """A refused upgrade is a connection that was closed, with the status in words."""
    with serving(mode="strict", max_clients=1) as bench:
        with pytest.raises(InvalidStatus), person(bench, None):
            pass
        with person(bench), pytest.raises(InvalidStatus), person(bench):
            pass
        reasons = list(bench.trace.connections["reason"])
        assert reasons[0] == "refused with 401"
        assert reasons[2] == "refused with 403"


def test_the_end_of_a_token_that_outlives_a_connection() -> None:
    """A client that leaves takes its timers along."""
    with serving(access_token_ttl=1) as bench:
        login = {"email": "alice@example.com", "password": "pass"}
        token = request(bench, "POST", "/auth/login", login)[1]["data"]["access_token"]
        with person(bench, token) as alice:
            alice.ask({"type": "ping"})
            (client,) = bench.clients
            assert client.auth_timer is not None
        until(lambda: not bench.clients)
        assert client.auth_timer is None
        assert request(bench, "GET", "/items/messages", token=token)[0] in (200, 401)
        time.sleep(1.1)
        status, answer = request(bench, "GET", "/items/messages", token=token)
        assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "TOKEN_EXPIRED")
        forged = token[:-4] + ("aaaa" if token[-4:] != "aaaa" else "bbbb")
        status, answer = request(bench, "GET", "/items/messages", token=forged)
        assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "INVALID_CREDENTIALS")


def test_hooks_that_close_with_a_code_that_is_none() -> None:
    """A forbidden close code is the hook's error; the connection lives on."""
    with serving() as bench, person(bench) as alice:
        seen: list[str] = []
        bench.on_error(lambda error: seen.append(type(error).__name__))

        def close(meta: Any) -> None:
            if meta.message["type"] == "kick":
                meta.client.close(meta.message["code"], "out")

        bench.action("websocket.message", close)
        alice.send({"type": "kick", "code": 99})
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        assert seen == ["InvalidClose"]
        alice.send({"type": "kick", "code": 4001})
        with pytest.raises(ConnectionClosed):
            alice.next()


def test_stopping_lets_go_of_hanging_sockets() -> None:
    """A request for an unknown path hangs until its client or the server goes (R57)."""
    with serving() as bench, pytest.raises(TimeoutError):
        connect(f"{bench.ws_url}/elsewhere", open_timeout=0.2, proxy=None)
    assert bench.running is False
