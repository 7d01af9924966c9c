"""The bench in a notebook: a real kernel, cells with ids, and clients that talk to it meanwhile."""

from __future__ import annotations

import ast
import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from websockets.sync.client import connect


class Outcome:
    """What a cell printed, returned and raised."""

    def __init__(self) -> None:
        self.stdout = ""
        self.stderr = ""
        self.shown: dict[str, Any] = {}
        self.error = ""
        self.traceback = ""

    @property
    def value(self) -> Any:
        """The cell's last value, read back from its text."""
        assert not self.error, self.error
        return ast.literal_eval(self.shown["text/plain"])


class Notebook:
    """A kernel that cells are sent to."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, runtime: Path) -> None:
        self.manager = manager
        self.client = client
        self.runtime = runtime

    def begin(self, source: str, cell_id: str | None = None) -> str:
        """Send a cell, as a notebook's front end does, and give the request's id."""
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, request: str) -> Outcome:
        """Wait until a cell has run."""
        outcome = Outcome()
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                setattr(outcome, content["name"], getattr(outcome, content["name"]) + content["text"])
            elif kind in ("execute_result", "display_data"):
                outcome.shown = content["data"]
            elif kind == "error":
                outcome.error = f"{content['ename']}: {content['evalue']}"
                outcome.traceback = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return outcome

    def wait_for_print(self, request: str) -> None:
        """Wait until a running cell has printed something."""
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["msg_type"] == "stream" and message["parent_header"].get("msg_id") == request:
                return

    def run(self, source: str, cell_id: str | None = None) -> Outcome:
        """Run a cell to its end."""
        return self.finish(self.begin(source, cell_id))

    def value(self, source: str) -> Any:
        """Run a cell and give its last value."""
        return self.run(source).value

    def announced(self) -> list[dict[str, Any]]:
        """Read the discovery files."""
        return [json.loads(path.read_text()) for path in sorted(self.runtime.glob("workbench-*.json"))]


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """Start a kernel with a runtime folder of its own."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    manager = KernelManager(kernel_name="python3", connection_file=str(runtime / "kernel-abc-1.json"))
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=30)
        yield Notebook(manager, client, runtime)
    finally:
        client.stop_channels()
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)


BENCH = """
from workbench import Workbench
bench = Workbench("crossws")

@bench.hook("message")
def echo(peer, message):
    peer.send(message.text())

bench.start()
"""


def test_a_bench_in_a_cell(notebook: Notebook) -> None:
    """Named after its variable, shown as widget with a text, its hook from `In[1]`."""
    shown = notebook.run(BENCH, "one")

    assert not shown.error
    assert "bench" in shown.shown["text/plain"]
    assert "text/html" in shown.shown
    assert notebook.value("bench.name") == "bench"
    origin = "(lambda at: (at.kind, at.file, at.line, at.cell))(bench.chain('message')[0].origin)"
    assert notebook.value(origin) == ("cell", "In[1]", 4, "one")
    notebook.run("bench.undo(); bench.redo()")
    authors = notebook.value("[entry.author for entry in bench.board.journal]")
    assert authors == ["cell"] * 3


def test_a_traceback_names_the_cell_by_its_number(notebook: Notebook) -> None:
    """As the hook's card does, not by the made-up file that IPython compiles it under."""
    notebook.run(BENCH.replace("peer.send(message.text())", "return 1 / 0"), "one")
    with connect(notebook.value("bench.ws_url")) as client:
        client.send("x")
        client.ping().wait(10)
    shown = (
        "from workbench.widgets.views.inspector import inspector\ninspector(bench, {})['steps'][0]['error']"
    )
    lines = notebook.value(shown)["traceback"]
    assert lines[1:3] == ["  In[1], line 6, in echo", "    return 1 / 0"]


def test_an_error_of_ours_is_shown_below_the_lines_of_the_cell_alone(notebook: Notebook) -> None:
    """No frame of the package or of a library, nor what the error came of; Verbose shows all of it."""
    notebook.run(BENCH, "one")
    shown = {
        wrong: notebook.run(f"def ask():\n    {wrong}\n\nask()").traceback
        for wrong in ("bench.hook('mesage')", "bench.strat()", "bench.start(port=-1)")
    }
    for wrong, text in shown.items():
        assert f"----> 2     {wrong}" in text
        assert "----> 4 ask()" in text
        assert text.count("File ") == 0
    assert shown["bench.hook('mesage')"].endswith("has no hook point 'mesage'; did you mean 'message'?")
    notebook.run("%xmode Verbose")
    assert "mounted.py" in notebook.run("bench.hook('mesage')").traceback


def test_running_a_cell_again_replaces_in_place(notebook: Notebook) -> None:
    """Nothing is attached twice, one edit does it, and what the cell no longer attaches goes."""
    notebook.run(BENCH, "one")
    notebook.run("def note(peer, message): pass\nbench.define_hooks(message=note)", "two")
    names = "[hook.name for hook in bench.chain('message')]"
    notebook.run("bench.define_hooks(message=note)\nbench.define_hooks(message=note)", "three")
    assert notebook.value(names) == ["echo", "note", "note", "note"]
    edits = notebook.value("len(bench.board.journal)")

    notebook.run("bench.define_hooks(message=note)\nbench.define_hooks(message=note)", "three")
    assert notebook.value(names) == ["echo", "note", "note", "note"]
    notebook.run("bench.define_hooks(message=note)", "three")
    assert notebook.value(names) == ["echo", "note", "note"]
    assert notebook.value("len(bench.board.journal)") <= edits + 2


def test_a_cell_that_fails_takes_nothing_away(notebook: Notebook) -> None:
    """Nobody knows what it would have attached."""
    notebook.run(BENCH, "one")
    notebook.run("bench.hook('message')(lambda peer, message: None)", "two")

    failed = notebook.run("1 / 0", "two")

    assert failed.error.startswith("ZeroDivisionError")
    assert notebook.value("len(bench.chain('message'))") == 2


def test_cells_without_ids_are_told_apart_by_their_text(notebook: Notebook) -> None:
    """Tools that run notebooks send no ids; running the same text again replaces all the same."""
    notebook.run(BENCH)
    cell = "def note(peer, message): pass\nbench.define_hooks(message=note)"

    notebook.run(cell)
    notebook.run(cell)

    assert notebook.value("[hook.name for hook in bench.chain('message')]") == ["echo", "note"]


def test_making_the_bench_again_replaces_the_server_and_keeps_the_port(notebook: Notebook) -> None:
    """The first cell of a notebook can be run as often as one likes."""
    notebook.run(BENCH, "one")
    port = notebook.value("bench.port")
    notebook.run(BENCH, "one")

    assert notebook.value("bench.port") == port
    assert notebook.value("len(bench.chain('message'))") == 1
    with connect(f"ws://127.0.0.1:{port}") as client:
        client.send("new")
        assert client.recv(timeout=20) == "new"


def test_clients_are_answered_while_a_cell_runs(notebook: Notebook) -> None:
    """A cell that sleeps, and one that computes, keep nobody waiting for their end."""
    notebook.run(BENCH)
    url = notebook.value("bench.ws_url")

    for cell in (
        "import time; time.sleep(1.5)",
        "import time; end = time.time() + 1.5\nwhile time.time() < end: pass",
    ):
        with connect(url) as client:
            running = notebook.begin(cell)
            for number in range(20):
                client.send(str(number))
                assert client.recv(timeout=1) == str(number)
        assert not notebook.finish(running).error


def test_an_interrupted_cell_leaves_the_server_alone(notebook: Notebook) -> None:
    """The connection lives on, and so does the bench."""
    notebook.run(BENCH)
    url = notebook.value("bench.ws_url")
    with connect(url) as client:
        running = notebook.begin("import time; print('begun', flush=True); time.sleep(30)")
        notebook.wait_for_print(running)
        client.send("before")
        assert client.recv(timeout=20) == "before"
        notebook.manager.interrupt_kernel()
        assert notebook.finish(running).error.startswith("KeyboardInterrupt")
        client.send("after")
        assert client.recv(timeout=20) == "after"

    assert notebook.value("bench.running") is True


def test_an_interrupted_wait_ends_the_wait(notebook: Notebook) -> None:
    """`bench.run` gives the cell back, and what nobody waits for any more is cancelled."""
    notebook.run(BENCH)
    notebook.run(
        "import asyncio\nended = []\n"
        "async def long():\n"
        "    try:\n        print('waiting', flush=True); await asyncio.sleep(30)\n"
        "    except asyncio.CancelledError:\n        ended.append('cancelled'); raise"
    )
    running = notebook.begin("bench.run(long())")
    notebook.wait_for_print(running)
    notebook.manager.interrupt_kernel()

    assert notebook.finish(running).error.startswith("KeyboardInterrupt")
    assert notebook.value("bench.run(asyncio.sleep(0, result=ended))") == ["cancelled"]


def test_what_a_hook_prints_is_not_shown_under_a_cell(notebook: Notebook) -> None:
    """It belongs to the call; what cells print is theirs as ever."""
    notebook.run(BENCH)
    notebook.run("@bench.hook('message')\ndef talk(peer, message): print('from the hook')")
    running = notebook.begin("import time; print('from the cell'); time.sleep(1)")
    with connect(_url(notebook)) as client:
        client.send("x")
        client.recv(timeout=20)
    outcome = notebook.finish(running)

    assert outcome.stdout == "from the cell\n"
    assert notebook.value("bench.trace.printed()['text'].tolist()") == ["from the hook\n"]


def _url(notebook: Notebook) -> str:
    return str(notebook.announced()[0]["url"]).replace("http", "ws", 1)


def test_errors_that_escape_are_not_shown_under_a_cell(notebook: Notebook) -> None:
    """The trace has them, and the widget shows them; a cell that has nothing to do with it stays clean."""
    notebook.run(BENCH)
    notebook.run(
        "@bench.hook('message', before='echo')\ndef fail(peer, message): raise ValueError(message.text())"
    )
    running = notebook.begin("import time; time.sleep(0.5)")
    with connect(_url(notebook)) as client:
        client.send("bad")
        client.ping().wait(5)
    outcome = notebook.finish(running)

    assert (outcome.stdout, outcome.stderr) == ("", "")
    assert notebook.value("bench.trace.errors['error'].tolist()") == ["ValueError: bad"]


# -- discovery


def test_a_bench_announces_itself_to_jupyter(notebook: Notebook) -> None:
    """In a file that only its owner reads, rewritten when it stops, gone with the kernel."""
    notebook.run(BENCH)

    (facts,) = notebook.announced()
    (path,) = notebook.runtime.glob("workbench-*.json")
    assert path.name == "workbench-abc-1.bench.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    port = notebook.value("bench.port")
    assert facts == {
        "version": 1,
        "id": "abc-1.bench",
        "kernel": "abc-1",
        "pid": notebook.value("import os; os.getpid()"),
        "name": "bench",
        "dialect": "crossws",
        "host": "127.0.0.1",
        "port": port,
        "token": notebook.value("bench.token"),
        "state": "ready",
        "reason": f"Listens on http://127.0.0.1:{port}",
        "url": f"http://127.0.0.1:{port}",
    }
    assert notebook.value("bench.id") == "abc-1.bench"
    notebook.run("bench.stop()")
    assert [(one["state"], one["reason"]) for one in notebook.announced()] == [("stopped", "Stopped")]

    notebook.manager.shutdown_kernel()
    assert notebook.announced() == []


def test_names_with_one_slug_have_two_files(notebook: Notebook) -> None:
    """`Chat` and `chat` are two benches."""
    notebook.run(
        "from workbench import Workbench\n"
        "a = Workbench('crossws', name='chat').start()\n"
        "b = Workbench('crossws', name='Chat').start()"
    )

    assert [facts["id"] for facts in notebook.announced()] == ["abc-1.chat-2", "abc-1.chat"]


def test_a_failed_start_is_announced_with_its_reason(notebook: Notebook) -> None:
    """The list in the side bar says why a bench does not run."""
    notebook.run(BENCH)
    failed = notebook.run("late = Workbench('crossws')\nlate.start(port=bench.port)")

    assert "by the bench 'bench' of this process" in failed.error
    states = {facts["name"]: facts["state"] for facts in notebook.announced()}
    assert states == {"bench": "ready", "late": "failed"}


# -- %%hook


def test_a_cell_that_defines_a_function_is_a_hook(notebook: Notebook) -> None:
    """Its last function is attached; running it again replaces it in place; the line says the chain."""
    notebook.run(BENCH)
    cell = """%%hook message --before echo
WORD = 'x'
def helper(text): return text + WORD
def shout(peer, message):
    message.raw_data = helper(message.text())
"""

    first = notebook.run(cell, "h")
    again = notebook.run(cell, "h")

    assert first.stdout == "message: shout -> echo (revision 2)\n"
    assert again.stdout == "message: shout -> echo (revision 3)\n"
    assert notebook.value("WORD") == "x"
    with connect(_url(notebook)) as client:
        client.send("a")
        assert client.recv(timeout=20) == "ax"
    assert notebook.value(
        "(lambda h: (h.version, h.origin.file, h.origin.line))(bench.chain('message')[0])"
    ) == (
        2,
        "In[3]",
        4,
    )


def test_a_plain_body_is_the_function(notebook: Notebook) -> None:
    """It sees the point's arguments, may await and return, and leaves no variables behind."""
    notebook.run(BENCH)

    outcome = notebook.run(
        "%%hook message --name greet\nimport asyncio\nawait asyncio.sleep(0)\n"
        "if message.text() == 'skip':\n    return\nlocal = 'hi ' + message.text()\npeer.send(local)"
    )

    assert outcome.stdout == "message: echo -> greet (revision 2)\n"
    with connect(_url(notebook)) as client:
        client.send("you")
        assert [client.recv(timeout=20), client.recv(timeout=5)] == ["you", "hi you"]
    assert notebook.value("[name in globals() for name in ('local', 'greet', 'message')]") == [False] * 3


def test_an_error_in_a_hook_shows_the_cells_own_line(notebook: Notebook) -> None:
    """Line 3 of the cell is line 3, the magic's own line counted."""
    notebook.run(BENCH)
    notebook.run("%%hook message\nx = 1\nraise ValueError(x)")
    with connect(_url(notebook)) as client:
        client.send("x")
        client.recv(timeout=20)
        client.ping().wait(5)

    (text,) = notebook.value("bench.trace.errors['traceback'].tolist()")
    assert "line 3" in text
    assert "raise ValueError(x)" in text


MISTAKES = {
    "%%hook mesage\npass": "UsageError: crossws has no hook point 'mesage'; did you mean 'message'?",
    "%%hook message --bench other\npass": "UsageError: There is no bench 'other'; known: bench.",
    "%%hook message --before nobody\npass": "UsageError: no hook 'nobody' at message",
    "%%hook message\ndef f(a, b, c): pass": (
        "UsageError: hook 'f' requires 3 arguments (a, b, c), but message(peer, message) gives 2"
    ),
    "%%hook\npass": "UsageError: %%hook takes a hook point, as in %%hook message",
}


def test_mistakes_in_the_magic_are_one_line(notebook: Notebook) -> None:
    """No traceback for a user's mistake."""
    notebook.run(BENCH)

    outcomes = {cell: notebook.run(cell) for cell in MISTAKES}

    for cell, expected in MISTAKES.items():
        assert expected in outcomes[cell].error + outcomes[cell].stderr, cell


def test_the_magic_asks_which_bench(notebook: Notebook) -> None:
    """Where there is none or several; one that is named is taken."""
    none = notebook.run("import workbench\n")
    assert not none.error
    refused = notebook.run("%%hook message\npass")
    assert "There is no bench yet" in refused.error + refused.stderr
    notebook.run(BENCH)
    notebook.run("other = Workbench('crossws')")
    several = notebook.run("%%hook message\npass")
    assert "There are several benches (bench, other)" in several.error + several.stderr
    assert notebook.run("%%hook message --bench other\npass").stdout == "message: message (revision 1)\n"


def test_loading_by_hand_is_the_same(notebook: Notebook) -> None:
    """`%load_ext workbench` after the import does nothing more."""
    notebook.run("import workbench")

    assert notebook.run("%load_ext workbench").stderr == ""
    assert (
        notebook.value(
            "len([f for f in get_ipython().events.callbacks['pre_run_cell'] if 'Tracker' in repr(f)])"
        )
        == 1
    )
