"""Drafts tried on recorded events, in every dialect; nothing is sent, and nothing live changes."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.dialects.crossws import support as crossws
from tests.dialects.directus import support as directus
from tests.dialects.hocuspocus import support as hocuspocus
from tests.dialects.wookie import support as wookie
from workbench import Workbench
from workbench.bench import trial as module
from workbench.bench.trial import Trial
from workbench.bench.versions import NotRewritten
from workbench.testing import serving


def shout(_peer: Any, message: Any) -> None:
    """Change a message."""
    message.raw_data = message.text().upper()


def echo(peer: Any, message: Any) -> None:
    """Count, and send a message back."""
    peer.context.count = peer.context.get("count", 0) + 1
    peer.send(message.text())


def tried(bench: Any, point: str, hook: str, text: str) -> Trial:
    """Check a draft that is a function, and give its trial."""
    check = bench.chain(point).check(hook, text)
    assert check.fresh is not None, check.problems
    trial: Trial | None = check.trial
    assert trial is not None
    return trial


def printed(trial: Trial) -> list[str]:
    """Give what the draft printed, oldest event first; it must have ended well on all of them."""
    assert {one.outcome for one in trial.events} <= {"ok", "changed"}, trial
    return [one.printed.strip() for one in reversed(trial.events)]


# crossws


def test_a_draft_meets_events_as_the_hook_met_them() -> None:
    """The newest twenty, each with message and context as they were then; live ones stay as they are."""

    async def scene(stage: crossws.Stage) -> None:
        chain = stage.bench.chain("message")
        chain.attach(shout)
        chain.attach(echo)
        ws, other = await stage.connect(), await stage.connect()
        for number in range(22):
            ws.send(f"m{number}")
        await crossws.turns(20)
        assert len(ws.received()) == 22
        events = len(stage.bench.trace.dispatches)

        first = tried(stage.bench, "message", "shout", MEDDLE.format("shout"))
        second = tried(stage.bench, "message", "echo", MEDDLE.format("echo"))

        # `peer.context` of the first event had no count yet, and that message was not upper case yet
        assert printed(first) == [f"m{number} {number or None}" for number in range(2, 22)]
        assert printed(second) == [f"M{number} {number or None}" for number in range(2, 22)]
        assert first.count("changed") == 20
        assert (first.skipped, first.problems) == ("", ())
        await crossws.turns(20)
        assert ws.received() == other.received() == []
        peer = next(iter(stage.bench.peers["/"]))
        assert (peer.context, peer.topics, peer.websocket.ready_state) == ({"count": 22}, set(), 1)
        assert len(stage.bench.trace.dispatches) == events

    crossws.play(scene)


MEDDLE = """
def {}(peer, message):
    print(message.text(), peer.context.get("count"))
    peer.context.count = "spoilt"
    message.raw_data = "spoilt"
    peer.subscribe("spoilt")
    for one in peer.peers:
        one.send("spoilt")
    peer.publish("spoilt", "spoilt", to_self=True)
    peer.close()
"""


def test_what_raises_where_the_live_version_does_not_stays_a_draft() -> None:
    """The problem names line, error and events; `anyway` takes it in all the same."""

    async def scene(stage: crossws.Stage) -> None:
        chain = stage.bench.chain("message")
        chain.attach(shout)
        ws = await stage.connect()
        for text in ("one", "", "two"):
            ws.send(text)
        await crossws.turns()
        text = "def shout(peer, message):\n    message.raw_data = message.text()[0]\n"

        with pytest.raises(NotRewritten, match="keeps version 1, as the draft has problems; anyway=True"):
            chain.rewrite("shout", text)
        check = chain.check("shout", text)
        (problem,) = check.problems
        assert problem.line == 2
        says = "IndexError: string index out of range (line 2) when tried on event "
        assert problem.message.startswith(says)
        assert [one.outcome for one in check.trial.events] == ["changed", "raised", "changed"]
        assert chain[0].function is shout

        assert chain.rewrite("shout", text, anyway=True).version == 2
        assert stage.bench.board.journal[-1].python.endswith(", anyway=True)")
        assert chain.check("shout", text + "    # as bad as before\n").problems == ()

    crossws.play(scene)


def test_what_a_draft_raises_on_purpose_is_no_problem() -> None:
    """Hooks refuse things by raising, so a raise statement of the draft's own is meant."""

    async def scene(stage: crossws.Stage) -> None:
        stage.bench.chain("message").attach(shout)
        ws = await stage.connect()
        ws.send("one")
        await crossws.turns()

        meant = tried(
            stage.bench, "message", "shout", "def shout(p, m):\n    raise ValueError('no ' + m.text())"
        )
        nested = tried(stage.bench, "message", "shout", "def shout(p, m):\n    raise ValueError(m.nothing)")
        ends = tried(stage.bench, "message", "shout", "def shout(p, m):\n    raise SystemExit")

        (event,) = meant.events
        assert (event.outcome, event.says, event.line) == ("raised", "ValueError: no one (line 2)", 2)
        assert meant.problems == ()
        assert "AttributeError" in nested.problems[0].message
        assert "SystemExit" in ends.problems[0].message

    crossws.play(scene)


def test_a_draft_without_end_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stopped and told to be late, with the line at which it was; what waits for ever is cancelled."""
    monkeypatch.setattr(module, "SECONDS", 0.1)

    async def scene(stage: crossws.Stage) -> None:
        stage.bench.chain("message").attach(shout)
        ws = await stage.connect()
        ws.send("one")
        ws.send("two")
        await crossws.turns()
        threads = threading.active_count()

        spins = tried(stage.bench, "message", "shout", "def shout(p, m):\n    while True:\n        n = 1\n")
        waits = tried(stage.bench, "message", "shout", WAITS)

        assert [one.outcome for one in spins.events] == ["late"]
        said = (
            r"Still running after 0\.1 s \(line \d\) when tried on event \d; version 1, which runs now, copes"
        )
        assert re.match(said, spins.problems[0].message)
        assert spins.skipped == "1 of 2 events were not tried, as time was over."
        assert [(one.outcome, one.line, one.printed) for one in waits.events] == [("late", 6, "begins\n")] * 2
        assert threading.active_count() == threads

    crossws.play(scene)


WAITS = """
async def shout(peer, message):
    import asyncio
    print("begins")
    asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(60)
"""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("def shout(p, m):\n    bench.chain('message').clear()", "An edit of the board"),
        ("def shout(p, m):\n    bench.undo()", "An edit of the board"),
        ("async def shout(p, m):\n    import asyncio\n    bench.run(asyncio.sleep(0))", "bench.run"),
    ],
)
def test_a_draft_that_needs_the_live_bench_is_not_tried_to_the_end(text: str, what: str) -> None:
    """What it asks for is not done, and it is said why; that is no problem of the draft."""
    bench = Workbench("crossws", name="reaching")
    space: dict[str, Any] = {"bench": bench}
    exec("def shout(p, m): pass", space)
    bench.chain("message").attach(space["shout"])

    async def talk() -> None:
        async with connect(bench.ws_url or "", proxy=None) as ws:
            await ws.send("one")
            await asyncio.sleep(0.05)

    with serving(bench):
        asyncio.run(talk())
        trial = tried(bench, "message", "shout", text)
        bench.publish("nothing", "said")

    assert trial.events == ()
    assert trial.problems == ()
    assert trial.skipped.startswith(f"1 of 1 events were left: {what}")
    assert [hook.name for hook in bench.chain("message")] == ["shout"]


def test_a_served_bench_answers_while_a_draft_is_tried() -> None:
    """The draft runs in a thread of its own; stand-ins are made on the bench's loop."""
    bench = Workbench("crossws", name="served")
    bench.chain("message").attach(shout)
    bench.chain("message").attach(echo)
    spins = "def shout(p, m):\n    while True:\n        pass\n"

    async def talk() -> None:
        async with connect(bench.ws_url or "", proxy=None) as ws:
            await ws.send("one")
            assert await ws.recv() == "ONE"
            trial = asyncio.create_task(asyncio.to_thread(tried, bench, "message", "shout", spins))
            await asyncio.sleep(0.2)
            assert not trial.done()
            await ws.send("two")
            assert await ws.recv() == "TWO"
            assert [one.outcome for one in (await trial).events] == ["late"]

    with serving(bench):
        asyncio.run(talk())


def test_there_must_be_events_and_stand_ins() -> None:
    """Where nothing was recorded, or a hook touches the outside, the draft is not tried, and it is said."""
    bench = Workbench("crossws", name="untried")
    chain = bench.chain("message")
    chain.attach(shout)
    text = "def shout(peer, message): pass"

    assert tried(bench, "message", "shout", text).skipped == (
        "No event that shout could be tried on is recorded yet."
    )
    chain.set_effects("shout", "outside")
    assert "marked as touching the outside" in tried(bench, "message", "shout", text).skipped
    assert chain.rewrite("shout", text).version == 2
    quiet = Workbench("wookie", name="untried-wookie")
    quiet.chain("connect").attach(lambda _socket: None, name="look")
    skipped = tried(quiet, "connect", "look", "def look(socket): pass").skipped
    assert skipped == "Events of connect are not tried: there are no stand-ins for what its hooks get."


# Feathers


class Notes:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    async def create(self, data: Any, _params: Any = None) -> Any:
        """Keep a note."""
        self.kept.append({**data, "id": len(self.kept)})
        return self.kept[-1]


async def logged(context: Any, following: Any) -> None:
    """Go inwards, and mark the result."""
    await following()
    context.result["logged"] = True


def trim(context: Any) -> None:
    """Trim the text."""
    context.data["text"] = context.data["text"].strip()


def sign(context: Any) -> None:
    """Sign the result."""
    context.result["by"] = {"name": "ada"}


BEFORE = """
def trim(context):
    print(context.type, context.path, context.data, "result" in context)
    context.data["tags"].append("spoilt")
    context.params.query = "spoilt"
"""
AFTER = """
async def sign(context):
    print(context.type, context.data, context.result)
    return {"result": {"other": context.result["id"]}}
"""
AROUND = """
async def logged(context, next):
    print(context.data["text"], context.get("result"), end=", ")
    await next()
    print(context.data["text"], context.result["by"])
    context.result["by"]["name"] = "spoilt"
"""
PLAIN = """
def logged(context, next):
    print(context.path)
    return next()
"""


@pytest.mark.parametrize(
    ("hook", "text", "says"),
    [
        ("trim", BEFORE, "before notes {{'text': ' {0} ', 'tags': []}} False"),
        ("sign", AFTER, "after {{'text': '{0}', 'tags': []}} {{'text': '{0}', 'tags': [], 'id': {1}}}"),
        ("logged", AROUND, "{0}  None, {0} {{'name': 'ada'}}"),
        ("logged", PLAIN, "notes"),
    ],
)
def test_an_onion_is_met_from_where_the_hook_stands(hook: str, text: str, says: str) -> None:
    """Before hooks see data, after hooks the result, around hooks both, as `next` does what it did then."""
    bench = Workbench("feathers", name="notes")
    notes = Notes()
    bench.use("notes", notes)
    chain = bench.chain("notes.create")
    chain.attach(logged)
    chain.attach(trim, kind="before")
    chain.attach(sign, kind="after")

    async def call() -> None:
        for letter in "ab":
            await bench.service("notes").create({"text": f" {letter} ", "tags": []})

    with serving(bench):
        asyncio.run(call())
        kept = repr(notes.kept)
        trial = tried(bench, "notes.create", hook, text)

    assert printed(trial) == [says.format("a", 0), says.format("b", 1)]
    assert (trial.count("changed"), trial.skipped) == (0 if text == PLAIN else 2, "")
    assert repr(notes.kept) == kept


def test_a_draft_calls_no_service() -> None:
    """Whether it awaits one of its own or of the application."""
    bench = Workbench("feathers", name="calls")
    notes = Notes()
    bench.use("notes", notes)
    bench.chain("notes.create").attach(trim, kind="before")
    asyncio.run(bench.service("notes").create({"text": "a"}))

    for call in ("context.service.create({})", "context.app.service('notes').create({})"):
        trial = tried(bench, "notes.create", "trim", f"async def trim(context):\n    await {call}\n")
        assert trial.events == ()
        assert "A call of a service is not done" in trial.skipped
    idle = "async def trim(context):\n    return None\n"
    assert tried(bench, "notes.create", "trim", idle).count("ok") == 1
    assert len(notes.kept) == 1


def test_an_around_draft_goes_inwards_once() -> None:
    """As in a live call; and one that does not go inwards is met by nothing there."""
    bench = Workbench("feathers", name="inwards")
    bench.use("notes", Notes())
    chain = bench.chain("notes.create")
    chain.attach(logged)
    asyncio.run(bench.service("notes").create({"text": "a"}))

    twice = "async def logged(context, next):\n    await next()\n    await next()\n"
    (problem,) = tried(bench, "notes.create", "logged", twice).problems

    assert "NextCalledTwice" in problem.message


# Directus


def test_filters_and_actions_are_told_the_event_that_they_were_told() -> None:
    """A filter gets the payload that the ones before it left; nothing is written, nobody is told."""

    def exclaim(payload: Any) -> Any:
        return {**payload, "text": payload["text"] + "!"}

    def tidy(payload: Any) -> Any:
        return {**payload, "text": payload["text"].strip()}

    def count(meta: Any) -> None:
        del meta

    def look(message: Any) -> Any:
        return message

    with directus.serving() as bench, directus.person(bench) as person:
        bench.chain("filter items.create").attach(exclaim)
        bench.chain("filter messages.items.create").attach(tidy)
        bench.chain("action messages.items.create").attach(count)
        bench.chain("filter websocket.message").attach(look)
        person.items("create", data={"text": " a "})
        directus.until(lambda: "action messages.items.create" in set(bench.trace.dispatches.point))

        early = tried(
            bench, "filter", "exclaim", "def f(payload, meta):\n    print(meta.event, payload['text'])\n"
        )
        late = tried(bench, "filter", "tidy", TIDY)
        acted = tried(
            bench, "action", "count", "async def f(meta, context):\n    print(meta.event, meta.payload)\n"
        )
        heard = tried(
            bench, "filter", "look", "def f(message, meta):\n    meta.client.send('x')\n    return 'y'\n"
        )
        written = tried(bench, "action", "count", WRITES)

        assert printed(early) == ["items.create  a"]
        assert printed(late) == ["messages.items.create  a !"]
        assert (early.count("ok"), late.count("changed"), heard.count("changed")) == (1, 1, 1)
        assert printed(acted) == ["messages.items.create {'text': 'a !'}"]
        assert person.silent()
        assert written.events == ()
        assert "is not done for a draft" in written.skipped
        assert person.items("read")["data"][0]["text"] == "a !"
        assert len(person.items("read")["data"]) == 1


EARLY = """
def exclaim(payload, meta):
    print(meta.event, payload["text"])
"""
ACTED = """
async def count(meta, context):
    print(meta.event, meta.payload)
"""
HEARD = """
def look(message, meta):
    meta.client.send("spoilt")
    return "another"
"""
TIDY = """
def tidy(payload, meta, context):
    print(meta.event, payload["text"])
    context.accountability["admin"] = True
    payload["text"] = "spoilt"
    return payload
"""
WRITES = """
async def count(meta, context):
    import workbench.dialects.directus
    from workbench.bench.registry import benches
    bench = next(bench for bench in benches.values() if bench.dialect == "directus" and bench.running)
    await bench.items("messages").create_one({"text": "spoilt"})
"""


# Wookie


def test_requests_are_met_with_what_earlier_hooks_left() -> None:
    """Headers and data are those of then, the body is whole; the connection stays open."""

    def user(request: Any, response: Any) -> None:
        request.data = {"user": "ada"}
        response.headers["x-user"] = "ada"

    def after(request: Any, response: Any) -> None:
        response.headers["x-after"] = request.data["user"]

    async def scene(stage: wookie.Stage) -> None:
        chain = stage.bench.chain("pre-route")
        chain.attach(user)
        chain.attach(after)
        stage.route(lambda request, response: response.send_response(body=request.data["user"]))
        assert (await stage.post(b"body")).status == 200
        await wookie.turns()

        first = tried(stage.bench, "pre-route", "user", REFUSE.format("user"))
        second = tried(stage.bench, "pre-route", "after", REFUSE.format("after"))

        assert printed(first) == ["POST / None b'body' {}"]
        assert printed(second) == ["POST / {'user': 'ada'} b'body' {'x-user': 'ada'}"]
        assert first.count("changed") == second.count("changed") == 1
        assert (await stage.post(b"again")).headers["x-after"] == "ada"

    wookie.play(scene)


REFUSE = """
async def {}(request, response):
    print(request.method, request.path, request.data, request.body, dict(response.headers.items()))
    request.data = "spoilt"
    response.headers["x-spoilt"] = "1"
    response.send_response(status=500)
    request.socket.close()
"""


# Hocuspocus


def test_documents_are_copies_with_their_own_methods() -> None:
    """A draft may write into one, broadcast and close; the document and its people notice nothing."""

    def authenticate(data: Any) -> Any:
        return {"user": data.token}

    def changed(data: Any) -> None:
        data.context["changes"] = data.context.get("changes", 0) + 1

    async def scene(stage: hocuspocus.Stage) -> None:
        stage.bench.chain("onAuthenticate").attach(authenticate)
        stage.bench.chain("onChange").attach(changed)
        client = await stage.entered(token="secret")
        client.send(client.frames.sync(2, hocuspocus.change(a=1)))
        await stage.until(lambda: "onChange" in set(stage.bench.trace.dispatches.point))

        signed = tried(stage.bench, "onAuthenticate", "authenticate", AUTHENTICATE)
        written = tried(stage.bench, "onChange", "changed", CHANGED)

        assert printed(signed) == ["secret {}"]
        assert printed(written) == ["doc None {'a': 1.0} 1\n['a', 'spoilt']"]
        document = stage.app.registry.loaded["doc"]
        assert document.get_map("m").to_py() == {"a": 1.0}
        assert (document.get_connections_count(), stage.escaped) == (1, [])
        assert [connection.context for connection in document.connections] == [
            {"user": "secret", "changes": 1}
        ]

    hocuspocus.play(scene)


AUTHENTICATE = """
def authenticate(data):
    print(data.token, dict(data.context))
    data.connection_config.read_only = True
    return {"user": "spoilt"}
"""
CHANGED = """
def changed(data):
    document = data.document
    print(data.document_name, data.context.get("changes"), document.get_map("m").to_py(), end=" ")
    print(len(document.connections))
    data.context["user"] = "spoilt"
    document.transact(lambda document: document.get_map("m").update({"spoilt": 1}))
    print(sorted(document.get_map("m").to_py()))
    document.broadcast_stateless("spoilt")
    for connection in document.get_connections():
        connection.close()
    data.instance.close_connections("doc")
"""


# what the objects are called


def says(bench: Any, point: str, hook: str, expression: str) -> str:
    """Give what a draft raises that looks at this, on the one event that there was."""
    check = bench.chain(point).check(hook, f"def {hook}(one, *more):\n    {expression}\n")
    (event,) = check.trial.events
    return str(event.says)


def test_mistakes_in_a_draft_are_told_with_the_names_that_people_know() -> None:
    """Stand-ins are called what they stand in for, in all systems."""

    async def crossws_scene(stage: crossws.Stage) -> None:
        chain = stage.bench.chain("message")
        chain.attach(shout)
        stage.bench.chain("upgrade").attach(lambda _request: None, name="look")
        (await stage.connect()).send("one")
        await crossws.turns()
        assert says(stage.bench, "message", "shout", "one.sent").startswith(
            "AttributeError: 'Peer' object has no attribute 'sent'"
        )
        assert says(stage.bench, "message", "shout", "one.send(loudly=1)").startswith(
            "TypeError: Peer.send() got an unexpected keyword argument 'loudly'"
        )
        assert "'Request' object" in says(stage.bench, "upgrade", "look", "one.urll")

    async def wookie_scene(stage: wookie.Stage) -> None:
        stage.bench.chain("pre-route").attach(lambda _request, _response: None, name="look")
        stage.route(lambda _request, response: response.send_response(body="here"))
        await stage.post(b"body")
        await wookie.turns()
        for expression, name in (
            ("one.paths", "Request"), ("more[0].statuss", "Response"), ("more[0].headers.gett", "Headers"),
            ("one.socket.shut()", "Socket"), ("more[0].start_response().send()", "ResponseStream"),
        ):  # fmt: skip
            assert f"'{name}' object" in says(stage.bench, "pre-route", "look", expression)

    async def hocuspocus_scene(stage: hocuspocus.Stage) -> None:
        stage.bench.chain("onChange").attach(lambda _data: None, name="look")
        client = await stage.entered()
        client.send(client.frames.sync(2, hocuspocus.change(a=1)))
        await stage.until(lambda: "onChange" in set(stage.bench.trace.dispatches.point))
        assert "'Document' object" in says(stage.bench, "onChange", "look", "one.document.mapp")
        assert "'DocumentConnection' and 'int'" in says(stage.bench, "onChange", "look", "one.connection + 1")

    crossws.play(crossws_scene)
    wookie.play(wookie_scene)
    hocuspocus.play(hocuspocus_scene)

    bench = Workbench("feathers", name="named")
    bench.use("notes", Notes())
    bench.chain("notes.create").attach(trim, kind="before")
    asyncio.run(bench.service("notes").create({"text": "a"}))
    assert says(bench, "notes.create", "trim", "one.dat").startswith(
        "AttributeError: there is no 'dat' in this HookContext; did you mean 'data'"
    )

    with directus.serving() as served, directus.person(served) as person:
        served.chain("filter websocket.message").attach(lambda payload: payload, name="look")
        person.items("read")
        directus.until(lambda: bool(len(served.trace.dispatches)))
        assert "'Client' object" in says(served, "filter", "look", "more[0].client.sent")
