"""The source editor's commands, as a page gives them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.widgets.support import Face, bench_with, echo, shout
from workbench import Workbench
from workbench.testing.memory import MemoryClient
from workbench.widgets import bundle
from workbench.widgets.editing import editing
from workbench.widgets.protocol import Message
from workbench.widgets.views.chain import chain
from workbench.widgets.views.source import source

NEXT = "def shout(peer, message):\n    message.raw_data = 'next'\n"


@pytest.fixture
def bench() -> Workbench:
    """Make a bench with two hooks, h1 and h2."""
    return bench_with(shout, echo)


@pytest.fixture
def ask(bench: Workbench) -> Callable[..., Message]:
    """Give what asks a face for something, and waits for the answer of the other thread."""
    face = Face(bench)

    def asked(**members: Any) -> Message:
        before = threading.enumerate()
        face.say(op="source", id=3, **members)
        for thread in threading.enumerate():
            if thread not in before:
                thread.join(5)
        return face.said[-1]

    return asked


def test_a_check_applies_nothing(bench: Workbench, ask: Callable[..., Message]) -> None:
    """It is answered with what is wrong, or with nothing wrong."""
    good = ask(do="check", hook="h1", text=NEXT, version=1)
    assert good["data"]["problems"] == []
    assert (good["data"]["applied"], good["data"]["version"], good["data"]["stale"]) == (False, 1, None)

    bad = ask(do="check", hook="h1", text="def shout(\n", version=1)
    assert bad["data"]["problems"] == [
        {"line": 1, "column": 10, "message": "SyntaxError: '(' was never closed"}
    ]
    assert bench.chain("message")[0].function is shout


def test_an_applied_draft_is_one_edit_by_the_editor(bench: Workbench, ask: Callable[..., Message]) -> None:
    """With a line in the history that does the same, and the way back."""
    answer = ask(do="apply", hook="h1", text='@bench.hook("message")\n' + NEXT, version=1)

    assert answer["data"]["applied"] is True
    assert answer["data"]["version"] == 2
    assert answer["data"]["decorators"] == {"kept": [], "left_out": ["@bench.hook('message')"]}
    entry = bench.board.journal[-1]
    assert (entry.author, entry.kind, entry.hook) == ("editor", "replace", "h1")
    assert '.rewrite("shout", """' in entry.python
    bench.undo()
    assert bench.chain("message")[0].function is shout


def test_a_draft_with_a_problem_is_not_applied(bench: Workbench, ask: Callable[..., Message]) -> None:
    """The answer says line and message, and that the live version is the old one."""
    answer = ask(do="apply", hook="h1", text="def shout(peer, message, more): pass", version=1, anyway=False)

    assert answer["ok"] is True
    assert answer["data"]["applied"] is False
    assert "requires 3 arguments" in answer["data"]["problems"][0]["message"]
    assert bench.revision == 2


def test_a_draft_that_began_from_another_version_is_stale(
    bench: Workbench, ask: Callable[..., Message]
) -> None:
    """It is looked at, and not applied; neither is a return."""
    bench.chain("message").rewrite("shout", NEXT)

    for answer in (
        ask(do="apply", hook="h1", text=NEXT, version=1),
        ask(do="return", hook="h1", to=1, version=1),
    ):
        assert answer["data"]["applied"] is False
        assert answer["data"]["version"] == 2
        assert answer["data"]["stale"] == "shout has version 2 by now, and this began from version 1."


def test_returning_and_comparing(bench: Workbench, ask: Callable[..., Message]) -> None:
    """A return is answered with the version that is live then; a comparison with all lines."""
    bench.chain("message").rewrite("shout", NEXT)

    lines = ask(do="diff", hook="h1", **{"from": 2, "to": 2})["data"]["lines"]
    assert lines == [{"kind": " ", "text": line} for line in NEXT.splitlines()]
    kinds = {line["kind"] for line in ask(do="diff", hook="h1", **{"from": 1})["data"]["lines"]}
    assert kinds == {"+", "-"}
    back = ask(do="return", hook="h1", to=1, version=2)["data"]
    assert (back["applied"], back["version"], back["trial"]) == (True, 1, None)


def test_a_draft_is_kept_for_every_page_until_it_is_applied(bench: Workbench) -> None:
    """At once, without another thread; the card and the editor of any page have it."""
    one, other = Face(bench), Face(bench)
    first = one.say(op="source", id=1, do="keep", hook="h1", text=NEXT, version=1, by="a", seen=0)
    assert first["data"] == {"number": 1, "text": NEXT, "version": 1, "by": "a"}

    late = other.say(op="source", id=2, do="keep", hook="h1", text="later", version=1, by="b")
    assert late["data"]["text"] == NEXT
    assert source(bench, {"hook": "h1"})["draft"] == first["data"]
    assert source(bench, {"hook": "h2"})["draft"] is None
    assert _marks(bench) == [{"number": 1, "version": 1}, None]

    editing(bench, {"do": "apply", "hook": "h1", "text": NEXT, "version": 1})
    assert source(bench, {"hook": "h1"})["draft"]["text"] is None
    assert _marks(bench) == [{"number": 2, "version": None}, None]


def test_a_draft_is_given_up_by_leaving_its_text_out(bench: Workbench) -> None:
    """Of a page that does not say who it is, nothing is kept."""
    face = Face(bench)
    assert 'needs "by"' in face.say(op="source", id=1, do="keep", hook="h1", text=NEXT, version=1)["reason"]
    assert 'needs "version"' in face.say(op="source", id=2, do="keep", hook="h1", text=NEXT, by="a")["reason"]
    assert "no hook 'h7'" in face.say(op="source", id=3, do="keep", hook="h7", by="a")["reason"]
    face.say(op="source", id=4, do="keep", hook="h1", text=NEXT, version=1, by="a")

    gone = face.say(op="source", id=5, do="keep", hook="h1", by="a", seen=1)
    assert gone["data"]["text"] is None
    assert bench.drafts.of("h1").text is None


def _marks(bench: Workbench) -> list[Any]:
    """Give what the cards say of drafts."""
    point = next(one for one in chain(bench, {})["points"] if one["name"] == "message")
    return [hook["draft"] for hook in point["lanes"][0]["hooks"]]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"do": "apply", "hook": "h1"}, '"apply" needs "text".'),
        ({"do": "return", "hook": "h1"}, '"return" needs "to".'),
        ({"do": "return", "hook": "h1", "to": 9}, "'shout' has no version 9; it has 1"),
        ({"do": "diff", "hook": "h1"}, '"diff" needs "from".'),
        ({"do": "check", "hook": "h7", "text": NEXT}, "no hook 'h7'"),
    ],
)
def test_what_cannot_be_done_is_refused(
    ask: Callable[..., Message], members: dict[str, Any], reason: str
) -> None:
    """With one sentence."""
    answer = ask(**members)

    assert answer["op"] == "refused"
    assert reason in answer["reason"]


def test_the_trial_is_part_of_the_answer() -> None:
    """Event by event; a draft that fails there is applied only if the page insists."""
    bench = bench_with(shout, echo)
    bad = "def shout(peer, message):\n    print(message.text())\n    message.nothing()\n"
    ask = {"do": "apply", "hook": "h1", "text": bad, "version": 1}

    async def talk() -> None:
        client = await MemoryClient(bench._application).connect("/")
        for text in ("one", "two"):
            client.send(text)
        await asyncio.sleep(0.01)
        refused, applied = editing(bench, ask), editing(bench, {**ask, "anyway": True})

        says = "AttributeError: 'Message' object has no attribute 'nothing' (line 3)"
        assert refused["trial"] == {
            "ran": 2, "skipped": None, "raised": 2, "changed": 0, "slow": 0,
            "events": [
                {"dispatch": event, "outcome": "raised", "says": says, "line": 3, "printed": f"{text}\n"}
                for event, text in ((2, "two"), (1, "one"))
            ],
        }  # fmt: skip
        assert refused["applied"] is False
        (problem,) = refused["problems"]
        assert (problem["line"], problem["message"]) == (
            3, f"{says} when tried on event 2 and 1 more; version 1, which runs now, copes with them",
        )  # fmt: skip
        assert (applied["applied"], applied["version"]) == (True, 2)

    asyncio.run(talk())


def test_an_edit_during_the_check_makes_a_draft_stale(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another face did while the draft was tried is not overwritten, and neither does a return."""
    chain = type(bench.chain("message"))
    check, back = chain.check, chain.return_to

    def slow(self: Any, hook: Any, text: str) -> Any:
        found = check(self, hook, text)
        bench.board.replace("h1", echo)
        return found

    def late(self: Any, hook: Any, version: int, *, seen: int | None = None) -> Any:
        bench.board.replace("h1", print)
        return back(self, hook, version, seen=seen)

    monkeypatch.setattr(chain, "check", slow)
    monkeypatch.setattr(chain, "return_to", late)
    applied = editing(bench, {"do": "apply", "hook": "h1", "text": NEXT, "version": 1})
    returned = editing(bench, {"do": "return", "hook": "h1", "to": 1, "version": 2})

    assert (applied["applied"], applied["version"]) == (False, 2)
    assert "has version 2 by now, not 1" in applied["stale"]
    assert (returned["applied"], returned["version"]) == (False, 3)
    assert "has version 3 by now, not 2" in returned["stale"]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the built files into a folder of the test's."""
    monkeypatch.setattr(bundle, "_DIRECTORY", tmp_path)
    return tmp_path


def test_the_editors_text_comes_over_the_channel(bench: Workbench, built: Path) -> None:
    """Under an id like every answer; where it is not built the refusal says what to do."""
    face = Face(bench)
    assert "npm run build" in face.say(op="module", id=4, file="editor.js")["reason"]

    (built / "editor.js").write_text("export const editor = 1;", encoding="utf-8")
    answer = face.say(op="module", id=5, file="editor.js")

    assert answer["id"] == 5
    assert answer["data"] == {
        "file": "editor.js",
        "hash": bundle.content_hash("editor.js"),
        "text": "export const editor = 1;",
    }
