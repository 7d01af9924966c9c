"""Answers that are ready in one turn of the loop leave at its end, in order, and none is lost."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from tests.server.conftest import Serve
from tests.server.test_cork import Below
from tests.server.test_http import StageLink, Stages, get
from tests.support import in_a_loop
from workbench.server import Headers, Response
from workbench.server.outbox import Outbox


@in_a_loop
async def test_they_leave_at_the_end_of_the_turn_together() -> None:
    """Each client's in one piece, in order; the next turn has its own end."""
    outbox, first, second = Outbox(), cast("Any", Below()), cast("Any", Below())
    outbox.put(first, b"a")
    outbox.put(second, b"b")
    outbox.put(first, b"c")
    assert (first.written, second.written, outbox.size(first)) == ([], [], 2)
    await asyncio.sleep(0)
    assert (first.written, second.written, outbox.size(first)) == ([b"ac"], [b"b"], 0)
    outbox.put(first, b"d")
    await asyncio.sleep(0)
    assert first.written == [b"ac", b"d"]


@in_a_loop
async def test_flush_sends_what_one_client_is_to_get_now() -> None:
    """Once; the others' answers wait on, and later ones get their end of the turn too."""
    outbox, first, second = Outbox(), cast("Any", Below()), cast("Any", Below())
    outbox.put(first, b"a")
    outbox.put(second, b"b")
    outbox.flush(first)
    outbox.flush(first)
    assert (first.written, second.written) == ([b"a"], [])
    outbox.put(first, b"c")
    await asyncio.sleep(0)
    assert (first.written, second.written) == ([b"a", b"c"], [b"b"])


@in_a_loop
async def test_no_more_than_64_kb_wait() -> None:
    """Long answers are not copied again and again, and hold no memory up."""
    outbox, below = Outbox(), cast("Any", Below())
    outbox.put(below, b"x" * 40_000)
    outbox.put(below, b"x" * 40_000)
    assert [len(data) for data in below.written] == [80_000]
    await asyncio.sleep(0)
    assert len(below.written) == 1


@in_a_loop
async def test_nothing_is_written_to_a_client_that_has_gone() -> None:
    """Neither at the end of the turn nor before."""
    outbox, first, second = Outbox(), cast("Any", Below()), cast("Any", Below())
    outbox.put(first, b"a")
    outbox.put(second, b"b")
    first.closing = second.closing = True
    outbox.flush(first)
    await asyncio.sleep(0)
    assert first.written == second.written == []


@pytest.mark.parametrize("way", ["close", "abort"])
def test_an_answer_goes_before_the_end_of_its_connection(serve: Serve, way: str) -> None:
    """Whichever way a link ends it, in the turn in which it answered."""

    def react(link: StageLink, name: str, *_: object) -> None:
        if name == "body":
            link.transport.respond(Response("answer"))
            getattr(link.transport, way)()

    assert serve(Stages(react)).wire().send(get()).rest().endswith(b"answer")


def test_what_is_streamed_follows_the_answer_before_it(serve: Serve) -> None:
    """Two requests of one packet, one answered whole and one in pieces, in one turn."""

    def react(link: StageLink, name: str, *_: object) -> None:
        if name != "body":
            return
        if len(link.names()) == 2:
            link.transport.respond(Response("first"))
            return
        link.transport.start_response(200, Headers())
        link.transport.write(b"second")
        link.transport.finish()

    wire = serve(Stages(react)).wire().send(get() + get())
    got = wire.until(b"0\r\n\r\n")
    assert got.index(b"first") < got.index(b"second")


def test_a_broken_request_of_the_same_packet_is_answered_last(serve: Serve) -> None:
    """Its answer ends the connection, and the one before comes through."""
    got = serve().wire().send(get() + "BROKEN\r\n\r\n").rest()
    assert got.index(b"200 OK") < got.index(b"400 Bad Request")
