"""Imports go down only, and importing the package costs next to nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench

ROOT = Path(workbench.__file__).parent

GROUND = frozenset({"engine.errors", "naming", "watching"})
"""Leaves that every room may use: the sentences of errors, names, and who hears of changes."""

BENCH = frozenset({"bench", "discovery", "ipython"})
"""The room that ties the others together, and its two neighbours."""

ALLOWED = {
    "engine": frozenset(),
    "server": frozenset(),
    "naming": frozenset(),
    "watching": frozenset(),
    "client": frozenset(),
    "trace": frozenset({"engine"}),
    "store": frozenset({"engine"}),
    "interventions": frozenset({"engine", "trace", "server"}),
    "dialects": frozenset({"engine", "trace", "server", "store"}),
    "bench": frozenset({"engine", "trace", "server", "interventions", "dialects", "client", "naming"})
    | BENCH,
    "widgets": frozenset(
        {"engine", "trace", "server", "interventions", "dialects", "client", "naming", "widgets"}
    )
    | BENCH,
    "jupyter": frozenset(),
    "cli": frozenset({"engine", "trace", "server", "dialects", "client", "naming", "testing"}) | BENCH,
    "testing": frozenset({"engine", "trace", "server", "dialects", "client", "naming"}) | BENCH,
}
"""For each room, the rooms that it may import besides itself."""

DOORS = {
    ("bench", "widgets"): frozenset({"bench.workbench", "bench.panel"}),
    ("dialects", "bench"): frozenset({"dialects.hocuspocus.seed"}),
}
"""Doors up that are opened late, inside a function: a bench that is displayed asks for its widget, and
a server that is configured as its manual says is a bench."""


def module_name(path: Path) -> str:
    """Give a module's name below the package: `engine.board`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def room_of(module: str) -> str:
    """Give the room of a module; the modules that tie the rooms together are one."""
    top = module.split(".", maxsplit=1)[0]
    return "bench" if top in BENCH else top


def imports_of(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports of the package, and whether that is for type checkers only."""
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found = names if node.module == "workbench" else [node.module]
        elif isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        else:
            continue
        for name in found:
            if name.startswith("workbench."):
                yield name.removeprefix("workbench."), node in guarded


def upward(path: Path) -> list[str]:
    """List the imports of a module that go where they may not."""
    module = module_name(path)
    room = room_of(module)
    wrong = []
    for target, for_types in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
        there = room_of(target)
        allowed = there == room or there in {room_of(name) for name in ALLOWED[room]}
        door = module in DOORS.get((room, there), ())
        if not (allowed or door or for_types or target in GROUND or target == "__version__"):
            wrong.append(f"{module} imports {target}")
    return wrong


MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_down_only(path: Path) -> None:
    """A room imports itself and what lies below it; engine and server know nothing of each other."""
    assert upward(path) == []


def test_every_room_has_its_place() -> None:
    """A new folder or module is either in the table or no room at all."""
    rooms = {room_of(module_name(path)) for path in MODULES}

    assert rooms == set(ALLOWED)


def test_an_import_upwards_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself can fail: an engine that imports the server is named."""
    monkeypatch.setattr("tests.test_imports.ROOT", tmp_path)
    (tmp_path / "engine").mkdir()
    bad = tmp_path / "engine" / "board.py"
    bad.write_text(
        "from typing import TYPE_CHECKING\nimport workbench.server.links\nfrom workbench import trace\n"
        "from workbench.engine import plan\nif TYPE_CHECKING:\n    from workbench.bench import Workbench\n"
    )

    assert upward(bad) == ["engine.board imports server.links", "engine.board imports trace"]


def timed(code: str) -> tuple[float, set[str]]:
    """Run code in a fresh interpreter: milliseconds that it took, and the modules that are loaded then."""
    program = (
        "import sys, time\nstart = time.perf_counter()\n"
        f"{code}\nprint((time.perf_counter() - start) * 1000)\nprint(*sys.modules)"
    )
    words = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    milliseconds, modules = done.stdout.splitlines()
    return float(milliseconds), set(modules.split())


def test_importing_the_package_takes_less_than_150_milliseconds() -> None:
    """Jupyter imports it at every start; the best of three, as machines stumble."""
    assert min(timed("import workbench")[0] for _ in range(3)) < 150


def test_importing_the_package_loads_nothing_heavy() -> None:
    """No pandas, no numpy, no web server and none of the rooms."""
    _, modules = timed("import workbench; dir(workbench); workbench._jupyter_server_extension_points()")

    heavy = {
        "asyncio",
        "pandas",
        "numpy",
        "pyarrow",
        "uvicorn",
        "websockets",
        "ipywidgets",
        "IPython",
        "tornado",
        "sqlalchemy",
        "pycrdt",
        "socketio",
    }
    assert not heavy & modules
    assert {name for name in modules if name.startswith("workbench")} == {"workbench"}


def test_a_bench_loads_no_pandas_before_a_frame_is_asked_for() -> None:
    """Serving needs neither frames nor widgets."""
    _, modules = timed("from workbench import Workbench; Workbench('crossws').start().stop()")

    assert not {"pandas", "pyarrow", "ipywidgets", "anywidget", "IPython"} & modules


def test_the_discovery_module_is_light() -> None:
    """It is read beside Jupyter's own reader, which must not load the workbench."""
    _, modules = timed("import workbench.discovery")

    assert not {"pandas", "numpy", "uvicorn", "websockets", "workbench.engine"} & modules
