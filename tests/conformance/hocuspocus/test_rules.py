"""Each rule of Hocuspocus that can be seen from outside, with frames made by hand."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator

import pytest
from pycrdt import Doc, Map
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.conformance.hocuspocus.driver import Raw, Scenario, a_document, serving, until
from tests.dialects.hocuspocus.support import change
from workbench.dialects.hocuspocus import wire
from workbench.dialects.hocuspocus.wire import AwarenessEntry, encoded_awareness

UNITS = ["hi", "mid", "mid2", "lo", "cfg"]
EMPTY = Doc().get_state()
RESET = ("close", "Reset Connection")


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    """The scenario, served by a process of its own."""
    with serving() as running:
        yield running


def update(client: Raw, number: int = 7, /, **values: object) -> bytes:
    """Make the frame of a change."""
    return client.frames.sync(wire.UPDATE, change(number, **values))


def aware(client: Raw, *entries: tuple[int, int, object]) -> bytes:
    """Make an awareness frame."""
    return client.frames.awareness(encoded_awareness(AwarenessEntry(*entry) for entry in entries))


# Chain and contexts -----------------------------------------------------------------------------------


def test_01_units_run_by_priority_and_the_configuration_last(scenario: Scenario) -> None:
    """Rules 1 and 4, at every hook of a connection's life."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        client.send(update(client, a=1))
        client.next("status")
    scenario.wait_for(name, "afterUnloadDocument")
    until(lambda: scenario.calls(name, "afterUnloadDocument", "cfg"), "the last unit")
    for hook in ("onConnect", "onLoadDocument", "connected", "beforeHandleMessage", "onStoreDocument"):
        assert [one["ext"] for one in scenario.trace(name) if one["hook"] == hook] == UNITS, hook
    created = [one["ext"] for one in scenario.trace(name) if one["hook"] == "onCreateDocument"]
    assert created == UNITS[:-1]  # 14: not in the configuration


def test_05_a_rejection_stops_the_rest(scenario: Scenario) -> None:
    """The units after the one that rejects do not run."""
    name = a_document("noconnect")
    with scenario.raw(name) as client:
        assert client.enter() == ("denied", "no-connect")
    assert [one["ext"] for one in scenario.trace(name)] == ["hi", "mid"]


def test_09_results_are_merged_after_the_hook(scenario: Scenario) -> None:
    """Inside a hook all units see the context from before it; the next hook sees the merged one."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter("me")
    assert [one["ctx"] for one in scenario.trace(name) if one["hook"] == "onConnect"] == [{}] * 5
    assert scenario.calls(name, "onAuthenticate")[0]["ctx"] == {"a": 1, "x": "mid2"}
    assert scenario.calls(name, "onCreateDocument")[0]["ctx"] == {"a": 1, "x": "mid2", "user": "me"}


def test_12_connection_config_is_shared(scenario: Scenario) -> None:
    """A change by one unit is seen by the later ones, and decides."""
    name = a_document()
    with scenario.raw(name) as client:
        assert client.enter("ro") == ("authenticated", "readonly")
    flags = {one["ext"]: one["readOnly"] for one in scenario.trace(name) if one["hook"] == "onAuthenticate"}
    assert flags == {"hi": False, "mid": False, "mid2": True, "lo": True, "cfg": True}


# Connecting -------------------------------------------------------------------------------------------


def test_15_to_17_order_of_a_life(scenario: Scenario) -> None:
    """Nothing before the auth frame; what came before it is handled afterwards, in order."""
    name = a_document()
    with scenario.raw(name, "/?q=7", additional_headers={"x-scenario": "seen"}) as client:
        client.send(client.frames.sync(wire.STEP_1, EMPTY), client.frames.stateless("ping"))
        assert client.quiet() == []
        client.enter("me", "4.8.0")
        assert [client.next()[0] for _ in range(3)] == ["step 1", "step 2", "stateless"]
    first = scenario.calls(name, "onConnect")[0]
    assert (first["query"], first["header"], first["providerVersion"]) == ("7", "seen", "4.8.0")
    hooks = scenario.hooks(name)
    expected = ["onConnect", "onAuthenticate", "onCreateDocument", "onLoadDocument", "afterLoadDocument"]
    assert hooks[:5] == expected
    assert sorted(hooks[5:7]) == ["beforeHandleMessage", "connected"]


@pytest.mark.parametrize(
    ("token", "reason"),
    [("deny", "permission-denied"), ("deny-empty", "Forbidden"), ("deny-reason", "custom-reason")],
)
def test_19_and_20_denials(scenario: Scenario, token: str, reason: str) -> None:
    """The text says why, the socket stays, and the same socket may try again."""
    name = a_document()
    with scenario.raw(name) as client:
        assert client.enter(token) == ("denied", reason)
        assert client.enter("good") == ("authenticated", "read-write")
    assert len(scenario.calls(name, "onLoadDocument")) == 1


def test_20_queued_frames_are_dropped_by_a_denial(scenario: Scenario) -> None:
    """16: they are not handled when the second try succeeds."""
    name = a_document()
    with scenario.raw(name) as client:
        client.send(update(client, lost=1))
        client.enter("deny")
        client.enter("good")
        assert client.quiet() == []
        assert scenario.get("/__json", doc=name) == {}


@pytest.mark.parametrize("name", ["", "  "])
def test_22_blank_names(scenario: Scenario, name: str) -> None:
    """They are authenticated, then denied."""
    with scenario.raw(name) as client:
        assert client.enter() == ("authenticated", "read-write")
        assert client.next() == ("denied", "permission-denied")


def test_24_leaving_during_the_load(scenario: Scenario) -> None:
    """The load finishes; connected does not run, onDisconnect and unload do."""
    name = a_document("slowload")
    with scenario.raw(name) as client:
        client.enter()
        scenario.wait_for(name, "onLoadDocument")
    scenario.wait_for(name, "afterUnloadDocument")
    hooks = scenario.hooks(name)
    assert "connected" not in hooks
    assert hooks.count("onDisconnect") == 1


def test_21_and_29_two_documents_on_one_socket(scenario: Scenario) -> None:
    """One socket id, and a denial of one does not touch the other."""
    name, other = a_document(), a_document()
    with scenario.raw(name) as client:
        second = Raw(client.ws, other)
        assert client.enter() == ("authenticated", "read-write")
        assert second.enter("deny") == ("denied", "permission-denied")
        client.send(client.frames.stateless("ping"))
        assert client.next() == ("stateless", "pong")
    ids = {scenario.calls(one, "onConnect")[0]["socketId"] for one in (name, other)}
    assert len(ids) == 1


# Loading ----------------------------------------------------------------------------------------------


def test_25_and_27_what_may_be_loaded(scenario: Scenario) -> None:
    """A document, an update and edits merge; other results are ignored; no change is told."""
    name = a_document("load")
    with scenario.raw(name) as client:
        client.enter()
        assert scenario.get("/__json", doc=name) == {"one": 1, "two": 2, "three": 3}
    scenario.wait_for(name, "afterUnloadDocument")
    assert "onChange" not in scenario.hooks(name)
    assert "onStoreDocument" not in scenario.hooks(name)


def test_26_one_load_for_all(scenario: Scenario) -> None:
    """Clients that come while it loads share it; it has the first one's context."""
    name = a_document("slowload")
    with scenario.raw(name) as one, scenario.raw(name) as two:
        one.send(one.frames.token("first"))
        scenario.wait_for(name, "onLoadDocument")
        two.enter("second")
        two.send(two.frames.stateless("ping"))
        assert two.next("stateless") == ("stateless", "pong")
    assert len(scenario.calls(name, "onLoadDocument")) == 1
    assert scenario.calls(name, "onLoadDocument")[0]["ctx"]["user"] == "first"


def test_28_a_failed_load(scenario: Scenario) -> None:
    """It denies after Authenticated, leaves nothing, and the next client loads afresh."""
    name = a_document("noload")
    with scenario.raw(name) as client:
        for count in (1, 2):
            assert client.enter() == ("authenticated", "read-write")
            assert client.next() == ("denied", "no-load")
            assert len(scenario.calls(name, "onLoadDocument")) == count
    assert name not in scenario.get("/__stats")["loaded"]


# Messages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("family", "reason"), [("block", "blocked"), ("blockerr", "Reset Connection")])
def test_30_and_31_a_blocked_frame_closes_its_document(scenario: Scenario, family: str, reason: str) -> None:
    """Queued frames are dropped, the socket and other documents stay."""
    name = a_document(family)
    with scenario.raw(name) as client:
        other = Raw(client.ws, a_document())
        client.enter()
        other.enter()
        client.send(update(client, long="x" * 250), client.frames.stateless("ping"))
        assert client.next("close") == ("close", reason)
        other.send(other.frames.stateless("ping"))
        assert other.next() == ("stateless", "pong")
    assert "onStateless" not in scenario.hooks(name)
    assert "onChange" not in scenario.hooks(name)


def test_33_errors_of_after_handle_message_change_nothing(scenario: Scenario) -> None:
    """They are logged, no more."""
    name = a_document("after")
    with scenario.raw(name) as client:
        client.enter()
        for value in (1, 2):
            client.send(update(client, a=value))
            assert client.next("status") == ("status", 1)


MALFORMED = {
    "unknown sync subtype": b"\x00\x09\x01\x01",
    "broadcast stateless": b"\x06\x01x",
    "corrupt awareness": b"\x01\x02\x05\xc8",
    "truncated sync": b"\x00",
    "truncated stateless": b"\x05",
    "unreadable state vector": b"\x00\x00\x02\xff\xff",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_34_malformed_frames_close_the_document(scenario: Scenario, body: bytes) -> None:
    """With "Reset Connection"; the socket stays."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        client.send(wire.text(name) + body)
        assert client.next() == RESET
        assert client.enter() == ("authenticated", "read-write")


def test_34_and_59_unknown_types_and_queries_are_ignored(scenario: Scenario) -> None:
    """No answer, and the connection lives."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        client.send(
            wire.text(name) + b"\x2a\x01x", client.frames.query_awareness(), wire.text(name) + b"\x08\x01"
        )
        client.send(client.frames.stateless("ping"))
        assert client.next() == ("stateless", "pong")


def test_35_an_undecodable_update_is_acknowledged(scenario: Scenario) -> None:
    """Q05, kept."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        client.send(client.frames.sync(wire.UPDATE, b"\x01\x02\x03\x04\x05"))
        assert client.next() == ("status", 1)
        assert client.quiet() == []


def test_36_frames_behind_a_close_frame_are_handled(scenario: Scenario) -> None:
    """By the connection that has closed."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        client.send(client.frames.close(), client.frames.stateless("ping"))
        assert client.next() == ("close", "provider_initiated")  # 61
        scenario.wait_for(name, "onStateless")
    scenario.wait_for(name, "onDisconnect")


def test_beforesync_may_refuse(scenario: Scenario) -> None:
    """A rejection closes the document with its reason, a sync of another type passes."""
    name = a_document("nosync")
    with scenario.raw(name) as client:
        client.enter()
        client.send(client.frames.sync(wire.STEP_1, EMPTY), update(client, a=1))
        assert client.next("step 2")
        assert client.next() == ("close", "no-sync")
    assert [one["type"] for one in scenario.calls(name, "beforeSync")] == [0, 2]


# Changes and storing ----------------------------------------------------------------------------------


def test_37_a_change_is_told_once(scenario: Scenario) -> None:
    """A change that changes nothing is not."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        frame = update(client, a=1)
        client.send(frame, frame)
        client.next("status")
        client.next("status")
        assert client.quiet(0.2)
    assert len(scenario.calls(name, "onChange")) == 1
    assert scenario.calls(name, "onChange")[0]["origin"] == "connection"


def test_39_debounce_and_max_debounce(scenario: Scenario) -> None:
    """A store waits for a pause, but no longer than the most."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        began = time.monotonic()
        number = 0
        while not scenario.calls(name, "onStoreDocument"):
            number += 1
            client.send(update(client, number, **{str(number): number}))
            time.sleep(0.1)
            assert time.monotonic() - began < 5
        assert 0.85 <= time.monotonic() - began <= 2.5
        client.quiet(0.6)
    assert len(scenario.calls(name, "onStoreDocument")) <= 3


def test_42_the_last_one_leaves(scenario: Scenario) -> None:
    """A waiting store runs at once and the document is unloaded; without a change nothing is stored."""
    changed, unchanged = a_document(), a_document()
    for name in (changed, unchanged):
        with scenario.raw(name) as client:
            client.enter()
            if name == changed:
                client.send(update(client, a=1))
                client.next("status")
        scenario.wait_for(name, "afterUnloadDocument")
    (store,) = scenario.calls(changed, "onStoreDocument")
    assert (store["clients"], store["ctx"]["user"], store["origin"]) == (1, "token", "connection")  # 40
    assert "onStoreDocument" not in scenario.hooks(unchanged)
    order = [
        one for one in scenario.hooks(changed) if "Store" in one or "nload" in one or one == "onDisconnect"
    ]
    assert order == [
        "onDisconnect",
        "onStoreDocument",
        "afterStoreDocument",
        "beforeUnloadDocument",
        "afterUnloadDocument",
    ]


def test_43_a_failed_store_loses_nothing(scenario: Scenario) -> None:
    """Q07, mended: the document stays when the last one leaves, and the store is tried again after 1 s."""
    name = a_document("failstore")
    with scenario.raw(name) as client:
        client.enter()
        client.send(update(client, a=1))
        scenario.wait_for(name, "onStoreDocument")
    failed = time.monotonic()
    scenario.wait_for(name, "onStoreDocument", 2)
    assert time.monotonic() - failed > 0.7
    assert name in scenario.get("/__stats")["loaded"]
    assert scenario.get("/__json", doc=name) == {"a": 1}


def test_44_the_skip_signal(scenario: Scenario) -> None:
    """Later units and afterStoreDocument are skipped, the document is unloaded."""
    name = a_document("skip")
    with scenario.raw(name) as client:
        client.enter()
        client.send(update(client, a=1))
        client.next("status")
    scenario.wait_for(name, "afterUnloadDocument")
    assert [one["ext"] for one in scenario.trace(name) if "StoreDocument" in one["hook"]] == ["hi"]


def test_45_a_client_returns_while_a_store_runs(scenario: Scenario) -> None:
    """It gets the document that is in memory; nothing is loaded again."""
    name = a_document("slowstore")
    with scenario.raw(name) as client:
        client.enter()
        client.send(update(client, a=1))
        client.next("status")
    scenario.wait_for(name, "onStoreDocument")
    with scenario.raw(name) as client:
        client.enter()
        client.quiet(0.5)
        assert scenario.get("/__json", doc=name) == {"a": 1}
    assert len(scenario.calls(name, "onLoadDocument")) == 1


def test_46_a_vetoed_unload(scenario: Scenario) -> None:
    """The document stays; the next leaver tries again."""
    name = a_document("keep")
    for count in (1, 2):
        with scenario.raw(name) as client:
            client.enter()
        scenario.wait_for(name, "beforeUnloadDocument", count)
    assert name in scenario.get("/__stats")["loaded"]
    assert len(scenario.calls(name, "onLoadDocument")) == 1


def test_47_unloading_tells_of_awareness_once_more(scenario: Scenario) -> None:
    """Between the two unload hooks."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
    scenario.wait_for(name, "afterUnloadDocument")
    hooks = scenario.hooks(name)
    assert hooks[-3:] == ["beforeUnloadDocument", "onAwarenessUpdate", "afterUnloadDocument"]


# Read-only ----------------------------------------------------------------------------------------------


def test_49_and_50_read_only(scenario: Scenario) -> None:
    """Updates are refused, empty steps are not; the flag may be flipped; awareness and stateless work."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter("ro")
        client.send(update(client, a=1), client.frames.sync(wire.STEP_2, change(a=1)))
        client.send(client.frames.sync(wire.STEP_2, Doc().get_update()))
        assert [client.next() for _ in range(3)] == [("status", 0), ("status", 0), ("status", 1)]
        client.send(aware(client, (5, 1, {"a": 1})), client.frames.stateless("ping"))
        assert {client.next()[0] for _ in range(2)} == {"awareness", "stateless"}
        assert "onChange" not in scenario.hooks(name)
        scenario.get("/__readonly", doc=name, value=0)
        client.send(client.frames.sync(wire.STEP_2, change(a=1)))
        assert client.next("status") == ("status", 1)
        assert scenario.get("/__json", doc=name) == {"a": 1}


# Broadcasts and awareness ---------------------------------------------------------------------------------


def test_51_and_52_updates_go_to_all_merged(scenario: Scenario) -> None:
    """The sender's acknowledgements come first, then one frame for what came in one turn."""
    name = a_document()
    with scenario.raw(name) as one, scenario.raw(name) as two:
        one.enter()
        two.enter()
        two.send(two.frames.stateless("ping"))
        two.next("stateless")
        one.send(*(one.frames.sync(wire.UPDATE, change(number, **{str(number): 1})) for number in (1, 2, 3)))
        assert [one.next()[0] for _ in range(3)] == ["status"] * 3
        document: Doc[Map[object]] = Doc()
        for frame in two.quiet(0.3):
            document.apply_update(frame[1])
        assert one.next()[0] == "update"
        assert len(document.get_state()) > 3


def test_55_and_58_awareness(scenario: Scenario) -> None:
    """A newcomer hears of all; a null is passed on (Q02, mended); a leaver's states are removed."""
    name = a_document()
    with scenario.raw(name) as one, scenario.raw(name) as two:
        one.enter()
        one.send(aware(one, (5, 1, {"user": "a"})))
        one.next("awareness")
        two.enter()
        assert two.next() == ("awareness", [(5, 1, {"user": "a"})])
        one.send(aware(one, (5, 2, None)))
        assert two.next() == ("awareness", [(5, 2, None)])
        one.send(aware(one, (5, 3, {"user": "b"})))
        assert two.next() == ("awareness", [(5, 3, {"user": "b"})])
        one.ws.close()
        assert two.next() == ("awareness", [(5, 3, None)])


def test_56_and_57_hooks_rewrite_awareness(scenario: Scenario) -> None:
    """Fields change, deleted states leave the one before, a rejection closes; no unknown client (Q03)."""
    name = a_document("aw")
    with scenario.raw(name) as client:
        client.enter()
        client.send(aware(client, (5, 1, {"user": "bob"})))
        assert client.next() == ("awareness", [(5, 1, {"user": "server:bob"})])
        client.send(aware(client, (5, 2, {"drop": True})))
        assert client.quiet() == []
        client.send(aware(client, (5, 3, {"reject": True})))
        assert client.next("close") == ("close", "no-awareness")
    assert scenario.calls(name, "beforeHandleAwareness")[0]["states"] == [[5, {"user": "bob"}]]


def test_stateless_messages(scenario: Scenario) -> None:
    """To all with the hook before it, to the others, and a rejection with nothing stops later units."""
    name = a_document()
    with scenario.raw(name) as one, scenario.raw(name) as two:
        one.enter()
        two.enter()
        scenario.wait_for(name, "connected", 2)
        one.send(one.frames.stateless("all:x"))
        assert one.next() == two.next() == ("stateless", "bc:x")
        one.send(one.frames.stateless("others:y"))
        assert two.next() == ("stateless", "bc:y")
        scenario.get("/__broadcast", doc=name, payload="z")
        assert one.next() == two.next() == ("stateless", "z")
        one.send(one.frames.stateless("stop"))
        scenario.wait_for(name, "onStateless", 3)
        one.quiet()
    stopped = [one["ext"] for one in scenario.trace(name) if one.get("payload") == "stop"]
    assert stopped == ["hi", "mid"]
    assert len(scenario.calls(name, "beforeBroadcastStateless")) == 3


# Closing and limits -----------------------------------------------------------------------------------


def test_60_a_server_side_close_is_a_frame(scenario: Scenario) -> None:
    """The socket stays, and the document may be entered again."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter()
        scenario.get("/__close", doc=name)
        assert client.next() == RESET
        assert client.enter() == ("authenticated", "read-write")


UNDECODABLE = {"empty": b"", "text": "hello", "numbers": b"\xff" * 4, "pong": b"\x0a", "ping": b"\x09"}


@pytest.mark.parametrize("frame", UNDECODABLE.values(), ids=UNDECODABLE)
def test_62_undecodable_frames(scenario: Scenario, frame: bytes | str) -> None:
    """4401, also for texts and the bare bytes of ping and pong."""
    with scenario.raw("none") as client:
        client.send(frame)
        assert client.closed() == (4401, "Unauthorized")


@pytest.mark.parametrize("frame", [b"\x01a", b"\x01a\x02", b"\x01a\x02\x00\x09"])
def test_62_truncated_auth_frames(scenario: Scenario, frame: bytes) -> None:
    """4205."""
    with scenario.raw("a") as client:
        client.send(frame)
        assert client.closed() == (4205, "Reset Connection")


def test_62_limits_before_authentication(scenario: Scenario) -> None:
    """Frames, bytes and documents; as many as the limit are fine."""
    with scenario.raw(a_document()) as client:
        client.send(*[client.frames.stateless("ping")] * 20)
        client.enter()
        assert [client.next()[1] for _ in range(20)] == ["pong"] * 20
    with scenario.raw(a_document()) as client:
        client.send(*[client.frames.stateless("x")] * 21)
        assert client.closed() == (4205, "Reset Connection")
    with scenario.raw(a_document()) as client:
        client.send(client.frames.stateless("x" * 4096))
        assert client.closed() == (4205, "Reset Connection")
    with scenario.raw(a_document()) as client:
        client.send(*(Raw(client.ws, a_document()).frames.stateless("x") for _ in range(6)))
        assert client.closed() == (4205, "Reset Connection")


@pytest.mark.slow
def test_63_timeouts(scenario: Scenario) -> None:
    """Before authentication nothing refreshes the deadline; afterwards silence counts."""
    for authenticates in (False, True):
        with scenario.raw(a_document()) as client:
            began = time.monotonic()
            if authenticates:
                client.enter()
            assert client.closed() == (4408, "Connection Timeout")
            assert 2.4 <= time.monotonic() - began <= 5.6


# Tokens, sessions, direct connections ---------------------------------------------------------------------


def test_65_and_66_token_sync(scenario: Scenario) -> None:
    """It may change rights and context (Q09, mended), and refuse."""
    name = a_document()
    with scenario.raw(name) as client:
        client.enter("first")
        client.send(client.frames.token("ro-later"))
        scenario.wait_for(name, "onTokenSync")
        assert client.quiet() == []
        client.send(update(client, a=1))
        assert client.next() == ("status", 0)
        assert scenario.calls(name, "beforeSync")[-1]["ctx"]["synced"] == "ro-later"
        client.send(client.frames.token("expired-empty"))
        assert client.next() == ("close", "Unauthorized")
        scenario.wait_for(name, "onDisconnect")
    assert scenario.calls(name, "onDisconnect")[0]["ctx"]["synced"] == "ro-later"


def test_67_sessions(scenario: Scenario) -> None:
    """Answers carry the whole address, hooks the name; a session address falls back to the plain one."""
    name = a_document()
    with scenario.raw(f"{name}\0one") as one:
        two = Raw(one.ws, f"{name}\0two")
        one.enter()
        two.enter()
        scenario.wait_for(name, "connected", 2)
        one.send(one.frames.stateless("others:x"))
        data = one.ws.recv(timeout=20)
        assert data == two.frames.stateless("bc:x")
    with scenario.raw(name) as plain:
        plain.enter()
        scenario.wait_for(name, "connected", 3)
        plain.send(Raw(plain.ws, f"{name}\0lost").frames.stateless("ping"))
        assert plain.ws.recv(timeout=20) == plain.frames.stateless("pong")
    assert {entry["doc"] for entry in scenario.trace(name)} == {name}


def test_68_direct_connections(scenario: Scenario) -> None:
    """They load, change, store and unload; no connection hooks run."""
    name = a_document()
    scenario.get("/__direct", doc=name, key="k", value="v")
    scenario.wait_for(name, "afterUnloadDocument")
    hooks = scenario.hooks(name)
    assert not {"onConnect", "onAuthenticate", "connected"} & set(hooks)
    assert scenario.calls(name, "onChange")[0]["origin"] == "local"
    assert scenario.calls(name, "onDisconnect")[0]["socketId"] == "server"
    assert hooks.index("onStoreDocument") < hooks.index("onDisconnect") < hooks.index("afterUnloadDocument")


def test_69_a_warm_direct_connection(scenario: Scenario) -> None:
    """The document stays until its debounced store has run."""
    name = a_document()
    scenario.get("/__direct", doc=name, key="k", value="v", warm=1)
    assert scenario.get("/__json", doc=name) == {"k": "v"}
    scenario.wait_for(name, "afterUnloadDocument")
    assert scenario.hooks(name).count("onStoreDocument") == 1


def test_flushing_runs_what_waits(scenario: Scenario) -> None:
    """And the counts are those of sockets and direct connections."""
    name = a_document()
    scenario.get("/__direct-hold", doc=name)
    with scenario.raw(name) as client:
        client.enter()
        client.send(update(client, a=1))
        client.next("status")
        scenario.get("/__flush")
        scenario.wait_for(name, "afterStoreDocument")
        assert len(scenario.calls(name, "onStoreDocument")) == 1
    scenario.get("/__direct-release", doc=name)
    scenario.wait_for(name, "afterUnloadDocument")


# HTTP -------------------------------------------------------------------------------------------------


def test_70_http(scenario: Scenario) -> None:
    """A unit takes over by answering and rejecting with nothing; the default is 200 text/plain."""
    connection = http.client.HTTPConnection("127.0.0.1", scenario.port, timeout=5)
    connection.request("GET", "/take")
    taken = connection.getresponse()
    assert (taken.status, taken.getheader("x-scenario"), taken.read()) == (201, "taken", b"taken")
    connection.request("POST", "/else?x=1", body=b"data")
    usual = connection.getresponse()
    assert usual.status == 200
    assert (usual.getheader("content-type") or "").startswith("text/plain")
    usual.read()
    connection.close()
    urls = [
        one["url"] for one in scenario.get("/__trace") if one["hook"] == "onRequest" and one["ext"] == "cfg"
    ]
    assert "/else?x=1" in urls
    assert "/take" not in urls


def test_an_upgrade_may_be_refused_by_hand(scenario: Scenario) -> None:
    """The raw answer of the hook is what the client gets."""
    with pytest.raises(InvalidStatus) as caught, connect(scenario.url + "/deny-upgrade/x", proxy=None):
        pass
    assert caught.value.response.status_code == 401


def test_the_server_is_configured_and_listens(scenario: Scenario) -> None:
    """OnConfigure for all units, before onListen with the port."""
    entries = scenario.get("/__trace")
    configured = [one["ext"] for one in entries if one["hook"] == "onConfigure"]
    listened = [(one["ext"], one["port"]) for one in entries if one["hook"] == "onListen"]
    assert configured[:5] == UNITS
    assert listened == [(unit, scenario.port) for unit in UNITS]
