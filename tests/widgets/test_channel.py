"""A face's conversation with a bench, without any carrier."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.widgets.support import Face, bench_with, echo, shout
from tests.widgets.test_protocol import JSON
from workbench import Workbench
from workbench.testing import FakeScheduler, free_port, serving
from workbench.widgets import protocol
from workbench.widgets.channel import ChannelSession
from workbench.widgets.protocol import Message
from workbench.widgets.views.chain import placing


@pytest.fixture
def bench() -> Workbench:
    """Make a bench with two hooks, h1 and h2."""
    return bench_with(shout, echo)


@pytest.fixture
def face(bench: Workbench) -> Face:
    """Make a face that has shown its token."""
    return Face(bench)


def names(bench: Workbench) -> list[str]:
    """Name the hooks of the message chain in order."""
    return [hook.name for hook in bench.chain("message")]


def test_hello_is_answered_by_the_welcome(face: Face) -> None:
    """The welcome tells version, bench and points, and the face may say who it is."""
    welcome = face.say(op="hello", v=1, face="lab")
    assert welcome["op"] == "welcome"
    assert set(welcome["bench"]) == {"id", "name", "dialect", "version", "points", "messages"}
    assert set(welcome["bench"]["points"][0]) == {"name", "title", "parameters", "policy", "doc"}
    assert face.session.face == "lab"


def test_a_bench_offers_messages_that_its_system_understands() -> None:
    """Each is as the composer takes it: JSON as it stands, bytes as base64; crossws needs none."""

    def offered(dialect: str, **options: Any) -> list[dict[str, str]]:
        face = Face(Workbench(dialect, name="offers", **options))
        messages: list[dict[str, str]] = face.say(op="hello", v=1)["bench"]["messages"]
        return messages

    assert offered("crossws") == []
    create = offered("directus")[0]
    assert (create["label"], create["kind"], json.loads(create["text"])["action"]) == (
        "create",
        "json",
        "create",
    )
    token = offered("hocuspocus", database=None)[0]
    assert (token["label"], token["kind"]) == ("token", "base64")
    assert base64.b64decode(token["text"], validate=True)


def test_another_version_is_refused_with_the_way_out(face: Face) -> None:
    """A page of another version is told to reload."""
    refusal = face.say(op="hello", v=7)
    assert refusal["op"] == "refused"
    assert "Reload" in refusal["reason"]


def test_hello_forgets_what_was_watched(face: Face) -> None:
    """After a reconnect only what is watched anew is sent."""
    face.say(op="watch", view="history")
    face.scheduler.advance()
    face.say(op="hello", v=1)
    face.edit(kind="remove", hook="h1")
    face.scheduler.advance(30.0)
    assert len(face.frames("history")) == 1


@pytest.mark.parametrize(
    ("edit", "after", "python"),
    [
        ({"kind": "move", "hook": "h2", "before": "h1"}, ["echo", "shout"], 'move("echo", before="shout")'),
        ({"kind": "move", "hook": "h1", "before": None}, ["echo", "shout"], 'move("shout")'),
        ({"kind": "enable", "hook": "h1", "on": False}, ["echo"], 'enable("shout", on=False)'),
        ({"kind": "remove", "hook": "h1"}, ["echo"], 'remove("shout")'),
        (
            {"kind": "attach", "point": "message", "ready": "upper_case", "before": "h1"},
            ["upper_case", "shout", "echo"],
            'attach(upper_case, before="shout")  # from workbench.dialects.crossws.ready import upper_case',
        ),
        (
            {"kind": "set_scope", "hook": "h1", "connections": [1], "shadow": False},
            ["echo"],
            'set_scope("shout", Scope(connections=frozenset([1])))',
        ),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
def test_edits_are_applied_on_arrival(
    bench: Workbench, face: Face, edit: dict[str, Any], after: list[str], python: str
) -> None:
    """Each kind of edit is in force before its answer, which has the new revision and the Python line."""
    answer = face.say(op="edit", id=5, revision=2, edit=edit)
    assert answer == {
        "op": "answer",
        "id": 5,
        "ok": True,
        "revision": 3,
        "python": f'bench.chain("message").{python}',
    }
    assert names(bench) == after


def test_attaching_replaces_nobodys_hook(bench: Workbench, face: Face) -> None:
    """Where hooks of its name stand already, a ready-made hook goes beside them under a name of its own."""
    own = bench.board.resolve("echo").function
    lines = [face.edit(kind="attach", point="message", ready="echo")["python"] for _ in range(2)]

    assert [hook.name for hook in bench.chain("message")] == ["shout", "echo", "echo-2", "echo-3"]
    assert bench.board.resolve("echo").function is own
    come_from = "# from workbench.dialects.crossws.ready import echo"
    assert lines == [
        f'bench.chain("message").attach(echo, name="{name}")  {come_from}' for name in ("echo-2", "echo-3")
    ]


def test_replacing_takes_a_function_of_the_notebook(
    bench: Workbench, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A face names a function that the person has written; it takes the place of the old one."""
    import __main__

    def whisper(peer: Any, message: Any) -> None:
        del peer, message

    whisper.__module__ = "__main__"
    monkeypatch.setattr(__main__, "whisper", whisper, raising=False)
    answer = face.edit(kind="replace", hook="h1", function="whisper")
    assert answer["ok"]
    assert bench.chain("message")[0].function is whisper
    assert bench.chain("message")[0].version == 2


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"kind": "remove", "hook": "h99"}, "h99"),
        ({"kind": "attach", "point": "mesage", "ready": "echo"}, "message"),
        ({"kind": "attach", "point": "message", "ready": "nothing"}, "no ready-made hook"),
        ({"kind": "attach", "point": "message", "function": "nothing"}, "no function in this notebook"),
        ({"kind": "move", "hook": "h1", "before": "h2", "after": "h2"}, "not both"),
        ({"kind": "explode"}, "no edit of kind"),
    ],
)
def test_edits_that_do_not_fit_are_refused_with_a_reason(
    bench: Workbench, face: Face, edit: dict[str, Any], why: str
) -> None:
    """A refusal is one sentence for people, and leaves the board as it is."""
    refusal = face.say(op="edit", id=5, edit=edit)
    assert refusal["op"] == "refused"
    assert refusal["id"] == 5
    assert refusal["revision"] == 2
    assert why in refusal["reason"]
    assert bench.revision == 2


def test_an_edit_of_what_has_changed_meanwhile_is_refused(bench: Workbench, face: Face) -> None:
    """A drag that began before somebody else's edit of the same hook does not undo that edit."""
    bench.chain("message").enable("shout", on=False)
    refusal = face.say(op="edit", id=1, revision=2, edit={"kind": "move", "hook": "h1", "before": None})
    assert refusal["op"] == "refused"
    assert "revision 3" in refusal["reason"]
    assert face.say(op="edit", id=2, revision=2, edit={"kind": "remove", "hook": "h2"})["ok"]


def test_undo_and_redo(bench: Workbench, face: Face) -> None:
    """Both are edits with Python lines; with nothing to do they are refused."""
    face.edit(kind="remove", hook="h1")
    assert face.say(op="undo", id=1)["python"] == "bench.undo()"
    assert names(bench) == ["shout", "echo"]
    assert face.say(op="redo", id=2)["python"] == "bench.redo()"
    assert names(bench) == ["echo"]
    assert face.say(op="redo", id=3)["reason"] == "There is nothing to redo."
    for _ in range(3):
        face.say(op="undo", id=4)
    assert face.say(op="undo", id=5)["reason"] == "There is nothing to undo."


def test_messages_without_an_id_are_only_refused(face: Face) -> None:
    """A face that does not want answers hears refusals alone."""
    assert face.say(op="edit", edit={"kind": "remove", "hook": "h1"}) == {}
    assert face.say(op="edit", edit={"kind": "remove", "hook": "h1"})["id"] is None
    assert face.say(op="ping") == {}
    assert face.say(op="ping", id=3)["revision"] == 3


def test_watched_views_come_and_edits_urge_them(bench: Workbench, face: Face) -> None:
    """A view comes at once, after any edit at once again, and no more when it is no longer watched."""
    for view in protocol.VIEWS:
        assert face.say(op="watch", id=1, view=view, pace="visible")["ok"]
    face.scheduler.advance()
    assert {said["view"] for said in face.said if said["op"] == "frame"} == set(protocol.VIEWS)
    for said in list(face.said):
        if said["op"] == "frame":
            face.say(op="ack", view=said["view"], frame=said["frame"])
    worker = threading.Thread(target=bench.chain("message").enable, args=("echo",), kwargs={"on": False})
    worker.start()
    worker.join()
    face.scheduler.advance()
    assert [len(face.frames(view)) for view in ("chain", "history", "header", "events")] == [2, 2, 2, 1]
    face.say(op="unwatch", id=2, view="chain")
    face.edit(kind="remove", hook="h1")
    face.scheduler.advance(20.0)
    assert len(face.frames("chain")) == 2


def test_questions_are_answered(face: Face) -> None:
    """Palette, reasons and sources are data of the answer."""
    palette = face.say(op="ask", id=1, what="palette", point="message")["data"]["hooks"]
    assert [row["name"] for row in palette][:1] == ["echo"]
    why = face.say(op="ask", id=2, what="why", hook="h2")["data"]
    assert why == {"hook": "h2", "name": "echo", "point": "message", "position": 2, "why": "2nd attached"}
    source = face.say(op="ask", id=3, what="source", hook="h2")["data"]
    assert source["text"].startswith("def echo(peer")
    assert source["reason"] is None
    assert face.say(op="ask", id=4, what="event", dispatch=1).get("data") is None


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"what": "palette", "point": "nowhere"}, "nowhere"),
        ({"what": "why", "hook": "h99"}, "h99"),
        ({"what": "why"}, '"why" needs "hook"'),
        ({"what": "event"}, '"event" needs "dispatch"'),
    ],
)
def test_questions_about_nothing_are_refused(face: Face, question: dict[str, Any], why: str) -> None:
    """A question about what does not exist is refused with its name."""
    assert why in face.say(op="ask", id=1, **question)["reason"]


def test_an_edit_that_changes_nothing_has_no_line(bench: Workbench, face: Face) -> None:
    """Where the board keeps no entry, the answer has no Python line either."""
    bench.board.apply({"kind": "remove", "hook": "h2"}, author="widget")
    before = bench.revision
    answer = face.edit(kind="move", hook="h1", before=None)
    assert answer["ok"]
    assert ("python" in answer) == (bench.revision > before)


def test_a_start_that_fails_for_an_unknown_reason_names_it(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever keeps the server from starting is told to the person who pressed the button."""
    told = threading.Event()
    said: list[Message] = []

    def take(message: Message) -> int:
        said.append(message)
        told.set()
        return 0

    monkeypatch.setattr(bench.serving, "start", lambda _: 1 / 0)
    session = ChannelSession(bench, take, FakeScheduler(), trusted=True)
    session.receive({"op": "server", "id": 1, "do": "start"})
    assert told.wait(5)
    assert said[0]["reason"] == "ZeroDivisionError: division by zero"


def test_a_hook_that_has_gone_says_so(bench: Workbench) -> None:
    """Asked why a removed hook stands where it does, the answer is that it does not."""
    hook = bench.chain("message")[0]
    bench.chain("message").remove(hook)
    assert placing(bench, hook) == {"position": None, "why": "shout is not on the board any more."}


def test_a_function_without_source_says_so(bench: Workbench, face: Face) -> None:
    """Where there is no source, the reason is told instead."""
    namespace: dict[str, Any] = {}
    exec("def made(peer, message): ...", namespace)
    hook = bench.chain("message").attach(namespace["made"])
    source = face.say(op="ask", id=1, what="source", hook=hook.id)["data"]
    assert source["text"] is None
    assert "not at hand" in source["reason"]


def test_console_clients_are_driven_by_the_face(bench: Workbench, face: Face) -> None:
    """A client is opened, used, closed and cleared; what it saw is in the console view."""
    assert "stopped" in face.say(op="client", id=1, do="open", client="c1")["reason"]
    with serving(bench):
        assert face.say(op="client", id=2, do="open", client="c1", path="/room")["data"] == {"client": "c1"}
        assert face.say(op="client", id=3, do="send", client="c1", data="hi")["ok"]
        assert face.say(op="client", id=4, do="send", client="c1", binary="AAE=")["ok"]
        assert face.say(op="client", id=5, do="close", client="c1", code=3001, reason="done")["ok"]
        assert face.say(op="client", id=6, do="clear", client="c1")["ok"]
        for wrong, why in (
            ({"do": "send", "data": "x"}, 'needs "client"'),
            ({"do": "send", "client": "c9", "data": "x"}, "c9"),
            ({"do": "send", "client": "c1"}, 'needs "data"'),
            ({"do": "send", "client": "c1", "data": "x", "binary": "AAE="}, "not both"),
            ({"do": "send", "client": "c1", "binary": "?"}, "not base64"),
            ({"do": "send", "client": "c1", "data": "\ud800"}, "surrogate"),
            ({"do": "close", "client": "c1", "code": 1005}, "1005"),
            ({"do": "open", "client": "../x"}, "client's name"),
        ):
            assert why in face.say(op="client", id=7, **wrong)["reason"]


def test_the_server_is_started_and_stopped_by_the_face(bench: Workbench) -> None:
    """Starting is answered when the server listens, failing to with the reason; stopping beforehand."""
    answered = threading.Event()
    said: list[Message] = []

    def take(message: Message) -> int:
        said.append(message)
        answered.set()
        return 0

    session = ChannelSession(bench, take, FakeScheduler(), trusted=True)
    with serving(bench_with(name="other")) as other:
        assert other.port is not None
        bench.serving._given = bench.serving._given.changed(port=other.port)
        session.receive({"op": "server", "id": 1, "do": "start"})
        assert answered.wait(5)
        assert said[0]["op"] == "refused"
        assert "other" in said[0]["reason"]
        bench.serving._given = bench.serving._given.changed(port=free_port())
        answered.clear()
        session.receive({"op": "server", "id": 2, "do": "start"})
        assert answered.wait(5)
        assert said[1]["op"] == "answer"
        assert bench.running
        session.receive({"op": "server", "id": 3, "do": "stop"})
        assert said[2]["op"] == "answer"
        _joined("workbench stop")
    assert not bench.running


def _joined(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(5)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=JSON)
def test_no_message_makes_a_session_fail(face: Face, message: Any) -> None:
    """Whatever arrives is answered at most once, and the session goes on."""
    for op in (None, *protocol.OPS):
        if op == "server":
            continue
        wrapped = {**message, "op": op} if isinstance(message, dict) else message
        before = len(face.said)
        face.session.receive(wrapped)
        face.session.receive({"op": op, "edit": message, "view": message, "hook": message, "id": 1})
        assert len(face.said) - before <= 2
    face.scheduler.advance(0.2)
    assert face.say(op="ping", id=1)["ok"]


def test_what_fails_inside_is_refused_and_logged(
    bench: Workbench, face: Face, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours reaches neither the carrier nor the board, but the log."""
    monkeypatch.setattr(bench.board, "undo", lambda _: 1 / 0)
    assert "ZeroDivisionError" in face.say(op="undo", id=1)["reason"]
    assert len(caplog.records) == 1


def test_a_carrier_that_is_gone_ends_the_session(bench: Workbench) -> None:
    """When nothing can be sent any more, the session ends and edits go on without it."""

    def gone(_: Message) -> int:
        raise OSError("gone")

    session = ChannelSession(bench, gone, FakeScheduler(), trusted=True)
    session.receive({"op": "ping", "id": 1})
    assert session.closed
    session.receive({"op": "edit", "edit": {"kind": "remove", "hook": "h1"}})
    bench.chain("message").enable("echo", on=False)
    assert bench.revision == 3


def test_goodbye_is_said_once(face: Face) -> None:
    """The last words name the reason; after them there is silence."""
    face.session.bye("enough")
    face.session.bye("enough")
    face.session.close()
    face.scheduler.advance()
    assert face.said == [{"op": "bye", "reason": "enough"}]


def test_an_untrusted_face_is_turned_away(bench: Workbench) -> None:
    """Before the token nothing is done; the right one lets the face in, a wrong one ends it."""
    face = Face(bench, trusted=False)
    face.edit(kind="remove", hook="h1")
    assert face.turned_away == 1
    assert face.session.closed
    assert bench.revision == 2
    face = Face(bench, trusted=False)
    assert face.say(op="hello", v=1, token=bench.token)["op"] == "welcome"
    assert face.session.trusted
    assert face.edit(kind="remove", hook="h1")["ok"]
