"""The sample of Hocuspocus's own page on hooks, written as it is there, but in Python."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.dialects.hocuspocus.support import Stage, play
from workbench.dialects.hocuspocus import Server, reject
from workbench.dialects.hocuspocus.points import HOOKS
from workbench.engine.errors import WorkbenchError
from workbench.testing.ports import free_port

SEED = (
    "beforeHandleMessage onConnect connected onAuthenticate onAwarenessUpdate onLoadDocument onChange "
    "onDisconnect onListen onDestroy onConfigure onRequest onStoreDocument onUpgrade"
)


def test_the_sample_as_the_page_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Server.configure` with an onAuthenticate that returns an HTTP response, then `server.listen()`."""
    monkeypatch.chdir(tmp_path)
    asked: list[tuple[str, dict[str, str]]] = []

    class axios:  # noqa: N801  # the page's name for it
        @staticmethod
        async def get(path: str, headers: dict[str, str]) -> Any:
            asked.append((path, headers))
            return SimpleNamespace(status=200)

    async def on_authenticate(*, document_name: str, token: str) -> Any:
        assert document_name == "doc"
        return await axios.get("/user", headers={"Authorization": f"Bearer {token}"})

    server = Server.configure(onAuthenticate=on_authenticate, port=free_port())

    server.listen()
    try:
        assert server.running
        assert server.chain("onAuthenticate").hooks[-1].name == "on_authenticate"
    finally:
        server.stop()

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onAuthenticate=on_authenticate)
        client = await stage.connect()
        assert await client.enter("secret") == ("authenticated", "read-write")
        await stage.until(stage.bench.get_connections_count)
        (connection,) = stage.bench.document("doc").get_connections()
        assert connection.context == {}

    play(scene)
    assert asked == [("/user", {"Authorization": "Bearer secret"})]


def test_a_name_that_is_neither_hook_nor_setting_nor_option_is_refused_with_the_near_ones() -> None:
    """A hook's name is near as much as a setting's or an option of the bench."""
    for wrong, meant in (("onAuthenticat", "onAuthenticate"), ("debouce", "debounce"), ("prt", "port")):
        with pytest.raises(WorkbenchError, match=f"no hook or setting '{wrong}'; did you mean .*{meant}"):
            Server.configure({wrong: None})


def test_milliseconds_are_taken_for_what_they_are_and_told() -> None:
    """The manual writes debounce: 2000; a store half an hour after the last change is nobody's wish."""
    with pytest.warns(UserWarning, match="debounce=2000 is in seconds: .* debounce=2 here") as told:
        server = Server.configure(debounce=2000)
    assert told[0].filename == __file__
    assert server.mounts["/"].app.settings.debounce == 2000
    assert repr(server.configure(max_debounce=30)) == "<Hocuspocus of the bench server>"


def test_reject_in_on_connect_refuses_a_user() -> None:
    """Just send `reject()` in the `onConnect()` hook. Nice, isn't it? So the page."""

    def on_connect() -> None:
        reject()

    async def scene(stage: Stage) -> None:
        stage.bench.configure(onConnect=on_connect)
        client = await stage.connect()
        assert await client.enter() == ("denied", "Forbidden")

    assert play(scene).escaped == []


def test_the_fourteen_hooks_of_the_page_are_points() -> None:
    """And each goes by its snake_case name too."""
    assert set(SEED.split()) <= set(HOOKS)
    assert len(HOOKS) == 25
