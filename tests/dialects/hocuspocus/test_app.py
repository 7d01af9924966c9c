"""The application on a bench: documents, reports, failures, stopping, and what it offers beside the hooks."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from tests.dialects.hocuspocus.support import Stage, change, play
from workbench import Response, Workbench
from workbench.dialects.hocuspocus import reject, wire
from workbench.dialects.hocuspocus.errors import UnsavedDocuments
from workbench.dialects.reports import Documented
from workbench.engine.errors import WorkbenchError
from workbench.testing.memory import Refused
from workbench.testing.ports import free_port


def failing(_: Any) -> None:
    """Refuse to store."""
    raise OSError("disk full")


def test_documents_are_reported() -> None:
    """Connections, awareness, the clock, counts and content, for the panel."""

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onAuthenticate=lambda data: {"user": data.token}, debounce=30.0)
        assert isinstance(stage.app, Documented)
        client = await stage.entered("notes", "Ada")
        client.send(client.frames.sync(wire.UPDATE, change(x=1)))
        await client.next("status")
        entry = wire.encoded_awareness([wire.AwarenessEntry(5, 1, {"name": "Ada"})])
        client.send(client.frames.awareness(entry))
        await client.next("awareness")
        (report,) = stage.bench.documents()
        assert (report.name, report.state, report.unsaved) == ("notes", "waiting", 1)
        assert [one["label"] for one in report.connections] == ["Ada"]
        assert report.awareness == [{"client": 5, "state": {"name": "Ada"}}]
        assert report.due is not None
        assert 25 < report.due - time.time() <= 30
        assert (report.debounce, report.max_debounce, len(report.changes)) == (30.0, 10.0, 1)
        assert report.content == 'm: {"x": 1.0}'

    play(scene)


def test_connections_are_named_after_the_user_or_not_at_all() -> None:
    """`user` may be a text or a mapping; where no hook gave one, the number alone says which it is."""
    users: dict[str, object] = {
        "text": "Ada",
        "name": {"id": 7, "name": "Grace"},
        "id": {"id": 7},
        "other": {},
    }

    async def scene(stage: Stage) -> None:
        stage.bench.configure(
            onAuthenticate=lambda data: {"user": users[data.token]} if data.token in users else None
        )
        for token in (*users, "nobody"):
            await stage.entered("notes", token)
        (report,) = stage.bench.documents()
        assert [one["label"] for one in report.connections] == ["Ada", "Grace", "7", "", ""]

    play(scene)


def test_refused_documents_are_reported() -> None:
    """With the reason, until somebody loads them."""

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onLoadDocument=lambda _: reject(reason="not yours"))
        client = await stage.connect("secret")
        await client.enter()
        assert await client.next() == ("denied", "not yours")
        (report,) = stage.bench.documents()
        assert (report.name, report.state, report.reason) == ("secret", "refused", "not yours")

    play(scene)


def test_a_panel_in_another_thread_gets_the_reports() -> None:
    """The document is read on its loop."""
    bench: Any = Workbench("hocuspocus", name="threads", database=None).start(port=free_port())
    try:
        assert bench.documents() == []
        direct = bench.run(bench.open_direct_connection("doc"))
        bench.run(direct.transact(lambda document: document.get_text("t").insert(0, "hello")))
        (report,) = bench.documents()
        assert report.content == "t: hello"
        with pytest.raises(WorkbenchError, match="open_direct_connection"):
            bench.document("doc").get_text("t")
    finally:
        bench.stop()
    assert bench.documents() == []


def test_a_stop_keeps_what_no_store_takes(tmp_path: Path) -> None:
    """It tries once more, names the document, keeps a file, and the next load takes it up."""
    folder = tmp_path / "unsaved"

    async def lost(stage: Stage) -> None:
        stage.bench.configure(onStoreDocument=failing, debounce=0.01)
        client = await stage.entered("plan/7")
        client.send(client.frames.sync(wire.UPDATE, change(x=1)))
        await stage.until(lambda: [report.state for report in stage.bench.documents()] == ["failed"])
        assert stage.bench.documents()[0].reason == "disk full"
        await client.ws.close()
        await stage.until(lambda: stage.bench.get_connections_count() == 0)
        assert stage.bench.get_documents_count() == 1

    began = time.monotonic()
    stage = play(lost, recovery=str(folder))
    assert time.monotonic() - began < 10
    unsaved = stage.app.unsaved
    assert isinstance(unsaved, UnsavedDocuments)
    assert unsaved.documents == ["plan/7"]
    assert "plan/7" in stage.app.farewell()
    assert any("Not stored: 'plan/7'" in text for text in stage.escaped)
    (file,) = (path for path in folder.rglob("*") if path.is_file())

    async def found(stage: Stage) -> None:
        stored: list[str] = []
        stage.bench.configure(onStoreDocument=lambda data: stored.append(data.document_name), debounce=0.01)
        await stage.entered("plan/7")
        await stage.until(lambda: stored)
        await stage.until(lambda: not file.exists())
        assert stage.bench.documents()[0].content == 'm: {"x": 1.0}'

    assert play(found, recovery=str(folder)).app.unsaved is None


def test_a_stop_stores_what_waits(tmp_path: Path) -> None:
    """By the database that is there by default, a SQLite file."""
    url = f"sqlite:///{tmp_path / 'kept.sqlite'}"

    async def write(stage: Stage) -> None:
        client = await stage.entered()
        client.send(client.frames.sync(wire.UPDATE, change(x=1)))
        await client.next("status")

    assert play(write, database=url, debounce=30.0).app.unsaved is None

    async def read(stage: Stage) -> None:
        await stage.entered()
        await stage.until(stage.bench.get_documents_count)
        assert stage.bench.documents()[0].content == 'm: {"x": 1.0}'

    play(read, database=url)


def test_a_hanging_store_does_not_keep_a_server_from_stopping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Within ten seconds, over real sockets; what it holds is in the recovery file."""

    async def hang(_: Any) -> None:
        await asyncio.sleep(3600)

    bench: Any = Workbench("hocuspocus", name="hangs", database=None, recovery=str(tmp_path), debounce=30.0)
    bench.configure(onStoreDocument=hang)
    bench.on_error(lambda _: None)
    bench.start(port=free_port())
    direct = bench.run(bench.open_direct_connection("doc"))
    bench.run(direct.transact(lambda document: document.get_map("m").update({"x": 1})))
    began = time.monotonic()
    bench.stop()
    assert time.monotonic() - began < 10
    assert (tmp_path / "hangs" / "doc.yjs").exists()
    assert "Not stored: 'doc'" in capsys.readouterr().out
    assert "Not stored: 'doc'" in bench.state[1]


def test_listen_raises_what_on_listen_raises() -> None:
    """And the port stays open."""
    bench: Any = Workbench("hocuspocus", name="listens", database=None)
    heard: list[int] = []

    def refuse(data: Any) -> None:
        heard.append(data.port)
        raise RuntimeError("no")

    try:
        with pytest.raises(RuntimeError, match="no"):
            bench.listen(free_port(), refuse)
        assert bench.running
        assert heard == [bench.port]
    finally:
        bench.stop()


def test_what_each_hook_added_to_the_context_is_in_the_trace() -> None:
    """Hook by hook, though all see the context from before the hook (9)."""

    async def scene(stage: Stage) -> None:
        stage.bench.hook("onConnect", name="one")(lambda: {"a": 1})
        stage.bench.hook("onConnect", name="two")(lambda: {"b": 2})
        await stage.entered()
        frame = stage.bench.trace.dispatches
        dispatch = int(frame[frame.point == "onConnect"].dispatch.iloc[0])
        changes = stage.bench.trace.changes(dispatch)
        assert list(changes.hook) == ["one", "two"]
        assert [str(path) for path in changes.path] == ["context.a", "context.b"]
        calls = stage.bench.trace.calls
        assert list(calls[calls.dispatch == dispatch].outcome) == ["changed", "changed"]

    play(scene)


@pytest.mark.parametrize(
    "hook", ["onChange", "onAwarenessUpdate", "onStateless", "onDisconnect", "onConfigure"]
)
def test_what_ends_the_original_is_told(hook: str) -> None:
    """The rejection is caught, the client is served on, and the document is unloaded all the same."""

    async def scene(stage: Stage) -> None:
        stage.bench.configure({hook: failing})
        client = await stage.entered()
        client.send(client.frames.sync(wire.UPDATE, change(x=1)), client.frames.stateless("hello"))
        client.send(client.frames.awareness(wire.encoded_awareness([wire.AwarenessEntry(5, 1, {})])))
        assert await client.next("status") == ("status", 1)
        await client.ws.close()
        await stage.until(lambda: stage.bench.get_documents_count() == 0)
        assert "disk full" in stage.escaped

    play(scene)


@pytest.mark.parametrize("hook", ["beforeHandleMessage", "beforeSync", "beforeHandleAwareness"])
def test_a_rejection_with_nothing_closes_the_document(hook: str) -> None:
    """32: where the original's handler crashes and the connection hangs."""

    def refuse(_: Any) -> None:
        reject()

    async def scene(stage: Stage) -> None:
        stage.bench.configure({hook: refuse})
        client = await stage.entered()
        client.send(client.frames.awareness(wire.encoded_awareness([wire.AwarenessEntry(5, 1, {})])))
        client.send(client.frames.sync(wire.STEP_1, b"\0"))
        assert await client.next("close") == ("close", "Reset Connection")
        assert (await client.enter())[0] == "authenticated"

    play(scene)


def test_an_upgrade_may_be_refused() -> None:
    """By a response, with nothing, and by an error, which is a 500 here."""

    def on_upgrade(data: Any) -> Any:
        if data.request.path == "/response":
            return Response("no", status=402)
        if data.request.path == "/nothing":
            reject()
        if data.request.path == "/error":
            raise RuntimeError("broken")
        return None

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onUpgrade=on_upgrade)
        for path, status in (("/response", 402), ("/nothing", 403), ("/error", 500)):
            with pytest.raises(Refused) as caught:
                await stage.client.connect(path)
            assert caught.value.response.status == status
        await stage.entered()

    assert play(scene).escaped == ["broken"]


def test_a_stop_stores_unloads_and_says_goodbye() -> None:
    """48: in this order; a vetoed unload does not make it wait."""
    ran: list[str] = []

    async def scene(stage: Stage) -> None:
        hooks = ("onDisconnect", "onStoreDocument", "afterUnloadDocument", "onDestroy")
        for hook in hooks:
            stage.bench.hook(hook, name=hook)(partial(ran.append, hook))
        stage.bench.hook("beforeUnloadDocument")(failing)
        stage.bench.configure(debounce=30.0)
        client = await stage.entered()
        client.send(client.frames.sync(wire.UPDATE, change(x=1)))
        await client.next("status")
        await client.ws.close()
        await stage.until(lambda: "onStoreDocument" in ran)

    play(scene)
    assert ran == ["onDisconnect", "onStoreDocument", "afterUnloadDocument", "onDestroy"]


def test_http_answers_of_hooks() -> None:
    """A returned or raised response, a written one with a rejection, and an error, which is a 500 here."""

    def on_request(data: Any) -> Any:
        path = data.request.path
        if path == "/returned":
            return Response("returned")
        if path == "/raised":
            raise Response("raised", status=418)
        if path == "/late":
            data.response.end("first")
        if path == "/broken":
            raise RuntimeError("broken")
        return None

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onRequest=on_request)
        answers = {
            path: await stage.client.fetch("GET", path)
            for path in ("/", "/returned", "/raised", "/late", "/broken")
        }
        assert {path: (answer.status, answer.text()) for path, answer in answers.items()} == {
            "/": (200, "Welcome to Hocuspocus!"),
            "/returned": (200, "returned"),
            "/raised": (418, "raised"),
            "/late": (200, "first"),
            "/broken": (500, "Internal Server Error"),
        }

    assert play(scene).escaped == ["broken"]


def test_direct_connections_from_a_cell() -> None:
    """Awaited on another loop; the document is changed on its own."""
    bench: Any = Workbench("hocuspocus", name="cells", database=None).start(port=free_port())

    async def cell() -> str:
        async with await bench.open_direct_connection("doc", {"user": "me"}) as direct:
            await direct.transact(lambda document: document.get_text("t").insert(0, "hi"))
            content: str = bench.documents()[0].content
        with pytest.raises(WorkbenchError, match="closed"):
            await direct.transact(lambda _: None)
        return content

    try:
        assert asyncio.run(cell()) == "t: hi"
    finally:
        bench.stop()


def test_configuring_again_makes_the_first_one_an_extension() -> None:
    """3: it counts as priority 100 from then on, and the second runs last."""

    async def scene(stage: Stage) -> None:
        ran: list[str] = []
        stage.bench.configure(onConnect=lambda _: ran.append("first"))
        low = {"priority": 50, "onConnect": lambda _: ran.append("low")}
        stage.bench.configure(onConnect=lambda _: ran.append("second"), extensions=[low])
        await stage.entered()
        assert ran == ["first", "low", "second"]

    play(scene)


def test_on_create_document_of_the_configuration_stands_switched_off() -> None:
    """14, Q06: an extension's options count."""

    async def scene(stage: Stage) -> None:
        stage.bench.configure(
            onCreateDocument=lambda _: {"client_id": 1},
            extensions=[{"on_create_document": lambda _: {"client_id": 2}}],
        )
        await stage.entered()
        await stage.until(stage.bench.get_documents_count)
        assert stage.bench.document("doc").client_id == 2
        assert [hook.enabled for hook in stage.bench.chain("onCreateDocument").hooks] == [True, False]

    play(scene)


def test_unknown_names_are_refused() -> None:
    """With the near ones."""
    bench: Any = Workbench("hocuspocus", name="names", database=None)
    with pytest.raises(WorkbenchError, match="onConnect"):
        bench.configure(onConect=failing)
    with pytest.raises(WorkbenchError, match="max_debounce"):
        bench.configure(max_debunce=1)
    with pytest.raises(WorkbenchError, match="There is no hook"):
        bench.configure(extensions=[object()])


def test_a_dispatch_finishes_on_its_revision() -> None:
    """6: an edit in the middle counts from the next call on, and a moment says that it happened."""

    async def scene(stage: Stage) -> None:
        ran: list[str] = []

        async def edit(_: Any) -> None:
            stage.bench.chain("onConnect").remove("second")
            await asyncio.sleep(0)

        stage.bench.hook("onConnect", name="first", priority=200)(edit)
        stage.bench.hook("onConnect", name="second")(lambda _: ran.append("second"))
        await stage.entered()
        assert ran == ["second"]
        assert any("finished on revision" in text for text in stage.moments())

    play(scene)


def test_hooks_of_the_bench_have_the_default_priority() -> None:
    """1: 100 where none is named."""
    bench: Any = Workbench("hocuspocus", name="prio", database=None)
    bench.hook("onConnect", name="usual")(lambda: None)
    bench.hook("onConnect", name="ahead", priority=200)(lambda: None)
    chain = bench.chain("onConnect")
    assert [(hook.name, hook.priority) for hook in chain] == [("ahead", 200), ("usual", 100)]
    assert "priority 100" in chain.why("usual")


def test_malformed_frames_are_in_the_trace() -> None:
    """34, 62: with what was wrong."""

    async def scene(stage: Stage) -> None:
        client = await stage.entered()
        client.send(client.frames.sync(9, b""))
        assert await client.next() == ("close", "Reset Connection")
        client.send(b"\xff\xff")
        await client.ws.wait_closed()
        errors = [row.error for row in stage.bench.trace.failures.rows()]
        assert any("type 0, 1 or 2, not 9" in error for error in errors)
        assert any("MalformedFrame" in error for error in errors)

    play(scene)


def test_clients_that_fall_silent_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their awareness expires, and the others are told."""
    monkeypatch.setattr("workbench.dialects.hocuspocus.awareness.OUTDATED", 0.0)
    monkeypatch.setattr("workbench.dialects.hocuspocus.document._CHECK", 0.05)

    async def scene(stage: Stage) -> None:
        client = await stage.entered()
        client.send(client.frames.awareness(wire.encoded_awareness([wire.AwarenessEntry(5, 1, {"a": 1})])))
        assert await client.next("awareness") == ("awareness", [(5, 1, {"a": 1})])
        assert await client.next("awareness") == ("awareness", [(5, 1, None)])

    play(scene)


def test_read_only_knows_deletions_from_nothing_new() -> None:
    """49: an update that only deletes holds something new."""

    async def scene(stage: Stage) -> None:
        await stage.client.fetch("GET", "/")  # the bench learns its loop
        direct = await stage.bench.open_direct_connection("doc")
        await direct.transact(lambda document: document.get_text("t").insert(0, "hello"))
        document = stage.bench.document("doc")
        copy: Doc[Any] = Doc()
        copy.apply_update(document.get_update())
        assert document.holds(copy.get_update())
        text = document.get_text("t")
        assert str(text) == "hello"
        del copy.get("t", type=Text)[1:3]
        assert not document.holds(copy.get_update())
        document.apply(copy.get_update(), None)
        assert document.holds(copy.get_update())
        with pytest.raises(ValueError, match="diff"):
            document.holds(b"\x01\xff")

    play(scene)
