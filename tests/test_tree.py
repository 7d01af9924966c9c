"""The tests mirror the source, and no module outgrows its reader."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import workbench

SOURCE = Path(workbench.__file__).parent
TESTS = Path(__file__).parent

LONGEST = 500
"""Lines of the longest module; more than that has a seam somewhere."""

LONGEST_TEST = 1000
"""Lines of the longest module of tests, which are read one test at a time."""

ELSEWHERE = frozenset({"conformance", "ui", "notebooks", "benchmarks"})
"""Folders of tests that stand for something else than a folder of the source."""

WHOLE = frozenset({"test_dev.py", "test_imports.py", "test_exports.py", "test_readme.py", "test_tree.py"})
"""Tests of the package as a whole, and of what runs them."""


TOGETHER: frozenset[str] = frozenset(
    {
        "dialects/crossws/test_seed.py",
        "dialects/feathers/test_seed.py",
        "dialects/directus/test_seed.py",
        "dialects/hocuspocus/test_seed.py",
        "jupyter/test_access.py",
        "jupyter/test_extension.py",
        "jupyter/test_process.py",
        "server/test_names.py",
        "server/test_transports.py",
        "test_bad_input.py",
        "test_binder.py",
        "test_build.py",
    }
)
"""Tests of several modules of a room at once; a list that may only get shorter."""


def tracked(folder: Path, pattern: str) -> list[Path]:
    """List the files of a folder that are part of the project, rather than built or left lying about."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--", pattern], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:  # no repository: an unpacked source archive
        return sorted(folder.rglob(pattern))
    return [folder / name for name in done.stdout.split("\0") if name]


def test_every_test_module_stands_beside_its_source() -> None:
    """`tests/engine/test_board.py` tests `workbench/engine/board.py`, or a folder of that name."""
    homeless = []
    for path in tracked(TESTS, "*test_*.py"):
        parts = path.relative_to(TESTS).parts
        if parts[0] in ELSEWHERE or path.name in WHOLE or not path.name.startswith("test_"):
            continue
        home = SOURCE.joinpath(*parts[:-1], path.stem.removeprefix("test_"))
        stands = home.is_dir() or home.with_suffix(".py").exists() or home.name == home.parent.name
        if not stands and "/".join(parts) not in TOGETHER:
            homeless.append(str(path.relative_to(TESTS)))

    assert homeless == []
    assert {name for name in TOGETHER if (TESTS / name).exists()} == TOGETHER


def test_every_room_of_the_source_has_tests() -> None:
    """A folder without tests is a folder that nobody holds."""
    rooms = {path.relative_to(SOURCE).parts[0] for path in tracked(SOURCE, "*.py") if path.parent != SOURCE}

    for room in rooms - {"__pycache__"}:
        assert (TESTS / room).is_dir() or (TESTS / f"test_{room}.py").exists(), room


def test_no_module_is_longer_than_its_limit() -> None:
    """Of the source, and of the tests."""
    limits = [(path, LONGEST) for path in tracked(SOURCE, "*.py")]
    limits += [(path, LONGEST_TEST) for path in tracked(TESTS, "*.py")]
    long = {
        str(path): length
        for path, limit in limits
        if path.exists() and (length := len(path.read_text(encoding="utf-8").splitlines())) > limit
    }

    assert long == {}


def test_every_test_states_a_fact() -> None:
    """One sentence each: what a reader may rely on when it passes."""
    silent = [
        f"{path.relative_to(TESTS)}::{node.name}"
        for path in tracked(TESTS, "*test_*.py")
        if path.exists()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_a_sentence_that_offers_near_names_quotes_all_of_them_alike() -> None:
    """`near` writes names as Python does, in single quotes; so is the name that was not found."""
    mixed = [
        f"{path.relative_to(SOURCE)}:{sentence.lineno}"
        for path in tracked(SOURCE, "*.py")
        for sentence in ast.walk(ast.parse(path.read_text()))
        if isinstance(sentence, ast.JoinedStr) and _calls_near(sentence) and '"{' in _template(sentence)
    ]
    assert mixed == []


def _calls_near(sentence: ast.JoinedStr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "near" for node in ast.walk(sentence))


def _template(sentence: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in sentence.values)
