"""What workbench.dialects.feathers.application promises."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support import in_a_loop
from workbench import Workbench
from workbench.dialects.feathers import MemoryService, feathers
from workbench.engine.errors import BadSignature, UnknownPoint, WorkbenchError


class Notes:
    """Has two methods."""

    async def find(self) -> Any:
        """Give one."""
        return [1]

    async def create(self, data: Any) -> Any:
        """Give it back."""
        return data


def a_bench(name: str) -> Any:
    """Make a bench with notes."""
    bench = Workbench("feathers", name=name)
    bench.use("notes", Notes())
    return bench


def lanes(bench: Any, chain: str) -> list[tuple[str, str, str]]:
    """Give name, kind and lane of each hook of a chain."""
    return [(hook.name, hook.kind, hook.lane) for hook in bench.chain(chain)]


def one(_context: Any) -> None:
    """Do nothing."""


def three(_context: Any, _next: Any, _more: Any) -> None:
    """Ask for too much."""


def test_a_hook_goes_where_people_mean_it() -> None:
    """To the method's own lists of its service; a function that takes next goes around."""
    bench = a_bench("natural")

    async def log(_context: Any, following: Any) -> None:
        await following()

    bench.hook("notes.create", name="check")(one)
    bench.hook("notes.create")(log)
    bench.hook("notes.create", kind="after")(one)
    bench.hook("notes.create", kind="error", name="told")(one)

    assert lanes(bench, "notes.create") == [
        ("log", "around", "/notes.around.create"),
        ("told", "error", "/notes.error.create"),
        ("check", "before", "/notes.before.create"),
        ("one", "after", "/notes.after.create"),
    ]
    assert lanes(bench, "notes.find") == []
    with pytest.raises(UnknownPoint, match=r"'notes.creat'; did you mean 'notes.create'"):
        bench.chain("notes.creat")
    with pytest.raises(BadSignature, match="requires 3 arguments"):
        bench.hook("notes.create")(three)


def test_a_hook_is_dragged_from_lane_to_lane() -> None:
    """It becomes what the hooks of the lane are, the effective chain follows, and undo puts it back."""
    bench = a_bench("drag")
    bench.service("notes").hooks({"before": {"create": [one]}})
    chain = bench.chain("notes.create")

    chain.move("one", lane="/notes.after.all")
    assert lanes(bench, "notes.find") == [("one", "after", "/notes.after.all")]
    chain.move("one", lane="app.error.create")
    assert lanes(bench, "notes.create") == [("one", "error", "app.error.create")]
    bench.undo()
    bench.undo()
    assert lanes(bench, "notes.create") == [("one", "before", "/notes.before.create")]
    assert bench.chain("notes.create").why("one") == "1. one: notes · before create: 1st attached"


def test_every_method_of_every_service_has_a_chain() -> None:
    """With its lanes, outermost first, and the method in the middle."""
    bench = a_bench("chains")
    chains = {chain.name: chain for chain in bench.mounts["/"].app.chains()}

    assert list(chains) == ["notes.find", "notes.create"]
    assert chains["notes.find"].core == "notes.find"
    assert chains["notes.find"].point == "method"
    assert len(chains["notes.find"].lanes) == 18


@in_a_loop
async def test_hooks_registered_during_a_call_run_in_the_next() -> None:
    """R9, R10: and those of the application also for services that came before."""
    bench = a_bench("dynamic")
    seen: list[str] = []

    def first(_context: Any) -> None:
        seen.append("first")
        if len(seen) == 1:
            bench.hooks({"after": {"find": [lambda _context: seen.append("late")]}})

    bench.hooks({"before": [first]})
    await bench.service("notes").find()
    await bench.service("notes").find()

    assert seen == ["first", "first", "late"]


def test_what_use_gives_names_its_services() -> None:
    """A cell that ends in `use` shows it."""
    bench: Any = Workbench("feathers")
    assert repr(bench.mounts["/"].app) == "<Feathers application: no services yet>"
    bench.use("notes", MemoryService())
    assert repr(bench.use("people", MemoryService())) == "<Feathers application: notes, people>"


@in_a_loop
async def test_unuse_takes_the_service_with_its_hooks() -> None:
    """R66, R67: another one at the same path begins anew."""
    bench = a_bench("unuse")
    bench.service("notes").hooks({"before": {"all": [one]}})
    target = bench.service("notes").target

    assert await bench.unuse("/notes/") is target
    with pytest.raises(WorkbenchError, match="Can not find service 'notes'"):
        bench.service("notes")
    bench.use("notes", Notes())
    assert lanes(bench, "notes.find") == []
    assert bench.lookup("notes/1").id == "1"


@in_a_loop
async def test_setup_and_teardown_go_through_services_in_order() -> None:
    """R65, R66: inside their hooks; a service that comes later is set up at once."""
    app = feathers()
    log: list[str] = []

    class Life:
        def __init__(self, name: str) -> None:
            self.name = name

        async def setup(self, _app: Any, path: str) -> None:
            await asyncio.sleep(0)
            log.append(f"setup {self.name} at {path}")

        def teardown(self) -> None:
            log.append(f"teardown {self.name}")

    async def around(context: Any, following: Any) -> None:
        log.append(f"{context.method}>")
        await following()
        log.append(f"{context.method}<")

    app.use("one", Life("one")).use("two", Life("two")).hooks({"setup": [around], "teardown": [around]})
    await app.setup()
    app.use("late", Life("late"))
    await app.settled()
    await app.teardown()

    assert log == [
        "setup>", "setup one at one", "setup two at two", "setup<", "setup late at late",
        "teardown>", "teardown one", "teardown two", "teardown late", "teardown<",
    ]  # fmt: skip


def test_settings_configure_and_listeners() -> None:
    """What an application offers beside its services."""
    app = feathers()
    heard: list[int] = []

    def part(given: Any) -> None:
        given.set("size", 5)

    app.configure(part).on("login", heard.append)
    app.emit("login", 1)

    assert (app.get("size"), app.get("colour"), heard) == (5, None, [1])
    with pytest.raises(WorkbenchError, match="The path of a service is a text"):
        app.use(5, Notes())  # type: ignore[arg-type]
    with pytest.raises(WorkbenchError, match="'createt' is no event of the application"):
        app.publish("createt", lambda: None)
    with pytest.raises(WorkbenchError, match="did you mean 'notes'"):
        app.use("notes", Notes()).service("note")
