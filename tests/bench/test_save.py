"""A bench written out as a file does what the bench does."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect

from workbench import Workbench
from workbench.bench.save import CannotSave
from workbench.cli.load import benches_in, load

NOTEBOOK = """
import json
from workbench import Workbench

LOUD = "!"

def emphasised(text):
    return text + LOUD

bench = Workbench("crossws", name="chat", max_message=5000)

@bench.hook("message")
def shout(peer, message):
    message.raw_data = emphasised(message.text().upper())

@bench.hook("message")
def echo(peer, message):
    peer.send(json.dumps({"said": message.text()}))

@bench.hook("message")
def silent(peer, message):
    peer.send("never")

bench.chain("message").enable("silent", False)
"""


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """Three hooks on messages, of which one is off, written by hand as in a notebook."""
    path = tmp_path / "notebook.py"
    path.write_text(NOTEBOOK, encoding="utf-8")
    made: Workbench = load(path).bench
    return made


async def answers(url: str) -> list[str]:
    """What a client hears."""
    async with connect(url, proxy=None) as client:
        heard = []
        for text in ("hi", "bye"):
            await client.send(text)
            heard.append(str(await asyncio.wait_for(client.recv(), 5)))
        return heard


def test_the_same_client_gets_the_same_answers(bench: Workbench, tmp_path: Path) -> None:
    """From the bench, and from the file as `workbench serve` runs it."""
    path = bench.save(tmp_path / "app.py")
    (again,) = benches_in(load(path), path, None)
    assert [hook.name for hook in again.board.state.hooks()] == ["shout", "echo", "silent"]
    assert again.serving.options.max_message == 5000
    bench.start()
    assert bench.ws_url
    expected = asyncio.run(answers(bench.ws_url))
    bench.stop()
    again.start()
    assert again.ws_url
    assert asyncio.run(answers(again.ws_url)) == expected == ['{"said": "HI!"}', '{"said": "BYE!"}']
    again.stop()


def test_uvicorn_runs_the_file(bench: Workbench, tmp_path: Path) -> None:
    """Its `asgi` is the application."""
    module = load(bench.save(tmp_path / "app.py"))

    async def run() -> list[str]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = uvicorn.Server(uvicorn.Config(module.asgi, log_level="warning", ws="websockets-sansio"))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                return await answers(f"ws://127.0.0.1:{listening.getsockname()[1]}/")
            finally:
                server.should_exit = True
                await serving

    assert asyncio.run(run()) == ['{"said": "HI!"}', '{"said": "BYE!"}']


def test_saving_what_was_saved_changes_nothing(bench: Workbench, tmp_path: Path) -> None:
    """But for the revision that the file names."""
    first = bench.save(tmp_path / "one.py").read_text(encoding="utf-8")
    (again,) = benches_in(load(tmp_path / "one.py"), tmp_path / "one.py", None)
    second = again.save(tmp_path / "two.py").read_text(encoding="utf-8")
    assert first.splitlines()[1:] == second.splitlines()[1:]


def test_a_hook_that_stands_on_a_live_object_is_named_with_its_line(bench: Workbench, tmp_path: Path) -> None:
    """Nothing is written then, unless it is to be left out."""
    held = socket.socket()

    def keeper(peer: Any, message: Any) -> None:
        del peer, message
        held.fileno()

    bench.chain("message").attach(keeper)
    bench.chain("message").attach(lambda peer, message: None, name="short")  # noqa: ARG005
    with pytest.raises(CannotSave) as refused:
        bench.save(tmp_path / "app.py")
    held.close()
    line = keeper.__code__.co_firstlineno
    assert f"keeper closes over held, a live socket ({__file__}, line {line})" in str(refused.value)
    assert "short" in str(refused.value)
    assert not (tmp_path / "app.py").exists()
    text = bench.save(tmp_path / "app.py", leave_out=True).read_text(encoding="utf-8")
    assert "# left out: keeper" in text
    assert [hook.name for hook in load(tmp_path / "app.py").bench.board.state.hooks()] == [
        "shout",
        "echo",
        "silent",
    ]
