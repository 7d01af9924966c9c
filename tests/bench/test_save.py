"""A bench written out as a file does what the bench does."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_to

import workbench
from workbench import Workbench, WorkbenchError
from workbench.bench.file import BenchFile
from workbench.bench.save import BadPath, CannotSave, SecretsInText
from workbench.cli.load import benches_in, load
from workbench.testing import serving

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


def test_a_file_that_no_bench_was_saved_in_is_kept(bench: Workbench, tmp_path: Path) -> None:
    """Such as the notebook's own; what was saved is written anew, an empty file is filled."""
    own = tmp_path / "notebook.py"
    with pytest.raises(
        BadPath, match=r"notebook\.py\" is there already and is no saved bench: choose another"
    ):
        bench.save(own)
    assert own.read_text(encoding="utf-8") == NOTEBOOK
    (tmp_path / "app.py").touch()
    for path in (tmp_path / "app.py", tmp_path / "app.py"):
        bench.save(path)
    bench.save(own, over=True)
    assert own.read_text(encoding="utf-8") == (tmp_path / "app.py").read_text(encoding="utf-8")


SEVERAL = (
    NOTEBOOK
    + """
from workbench.dialects.wookie import send_response

feed = Workbench("wookie", name="the feed")
feed.mount("/chat", "crossws")

@feed.route("GET", "/loud")
def loud(request, response):
    send_response(response, body=emphasised("hello"))

@bench.hook("open")
def greet(peer):
    peer.send(str(len(feed.mounts)))

bench, chat = Workbench("crossws", name="second"), bench
"""
)


def test_several_benches_become_one_file(tmp_path: Path) -> None:
    """What they have in common is written once, one may speak of the other, and each is served as it was."""
    (tmp_path / "notebook.py").write_text(SEVERAL, encoding="utf-8")
    module = load(tmp_path / "notebook.py")
    path = workbench.save(tmp_path / "app.py", module.chat, module.feed, module.bench)
    text = path.read_text(encoding="utf-8")
    revisions = f"{module.chat.revision}, {module.feed.revision} and 0"
    assert text.startswith(
        f'"""The benches chat, the feed and second, as they stood at revisions {revisions}.'
    )
    assert "or one of them by `uvicorn MODULE:" in text
    assert text.count("def emphasised") == text.count("LOUD = ") == 1
    again = {one.name: one for one in benches_in(load(path), path, None)}
    assert set(again) == {"chat", "the feed", "second"}
    assert [hooks_of(again[one.name]) for one in (module.chat, module.feed, module.bench)] == [
        hooks_of(one) for one in (module.chat, module.feed, module.bench)
    ]
    with serving(again["chat"]) as served, connect_to(served.ws_url or "", proxy=None) as client:
        client.send("hi")
        assert [client.recv(5), client.recv(5)] == ["2", '{"said": "HI!"}']
    with serving(again["the feed"]) as served:
        assert httpx.get(f"{served.url}/loud", trust_env=False).text == "hello!"


def test_a_file_of_several_benches_is_not_written_over_with_one(bench: Workbench, tmp_path: Path) -> None:
    """Those that are saved together are saved anew together, also where one was saved alone before."""
    other = Workbench("crossws", name="other")
    bench.save(tmp_path / "app.py")
    for _ in range(2):
        workbench.save(tmp_path / "app.py", bench, other)
    with pytest.raises(
        BadPath, match=r"app\.py\" is there already and holds several benches: choose another"
    ):
        bench.save(tmp_path / "app.py")
    bench.save(tmp_path / "app.py", over=True)
    assert len(benches_in(load(tmp_path / "app.py"), tmp_path / "app.py", None)) == 1


def test_what_is_not_a_bench_or_twice_is_not_saved(bench: Workbench, tmp_path: Path) -> None:
    """Of two of one name only one can run."""
    for given, says in (
        ((), "A bench to save is expected, as in workbench.save(path, bench)"),
        ((bench, "feed"), "A bench to save is expected, not 'feed'"),
        ((bench, Workbench("wookie", name="chat")), "Two of the benches are called 'chat'"),
    ):
        with pytest.raises(WorkbenchError, match=re.escape(says)):
            workbench.save(tmp_path / "app.py", *cast("Any", given))
    assert not (tmp_path / "app.py").exists()


def test_what_looks_like_a_secret_is_named_and_written_all_the_same(tmp_path: Path) -> None:
    """By a warning that points at the line, and at the head of the file."""
    (tmp_path / "notebook.py").write_text(NOTEBOOK.replace("LOUD", "API_KEY"), encoding="utf-8")
    bench = load(tmp_path / "notebook.py").bench
    for save in (bench.save, lambda path: workbench.save(path, bench)):
        with pytest.warns(
            SecretsInText, match=r"app\.py\" holds what looks like a secret as text: "
        ) as warned:
            path = save(tmp_path / "app.py")
        assert warned[0].filename == __file__
    assert "what looks like a secret stands here as text: API_KEY.\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (3, 'The path of a file is expected, such as "app.py", not 3.'),
        ("", "The path of a file is expected, such as \"app.py\", not ''."),
        ("folder", '"folder" is a folder; a file is expected, such as "folder/app.py".'),
        ("none/app.py", 'There is no folder "none": make it first, or save elsewhere.'),
        ("x" * 300, f'"{"x" * 300}" cannot be written (File name too long): save elsewhere.'),
    ],
)
def test_a_path_that_takes_no_file_is_told(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Any, says: str
) -> None:
    """In one sentence with what came and what to do."""
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(BadPath) as caught:
        bench.save(path)
    assert str(caught.value) == says


def test_a_hook_that_stands_on_a_live_object_is_named_with_its_line(bench: Workbench, tmp_path: Path) -> None:
    """Nothing is written then, unless it is to be left out."""
    held = socket.socket()

    def keeper(peer: Any, message: Any) -> None:
        del peer, message
        held.fileno()

    bench.chain("message").attach(keeper)
    bench.chain("message").attach(eval("lambda peer, message: None"), name="short")
    with pytest.raises(CannotSave) as refused:
        bench.save(tmp_path / "app.py")
    held.close()
    line = keeper.__code__.co_firstlineno
    assert f"keeper closes over held, a live socket ({__file__}, line {line})" in str(refused.value)
    assert "short: a lambda whose source is not at hand; give it a name with def" in str(refused.value)
    assert not (tmp_path / "app.py").exists()
    text = bench.save(tmp_path / "app.py", leave_out=True).read_text(encoding="utf-8")
    assert f"# left out: keeper: keeper closes over held, a live socket ({__file__}, line {line})" in text
    assert [hook.name for hook in load(tmp_path / "app.py").bench.board.state.hooks()] == [
        "shout",
        "echo",
        "silent",
    ]


LIVE = """
import asyncio
import threading
from workbench import Scope, Workbench

bench = Workbench("crossws", name="live")
thread = threading.current_thread()
peers = bench.peers
ready = asyncio.run(asyncio.sleep(0, "ready"))


class Counter:
    def __init__(self):
        self.bench = bench

    def count(self, peer):
        return self


def make(bench):
    return [Counter() for _ in range(1)][0]


@bench.hook("message")
def named(peer, message):
    peer.send(thread.name)


bench.chain("message").attach(make(bench).count, name="bound")


@bench.hook("message")
def misses(peer, message):
    peer.send(nowhere)


@bench.hook("message", scope=Scope(frozenset({3})))
def one_only(peer, message):
    peer.send("hello, three")


@bench.hook("open")
def fine(peer):
    peer.send(ready)
"""


def test_each_thing_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A bound method of an object that nobody can make again, a missing name, one connection's hook."""
    path = tmp_path / "live.py"
    path.write_text(LIVE, encoding="utf-8")
    live = load(path).bench
    with pytest.raises(CannotSave) as refused:
        live.save(tmp_path / "app.py")
    said = {trouble.hook: (trouble.what, trouble.where) for trouble in refused.value.troubles}
    assert said["bound"][0] == "count belongs to a live Counter"
    assert said["misses"] == ("misses uses nowhere, which is not defined", f"{path}, line 32")
    assert said["one_only"][0].startswith("it runs only for connection 3 of this bench")
    assert set(said) == {"bound", "misses", "one_only"}
    text = live.save(tmp_path / "app.py", leave_out=True).read_text(encoding="utf-8")
    assert 'ready = asyncio.run(asyncio.sleep(0, "ready"))' in text
    assert "thread = threading.current_thread()" in text
    (again,) = benches_in(load(tmp_path / "app.py"), tmp_path / "app.py", None)
    assert [hook.name for hook in again.board.state.hooks()] == ["named", "fine"]


def test_hooks_of_one_name_are_switched_and_moved_one_by_one(bench: Workbench, tmp_path: Path) -> None:
    """What a line cannot tell by name is written into the line that attaches it."""
    chain = bench.chain("message")
    chain.duplicate("echo", "echo-2")
    again = bench.board.attach("message", bench.board.resolve("echo").function, name="echo", append=True)
    bench.board.enable(again.id, False)
    path = bench.save(tmp_path / "app.py")
    (saved,) = benches_in(load(path), path, None)
    before, after = (
        [(hook.name, hook.enabled) for hook in one.board.state.hooks()] for one in (bench, saved)
    )
    assert before == after


def test_faults_and_breakpoints_are_trials(bench: Workbench, tmp_path: Path) -> None:
    """They are told in a remark, and are no part of the file."""
    bench.faults.arm("delay", point="message", ms=5)
    text = bench.save(tmp_path / "app.py").read_text(encoding="utf-8")
    assert "# not written, as it is a trial: bench.faults.arm(" in text


SCENARIOS = sorted((Path(__file__).parents[1] / "conformance").glob("*/scenario.py"))


@pytest.mark.filterwarnings("ignore::workbench.bench.save.SecretsInText")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.parent.name)
def test_the_scenario_apps_become_files_or_sentences(scenario: Path, tmp_path: Path) -> None:
    """Each bench of each is written as a file that loads, with remarks where something could not be.

    All of one become one file too.
    """
    whole = []
    every = benches_in(load(scenario), scenario, None)
    together = workbench.save(tmp_path / "all.py", *every, leave_out=True)
    same = [hooks_of(one) for one in benches_in(load(together), together, None)]
    for number, one in enumerate(every):
        file = BenchFile(one)
        text, troubles = file.text(), file.troubles
        path = one.save(tmp_path / f"app_{number}.py", leave_out=True)
        assert path.read_text(encoding="utf-8") == text
        assert text.count("# left out: ") == len(troubles)
        (again,) = benches_in(load(path), path, None)
        if not troubles:
            assert hooks_of(again) == hooks_of(one) == same[number]
            whole.append(one.name)
    assert whole or scenario.parent.name in ("crossws", "wookie")


def hooks_of(bench: Workbench) -> dict[str, list[tuple[object, ...]]]:
    """What stands where, list by list."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for hook in bench.board.state.hooks():
        row = (hook.name, hook.kind, hook.priority, hook.enabled, hook.scope.shadow)
        found.setdefault(f"{hook.point} {hook.lane}", []).append(row)
    return found


EDITED = """
from workbench import Workbench

bench = Workbench("crossws", name="edited")
LOUD = {
    "mark": "!",
}


@bench.hook("message")
def shout(peer, message):
    message.raw_data = message.text().upper()


def told(word):
    @bench.hook("message")
    def tell(peer, message):
        peer.send(word + message.text() + LOUD["mark"])


told("> ")
bench.chain("message").wrap("shout")
bench.chain("message").wrap("tell")
"""


def test_hooks_that_were_wrapped_or_edited_are_written_as_they_are_now(tmp_path: Path) -> None:
    """With what they call, and what they close over."""
    path = tmp_path / "edited.py"
    path.write_text(EDITED, encoding="utf-8")
    edited = load(path).bench
    edited.chain("message").rewrite("shout", "def shout(peer, message):\n    message.raw_data = 'edited'\n")
    saved = edited.save(tmp_path / "app.py")
    (again,) = benches_in(load(saved), saved, None)
    again.start()
    assert again.ws_url
    assert asyncio.run(answers(again.ws_url)) == ["> edited!", "> edited!"]
    again.stop()
    text = saved.read_text(encoding="utf-8")
    assert 'make_tell_wrapped(tell=make_tell(word="> "))' in text
    assert 'LOUD = {\n    "mark": "!",\n}' in text


CHANGED = """
from dataclasses import dataclass, field
from enum import Enum
from workbench import Workbench

bench = Workbench("crossws", name="changed")


class Mood(Enum):
    GOOD = "good"


@dataclass
class Settings:
    mood: Mood = Mood.GOOD
    words: list = field(default_factory=list)


class Base:
    def greet(self):
        return "hello"


class Child(Base):
    LIMIT = 3

    def greet(self):
        return super().greet().upper()


settings = Settings(words=["a"])
settings.words.append("b")
child = Child()
count = 0
seen = []


@bench.hook("message")
def say(peer, message):
    global count
    count += 1
    seen.append(count)
    peer.send(f"{child.greet()} {settings.mood.value} {settings.words} {count} {len(seen)} {Child.LIMIT}")


LOOP = [1, 2]
for one in LOOP:
    settings.words.append(str(one))
"""


def test_what_objects_became_outside_of_hooks_is_written_and_what_hooks_counted_is_not(
    tmp_path: Path,
) -> None:
    """The file begins as the notebook was set up; a change inside a loop is named instead."""
    path = tmp_path / "changed.py"
    path.write_text(CHANGED.partition("LOOP")[0], encoding="utf-8")
    changed = load(path).bench
    changed.start()
    expected = asyncio.run(answers(changed.ws_url))
    changed.stop()
    saved = changed.save(tmp_path / "app.py")
    (again,) = benches_in(load(saved), saved, None)
    again.start()
    assert again.ws_url
    assert (
        asyncio.run(answers(again.ws_url))
        == expected
        == [
            "HELLO good ['a', 'b'] 1 1 3",
            "HELLO good ['a', 'b'] 2 2 3",
        ]
    )
    again.stop()
    path = tmp_path / "looped.py"
    path.write_text(CHANGED, encoding="utf-8")
    with pytest.raises(CannotSave, match="say: settings was changed in a block"):
        load(path).bench.save(tmp_path / "app.py")
