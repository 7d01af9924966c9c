"""The source of one hook, for the editor beside its card."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.widgets.support import bench_with, echo, shout
from workbench import Workbench
from workbench.widgets.views.source import source


@pytest.fixture
def bench() -> Workbench:
    """Make a bench with two hooks, h1 and h2."""
    return bench_with(shout, echo)


def test_a_hook_comes_with_its_text_and_its_place(bench: Workbench) -> None:
    """The text is that of the live version, and the versions tell who made them."""
    bench.chain("message").rewrite("shout", "def shout(peer, message):\n    '\u202e \\x00'\n")

    shown = source(bench, {"hook": "h1"})

    assert shown["text"] == "def shout(peer, message):\n    '\u202e \\x00'\n"
    assert (shown["editable"], shown["why"], shown["effects"]) == (True, None, "none")
    assert (shown["name"], shown["point"], shown["version"]) == ("shout", "message", 2)
    assert [one["current"] for one in shown["versions"]] == [False, True]
    assert shown["versions"][0]["where"].startswith("support.py, line")
    assert shown["versions"][1]["where"].startswith("shout, version 2")
    assert source(bench, {"hook": "h2"})["first_line"] > 1


@pytest.mark.parametrize("params", [{}, {"hook": "h9"}, {"hook": "g1"}])
def test_no_hook_no_source(bench: Workbench, params: dict[str, Any]) -> None:
    """A page whose hook is gone is told so."""
    assert source(bench, params) == {"hook": None}


def test_it_says_why_a_text_cannot_be_edited(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none, it is too long, or it is not the bench's to change."""
    bench.chain("message").replace("echo", print)
    assert "only functions are edited" in source(bench, {"hook": "h2"})["why"]
    guest = bench.board.guest(echo, "message")
    assert "brought by its connection" in source(bench, {"hook": guest.id})["why"]
    monkeypatch.setattr(sys.modules[source.__module__], "DRAFT_LIMIT", 10)
    shown = source(bench, {"hook": "h1"})

    assert "10 at most are edited" in shown["why"]
    assert (shown["editable"], shown["text"]) == (False, "")
