"""Rules 29 to 38 of Wookie, and its error matrix without the defects, from outside."""

from __future__ import annotations

import time

import pytest

from tests.conformance.wookie.driver import Raw, Scenario, request

BEFORE_THE_ANSWER = ["parsed-headers", "body-chunk", "body-complete", "pre-route"]
FAILURES = ["error", "reject:20", "reject-nonerror:20"]


def usable(scenario: Scenario, raw: Raw) -> bool:
    """Whether the next request on the connection is served, with the hooks gone."""
    events = scenario.events()
    for point in {event["hook"] for event in events if event["at"] == "hook"}:
        scenario.control("/_/clear", hook=point)
    return raw.get("/ok").text == "ok" and raw.silent()


def ask(raw: Raw, point: str, close: bool) -> None:
    """Send a request that comes to a point, one with a body where it takes one."""
    if point == "body-chunk":
        raw.ask("POST", "/echo", b"abc", close=close)
    else:
        raw.ask("GET", "/ok", None, close=close)


@pytest.mark.parametrize("point", [*BEFORE_THE_ANSWER, "response-started"])
@pytest.mark.parametrize("action", FAILURES)
def test_29_silence_in_docs(docs: Scenario, point: str, action: str, close: bool) -> None:
    """29: nothing is sent, the connection stays open, and the next request on it is served."""
    docs.add(point, "A", action)
    with docs.raw() as raw:
        ask(raw, point, close)
        assert raw.silent()
        assert usable(docs, raw)


@pytest.mark.parametrize("point", BEFORE_THE_ANSWER)
@pytest.mark.parametrize("action", FAILURES)
def test_32_an_answer_at_head(head: Scenario, point: str, action: str, close: bool) -> None:
    """32: where nothing has been sent there is one 500 with the error's text, through response-started."""
    head.add(point, "A", action)
    head.add("response-started", "B", "set-header")
    with head.raw() as raw:
        ask(raw, point, close)
        answer = raw.answer()
        assert (answer.status, answer.headers["x-hook"]) == (500, "B")
        assert ("True" if "nonerror" in action else f"planned failure {point}/A") in answer.text
        assert raw.ended() if close else usable(head, raw)
    statuses = [event["status"] for event in head.events() if "status" in event]
    assert statuses[0] == 500


@pytest.mark.parametrize("action", FAILURES)
@pytest.mark.parametrize("path", ["/ok", "/boom", "/nowhere", "/chunked"])
def test_32_response_started_never_runs_again(head: Scenario, action: str, path: str, close: bool) -> None:
    """A failing response-started is answered 500 without running response-started again."""
    head.add("response-started", "A", action)
    with head.raw() as raw:
        answer = raw.get(path, close=close)
        assert answer.status == 500
        assert raw.ended() if close else raw.silent()
        assert head.order().count("response-started/A") == 1
        assert close or usable(head, raw)


@pytest.mark.parametrize("action", ["send-error:401", "send-reject:401:30"])
@pytest.mark.parametrize("point", BEFORE_THE_ANSWER)
def test_30_answer_then_fail(scenario: Scenario, action: str, point: str, close: bool) -> None:
    """30, 33: answer, then fail: exactly that answer; the route does not run; the connection is usable."""
    scenario.add(point, "A", action)
    with scenario.raw() as raw:
        ask(raw, point, close)
        answer = raw.answer()
        assert (answer.status, answer.text) == (401, "from-hook")
        time.sleep(0.05)
        assert raw.ended() if close else usable(scenario, raw)
    assert len([event for event in scenario.events("route") if event["req"] == 1]) == 0


def test_30_a_slow_start_of_the_answer(scenario: Scenario) -> None:
    """30: the answer that was given before the failure goes out also where response-started is slow."""
    scenario.add("pre-route", "A", "send-error:401")
    scenario.add("response-started", "B", "delay:100")
    with scenario.raw() as raw:
        answer = raw.get("/ok")
        assert (answer.status, answer.text) == (401, "from-hook")
        assert raw.silent()


@pytest.mark.parametrize("action", FAILURES)
def test_34_connect_refuses_nobody(scenario: Scenario, action: str, close: bool) -> None:
    """34: a failing connect hook does not refuse the connection."""
    scenario.add("connect", "A", action)
    with scenario.raw() as raw:
        assert raw.get("/ok", close=close).text == "ok"
        assert raw.ended() if close else raw.get("/ok").text == "ok"


def test_35_a_route_that_raises(scenario: Scenario, close: bool) -> None:
    """35: at head 500 with the text, in docs nothing; post-route does not run, the connection is usable."""
    scenario.add("post-route", "A")
    with scenario.raw() as raw:
        raw.ask("GET", "/boom", None, close=close)
        if scenario.head:
            answer = raw.answer()
            assert (answer.status, "planned failure route/boom" in answer.text) == (500, True)
            assert raw.ended() if close else raw.silent()
        else:
            assert raw.silent()
        assert "post-route/A" not in scenario.order()
        assert (close and scenario.head) or raw.get("/ok").text == "ok"


def test_37_sending_twice(scenario: Scenario, close: bool) -> None:
    """37: sending twice is an error for the sender; the client sees the first."""
    with scenario.raw() as raw:
        assert raw.get("/twice", close=close).text == "first"
        assert raw.ended() if close else raw.silent()
    assert scenario.order() == ["route/twice", "already-sent"]


@pytest.mark.parametrize("action", FAILURES)
def test_post_route_after_the_answer(scenario: Scenario, action: str, close: bool) -> None:
    """A failing post-route changes nothing about an answer that was given: one, in both generations."""
    scenario.add("post-route", "A", action)
    with scenario.raw() as raw:
        assert raw.get("/ok", close=close).text == "ok"
        time.sleep(0.05)
        assert raw.ended() if close else raw.silent()
        assert close or usable(scenario, raw)


def test_post_route_before_the_answer(scenario: Scenario) -> None:
    """A post-route that fails before a late answer destroys the request; the late one is not sent."""
    scenario.add("post-route", "A", "error")
    with scenario.raw() as raw:
        raw.ask("GET", "/late/50")
        if scenario.head:
            assert raw.answer().status == 500
        scenario.until("late")
        assert raw.silent()
        assert usable(scenario, raw)


def test_answering_without_a_failure(scenario: Scenario, close: bool) -> None:
    """A hook that answers and does not fail: the route runs, its answer is an error for it, one is sent."""
    scenario.add("pre-route", "A", "send:403")
    with scenario.raw() as raw:
        answer = raw.get("/ok", close=close)
        assert (answer.status, answer.text) == (403, "from-hook")
        assert raw.ended() if close else raw.silent()
        assert close or usable(scenario, raw)
    assert "route/ok" in scenario.order()


@pytest.mark.parametrize("action", ["error", "send-error:413"])
@pytest.mark.parametrize("point", ["parsed-headers", "pre-route"])
def test_a_failure_before_the_body_is_in(scenario: Scenario, action: str, point: str) -> None:
    """What still comes of the body of a destroyed request is no request: the next one is served (#83)."""
    scenario.add(point, "A", action)
    with scenario.raw() as raw:
        body = request("POST", "/stream", b"GET /ok HTTP/1.1\r\n\r\n")
        raw.send(body[:-10])
        if action != "error":
            assert raw.answer().status == 413
        elif scenario.head:
            assert raw.answer().status == 500
        scenario.until(f"{point}/A")
        raw.send(body[-10:])
        assert raw.silent()
        assert usable(scenario, raw)


@pytest.mark.parametrize("action", FAILURES)
def test_later_pieces_of_a_failed_body(scenario: Scenario, action: str) -> None:
    """A failing body-chunk takes the request down once: later pieces run no hook."""
    scenario.add("body-chunk", "A", action)
    with scenario.raw() as raw:
        raw.send(request("POST", "/stream", Transfer_Encoding="chunked") + b"1\r\na\r\n")
        if scenario.head:
            assert raw.answer().status == 500
        else:
            assert raw.silent(0.1)
        raw.send(b"1\r\nb\r\n0\r\n\r\n")
        assert raw.silent()
        assert [event["size"] for event in scenario.events("hook") if event["hook"] == "body-chunk"] == [1]
        assert usable(scenario, raw)
