"""The versions of a hook, as people look at them, go back to them and write new ones."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect

from workbench import Workbench
from workbench.bench.drafts import NotEditable
from workbench.bench.versions import NotRewritten, spell_text
from workbench.engine.errors import EditRefused, StaleVersion
from workbench.testing import serving

NEXT = "def shout(peer, message):\n    message.raw_data = 'next'\n"


def shout(peer: Any, message: Any) -> None:
    """Be the first version."""


@pytest.fixture
def bench() -> Workbench:
    """Give a bench with one hook; never started."""
    made = Workbench("crossws", name="versions")
    made.chain("message").attach(shout)
    return made


def test_rewriting_makes_the_next_version(bench: Workbench) -> None:
    """Same id, name and place; the text is the version's source."""
    chain = bench.chain("message")

    hook = chain.rewrite("shout", NEXT)

    assert (hook.id, hook.name, hook.version, hook.origin.line) == ("h1", "shout", 2, 1)
    assert str(hook.origin.file).startswith("<shout, version 2")
    assert chain.source("shout") == NEXT
    first, second = chain.versions("shout")
    assert (first.number, first.current, first.where) == (1, False, __file__)
    assert (second.number, second.current, second.text) == (2, True, NEXT)
    assert first.text is not None
    assert first.text.startswith("def shout(")


def test_the_printed_line_does_the_same(bench: Workbench) -> None:
    """Run on a bench with the first version, it makes the second."""
    chain = bench.chain("message")
    chain.rewrite("shout", NEXT)
    line = bench.board.journal[-1].python
    chain.return_to("shout", 1)
    twin = Workbench("crossws", name="versions-twin")
    twin.chain("message").attach(shout)

    exec(line, {bench.board.spoken: twin})

    assert twin.chain("message").source("shout") == NEXT
    assert bench.board.journal[-1].python.endswith('.chain("message").return_to("shout", 1)')


@pytest.mark.parametrize(
    "text",
    ["def f(): pass", 'def f():\n    """Say."""\n', "def f():\n    return '\\n'\n", "\tdef f():\n\tpass\n"],
)
def test_a_text_is_spelled_so_that_it_comes_back(text: str) -> None:
    """Whatever quotes and backslashes it has."""
    assert eval(spell_text(text)) == text


def test_versions_are_compared_line_by_line(bench: Workbench) -> None:
    """What both have comes with a blank in front; without a number the present one is meant."""
    chain = bench.chain("message")
    chain.rewrite("shout", NEXT)
    chain.rewrite("shout", NEXT.replace("next", "last"))

    assert chain.diff("shout", 2) == [
        " def shout(peer, message):",
        "-    message.raw_data = 'next'",
        "+    message.raw_data = 'last'",
    ]
    assert chain.diff("shout", 3, 2)[1:] == [
        "-    message.raw_data = 'last'",
        "+    message.raw_data = 'next'",
    ]
    with pytest.raises(EditRefused, match="no version 7; it has 1, 2, 3"):
        chain.diff("shout", 7)


def test_returning_is_an_edit_that_can_be_undone(bench: Workbench) -> None:
    """The old function itself is live again, under its old number."""
    chain = bench.chain("message")
    chain.rewrite("shout", NEXT)

    assert chain.return_to("shout", 1).function is shout
    bench.undo()
    assert chain[0].version == 2


def test_a_draft_with_a_problem_leaves_the_live_version_alone(bench: Workbench) -> None:
    """The error lists what is wrong with line and message, and so does the check."""
    chain, revision = bench.chain("message"), bench.revision

    with pytest.raises(NotRewritten, match=r"shout keeps version 1.*\n  - line 1: SyntaxError") as refused:
        chain.rewrite("shout", "def shout(:")
    assert refused.value.check.draft is None
    with pytest.raises(NotRewritten, match="line 2: hook 'shout' requires 3 arguments"):
        chain.rewrite("shout", "\ndef shout(peer, message, more): pass")
    check = chain.check("shout", "def shout(peer, *, zzz): pass")
    assert "asks for zzz by keyword" in check.problems[0].message
    with pytest.raises(NotRewritten):
        chain.swap(check, anyway=True)

    assert bench.revision == revision
    assert chain[0].function is shout


def test_a_hook_that_was_edited_meanwhile_is_not_overwritten(bench: Workbench) -> None:
    """Neither by a draft that was checked before, nor by one that says what it saw."""
    chain = bench.chain("message")
    check = chain.check("shout", NEXT)
    chain.rewrite("shout", NEXT.replace("next", "other"))

    with pytest.raises(StaleVersion):
        chain.swap(check)
    with pytest.raises(StaleVersion):
        chain.rewrite("shout", NEXT, seen=1)


def test_versions_are_swapped_between_two_events(bench: Workbench) -> None:
    """While messages flow, and drafts are tried on them, one version answers each, never an older one."""
    chain = bench.chain("message")
    chain.rewrite("shout", COUNTED.format(2))

    def edit() -> None:
        for number in range(3, 13):
            chain.rewrite("shout", COUNTED.format(number))

    async def talk() -> list[int]:
        answers: list[int] = []
        async with connect(bench.ws_url or "", proxy=None) as ws:
            await ws.send("first")
            answers.append(int(await ws.recv()))
            edits = asyncio.create_task(asyncio.to_thread(edit))
            while not edits.done():
                await ws.send("more")
                answers.append(int(await asyncio.wait_for(ws.recv(), 5)))
            await edits
            await ws.send("last")
            answers.append(int(await ws.recv()))
        return answers

    with serving(bench):
        answers = asyncio.run(talk())

    assert answers == sorted(answers)
    assert (answers[0], answers[-1]) == (2, 12)
    calls = bench.trace.calls
    assert calls["version"].tolist() == answers
    assert set(calls["outcome"].astype(str)) == {"ok"}


COUNTED = """
def shout(peer, message):
    peer.send("{}")
"""


def test_cells_and_editors_share_the_list(bench: Workbench) -> None:
    """Attaching a function of the same name is a version like any other."""
    chain = bench.chain("message")
    chain.rewrite("shout", NEXT)

    def louder(peer: Any, message: Any) -> None:
        """Be the third."""

    chain.attach(louder, name="shout")

    assert [one.number for one in chain.versions("shout")] == [1, 2, 3]


def test_what_cannot_be_edited_has_versions_all_the_same(bench: Workbench) -> None:
    """Without a text; rewriting it is refused with the reason."""
    chain = bench.chain("message")
    chain.replace("shout", print)

    assert chain.versions("shout")[1].text is None
    with pytest.raises(NotEditable, match="only functions are edited"):
        chain.rewrite("shout", NEXT)
