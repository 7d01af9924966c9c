"""Rules of the WebSocket protocol of Directus, seen from outside: a served scenario and raw clients."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.conformance.directus.driver import TIMEOUT, Scenario, serving

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ALICE = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BOB = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
RITA = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
EDITOR = "11111111-1111-4111-8111-111111111111"
READER = "22222222-2222-4222-8222-222222222222"
CONTEXT = ["accountability", "database", "schema"]
HANDSHAKE_FAILED = (
    '{"type":"auth","status":"error",'
    '"error":{"code":"AUTH_FAILED","message":"Authentication handshake failed."}}'
)


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    """The scenario, served by a process of its own."""
    with serving() as running:
        yield running


def code(answer: Any) -> tuple[str, str]:
    """Give type and code of an error message."""
    assert answer["status"] == "error"
    return answer["type"], answer["error"]["code"]


# Hook machinery -----------------------------------------------------------------------------------


def test_r01_r07_order_of_filters(scenario: Scenario) -> None:
    """R1, R2, R3, R7: filters follow one another, exact names first; results replace, changes stay."""
    with scenario.client() as client:
        answer = client.call({"type": "order"})
        assert answer["steps"] == ["one", "two", "three", "star", "deep"]
        assert client.call({"type": "order", "steps": ["mine"]})["steps"][:2] == ["mine", "one"]


def test_r02_r52_results_that_replace(scenario: Scenario) -> None:
    """R2, R51: 42, null, false and an object without type replace the message, and are then refused."""
    with scenario.client() as client:
        for kind in ("return-number", "return-null", "return-false", "return-untyped"):
            answer = client.ask({"type": kind, "uid": 5})
            assert code(answer) == ("server", "INVALID_PAYLOAD")
            assert answer["error"]["message"].startswith("Validation error")
            assert "uid" not in answer
        assert client.ask({"type": "alias-ping", "uid": 5}) == {"type": "pong", "uid": 5}


def test_r04_errors_of_filters(scenario: Scenario) -> None:
    """R4: a Directus error reaches the client with code and text, an ordinary one does not."""
    with scenario.client() as client:
        client.send({"type": "forbidden", "uid": 1})
        assert client.text() == (
            '{"type":"server","status":"error",'
            '"error":{"code":"MESSAGE_BLOCKED","message":"This message type is not allowed."}}'
        )
        client.send({"type": "explode"})
        assert client.silent()
        assert client.ask({"type": "ping"}) == {"type": "pong"}


def test_r05_r12_r13_arguments(scenario: Scenario) -> None:
    """R5, R12, R13: hooks get meta with the event's name, and the default context for WebSocket events."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        client.send({"type": "probe-x"})
        filtered, acted = scenario.traced(client, mark, "incoming", 2)
        assert (filtered["kind"], filtered["event"], filtered["keys"]) == (
            "filter", "websocket.message", ["client", "event"],
        )  # fmt: skip
        assert filtered["context"] == acted["context"] == CONTEXT
        assert (acted["kind"], acted["keys"]) == ("action", ["client", "event", "message"])
        assert (acted["accountability"], acted["schema"]) == (None, None)
        assert filtered["client"] == acted["client"] == client.uid


def test_r06_general_before_specific(scenario: Scenario) -> None:
    """R6: all filters of items.create, then those of messages.items.create, though these registered first."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        item = client.call(
            {"type": "items", "action": "create", "collection": "messages", "data": {"text": "chain"}}
        )["data"]
        assert item["text"] == "chain|general|specific"
        events = [
            (entry["kind"], entry["event"])
            for entry in scenario.trace(client, mark)
            if "create" in entry["event"]
        ]
        assert events == [
            ("filter", "items.create"),
            ("filter", "messages.items.create"),
            ("action", "items.create"),
            ("action", "messages.items.create"),
        ]


def test_r09_r10_actions_are_not_awaited(scenario: Scenario) -> None:
    """R9, R10: actions start in order and overtake one another; one that rejects later disturbs nothing."""
    with scenario.client() as client:
        client.send({"type": "race"})
        assert [client.next()["who"], client.next()["who"]] == ["fast", "slow"]
        mark = scenario.mark(client)
        assert client.ask({"type": "ping", "throwAsync": True, "tag": None}) == {"type": "pong"}
        assert scenario.traced(client, mark, "after-throw")[0]["tag"] is None


def test_r11_synchronous_errors_of_actions(scenario: Scenario) -> None:
    """R11: later actions and the built-in handling do not start; a created row stays, without answer."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        client.send({"type": "ping", "throwSync": True})
        assert client.silent()
        assert scenario.trace(client, mark, "after-throw") == []
        client.send(
            {
                "type": "items",
                "action": "create",
                "collection": "messages",
                "data": {"text": "action-throw"},
                "uid": 1,
            }
        )
        assert client.silent()
        query = {"filter": {"text": {"_eq": "action-throw"}}, "limit": 1}
        found = client.call({"type": "items", "action": "read", "collection": "messages", "query": query})
        assert len(found["data"]) == 1
        reject = {
            "type": "items",
            "action": "create",
            "collection": "messages",
            "data": {"text": "action-reject"},
        }
        assert client.call(reject)["data"]["text"] == "action-reject"


def test_r14_r16_start_and_schedules(scenario: Scenario) -> None:
    """R14, R16, R17: the steps of the start come in order; an error keeps no schedule from its next time."""
    with scenario.client() as client:
        first = scenario.trace(client, 0)[:9]
        assert [entry["event"] for entry in first] == [
            "app.before", "middlewares.before", "middlewares.after", "routes.before", "routes.custom.before",
            "routes.custom.after", "routes.after", "app.after", "server.start",
        ]  # fmt: skip
        assert first[0]["keys"] == ["app", "event"]
        assert (first[8]["keys"], first[8]["context"]) == (["event", "server"], CONTEXT)
        end = time.monotonic() + 10
        while client.call({"type": "trace", "after": 10**9})["ticks"] < 3:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert scenario.trace(client, 0, "bad-cron") == []


def test_r18_embeds(scenario: Scenario) -> None:
    """R18: embeds stand between their comments."""
    _, page = scenario.request("GET", "/admin")
    assert (
        '<!-- Start Custom Embed Head -->\n<meta name="workbench-scenario" content="on">\n'
        "<!-- End Custom Embed Head -->"
    ) in page
    assert "<!-- Start Custom Embed Body -->\n<!-- workbench-scenario-body -->\n" in page


def test_r19_private_emitter(scenario: Scenario) -> None:
    """R19: what the context's emitter emits reaches its own listeners alone."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        assert client.call({"type": "emit", "value": 7})["type"] == "emitted"
        labels = [(entry["label"], entry.get("value")) for entry in scenario.trace(client, mark)]
        assert ("context-emitter", 7) in labels
        assert "register-function" not in [label for label, _ in labels]


# Sign-in and connection ---------------------------------------------------------------------------


def test_r40_handshake(scenario: Scenario) -> None:
    """R40, R63: silence, then the confirmation, then what the connect action sends; once for each client."""
    with scenario.socket() as client:
        assert client.silent()
        client.send({"type": "auth", "email": "alice@example.com", "password": "alice-pass-1", "uid": "a"})
        text = client.text()
        assert re.fullmatch(r'\{"type":"auth","status":"ok","uid":"a","refresh_token":"[^"]+"\}', text)
        welcome = client.next()
        assert (welcome["type"], welcome["user"]) == ("welcome", ALICE)
        assert UUID4.fullmatch(welcome["client"])
        refresh = json.loads(text)["refresh_token"]
    with scenario.socket() as client:
        answer = client.ask({"type": "auth", "refresh_token": refresh, "uid": 3})
        assert (answer["status"], answer["uid"]) == ("ok", 3)
        assert answer["refresh_token"] != refresh
        client.uid = client.next()["client"]
        connects = [one for one in scenario.trace(client, 0, "connect") if one["client"] == client.uid]
        assert len(connects) == 1
        assert (connects[0]["keys"], connects[0]["user"]) == (["client", "event"], ALICE)


@pytest.mark.parametrize(
    "first",
    [
        "{",
        {"type": "ping"},
        {"type": "auth"},
        {"type": "auth", "access_token": "nobody", "uid": 4},
        {"type": "auth", "email": "alice@example.com", "password": "wrong"},
        {"type": "auth", "email": "nobody@example.com", "password": "x"},
        {"type": "auth", "access_token": "trap-token"},
        {"type": "auth", "access_token": 5},
        {"type": "auth", "refresh_token": "nothing"},
        "[]",
        "null",
    ],
)
def test_r41_failures_of_the_handshake(scenario: Scenario, first: Any) -> None:
    """R41: whatever is wrong, the client is told one and the same thing, and closed without a code."""
    with scenario.socket() as client:
        client.send(first)
        assert client.text() == HANDSHAKE_FAILED
        assert client.ended() == 1005


def test_r42_messages_during_the_handshake(scenario: Scenario) -> None:
    """R42: what comes while the handshake is checked is dropped."""
    with scenario.socket() as client:
        client.send({"type": "auth", "email": "bob@example.com", "password": "bob-pass-1"})
        client.send({"type": "ping", "uid": "lost"})
        assert client.next()["status"] == "ok"
        assert client.next()["type"] == "welcome"
        assert client.silent()


def test_r43_token_in_the_url(scenario: Scenario) -> None:
    """R43: a token in the URL signs in without any message; a bad one is HTTP 401 without a body."""
    for profile in ("main", "public", "strict"):
        with scenario.socket(profile, "?access_token=bob-token") as client:
            assert (client.next()["user"], client.silent()) == (BOB, True)
        with pytest.raises(InvalidStatus) as refused, scenario.socket(profile, "?access_token=nobody"):
            pass
        assert (refused.value.response.status_code, refused.value.response.body) == (401, b"")
    cookie = {"Cookie": "directus_session_token=rita-token"}
    with scenario.socket("strict", additional_headers=cookie) as client:
        assert client.next()["user"] == RITA


def test_r44_signing_in_again(scenario: Scenario) -> None:
    """R44, R47: the hook's message comes before the confirmation; the first sign-in emitted no such event."""
    with scenario.client("rita-token") as client:
        assert scenario.trace(client, 0, "auth") == []
        client.send({"type": "auth", "access_token": "bob-token", "uid": 9})
        assert client.next() == {"type": "hook", "event": "websocket.auth.success", "user": BOB}
        assert client.text() == '{"type":"auth","status":"ok","uid":9}'
        assert client.call({"type": "whoami"})["user"] == BOB


def test_r45_failing_to_sign_in_again(scenario: Scenario) -> None:
    """R45: the failure is emitted while the client is still who it was; then it is told, and closed."""
    with scenario.client() as client:
        client.send({"type": "auth", "access_token": "nobody", "uid": 9})
        assert client.next() == {"type": "hook", "event": "websocket.auth.failure", "user": ALICE}
        assert client.text() == (
            '{"type":"auth","status":"error","error":'
            '{"code":"AUTH_FAILED","message":"Authentication failed."},"uid":9}'
        )
        assert client.ended() == 1005


def test_r46_auth_of_the_wrong_shape(scenario: Scenario) -> None:
    """R46: a later auth message of the wrong shape is swallowed."""
    with scenario.client() as client:
        for message in (
            {"type": "auth"},
            {"type": "auth", "access_token": 5},
            {"type": "auth", "email": "x"},
        ):
            client.send(message)
        assert client.silent()
        assert client.call({"type": "whoami"})["user"] == ALICE


def test_r48_authenticate_filter(scenario: Scenario) -> None:
    """R48: another accountability is taken as it is; the filter sees nobody, with the text of an address."""
    with scenario.client("magic-token") as client:
        who = client.call({"type": "whoami"})
        assert (who["user"], who["role"], who["roles"], who["admin"]) == (ALICE, EDITOR, [EDITOR], False)
        entry = scenario.trace(client, 0, "authenticate")[-1]
        assert (entry["user"], entry["role"], entry["ip"], entry["keys"]) == (
            None, None, "string", ["event", "message"],
        )  # fmt: skip


def test_r49_expiry(scenario: Scenario) -> None:
    """R49: a static token never expires, an access token at a second of its own."""
    with scenario.client() as client:
        assert client.call({"type": "whoami"})["expires"] is None
    access = scenario.request("POST", "/auth/login", {"email": "bob@example.com", "password": "bob-pass-1"})[
        1
    ]
    with scenario.client(access["data"]["access_token"]) as client:
        expires = client.call({"type": "whoami"})["expires"]
        assert isinstance(expires, int)
        assert 800 < expires - time.time() <= 900


# Messages -----------------------------------------------------------------------------------------


def test_r50_r51_messages_that_are_none(scenario: Scenario) -> None:
    """R50, R51, R52: text that is no JSON and JSON that is no message are refused; filters see the latter."""
    with scenario.client() as client:
        for text in ("{", "hello", "[1,", "NaN", '{"a":Infinity}', "[" * 100_000):
            client.send(text)
            assert client.text() == (
                '{"type":"server","status":"error",'
                '"error":{"code":"INVALID_PAYLOAD","message":"Unable to parse the incoming message."}}'
            )
        mark = scenario.mark(client)
        for message, shape in (
            ("7", "number"),
            ("[]", "array"),
            ("null", "null"),
            ('"x"', "string"),
            ("true", "boolean"),
        ):
            client.send(message)
            assert code(client.next()) == ("server", "INVALID_PAYLOAD")
            entry = scenario.trace(client, mark, "incoming")[-1]
            assert (entry["payload"], entry["type"]) == (shape, None)
        for bad in ({"type": 5}, {}, {"type": "x", "uid": []}, {"type": "x", "uid": None}, {"type": None}):
            answer = client.ask(bad)
            assert code(answer) == ("server", "INVALID_PAYLOAD")
            assert answer["error"]["message"].startswith("Validation error")


def test_r53_to_r56_small_rules(scenario: Scenario) -> None:
    """R53 to R56: unknown types get nothing, ping keeps its uid, bytes are text, no pongs."""
    with scenario.client() as client:
        client.send({"type": "unheard-of", "uid": 1})
        assert client.silent()
        for uid in ("1", 1, 1.5, "", 0):
            assert client.ask({"type": "ping", "uid": uid}) == {"type": "pong", "uid": uid}
        assert client.ask(b'{"type":"ping"}') == {"type": "pong"}
        assert not client.ws.ping("anybody").wait(0.2)
        mark = scenario.mark(client)
        assert client.ask({"type": "ping", "tag": "t"}) == {"type": "saw-ping", "tag": "t"}
        assert client.next() == {"type": "pong"}
        assert mark


def test_r57_foreign_origin_and_unknown_path(scenario: Scenario) -> None:
    """R57: a foreign origin is refused with 403; another path is neither answered nor closed."""
    with pytest.raises(InvalidStatus) as refused, scenario.socket(origin="https://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403
    with pytest.raises(TimeoutError):
        connect(f"ws://127.0.0.1:{scenario.port}/elsewhere", open_timeout=0.3, proxy=None)
    assert scenario.request("GET", "/server/ping") == (200, "pong")


def test_r58_slow_filters(scenario: Scenario) -> None:
    """R58: a slow filter holds its own message, later ones overtake it."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        client.send({"type": "probe-slow", "ms": 200, "uid": "slow"})
        begun = time.monotonic()
        assert client.ask({"type": "ping", "uid": 1}) == {"type": "pong", "uid": 1}
        assert time.monotonic() - begun < 0.15
        found = scenario.traced(client, mark, "incoming", 2)
        assert [entry["kind"] for entry in found] == ["filter", "action"]
        assert time.monotonic() - begun > 0.18


def test_r60_default_fields(scenario: Scenario) -> None:
    """R60: the guide's filter gives subscriptions without fields the default ones."""
    with scenario.client() as client:
        client.call(
            {"type": "items", "action": "create", "collection": "messages", "data": {"text": "fields"}}
        )
        init = client.call({"type": "subscribe", "collection": "messages"})
        assert set(init["data"][0]) == {"id", "text"}
        named = {"type": "subscribe", "collection": "messages", "query": {"fields": ["likes"], "limit": 1}}
        assert set(client.call(named)["data"][0]) == {"likes"}


def test_r64_r66_closing(scenario: Scenario) -> None:
    """R64, R66: the close action gets the code in the event's place; hooks close with code and reason."""
    with scenario.client() as watcher:
        mark = scenario.mark(watcher)
        with scenario.client("bob-token") as client:
            client.send({"type": "kick", "code": 4321, "reason": "out"})
            with pytest.raises(ConnectionClosed) as closed:
                client.next()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "out")
            uid = client.uid
        entry = next(one for one in scenario.traced(watcher, mark, "close") if one["client"] == uid)
        assert (entry["code"], entry["user"], entry["listed"]) == (4321, BOB, False)
        mark = scenario.mark(watcher)
        with scenario.client("bob-token") as client:
            client.ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.ws.socket.close()
        assert scenario.traced(watcher, mark, "close")[0]["code"] == 1006


def test_r65_broken_frames(scenario: Scenario) -> None:
    """R65: a broken frame is an error, then a close, of one client alone."""
    with scenario.client() as watcher, scenario.client("bob-token") as client:
        mark = scenario.mark(watcher)
        client.ws.socket.sendall(b"\xff\x80\x00\x00\x00\x00")
        assert scenario.traced(watcher, mark, "error")[0] | {"n": 0} == {
            "n": 0, "kind": "action", "event": "websocket.error", "label": "error", "client": client.uid,
            "error": True,
        }  # fmt: skip
        labels = [
            one["label"] for one in scenario.traced(watcher, mark, "close") and scenario.trace(watcher, mark)
        ]
        assert labels.index("error") < labels.index("close")
        assert watcher.ask({"type": "ping"}) == {"type": "pong"}


def test_r62_r67_r68_clients_and_broadcast(scenario: Scenario) -> None:
    """R62, R67, R68: hooks reach each client, or those of a user and a role; the sender is among them."""
    with (
        scenario.client() as alice,
        scenario.client("bob-token") as bob,
        scenario.client("rita-token") as rita,
    ):
        everybody = {"alice": alice, "bob": bob, "rita": rita}
        who = alice.call({"type": "whoami"})
        assert (who["clients"], who["listed"], who["client"]) == (3, True, alice.uid)

        def heard(to: Any) -> list[str]:
            message = {"type": "say", "text": "hi"} | ({} if to is None else {"to": to})
            alice.send(message)
            found = {name: client.rest(0.1) for name, client in everybody.items()}
            said = {"type": "said", "text": "hi", "from": ALICE}
            assert all(messages in ([], [said]) for messages in found.values())
            return [name for name, messages in found.items() if messages]

        assert heard(None) == heard({}) == ["alice", "bob", "rita"]
        assert heard({"user": BOB}) == ["bob"]
        assert heard({"role": EDITOR}) == ["alice", "bob"]
        assert heard({"role": READER, "user": RITA}) == ["rita"]
        assert heard({"role": READER, "user": BOB}) == []
        alice.send({"type": "say", "text": "as it is", "raw": True, "to": {"user": RITA}})
        assert rita.text() == "as it is"
        alice.send({"type": "typing-indicator", "channel": "c"})
        assert bob.next() == rita.next() == {"type": "typing", "user": ALICE, "channel": "c"}
        assert alice.silent()


# Limits -------------------------------------------------------------------------------------------


def test_r140_handshake_timeout(scenario: Scenario) -> None:
    """R140: the handshake's time counts from the upgrade."""
    with scenario.socket("limits") as client:
        begun = time.monotonic()
        assert client.text(4) == HANDSHAKE_FAILED
        assert 1.7 < time.monotonic() - begun < 3
        assert client.ended() == 1005


def test_r141_token_expiry(scenario: Scenario) -> None:
    """R141: at its token's end a client is nobody; a new token in time saves it, silence closes."""
    body = {"email": "bob@example.com", "password": "bob-pass-1"}
    access = scenario.request("POST", "/auth/login", body, profile="limits")[1]["data"]
    assert access["expires"] == 4000
    with scenario.client(access["access_token"], "limits") as client:
        client.wait(lambda message: message.get("error", {}).get("code") == "TOKEN_EXPIRED")
        assert client.call({"type": "whoami"})["user"] is None
        client.send({"type": "auth", "access_token": "bob-token"})
        client.wait(lambda message: message["type"] == "auth" and message["status"] == "ok")
        assert client.call({"type": "whoami"})["user"] == BOB
    access = scenario.request("POST", "/auth/login", body, profile="limits")[1]["data"]
    with scenario.client(access["access_token"], "limits") as client:
        client.wait(lambda message: message.get("error", {}).get("code") == "TOKEN_EXPIRED")
        client.send({"type": "pong"})
        late = client.wait(lambda message: message["type"] == "auth")
        assert late == {
            "type": "auth", "status": "error",
            "error": {"code": "AUTH_TIMEOUT", "message": "Authentication timed out."},
        }  # fmt: skip
        assert client.ended() == 1005


def test_r142_heartbeat(scenario: Scenario) -> None:
    """R142: clients are pinged; whoever says nothing for a period is closed, any message saves it."""
    with scenario.client("alice-token", "limits") as alive, scenario.client("bob-token", "limits") as dead:
        for _ in range(2):
            assert alive.next(3) == {"type": "ping"}
            alive.send({"type": "pong"})
        assert dead.ended() == 1005
        assert alive.ask({"type": "ping"}) in ({"type": "pong"}, {"type": "ping"})


def test_r143_connection_limit(scenario: Scenario) -> None:
    """R143: one client too many is refused with 403; those who only wait for their handshake do not count."""
    tokens = ("alice-token", "bob-token", "rita-token")
    with (
        scenario.client(tokens[0], "limits"), scenario.client(tokens[1], "limits"),
        scenario.socket("limits") as waiting,
    ):  # fmt: skip
        assert waiting.ask({"type": "auth", "access_token": tokens[2]})["status"] == "ok"
        with pytest.raises(InvalidStatus) as refused, scenario.socket("limits"):
            pass
        assert (refused.value.response.status_code, refused.value.response.body) == (403, b"")


def test_r144_rate_limit(scenario: Scenario) -> None:
    """R144: a client's messages beyond the limit are refused, with the time until the next one may come."""
    with scenario.client("alice-token", "limits") as client:
        for number in range(7):
            client.send({"type": "ping", "uid": number})
        answers = [client.next() for _ in range(7)]
        refused = [one for one in answers if one["type"] == "server"]
        assert len(refused) == 1
        assert code(refused[0]) == ("server", "REQUESTS_EXCEEDED")
        assert re.fullmatch(r"Too many messages, retry after \d+ms\.", refused[0]["error"]["message"])
        time.sleep(2.05)
        client.send({"type": "ping", "uid": "later"})
        client.wait(lambda message: message.get("uid") == "later")


# Modes --------------------------------------------------------------------------------------------


def test_r130_to_r132_public(scenario: Scenario) -> None:
    """R130 to R132: anybody is a client at once; a failed sign-in keeps the socket, as nobody."""
    with scenario.socket("public") as client:
        assert client.next()["user"] is None
        assert client.call({"type": "whoami"})["roles"] == []
        client.send({"type": "auth", "access_token": "alice-token"})
        assert client.next() == {"type": "hook", "event": "websocket.auth.success", "user": ALICE}
        assert client.next() == {"type": "auth", "status": "ok"}
        client.send({"type": "auth", "access_token": "nobody"})
        assert client.next()["event"] == "websocket.auth.failure"
        assert code(client.next()) == ("auth", "AUTH_FAILED")
        assert client.call({"type": "whoami"})["user"] is None
        read = {"type": "items", "action": "read", "collection": "bulletin"}
        assert client.call(read)["data"] == []
        assert code(client.call({**read, "collection": "messages"})) == ("items", "FORBIDDEN")


def test_r133_r134_strict(scenario: Scenario) -> None:
    """R133, R134: without a token in URL or cookie 401, a header does not count; pings are not answered."""
    for headers in ({}, {"Authorization": "Bearer alice-token"}):
        with pytest.raises(InvalidStatus) as refused, scenario.socket("strict", additional_headers=headers):
            pass
        assert refused.value.response.status_code == 401
    with scenario.socket("strict", "?access_token=alice-token") as client:
        assert client.next(TIMEOUT)["type"] == "welcome"
        client.send({"type": "ping"})
        assert client.silent()
