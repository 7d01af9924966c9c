"""What faces may ask for from the menu of a card: copies, wrappers, scopes, shadows, outside effects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interventions.support import served, until
from tests.widgets.support import Face, bench_with, echo, shout
from workbench import Workbench
from workbench.engine.points import Point
from workbench.testing.memory import MemoryClient
from workbench.widgets.views import build

DIALECTS = ("crossws", "hocuspocus", "feathers", "directus", "wookie")


def asked(bench: Workbench, op: str, **members: Any) -> dict[str, Any]:
    """Send one message of a face and give the answer to it."""
    face = Face(bench)
    face.session.receive({"op": op, "id": 1, **members})
    return next(said for said in face.said if said.get("id") == 1)


def edited(bench: Workbench, kind: str, **members: Any) -> dict[str, Any]:
    """Ask for an edit."""
    return asked(bench, "edit", revision=bench.revision, edit={"kind": kind, **members})


def test_who_is_quicker_than_the_answers_is_not_in_his_own_way() -> None:
    """A face's own edits since the revision that it saw count as seen, undo too; those of others do not."""
    bench = bench_with(shout, echo)
    (hook, _), seen = bench.chain("message"), bench.revision

    def quick(face: Face, number: int, op: str = "edit", **edit: Any) -> dict[str, Any]:
        members = {"revision": seen, "edit": {"hook": hook.id, **edit}} if op == "edit" else {}
        face.session.receive({"op": op, "id": number, **members})
        return next(said for said in face.said if said.get("id") == number)

    one, other = Face(bench), Face(bench)
    assert quick(one, 1, kind="enable", on=False)["ok"]
    assert quick(one, 2, kind="set_effects", effects="outside")["ok"]
    assert quick(one, 3, op="undo")["ok"]
    assert quick(one, 4, kind="set_scope", shadow=True)["ok"]
    refused = quick(other, 1, kind="enable", on=True)
    assert f"but this edit saw revision {seen};" in refused["reason"]
    bench.chain("message").enable(hook)
    assert "but this edit saw" in quick(one, 5, kind="remove")["reason"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_entry_is_one_edit_with_its_line_in_every_dialect(dialect: str) -> None:
    """Undo takes each back, and the card says what it became."""
    bench = Workbench(dialect, name="menued")
    before = len(bench.board.journal)
    face = palette_hook(bench)
    spoken = bench.board.spoken
    for kind, more, shown in (
        ("duplicate", {}, None),
        ("wrap", {}, None),
        ("set_scope", {"connections": [7]}, {"connections": [7], "shadow": False}),
        ("set_scope", {"shadow": True}, {"connections": [7], "shadow": True}),
        ("set_scope", {"connections": None}, {"connections": None, "shadow": True}),
        ("set_effects", {"effects": "outside"}, {"effects": "outside"}),
    ):
        journal = len(bench.board.journal)
        answer = edited(bench, kind, hook=face, **more)
        assert answer["ok"], answer
        assert answer["python"].startswith(f"{spoken}.chain("), answer
        assert f".{kind}(" in answer["python"]
        assert len(bench.board.journal) == journal + 1
        card = bench.board.resolve(face)
        for name, value in (shown or {}).items():
            held = getattr(card, name, None) if name == "effects" else getattr(card.scope, name)
            assert (sorted(held) if isinstance(held, frozenset) else held) == value
    for _ in range(6):
        asked(bench, "undo")
    assert sum(not entry.undone for entry in bench.board.journal if entry.kind != "undo") == before + 1


def palette_hook(bench: Workbench) -> str:
    """Attach the first ready-made hook that fits; its id."""
    offers = asked(bench, "ask", what="palette")["data"]["hooks"]
    offer = next(one for one in offers if one["fits"] and one["source"] == "ready")
    assert edited(bench, "attach", point=offer["point"], ready=offer["name"])["ok"]
    hook = bench.board.journal[-1].hook
    assert hook is not None
    return hook


def test_a_card_says_for_whom_it_runs_and_what_it_touches() -> None:
    """Members of a scope that are not spoken of stay; the view has the first few connections."""
    bench = bench_with(shout, echo)
    edited(bench, "set_scope", hook="h1", connections=list(range(1, 30)))
    edited(bench, "set_scope", hook="h1", shadow=True)
    first, second = (
        hook
        for point in build("chain", bench, {})["points"]
        for lane in point["lanes"]
        for hook in lane["hooks"]
    )
    assert (first["connections"], first["shadow"], first["effects"]) == (list(range(1, 10)), True, "context")
    assert (second["connections"], second["shadow"], first["status"]) == (None, False, None)
    assert len(bench.board.resolve("h1").scope.connections or ()) == 29


def test_a_shadow_is_refused_where_a_point_has_no_stand_ins() -> None:
    """The sentence says why; all others may be told."""
    bench = bench_with(shout)
    bench.board.add_points([Point("bare", ("thing",))])
    made = bench.board.attach("bare", print, name="bare")
    refusal = edited(bench, "set_scope", hook=made.id, shadow=True)
    assert refusal["reason"].startswith("bare cannot be a shadow: bare has no stand-ins for its arguments")
    assert edited(bench, "set_scope", hook=made.id, connections=[1])["ok"]
    assert "context, pure, outside" in edited(bench, "set_effects", hook="h1", effects="huge")["reason"]
    assert "no hook" in edited(bench, "wrap", hook="h99")["reason"]


def test_a_wrapper_attached_by_a_face_says_so() -> None:
    """An around hook's wrapper is a hook of its own, from that page."""
    bench = Workbench("feathers", name="menued")
    key = next(key for key, point in bench.board.points.items() if point.policy.shape == "onion")

    async def log(_context: Any, onward: Any) -> None:
        await onward()

    bench.board.attach(key, log, kind="around", name="log")
    edited(bench, "wrap", hook="h1")
    made = bench.board.resolve("around_log")
    assert (made.origin.kind, made.origin.line) == ("widget", 1)


def test_open_connections_can_be_chosen_among() -> None:
    """Those that are open now, the newest first."""
    bench = bench_with(shout, echo)

    async def talk(client: MemoryClient) -> Any:
        gone = await client.connect("/gone")
        await gone.close()
        await client.connect("/one")
        await client.connect("/two")
        await until(lambda: bench.trace.registry.open == 2)
        return asked(bench, "ask", what="connections")["data"]

    told = served(bench, talk)
    assert [(row["connection"], row["path"]) for row in told["connections"]] == [(3, "/two"), (2, "/one")]
    assert told["open"] == 2
