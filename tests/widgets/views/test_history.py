"""The history as a face sees it: lines, marks, and the cells that they cut out."""

from __future__ import annotations

from typing import Any

from tests.widgets.support import Face, bench_with, echo, shout
from workbench import Workbench
from workbench.widgets.views import build


def asked(bench: Workbench, op: str, **members: Any) -> dict[str, Any]:
    """Send one message of a face and give the answer to it."""
    face = Face(bench)
    face.session.receive({"op": op, "id": 1, **members})
    return next(said for said in face.said if said.get("id") == 1)


def edited(bench: Workbench, kind: str, **members: Any) -> dict[str, Any]:
    """Ask for an edit."""
    return asked(bench, "edit", edit={"kind": kind, **members})


def test_entries_are_numbered_and_the_cursor_is_what_undo_takes_back() -> None:
    """Marks and undone entries are passed over; deeds of one revision are told apart by their numbers."""
    bench = bench_with(shout, echo)
    asked(bench, "fault", do="arm", kind="hang")
    edited(bench, "mark", name="calm")
    view = build("history", bench, {})

    assert [entry["number"] for entry in view["entries"]] == [4, 3, 2, 1]
    assert [(entry["kind"], entry["mark"]) for entry in view["entries"][:2]] == [
        ("mark", "calm"),
        ("arm", None),
    ]
    assert (view["cursor"], view["revision"]) == (3, 2)
    asked(bench, "undo")
    view = build("history", bench, {})
    assert (view["cursor"], [entry["undone"] for entry in view["entries"]]) == (
        2,
        [False, True, False, False],
    )
    assert build("faults", bench, {})["armed"] == []


def test_a_face_marks_and_returns() -> None:
    """Each is answered with its line; the author is the face."""
    bench = bench_with(shout, echo)
    spoken = bench.board.spoken
    assert edited(bench, "mark", name="calm")["python"] == f'{spoken}.mark("calm")'
    edited(bench, "remove", hook="h1")
    assert edited(bench, "return_to", mark="calm")["python"] == f'{spoken}.return_to("calm")'
    assert [hook.name for hook in bench.chain("message").hooks] == ["shout", "echo"]
    assert bench.board.journal[-1].author == "widget"
    assert "did you mean 'calm'" in edited(bench, "return_to", mark="clam")["reason"]
    assert "a line of text" in edited(bench, "mark", name="\u202e")["reason"]


def test_a_face_asks_for_the_lines_as_a_cell() -> None:
    """All that stand, those until a mark, or those since."""
    bench = bench_with(shout, echo)
    bench.mark("calm")
    bench.chain("message").remove("echo")
    cells = [asked(bench, "ask", what="cell", **cut)["data"]["text"] for cut in ({}, {"until": "calm"})]
    since = asked(bench, "ask", what="cell", since="calm")["data"]["text"]

    assert cells[0].startswith(cells[1])
    assert since.splitlines() == [f'{bench.board.spoken}.mark("calm")', cells[0].splitlines()[-1]]
    assert "there is no mark" in asked(bench, "ask", what="cell", until="storm")["reason"]
