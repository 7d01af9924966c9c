"""The widget in a real kernel: its comm answers, and frames arrive while a cell runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

CELL = """
from workbench import Workbench
from workbench.widgets import bundle
from pathlib import Path
import tempfile
bundle._DIRECTORY = Path(tempfile.mkdtemp())
(bundle._DIRECTORY / "loader.js").write_text("export default {}")
(bundle._DIRECTORY / "bench.js").write_text("")
bench = Workbench("crossws")

@bench.hook("message")
def shout(peer, message):
    message.raw_data = message.text().upper()

bench
"""


@pytest.fixture
def client() -> Iterator[BlockingKernelClient]:
    """Start a kernel and talk to it."""
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


class Frontend:
    """What a page is to a kernel: it runs cells, and speaks and hears over a comm."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.comm = ""
        self.heard: list[dict[str, Any]] = []
        self.displayed: dict[str, Any] = {}
        self.state: dict[str, Any] = {}

    def run(self, code: str) -> str:
        """Send a cell; return the id of the request."""
        return str(self.client.execute(code))

    def say(self, **content: Any) -> None:
        """Send a custom message over the widget's comm."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": self.comm, "data": data})
        self.client.shell_channel.send(message)

    def hear(self, op: str, within: float = 20.0) -> dict[str, Any]:
        """Return the next custom message of that op."""
        limit = time.monotonic() + within
        while True:
            found = next((said for said in self.heard if said["op"] == op), None)
            if found is not None:
                self.heard.remove(found)
                return found
            self.listen(limit)

    def idle(self, request: str) -> None:
        """Wait until a cell has run."""
        limit = time.monotonic() + 20
        while True:
            message = self.listen(limit)
            ours = message["parent_header"].get("msg_id") == request
            assert message["msg_type"] != "error", message["content"]["traceback"]
            if ours and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return

    def listen(self, limit: float) -> dict[str, Any]:
        """Take one message of the kernel's."""
        message: dict[str, Any] = self.client.get_iopub_msg(timeout=max(0.1, limit - time.monotonic()))
        content = message["content"]
        if message["msg_type"] == "comm_open" and content["data"]["state"].get("bench_name"):
            self.comm = content["comm_id"]
            self.state = content["data"]["state"]
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "custom":
            self.heard.append(content["data"]["content"])
        elif message["msg_type"] == "execute_result":
            self.displayed = content["data"]
        return message


@pytest.mark.slow
def test_the_widget_lives_in_a_kernel(client: BlockingKernelClient) -> None:
    """Displayed, the bench is a widget; it converses over the comm, and frames do not wait for cells."""
    page = Frontend(client)
    page.idle(page.run(CELL))
    view = page.displayed["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == page.comm
    assert "Snapshot" in page.displayed["text/html"]
    assert (page.state["bench_name"], page.state["panel"]) == ("bench", "bench")

    page.say(op="hello", v=1, face="widget", page="p")
    welcome = page.hear("welcome")
    assert (welcome["bench"]["name"], welcome["page"]) == ("bench", "p")
    page.say(op="watch", view="chain", pace="focused", page="p")
    frame = page.hear("frame")
    page.say(op="ack", view="chain", frame=frame["frame"], page="p")

    page.say(op="edit", id=1, edit={"kind": "enable", "hook": "h1", "on": False}, page="p")
    assert page.hear("answer")["python"] == 'bench.chain("message").enable("shout", on=False)'
    frame = page.hear("frame")
    page.say(op="ack", view="chain", frame=frame["frame"], page="p")
    page.idle(page.run("ready = 1"))

    busy = page.run("import time\nbench.chain('message').enable('shout')\ntime.sleep(1.5)")
    started = time.monotonic()
    frame = page.hear("frame", within=1.2)
    assert time.monotonic() - started < 1.2
    assert frame["data"]["revision"] == 3
    page.idle(busy)
    page.idle(page.run("assert bench.revision == 3\nbench.start()"))
    page.say(op="grant", page="p")
    assert page.hear("grant")["port"] > 0
    page.idle(page.run("bench.stop()"))
