"""The scenario with the real provider: two clients and many, tokens, sessions, and a killed server."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pycrdt import Doc, Map

from tests.conformance.hocuspocus.driver import (
    Providers,
    Scenario,
    a_document,
    providers,
    serving,
    started,
    until,
)
from workbench.testing import free_port

pytestmark = pytest.mark.node

KEPT = """
from workbench import Workbench
from workbench.dialects.hocuspocus.extensions import Database

bench = Workbench("hocuspocus", name="kept", database="sqlite:///{file}", debounce=0.05, max_debounce=0.2)
"""
EDITS = 1000


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    """The scenario, served by a process of its own."""
    with serving() as running:
        yield running


@pytest.fixture
def real(scenario: Scenario) -> Iterator[Providers]:
    """Real providers."""
    with providers(scenario.url) as driver:
        yield driver


def test_two_providers_converge(real: Providers) -> None:
    """Maps and texts, beyond the basic plane too; nothing stays unsynced."""
    document = a_document()
    for name in ("a", "b"):
        real.open(name, document)
    real("set", id="a", values={"x": "é😀"})
    real("insert", id="a", at=0, text="from a 漢 ")
    real("insert", id="b", at=0, text="from b ")
    both = [
        real.wait(name, lambda seen: seen["map"] and len(seen["text"]) == 16, "both texts")
        for name in ("a", "b")
    ]
    assert both[0]["text"] == both[1]["text"]
    assert both[0]["map"] == both[1]["map"] == {"x": "é😀"}
    real.synced("a", "b")
    assert ["authenticated", "read-write"] in both[0]["events"]


def test_a_late_provider_gets_everything(real: Providers) -> None:
    """From the server's memory, without the first one's help."""
    document = a_document()
    real.open("a", document)
    real("set", id="a", values={str(number): number for number in range(50)})
    real.synced("a")
    real.open("late", document)
    seen = real.wait("late", lambda seen: len(seen["map"]) == 50, "the content")
    assert seen["map"]["49"] == 49


def test_a_denied_provider_is_told_why_and_loads_nothing(scenario: Scenario, real: Providers) -> None:
    """19: the reason; a refused client never loads the document."""
    document = a_document()
    real.open("a", document, token="deny-reason")
    seen = real.wait("a", lambda seen: seen["events"], "the denial")
    assert ["failed", "custom-reason"] in seen["events"]
    assert not seen["synced"]
    assert "onLoadDocument" not in scenario.hooks(document)


def test_a_read_only_provider_keeps_its_edits_to_itself(scenario: Scenario, real: Providers) -> None:
    """49, 50: refused edits stay unsynced, the others never see them."""
    document = a_document()
    real.open("a", document, token="ro")
    real.open("b", document)
    real.synced("b")
    real.wait("a", lambda seen: seen["scope"] == "readonly", "the scope")
    real("set", id="a", values={"refused": 1})
    real.wait("a", lambda seen: seen["unsynced"] > 0, "an unsynced change")
    assert scenario.get("/__json", doc=document) == {}
    assert real.see("b")["map"] == {}


def test_awareness_comes_and_goes(real: Providers) -> None:
    """55: what one says of itself the other sees, until it leaves."""
    document = a_document()
    for name in ("a", "b"):
        real.open(name, document)
    real.synced("a", "b")
    real("aware", id="a", state={"name": "Ada"})
    seen = real.wait("b", lambda seen: {"name": "Ada"} in seen["awareness"].values(), "Ada")
    assert len(seen["awareness"]) == 1
    real("destroy", id="a")
    real.wait("b", lambda seen: not seen["awareness"], "Ada to be gone")


def test_stateless_messages_in_both_directions(real: Providers) -> None:
    """`ping` is answered, `others:` reaches all but the sender."""
    document = a_document()
    for name in ("a", "b"):
        real.open(name, document)
    real.synced("a", "b")
    real("stateless", id="a", payload="ping")
    real("stateless", id="a", payload="others:hello")
    real.wait("a", lambda seen: ["stateless", "pong"] in seen["events"], "pong")
    real.wait("b", lambda seen: ["stateless", "bc:hello"] in seen["events"], "hello")
    assert ["stateless", "bc:hello"] not in real.see("a")["events"]


def test_tokens_are_renewed_without_a_new_connection(scenario: Scenario, real: Providers) -> None:
    """65: sent by the client, asked for by the server, and refused."""
    document = a_document()
    real.open("a", document)
    real.synced("a")
    real("token", id="a", token="renewed")
    assert scenario.wait_for(document, "onTokenSync")[0]["token"] == "renewed"
    scenario.get("/__request-token", doc=document)
    scenario.wait_for(document, "onTokenSync", 2)
    real("token", id="a", token="expired")
    seen = real.wait("a", lambda seen: any(kind == "close" for kind, _ in seen["events"]), "the close")
    assert ["close", [1000, "expired"]] in seen["events"]


def test_sessions_of_one_document_on_one_socket(scenario: Scenario, real: Providers) -> None:
    """67: two connections, one client as far as counting goes."""
    document = a_document()
    for name in ("a", "b"):
        real.open(name, document, socket="shared", session=True)
    real.synced("a", "b")
    real("set", id="a", values={"x": 1})
    real.wait("b", lambda seen: seen["map"] == {"x": 1}, "the change")
    assert scenario.get("/__stats")["connections"] == 1
    assert {entry["doc"] for entry in scenario.trace(document)} == {document}


def test_an_offline_edit_arrives_after_the_reconnect(real: Providers) -> None:
    """What was written without a connection is synchronised with the next one."""
    document = a_document()
    for name in ("a", "b"):
        real.open(name, document)
    real.synced("a", "b")
    real("disconnect", socket="a")
    real("set", id="a", values={"offline": True})
    real("connect", socket="a")
    real.wait("b", lambda seen: seen["map"] == {"offline": True}, "the offline edit")
    real.synced("a")


@pytest.mark.slow
def test_a_hundred_providers_converge(scenario: Scenario, real: Providers) -> None:
    """On one document, each with a socket and an edit of its own."""
    document = a_document()
    names = [f"p{number}" for number in range(100)]
    for name in names:
        real.open(name, document)
    for name in names:
        real("set", id=name, values={name: name})
    for name in names:
        real.wait(name, lambda seen: len(seen["map"]) == 100, f"all edits at {name}")
    real.synced(*names)
    assert scenario.get("/__stats")["connections"] == 100


def stored(file: Path) -> dict[str, object]:
    """Read the map of the stored document out of the database."""
    with sqlite3.connect(file) as connection:
        (data,) = connection.execute("SELECT data FROM documents WHERE name = 'kept'").fetchone()
    document: Doc[Map[object]] = Doc()
    document.apply_update(data)
    found: dict[str, object] = document.get("m", type=Map).to_py() or {}
    return found


def test_a_killed_server_loses_nothing_that_clients_hold(tmp_path: Path) -> None:
    """Killed in the middle of 1,000 edits: what was stored is there, and all comes back with the clients."""
    file, port = tmp_path / "kept.sqlite", free_port()
    bench = tmp_path / "kept.py"
    bench.write_text(KEPT.format(file=file))
    process = started(bench, port)
    try:
        with providers(f"ws://127.0.0.1:{port}") as real:
            for name in ("a", "b"):
                real.open(name, "kept")
            real.synced("a", "b")
            for number in range(EDITS // 2):
                real("set", id="ab"[number % 2], values={str(number): number})
            until(lambda: file.exists() and len(stored_or_nothing(file)) > 0, "a finished store")
            process.send_signal(signal.SIGKILL)
            process.wait()
            before = stored(file)
            assert before
            assert all(before[key] == int(key) for key in before)
            for number in range(EDITS // 2, EDITS):
                real("set", id="ab"[number % 2], values={str(number): number})
            process = started(bench, port)
            for name in ("a", "b"):
                real.wait(name, lambda seen: len(seen["map"]) == EDITS, f"all edits at {name}")
            real.synced("a", "b")
            until(lambda: len(stored(file)) == EDITS, "all edits in the database")
    finally:
        process.terminate()
        process.wait(15)


def stored_or_nothing(file: Path) -> dict[str, object]:
    """Read the stored map, or nothing where no store has finished yet."""
    try:
        return stored(file)
    except (sqlite3.Error, TypeError):
        time.sleep(0.02)
        return {}
