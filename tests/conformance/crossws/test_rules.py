"""Each rule of crossws, seen from outside: a served scenario, real clients, and what its log says."""

from __future__ import annotations

import re
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import NegotiationError
from websockets.typing import Subprotocol

from tests.conformance.crossws.driver import Scenario, new_tag, serving, until

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    """The scenario, served by a process of its own."""
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _clean(scenario: Scenario) -> None:
    scenario.control("hook", op="restore")
    scenario.control("reset")


# Control routes -----------------------------------------------------------------------------------


def test_control_routes(scenario: Scenario) -> None:
    """Both ports answer the control routes as JSON, from the same log, and 404 for an unknown path."""
    for port in (scenario.port, scenario.port + 1):
        assert scenario.get("/_/health", port) == (200, "ok")
        assert scenario.get("/_/nothing", port)[0] == 404
        assert scenario.get("/", port)[0] == 404
    with scenario.client(port=scenario.port + 1) as client:
        client.ask("echo x")
        assert scenario.hooks(client.tag)[:3] == ["G upgrade", "resolver resolve", "G open"]


def test_log_numbers_entries(scenario: Scenario) -> None:
    """The log numbers its entries, and a reset empties it."""
    with scenario.client() as client:
        client.ask("echo x")
    entries = scenario.control("log")
    assert [entry["n"] for entry in entries] == list(range(len(entries)))
    until(lambda: len(scenario.control("log")) >= 5, "the close")
    scenario.control("reset")
    assert scenario.control("log") == []
    assert scenario.control("escaped") == []


# Upgrade ------------------------------------------------------------------------------------------


def test_r01_once_before_any_byte(scenario: Scenario) -> None:
    """R1: `upgrade` runs once per handshake, with method, absolute URL and headers, before any answer."""
    with scenario.client("/plain", additional_headers={"x-probe": "seen"}) as client:
        client.ask("echo x")
        upgrades = [entry for entry in scenario.log(client.tag) if entry["hook"] == "upgrade"]
        assert [entry["info"] for entry in upgrades] == [
            {"method": "GET", "url": f"http://{scenario.host}/plain?tag={client.tag}", "probe": "seen"}
        ]
        assert upgrades[0]["path"] == "/plain"


def test_r02_nothing_accepts(scenario: Scenario) -> None:
    """R2: nothing and None accept."""
    for path in ("/u/null", "/anything"):
        with scenario.client(path) as client:
            assert client.ask("echo x") == "x"


def test_r03_headers(scenario: Scenario) -> None:
    """R3: returned headers are added to the 101, several cookies as several lines."""
    with scenario.raw("/u/headers") as (raw, _):
        assert (raw.answer.get("x-one"), raw.answer.get("set-cookie")) == ("1", "a=b")
    with scenario.raw("/u/headers-multi") as (raw, _):
        assert raw.answer.get_all("set-cookie") == ["a=1", "b=2"]


def test_r04_returned_response(scenario: Scenario) -> None:
    """R4: a returned response of any status ends the request, and no further hook runs."""
    answer, tag = scenario.refused("/u/res-return")
    assert (answer.status, answer.body, answer.get("x-why")) == (401, b"denied", "auth")
    assert answer.status_line == "HTTP/1.1 401 "
    assert answer.get("content-length") is None
    assert answer.get("connection") is None
    assert scenario.hooks(tag) == ["G upgrade", "resolver resolve"]
    answer, tag = scenario.refused("/u/res-200")
    assert (answer.status, answer.body) == (200, b"fine")
    assert "G open" not in scenario.hooks(tag)


def test_r05_raised_response(scenario: Scenario) -> None:
    """R5: a raised response does the same, status text included."""
    answer, tag = scenario.refused("/u/res-throw")
    assert (answer.status_line, answer.body) == ("HTTP/1.1 403 Go Away", b"forbidden")
    assert scenario.hooks(tag) == ["G upgrade"]


def test_r06_wrapped_response(scenario: Scenario) -> None:
    """R6: so does a raised object whose `response` is one."""
    answer, _ = scenario.refused("/u/res-wrapped")
    assert (answer.status, answer.body) == (418, b"teapot")


def test_r07_rejected_response(scenario: Scenario) -> None:
    """R7: so does a response raised later."""
    answer, tag = scenario.refused("/u/res-async")
    assert (answer.status, answer.body) == (409, b"late")
    assert scenario.hooks(tag) == ["G upgrade", "resolver resolve"]


@pytest.mark.parametrize("path", ["/u/err", "/u/err-async"])
def test_r08_other_errors(scenario: Scenario, path: str) -> None:
    """R8: any other error is a 500 of fixed text; it escapes nowhere, and no `error` hook runs."""
    answer, tag = scenario.refused(path)
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert (answer.get("content-type") or "").startswith("text/plain")
    assert not {"G error", "G open", "G close"} & set(scenario.hooks(tag))
    assert scenario.control("escaped") == []


def test_r09_error_skips_resolver(scenario: Scenario) -> None:
    """R9: an error raised at once in the global `upgrade` skips the resolver too."""
    _, tag = scenario.refused("/u/err")
    assert scenario.hooks(tag) == ["G upgrade"]


def test_r10_async_upgrade_delays(scenario: Scenario) -> None:
    """R10: an `upgrade` that waits delays the 101."""
    start = time.monotonic()
    with scenario.client("/u/slow") as client:
        assert time.monotonic() - start >= 0.19
        client.send("getctx")
        assert client.json() == {"context": {"slow": True}}


def test_r11_context(scenario: Scenario) -> None:
    """R11: `{context}` is merged into the connection's own context, which lives until `close`."""
    with scenario.client("/u/ctx") as one, scenario.client("/u/ctx") as two:
        one.send("setctx color red")
        one.send("getctx")
        assert one.json() == {"context": {"user": "bob", "color": "red"}}
        two.send("getctx")
        assert two.json() == {"context": {"user": "bob"}}
        one.close()
        (closed,) = scenario.wait_for(one.tag, "G close")
        assert closed["info"]["context"] == {"user": "bob", "color": "red"}
        (opened,) = scenario.wait_for(one.tag, "G open")
        assert opened["info"]["context"] == {"user": "bob"}


def test_r12_request_context(scenario: Scenario) -> None:
    """R12: `request.context` is there, and is the object that `peer.context` is."""
    with scenario.client("/u/reqctx") as client:
        client.send("getctx")
        assert client.json() == {"context": {"data": "myData"}}
    with scenario.client("/u/ctx-both") as client:
        client.send("getctx")
        assert client.json() == {"context": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("path", "namespace"),
    [("/a/b", "/a/b"), ("/u/ns", "room-1"), ("/u/ns-empty", "/u/ns-empty"), ("/", "/")],
)
def test_r13_namespace(scenario: Scenario, path: str, namespace: str) -> None:
    """R13: the namespace is the path without query, unless `upgrade` names a non-empty one."""
    with scenario.client(path) as client:
        client.send("info")
        assert client.json()["namespace"] == namespace
        assert scenario.control("peers")[namespace] == 1


@pytest.mark.parametrize(
    ("path", "offered", "chosen"),
    [
        ("/u/proto", ["p1", "p2"], "p2"),
        ("/u/proto-header", ["p1", "p2"], "p1"),
        ("/u/proto-both", ["p1", "p2"], "p2"),
        ("/u/proto", ["neg", "p2"], "p2"),
        ("/u/proto-header", ["neg", "p1"], "p1"),
        ("/plain", ["p1", "neg"], "neg"),
        ("/plain", ["p1", "p2"], None),
        ("/plain", None, None),
    ],
)
def test_r14_subprotocol(
    scenario: Scenario, path: str, offered: list[str] | None, chosen: str | None
) -> None:
    """R14: `{protocol}` wins over a returned header, that over `handleProtocols`; the default is none."""
    protocols = None if offered is None else [Subprotocol(name) for name in offered]
    with scenario.client(path, subprotocols=protocols) as client:
        assert client.ws.subprotocol == chosen
        assert client.ask("echo x") == "x"


def test_r14_not_offered(scenario: Scenario) -> None:
    """R14: a protocol that the client did not offer is sent all the same, and the client fails."""
    with scenario.raw("/u/proto") as (raw, _):
        assert raw.answer.get("sec-websocket-protocol") == "p2"
    with pytest.raises(NegotiationError), scenario.client("/u/proto"):
        pass


def test_r16_deflate(scenario: Scenario) -> None:
    """R16: compression is on where `upgrade` asks for it, and off elsewhere."""
    with scenario.client("/u/deflate", compression="deflate") as client:
        assert [extension.name for extension in client.ws.protocol.extensions] == ["permessage-deflate"]
        assert client.ask("echo " + "x" * 5000) == "x" * 5000
    with scenario.client("/plain", compression="deflate") as client:
        assert client.ws.protocol.extensions == []
        assert client.ask("echo x") == "x"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"Sec-WebSocket-Key": "short"}}, 400),
        ({"without": ("Sec-WebSocket-Key",)}, 400),
        ({"headers": {"Sec-WebSocket-Version": "12"}}, 400),
        ({"method": "POST"}, 405),
    ],
)
def test_r17_validity_after_upgrade(scenario: Scenario, options: dict[str, Any], status: int) -> None:
    """R17: whether a handshake is valid is checked after `upgrade` ran: 400 or 405, and no `open`."""
    answer, tag = scenario.refused("/plain", **options)
    assert answer.status == status
    assert scenario.log(tag)[0]["info"]["method"] == "GET"
    assert "G open" not in scenario.hooks(tag)


def test_r17_version_8(scenario: Scenario) -> None:
    """R17: version 8 is valid."""
    with scenario.raw("/plain", headers={"Sec-WebSocket-Version": "8"}) as (raw, _):
        raw.text("echo x")
        assert raw.read_frame() == (0x81, b"x")


# Global and resolved hooks ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/r/x", "/r/async"])
def test_r18_order(scenario: Scenario, path: str) -> None:
    """R18: the global hook runs, the resolver is asked, then the resolved hook runs, at each event."""
    with scenario.client(path) as client:
        assert client.ask("rsend hi") == "R:hi"
        client.close()
        scenario.wait_for(client.tag, "R close")
        assert scenario.hooks(client.tag) == [
            "G upgrade",
            "resolver resolve",
            "R upgrade",
            "G open",
            "R open",
            "G message",
            "R message",
            "G close",
            "R close",
        ]


def test_r18_resolver_does_not_wait(scenario: Scenario) -> None:
    """R18: the resolver is asked while a slow global `upgrade` still waits."""
    with scenario.client("/u/slow") as client:
        client.ask("echo x")
        upgrade, resolve = scenario.log(client.tag)[:2]
        assert (upgrade["hook"], resolve["hook"]) == ("upgrade", "resolve")


def test_r18_resolved_waits_for_global(scenario: Scenario) -> None:
    """R18: the resolved hook is called when the global one has settled."""
    with scenario.client("/r/x") as client:
        client.send("gslow")
        scenario.wait_for(client.tag, "R message")
        assert scenario.hooks(client.tag)[-3:] == ["G message", "G gslow-done", "R message"]


def test_r19_resolver_once(scenario: Scenario) -> None:
    """R19: the resolver is asked once per connection, and a miss is kept too."""
    for path in ("/r/x", "/r/miss", "/plain"):
        with scenario.client(path) as client:
            for _ in range(3):
                client.ask("echo x")
            assert scenario.hooks(client.tag).count("resolver resolve") == 1


def test_r20_answers_are_not_merged(scenario: Scenario) -> None:
    """R20: the resolved answer counts, otherwise the global one; they are not merged."""
    with scenario.raw("/r/both") as (raw, tag):
        assert (raw.answer.get("x-r"), raw.answer.get("x-g")) == ("1", None)
        (opened,) = scenario.wait_for(tag, "G open")
        assert opened["info"]["context"] == {"r": 1}
    with scenario.raw("/r/g-result") as (raw, tag):
        assert (raw.answer.get("x-g"), raw.answer.get("x-r")) == ("1", None)
        (opened,) = scenario.wait_for(tag, "G open")
        assert opened["info"]["context"] == {"g": 1}
    answer, tag = scenario.refused("/r/r-403")
    assert (answer.status, answer.body) == (403, b"resolved says no")
    assert scenario.hooks(tag) == ["G upgrade", "resolver resolve", "R upgrade"]


def test_r20b_returned_response_is_overridden(scenario: Scenario) -> None:
    """R20b: a response returned by the global hook yields to a resolved answer."""
    with scenario.raw("/r/g-return-401") as (raw, tag):
        assert raw.answer.get("x-r") == "1"
        scenario.wait_for(tag, "R open")


def test_r21_raise_ends_both(scenario: Scenario) -> None:
    """R21: a raise at once in the global `upgrade` keeps resolver and resolved hook from running."""
    answer, tag = scenario.refused("/r/g-throw-401")
    assert (answer.status, answer.body) == (401, b"global says no")
    assert scenario.hooks(tag) == ["G upgrade"]


@pytest.mark.parametrize("command", ["throw", "greject"])
def test_r21_raise_skips_resolved(scenario: Scenario, command: str) -> None:
    """R21: a raise or rejection of the global hook skips the resolved one, at every event."""
    with scenario.client("/r/x") as client:
        client.send(command)
        assert scenario.escaped("message sync" if command == "throw" else "global message async")
        assert client.ask("rsend after") == "R:after"
        texts = [
            e["info"]["text"] for e in scenario.log(client.tag) if (e["who"], e["hook"]) == ("R", "message")
        ]
        assert texts == ["rsend after"]


def test_r22_resolver_outcomes(scenario: Scenario) -> None:
    """R22: a miss means global hooks only, waiting is waited for, a raise is like one in `upgrade`."""
    with scenario.client("/r/miss") as client:
        assert client.ask("echo x") == "x"
        assert not [one for one in scenario.hooks(client.tag) if one.startswith("R ")]
    answer, tag = scenario.refused("/r/boom")
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert scenario.hooks(tag) == ["G upgrade", "resolver resolve"]
    answer, _ = scenario.refused("/r/boom-402")
    assert (answer.status, answer.body) == (402, b"resolver says no")
    with scenario.client("/r/async") as client:
        assert client.ask("rsend x") == "R:x"
    assert scenario.control("escaped") == []


def test_r23_live_edit(scenario: Scenario) -> None:
    """R23: replacing or deleting a hook takes effect at the next event of open connections."""
    with scenario.client("/r/x") as client:
        assert client.ask("echo one") == "one"
        scenario.control("hook", op="swap")
        assert client.ask("echo two") == "swapped:echo two"
        scenario.control("hook", op="remove")
        assert client.ask("rsend three") == "R:three"
        scenario.control("hook", op="restore")
        assert client.ask("echo four") == "four"


def test_r24_missing_hooks_and_returns(scenario: Scenario) -> None:
    """R24: a missing hook is skipped, and what hooks return is ignored."""
    with scenario.client("/r/x") as client:
        pong = client.ws.ping(b"p")  # there is no resolved ping hook
        assert pong.wait(5)
        client.send("whatever this is")
        assert client.ask("echo x") == "x"
        assert scenario.control("escaped") == []


# Order and concurrency ----------------------------------------------------------------------------


def test_r25_overlap(scenario: Scenario) -> None:
    """R25: message hooks of one peer start in arrival order and overlap; peers are independent."""
    with scenario.client() as client, scenario.client() as other:
        client.send("sleep 150")
        client.send("echo quick")
        assert client.recv() == "quick"
        assert other.ask("echo other") == "other"
        assert client.recv() == "slept 150"
        messages = [e["info"]["text"] for e in scenario.log(client.tag) if e["hook"] == "message"]
        assert messages == ["sleep 150", "echo quick"]


def test_r25_many_in_order(scenario: Scenario) -> None:
    """R25: two hundred messages sent at once are answered in their order."""
    with scenario.client() as client:
        for number in range(200):
            client.send(f"echo {number}")
        assert [client.recv() for _ in range(200)] == [str(number) for number in range(200)]


def test_r26_open_is_not_awaited(scenario: Scenario) -> None:
    """R26: `open` starts before any message hook, but is not awaited."""
    with scenario.client("/o/slow") as client:
        assert client.ask("echo early") == "early"
        assert client.recv() == "open-done"
        assert scenario.hooks(client.tag)[2:4] == ["G open", "G message"]


def test_r26_bytes_with_the_request(scenario: Scenario) -> None:
    """R26: a message that comes in one piece with the request is dispatched after `open`."""
    frame = b"\x81\x86" + bytes(4) + b"echo x"
    with scenario.raw("/o/send", early=frame) as (raw, _):
        assert raw.read_frame() == (0x81, b"hello")
        assert raw.read_frame() == (0x81, b"x")


def test_r27_close_does_not_wait(scenario: Scenario) -> None:
    """R27: `close` does not wait for running message hooks, whose later send does nothing."""
    with scenario.client() as client:
        client.send("gslow")
        client.send("sleep 60")
        client.ask("echo x")
        client.close()
        scenario.wait_for(client.tag, "G gslow-done")
        hooks = scenario.hooks(client.tag)
        assert hooks.index("G close") < hooks.index("G gslow-done")
        assert scenario.control("escaped") == []


def test_r28_messages_after_close(scenario: Scenario) -> None:
    """R28: messages that come after `peer.close()` and before the handshake is complete are dispatched."""
    with scenario.raw() as (raw, tag):
        raw.text("close 4001 bye")
        assert raw.read_close() == (4001, "bye")
        raw.text("echo still here")
        scenario.wait_for(tag, "G message", 2)
        raw.frame(8, struct.pack(">H", 4001) + b"bye")
        assert raw.at_end()
        raw.socket.close()
        scenario.wait_for(tag, "G close")


def test_r28b_close_when_tcp_is_gone(scenario: Scenario) -> None:
    """R28b: `close` fires when TCP is gone, not at the close frame."""
    with scenario.raw() as (raw, tag):
        raw.frame(8, struct.pack(">H", 1000))
        assert raw.read_close() == (1000, "")
        time.sleep(0.3)  # nothing may happen, so there is nothing to wait for
        assert "G close" not in scenario.hooks(tag)
        raw.socket.close()
        (closed,) = scenario.wait_for(tag, "G close")
        assert closed["info"]["code"] == 1000


# Errors -------------------------------------------------------------------------------------------


def test_r29_rejections(scenario: Scenario) -> None:
    """R29: a rejection leaves the connection alone, runs no `error` hook, and escapes."""
    with scenario.client() as client:
        client.send("reject")
        assert scenario.escaped("message async")
        assert client.ask("echo x") == "x"
        assert "G error" not in scenario.hooks(client.tag)
    with scenario.client("/o/reject") as client:
        assert scenario.escaped("open async")
        assert client.ask("echo x") == "x"
    with scenario.client("/c/reject") as client:
        client.ask("echo x")
    assert scenario.escaped("close async")


def test_r30_throws(scenario: Scenario) -> None:
    """R30: so does a raise at once, without crossws's wedged connection."""
    with scenario.client("/o/throw") as client:
        assert scenario.escaped("open sync")
        assert client.ask("echo x") == "x"
        client.close()
        scenario.wait_for(client.tag, "G close")
    with scenario.client() as client:
        client.send("throw")
        assert scenario.escaped("message sync")
        assert client.ask("echo x") == "x"
        assert "G error" not in scenario.hooks(client.tag)
        client.close(1000, "done")
        (closed,) = scenario.wait_for(client.tag, "G close")
        assert closed["info"]["code"] == 1000
    until(lambda: scenario.control("peers") == {}, "everybody to leave")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("unmasked", 1002),
        ("reserved bit", 1002),
        ("bad opcode", 1002),
        ("bad close code", 1002),
        ("bad utf-8", 1007),
        ("too big", 1009),
    ],
)
def test_r31_protocol_errors(scenario: Scenario, name: str, code: int) -> None:
    """R31: `error` runs without the peer, then the close frame goes out, then `close` comes with 1006."""
    with scenario.raw() as (raw, tag):
        match name:
            case "unmasked":
                raw.frame(1, b"echo x", masked=False)
            case "reserved bit":
                raw.frame(1, b"echo x", first=0xC1)
            case "bad opcode":
                raw.frame(3, b"x")
            case "bad close code":
                raw.frame(8, struct.pack(">H", 1005))
            case "bad utf-8":
                raw.frame(1, b"\xff\xfe")
            case _:
                raw.frame(1, b"x" * 65537)
        assert raw.read_close()[0] == code
        raw.frame(8, struct.pack(">H", code))
        raw.socket.close()
        (closed,) = scenario.wait_for(tag, "G close")
        assert (closed["info"]["code"], closed["info"]["self"]) == (1006, False)
        (error,) = scenario.wait_for(tag, "G error")
        assert error["info"] == {"name": "WSError", "self": False}
        assert scenario.hooks(tag)[-2:] == ["G error", "G close"]
        assert scenario.control("escaped") == []


def test_r31_largest_message(scenario: Scenario) -> None:
    """R31: 65536 bytes are the most that the scenario takes."""
    with scenario.client() as client:
        client.send(bytes(65536))
        assert client.json()["length"] == 65536


# Peers and messages -------------------------------------------------------------------------------


def test_r33_membership(scenario: Scenario) -> None:
    """R33: a peer is in `peers` before `open`, and out before `close`."""
    with scenario.client("/ns33") as one, scenario.client("/ns33") as two:
        two.send("peers")
        assert two.json() == {"count": 2, "self": True}
        assert scenario.control("peers") == {"/ns33": 2}
        assert [scenario.wait_for(c.tag, "G open")[0]["info"]["peers"] for c in (one, two)] == [1, 2]
        assert scenario.wait_for(two.tag, "G open")[0]["info"]["self"] is True
        one.close()
        assert scenario.wait_for(one.tag, "G close")[0]["info"]["self"] is False
        assert scenario.control("peers") == {"/ns33": 1}


def test_r34_ids(scenario: Scenario) -> None:
    """R34: ids are stable UUIDs of version 4, of peers and of messages."""
    with scenario.client() as client:
        client.send("info")
        client.send("info")
        first, second = client.json(), client.json()
        assert UUID4.fullmatch(first["id"])
        assert first["id"] == first["text"] == second["id"]
        assert UUID4.fullmatch(first["messageId"])
        assert first["messageId"] != second["messageId"]
        assert first["sameMessageId"] is True


def test_r35_request_and_socket(scenario: Scenario) -> None:
    """R35: request, remote address, URL and state of the socket are those of the connection."""
    with scenario.client(
        "/some/path", additional_headers={"x-probe": "p", "x-forwarded-for": "9.9.9.9"}
    ) as client:
        client.send("info")
        info = client.json()
        assert info["url"] == f"http://{scenario.host}/some/path?tag={client.tag}"
        assert info["wsurl"] == f"ws://{scenario.host}/some/path?tag={client.tag}"
        assert (info["header"], info["remoteAddress"], info["readyState"]) == ("p", "127.0.0.1", 1)
        assert (info["samePeer"], info["messageText"]) == (True, "info")
    with scenario.client(additional_headers={"x-forwarded-proto": "https"}) as client:
        client.send("info")
        assert client.json()["url"].startswith(f"https://{scenario.host}/")


def test_r36_payloads(scenario: Scenario) -> None:
    """R36: numbers, booleans and None go out as text, dicts as compact JSON, bytes as binary."""
    with scenario.client() as client:
        client.send("types")
        received = [client.recv() for _ in range(9)]
        assert received == [
            "s",
            "5",
            "1.5",
            "true",
            "false",
            '{"a":1,"b":[1,"x"]}',
            "",
            b"\x00\xff",
            "types-end",
        ]
        client.send("numbers 50")
        assert [client.recv() for _ in range(50)] == [str(number) for number in range(50)]


def test_r37_send_returns_a_number(scenario: Scenario) -> None:
    """R37: `send` returns the bytes that wait, which are none on a quick connection."""
    with scenario.client() as client:
        assert client.ask("buffered") == "x"
        assert client.json() == {"buffered": 0, "returned": "number"}
        assert client.ask("drain") == "drained"


def test_r38_closing(scenario: Scenario) -> None:
    """R38: `close(c, r)` is seen on both sides, `close()` is 1005, `terminate()` 1006."""
    for command, code, reason in (
        ("close 4001 for a reason", 4001, "for a reason"),
        ("close 1000", 1000, ""),
        ("close0", 1005, ""),
        ("terminate", 1006, ""),
    ):
        with scenario.client() as client:
            client.send(command)
            assert client.ended() == (code, reason)
        (closed,) = scenario.wait_for(client.tag, "G close")
        assert (closed["info"]["code"], closed["info"]["reason"]) == (code, reason)
        assert "G error" not in scenario.hooks(client.tag)


def test_r38_refused_closes(scenario: Scenario) -> None:
    """R38: an invalid code or a long reason raises and changes nothing; a send after close does nothing."""
    with scenario.client() as client:
        assert client.ask("badclose") == "close refused"
        assert client.ask("longreason") == "close refused"
        assert client.ask("echo x") == "x"
        client.send("lateclose")
        assert client.ended() == (4006, "bye")
        assert client.received == []
        (late,) = scenario.wait_for(client.tag, "G late-send")
        assert late["info"] == {"threw": False}
    with scenario.client("/o/close") as client:
        assert client.ended() == (4005, "closed in open")


def test_r39_client_closes(scenario: Scenario) -> None:
    """R39: the client's code and reason arrive, 1005 without status, 1006 when TCP drops; no `error`."""
    with scenario.client() as client:
        client.close(4321, "because")
    tags = [(client.tag, 4321, "because")]
    with scenario.raw() as (raw, tag):
        raw.frame(8)
        assert raw.read_close() == (1005, "")
        tags.append((tag, 1005, ""))
    with scenario.raw() as (raw, tag):
        raw.text("echo x")
        raw.read_frame()
        raw.drop()
        tags.append((tag, 1006, ""))
    for tag, code, reason in tags:
        (closed,) = scenario.wait_for(tag, "G close")
        assert (closed["info"]["code"], closed["info"]["reason"]) == (code, reason)
        assert "G error" not in scenario.hooks(tag)


def test_r40_message_views(scenario: Scenario) -> None:
    """R40: text and bytes are what was sent, bad UTF-8 becomes U+FFFD, bad JSON raises."""
    with scenario.client() as client:
        client.send(b"ab\xff")
        assert client.json() == {"binary": True, "length": 3, "text": "ab�"}
        client.send(b"")
        assert client.json() == {"binary": True, "length": 0, "text": ""}
        client.send('{"a": [1, null, "é"]}')
        assert client.json() == {"json": {"a": [1, None, "é"]}}
        client.send("{nonsense")
        assert client.json() == {"jsonError": True}
        client.send("")
        assert client.ask("echo äöü €") == "äöü €"
        texts = [e["info"] for e in scenario.log(client.tag) if e["hook"] == "message"]
        assert texts[4] == {"text": "", "binary": False}


def test_r41_fragments(scenario: Scenario) -> None:
    """R41: fragments make one message, with control frames between them."""
    with scenario.raw() as (raw, tag):
        raw.frame(1, b"echo ", first=0x01)
        raw.frame(9, b"mid")
        raw.frame(0, b"hel", first=0x00)
        raw.frame(0, b"lo", first=0x80)
        assert raw.read_frame() == (0x8A, b"mid")
        assert raw.read_frame() == (0x81, b"hello")
        assert scenario.hooks(tag).count("G message") == 1


def test_r42_ping_and_pong(scenario: Scenario) -> None:
    """R42: `ping` and `pong` get the payload; the pong is sent by itself."""
    with scenario.raw() as (raw, tag):
        raw.frame(9, b"from client")
        assert raw.read_frame() == (0x8A, b"from client")
        raw.frame(10, b"unasked")
        assert scenario.wait_for(tag, "G ping")[0]["info"] == {"data": "from client"}
        assert scenario.wait_for(tag, "G pong")[0]["info"] == {"data": "unasked"}
        raw.text("ping hello")
        assert raw.read_frame() == (0x89, b"hello")


def test_r42_long_ping(scenario: Scenario) -> None:
    """R42: a ping that is too long calls `error` and keeps the peer."""
    with scenario.client() as client:
        client.send("bigping")
        (error,) = scenario.wait_for(client.tag, "G error")
        assert error["info"] == {"name": "WSError", "self": True}
        assert client.ask("echo x") == "x"


# Pub/sub and lifecycle ----------------------------------------------------------------------------


def test_r43_subscribe(scenario: Scenario) -> None:
    """R43: subscribing twice is once, unsubscribing from the unknown is fine."""
    with scenario.client() as client:
        for command in ("sub b", "sub a", "sub b", "unsub never", "sub c", "unsub c"):
            client.send(command)
        client.send("topics")
        assert client.json() == {"topics": ["a", "b"]}


def test_r44_publish(scenario: Scenario) -> None:
    """R44: a peer's publish reaches the topic's other subscribers of its namespace, in order."""
    with (
        scenario.client("/ns44") as sender,
        scenario.client("/ns44") as listener,
        scenario.client("/ns44") as deaf,
        scenario.client("/other") as stranger,
    ):
        for client in (sender, listener, stranger):
            client.send("sub news")
            client.ask("echo ready")
        for number in range(20):
            sender.send(f"pub news {number}")
        sender.send("pub  nobody")
        assert [listener.recv() for _ in range(20)] == [str(number) for number in range(20)]
        assert [client.ask("echo end") for client in (sender, listener, deaf, stranger)] == ["end"] * 4
        deaf.send("pub news without subscribing")
        assert listener.recv() == "without subscribing"


def test_r45_server_publish(scenario: Scenario) -> None:
    """R45: the server's publish reaches all namespaces once, or one alone; unknown ones are no error."""
    with scenario.client("/one") as one, scenario.client("/two") as two:
        for client in (one, two):
            client.send("sub t")
            client.ask("echo ready")
        scenario.control("publish", topic="t", message="all")
        scenario.control("publish", topic="t", message="first", ns="/one")
        scenario.control("publish", topic="t", message="lost", ns="/nowhere")
        scenario.control("publish", topic="", message="lost")
        assert [one.recv(), one.recv(), one.ask("echo end")] == ["all", "first", "end"]
        assert [two.recv(), two.ask("echo end")] == ["all", "end"]


def test_r46_publish_in_close(scenario: Scenario) -> None:
    """R46: in `close` the peer can still publish to the others."""
    with scenario.client("/c/pub") as stays, scenario.client("/c/pub") as goes:
        stays.send("sub room")
        stays.ask("echo ready")
        goes.close(4000)
        assert stays.recv() == "bye 4000"


def test_r47_published_payloads(scenario: Scenario) -> None:
    """R47: published objects are text frames of JSON, published bytes binary."""
    with scenario.client("/ns47") as sender, scenario.client("/ns47") as listener:
        listener.send("sub t")
        listener.ask("echo ready")
        sender.send("pubobj t")
        sender.send("pubbin t")
        assert [listener.recv(), listener.recv()] == ['{"from":"object"}', b"\x01\x02\x03"]


def test_r48_subscriptions_end(scenario: Scenario) -> None:
    """R48: subscriptions end with the connection."""
    with scenario.client("/o/room") as client:
        client.send("topics")
        assert client.json() == {"topics": ["room"]}
    scenario.wait_for(client.tag, "G close")
    with scenario.client("/o/again") as fresh:
        fresh.send("topics")
        assert fresh.json() == {"topics": []}
        scenario.control("publish", topic="room", message="nobody")
        assert fresh.ask("echo end") == "end"


def test_r49_close_all(scenario: Scenario) -> None:
    """R49: `closeAll` closes everybody with code and reason, or drops them; the server goes on."""
    with scenario.client("/a") as one, scenario.client("/b") as two:
        scenario.control("closeall", code=4010, reason="all out")
        assert one.ended() == two.ended() == (4010, "all out")
    with scenario.client("/a") as one, scenario.client("/b") as two:
        scenario.control("closeall", force=1)
        assert [client.ended()[0] for client in (one, two)] == [1006, 1006]
        assert scenario.wait_for(two.tag, "G close")[0]["info"]["code"] == 1006
    with scenario.client("/a") as one:
        scenario.control("closeall")
        assert one.ended()[0] == 1005
    with scenario.client() as client:
        assert client.ask("echo x") == "x"


def test_r50_idle_timeout(scenario: Scenario) -> None:
    """R50: a silent peer is pinged, then dropped; one that answers pings stays, and its pongs are hidden."""
    idle = scenario.port + 1
    with scenario.raw(port=idle) as (raw, tag):
        start = time.monotonic()
        assert raw.read_frame() == (0x89, b"crossws-ping")
        assert raw.at_end()
        assert 0.6 <= time.monotonic() - start <= 2.5
        (closed,) = scenario.wait_for(tag, "G close")
        assert closed["info"]["code"] == 1006
        assert "G error" not in scenario.hooks(tag)
    with scenario.client(port=idle) as client:
        threading.Event().wait(1.3)  # three sweeps pass
        assert client.ask("echo alive") == "alive"
        assert "G pong" not in scenario.hooks(client.tag)


def test_r50_pings_count_as_life(scenario: Scenario) -> None:
    """R50: a client that sends pings, but answers none, is alive."""
    with scenario.raw(port=scenario.port + 1) as (raw, tag):
        for _ in range(8):
            raw.frame(9, b"here")
            threading.Event().wait(0.15)
        assert "G close" not in scenario.hooks(tag)


def test_tags_differ() -> None:
    """Each client has a tag of its own."""
    assert new_tag() != new_tag()
