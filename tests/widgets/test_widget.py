"""The widget: a comm that carries the channel, with harmless state."""

from __future__ import annotations

import gc
import json
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.widgets.support import bench_with, echo, shout
from workbench import Workbench
from workbench.testing import FakeScheduler, serving
from workbench.widgets import bundle
from workbench.widgets.scheduling import shared_scheduler
from workbench.widgets.widget import PAGES, BenchWidget, widget_of


@pytest.fixture(autouse=True)
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build a front end of three small files."""
    monkeypatch.setattr(bundle, "_DIRECTORY", tmp_path)
    (tmp_path / "loader.js").write_text("export default {}", encoding="utf-8")
    (tmp_path / "bench.js").write_text("export const mount = 1", encoding="utf-8")
    return tmp_path


@pytest.fixture
def bench() -> Workbench:
    """Make a bench with two hooks."""
    return bench_with(shout, echo)


def deaf(widget: BenchWidget, hear: Callable[[Any], object] = lambda _: None) -> None:
    """Let a test hear what the widget sends."""

    def send(content: Any, buffers: Any = None) -> None:
        del buffers
        hear(content)

    widget.send = send


class Page:
    """A widget whose comm is a test."""

    def __init__(self, bench: Workbench) -> None:
        self.scheduler = FakeScheduler()
        self.widget = BenchWidget(bench, scheduler=self.scheduler)
        self.heard: list[dict[str, Any]] = []
        deaf(self.widget, lambda content: self.heard.append(json.loads(json.dumps(content))))

    def say(self, message: Any) -> dict[str, Any]:
        """Say something as the page does, and return the answer."""
        before = len(self.heard)
        self.widget._handle_custom_msg(message, None)
        return self.heard[before] if len(self.heard) > before else {}


@pytest.fixture
def page(bench: Workbench) -> Iterator[Page]:
    """Show the bench to one page."""
    made = Page(bench)
    yield made
    made.widget.close()


def test_state_is_harmless(bench: Workbench, page: Page) -> None:
    """Whatever is saved into a notebook holds names and a hash: no token, no payload, no bundle."""
    state = page.widget.get_state()
    assert {"panel", "bench_id", "bench_name", "bundle"} <= set(state)
    assert (state["panel"], state["bench_name"]) == ("bench", "chat")
    assert state["bundle"] == bundle.content_hash()
    assert state["_esm"] == "export default {}"
    assert bench.token not in str(state)


def test_the_comm_carries_the_channel(bench: Workbench, page: Page) -> None:
    """Edits, questions and frames travel as custom messages; the comm needs no token."""
    assert page.say({"op": "hello", "v": 1, "face": "widget"})["op"] == "welcome"
    assert page.say({"op": "edit", "id": 1, "edit": {"kind": "remove", "hook": "h1"}})["revision"] == 3
    page.say({"op": "watch", "view": "chain"})
    page.scheduler.advance()
    assert page.heard[-1]["op"] == "frame"
    assert bench.revision == 3


def test_pages_of_one_widget_are_kept_apart(page: Page) -> None:
    """Each page's messages carry its key, and so do the answers: an ack of one is not the other's."""
    for key in ("a", "b"):
        assert page.say({"op": "hello", "v": 1, "page": key})["page"] == key
        page.say({"op": "watch", "view": "chain", "page": key})
    page.scheduler.advance()
    frames = [said for said in page.heard if said["op"] == "frame"]
    assert {said["page"] for said in frames} == {"a", "b"}
    page.say({"op": "ack", "view": "chain", "frame": 1, "page": "a"})
    page.say({"op": "edit", "edit": {"kind": "remove", "hook": "h1"}, "page": "a"})
    page.scheduler.advance()
    assert [said["page"] for said in page.heard if said["op"] == "frame"].count("a") == 2
    assert [said["page"] for said in page.heard if said["op"] == "frame"].count("b") == 1
    assert page.widget.pages == ("b", "a")


def test_pages_that_never_return_make_room(page: Page) -> None:
    """Beyond sixteen the page that was silent longest is told goodbye, and may come back."""
    for number in range(PAGES + 1):
        page.say({"op": "ping", "id": 1, "page": str(number)})
    goodbye = [said for said in page.heard if said["op"] == "bye"]
    assert [said["page"] for said in goodbye] == ["0"]
    assert len(page.widget.pages) == PAGES
    page.say({"op": "hello", "v": 1, "page": "0"})
    assert (page.heard[-1]["op"], page.heard[-1]["page"]) == ("welcome", "0")


@pytest.mark.parametrize("message", ["x", None, 3, [], {}, {"op": "hello"}, {"op": "x", "page": 4}])
def test_what_is_no_message_is_refused(page: Page, message: Any) -> None:
    """Anything else that comes over the comm is answered by one refusal."""
    assert page.say(message)["op"] == "refused"
    assert page.say({"op": "ping", "id": 1})["ok"]


def test_the_key_of_a_page_is_short(page: Page) -> None:
    """A page cannot make the kernel keep long keys."""
    assert "64" in page.say({"op": "ping", "id": 1, "page": "x" * 65})["reason"]
    assert page.widget.pages == ()


def test_the_modules_text_is_given_when_asked_for(page: Page, static: Path) -> None:
    """A page that cannot fetch the bundle gets it over the comm; a missing one is refused in words."""
    given = page.say({"op": "module", "file": "bench.js", "page": "p"})
    assert given == {
        "op": "module",
        "file": "bench.js",
        "hash": bundle.content_hash(),
        "text": "export const mount = 1",
        "page": "p",
    }
    assert page.say({"op": "module", "file": "bench.css"})["text"] == ""
    assert page.say({"op": "module", "id": 4, "file": "../bench.py"})["op"] == "refused"
    (static / "bench.js").unlink()
    assert "not built" in page.say({"op": "module"})["reason"]


def test_the_way_to_the_side_socket_is_granted(bench: Workbench, page: Page) -> None:
    """The token goes to the page in a message, and only while there is a server to use it at."""
    assert page.say({"op": "grant", "id": 1})["op"] == "refused"
    with serving(bench):
        assert page.say({"op": "grant"}) == {
            "op": "grant",
            "host": "127.0.0.1",
            "port": bench.port,
            "path": "/_workbench/channel",
            "token": bench.token,
        }


def test_one_bench_has_one_widget(bench: Workbench) -> None:
    """Displayed twice, a bench shows two views of one widget; closed, it gets a new one."""
    first = widget_of(bench)
    assert widget_of(bench) is first
    deaf(first)
    first._handle_custom_msg({"op": "ping", "id": 1}, None)
    first.close()
    assert first.pages == ()
    again = widget_of(bench)
    assert again is not first
    again.close()


def test_a_replaced_bench_lets_go_of_its_widget() -> None:
    """Making and showing a bench again under the same name does not keep the old one's trace alive."""
    old = bench_with(name="again")
    shown = widget_of(old)
    heard: list[dict[str, Any]] = []
    deaf(shown, heard.append)
    shown._handle_custom_msg({"op": "ping", "id": 1}, None)
    new = bench_with(name="again")
    other = widget_of(new)
    assert heard[-1]["op"] == "bye"
    shown._handle_custom_msg({"op": "ping", "id": 2}, None)
    assert "run this cell again" in heard[-1]["reason"]
    assert widget_of(new) is other
    gone = weakref.ref(old)
    del old
    settled = threading.Event()
    shared_scheduler().call_soon(settled.set)  # after what the session has still to do there
    assert settled.wait(5)
    gc.collect()
    assert gone() is None
    shown.close()
    other.close()


def test_a_message_that_crosses_the_release_is_refused(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench that is let go while a message comes in begins no session that nobody ends."""
    session_of = page.widget._session

    def released_meanwhile(*args: Any) -> Any:
        page.widget.release("It was let go.")
        return session_of(*args)

    monkeypatch.setattr(page.widget, "_session", released_meanwhile)
    answer = page.say({"op": "ping", "id": 7})
    assert (answer["op"], answer["id"], answer["reason"]) == ("refused", 7, "It was let go.")
    assert page.widget.pages == ()


def test_the_shared_scheduler_serves_all_comms(bench: Workbench) -> None:
    """Without a scheduler of its own a widget's frames come from one thread of the process."""
    widget = BenchWidget(bench)
    framed = threading.Event()
    threads = []

    def hear(content: Any) -> None:
        if content["op"] == "frame":
            threads.append(threading.current_thread().name)
            framed.set()

    deaf(widget, hear)
    widget._handle_custom_msg({"op": "watch", "view": "header"}, None)
    assert framed.wait(5)
    assert threads == ["workbench views"]
    widget.close()


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
def kernel() -> Iterator[BlockingKernelClient]:
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
def test_the_widget_lives_in_a_kernel(kernel: BlockingKernelClient) -> None:
    """Displayed, the bench is a widget; it converses over the comm, and frames do not wait for cells."""
    page = Frontend(kernel)
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
