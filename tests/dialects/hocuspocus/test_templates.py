"""The messages of the console do what they are called."""

from __future__ import annotations

from tests.dialects.hocuspocus.support import Stage, play
from workbench.dialects.hocuspocus.templates import TEMPLATES


def test_each_template_is_understood() -> None:
    """In their order, on one socket: the last one is answered as malformed frames are."""

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onStateless=lambda data: data.connection.send_stateless("pong"))
        client = await stage.connect("notes")
        frames = dict(TEMPLATES)
        for label in ("token", "sync step 1", "change", "awareness", "stateless"):
            frame = frames[label]
            assert isinstance(frame, bytes)
            client.send(frame)
        assert (await client.next())[0] == "authenticated"
        kinds = {(await client.next())[0] for _ in range(6)}
        assert kinds == {"step 1", "step 2", "status", "update", "awareness", "stateless"}
        assert stage.bench.documents()[0].content == "text: hello"
        malformed = frames["malformed"]
        assert isinstance(malformed, bytes)
        client.send(malformed)
        assert await client.next("close") == ("close", "Reset Connection")

    play(scene)
