"""Directus's own SDK against the scenario: realtime and REST."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.directus.driver import Scenario, serving

pytestmark = pytest.mark.node

ALICE = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
RITA = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    """The scenario, served by a process of its own."""
    with serving() as running:
        yield running


def test_rest(scenario: Scenario) -> None:
    """The SDK logs in, writes, reads, queries, refreshes and logs out over HTTP."""
    assert scenario.sdk("rest") == {
        "expires": 900_000,
        "made": "sdk rest",
        "many": 2,
        "listed": [{"text": "sdk rest"}, {"text": "sdk b"}],
        "one": {"text": "sdk rest"},
        "updated": {"likes": 3},
        "several": [{"likes": 4}, {"likes": 4}],
        "board": "sdk",
        "again": "sdk",
        "me": {"email": "alice@example.com"},
        "gone": "FORBIDDEN",
        "refreshed": True,
        "out": "FORBIDDEN",
    }


def test_realtime(scenario: Scenario) -> None:
    """R110 to R113: the SDK connects, subscribes with a query, hears of creates, and unsubscribes."""
    created = [
        {"type": "subscription", "event": "create", "data": [{"text": text}], "uid": "1"}
        for text in ("one", "two")
    ]
    assert scenario.sdk("realtime") == {
        "seen": [{"type": "subscription", "event": "init", "uid": "1"}, *created],
        "user": ALICE,
        "welcome": "auth",
        "unsubscribed": True,
    }


def test_login(scenario: Scenario) -> None:
    """R111: a token of a login signs in over the socket, and expires."""
    assert scenario.sdk("login") == {"user": RITA, "expires": "number"}


def test_refused(scenario: Scenario) -> None:
    """R110: a refused handshake fails the connection."""
    assert scenario.sdk("refused") == {"refused": True}


def test_strict(scenario: Scenario) -> None:
    """R133: the SDK's strict mode puts its token into the URL."""
    assert scenario.sdk("strict", "strict") == {"user": ALICE}


def test_reconnect(scenario: Scenario) -> None:
    """R115: after a lost connection the SDK subscribes again, and its generator goes on."""
    found = scenario.sdk("again")
    assert found["after"] == {
        "type": "subscription", "event": "create", "data": [{"text": "after"}], "uid": "mine",
    }  # fmt: skip
