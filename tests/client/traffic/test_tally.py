"""Counting what came of messages."""

from __future__ import annotations

import time

from workbench.client.traffic.tally import Tally


def test_every_message_is_in_one_place() -> None:
    """Sent are answered, refused or waiting; late ones are among the answered; the first reason is kept."""
    tally = Tally(late_ms=50)
    tally.begin(2, "full")
    tally.sent = 4
    now = time.perf_counter()
    tally.answer(now)
    tally.answer(now - 0.1)
    tally.refuse("no")
    tally.refuse("nothing", 0)
    figures = tally.figures()
    assert (figures["answered"], figures["late"], figures["refused"], figures["waiting"]) == (2, 1, 3, 1)
    assert figures["p50_ms"] > figures["p95_ms"] - 1000
    assert (figures["turned_away"], figures["why"]) == (2, "full")
    tally.begin()
    tally.refuse("nothing", 0)
    tally.refuse("first")
    tally.refuse("second")
    assert (tally.refused, tally.why) == (2, "first")
    tally.begin()
    assert tally.figures()["p50_ms"] is None
    assert tally.figures()["refused"] == 0
