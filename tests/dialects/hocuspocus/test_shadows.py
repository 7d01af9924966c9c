"""Shadow hooks see payloads, documents and connections; nobody outside notices them."""

from __future__ import annotations

import threading
from typing import Any

from tests.dialects.hocuspocus.support import Stage, change, play
from workbench.dialects.hocuspocus.shadows import ShadowDocument
from workbench.engine.hooks import Scope

SHADOW = Scope(shadow=True)


def test_a_shadow_hook_writes_into_a_copy_of_the_document() -> None:
    """With the document's own methods; its people are told of nothing, and stay."""
    seen: list[Any] = []

    def shadow(data: Any) -> None:
        document = data.document
        seen.append((document.name, document.get_map("m").to_py(), document.get_connections_count()))
        document.transact(lambda document: document.get_map("m").update({"b": 2}))
        document.apply(change(9, c=3), None)
        seen.append(sorted(document.get_map("m").to_py()))
        document.broadcast_stateless("shadow")
        for connection in document.get_connections():
            seen.append(connection.context.user)
            connection.send_stateless("shadow")
            connection.read_only = True
            connection.close()
        document.flush()
        document.destroy()
        data.context["user"] = "eve"

    async def scene(stage: Stage) -> None:
        stage.bench.chain("onAuthenticate").attach(lambda _data: {"user": "ada"}, name="user")
        stage.bench.chain("onChange").attach(shadow, scope=SHADOW)
        client = await stage.entered()
        client.send(client.frames.sync(2, change(a=1)))
        await stage.until(lambda: len(seen) == 3)
        document = stage.app.registry.loaded["doc"]
        (connection,) = document.connections

        assert seen == [("doc", {"a": 1.0}, 1), ["a", "b", "c"], "ada"]
        assert document.get_map("m").to_py() == {"a": 1.0}
        assert (connection.read_only, connection.context) == (False, {"user": "ada"})
        client.send(client.frames.sync(2, change(8, d=4)))
        await stage.until(lambda: len(seen) == 6)
        assert stage.escaped == []

    play(scene)


def test_a_copy_may_be_touched_on_another_thread() -> None:
    """The document itself is its loop's alone."""

    async def scene(stage: Stage) -> None:
        client = await stage.entered()
        client.send(client.frames.sync(2, change(a=1)))
        await stage.until(lambda: "doc" in stage.app.registry.loaded)
        document = stage.app.registry.loaded["doc"]
        await stage.until(lambda: document.get_map("m").to_py())
        copy = ShadowDocument(document)
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(copy.get_map("m").to_py()))
        thread.start()
        thread.join()

        assert found == [{"a": 1.0}]
        assert copy.awareness.states == document.awareness.states

    play(scene)
