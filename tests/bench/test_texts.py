"""The text of a hook's function, as it is given to an editor."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.bench.drafts import NotEditable, compile_draft, remember
from workbench.bench.texts import text_of

DECORATED = "keep = lambda f: f\n@keep\ndef f(peer):\n    return 1\n"


def made() -> Callable[..., Any]:
    """Give a function that stands inside another one."""

    def inner(_peer: Any, message: Any) -> Any:
        """Say which."""
        return message

    return inner


def from_file(text: str, name: str, file: str) -> Any:
    """Run a text as a cell does, and give what it calls by that name."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space: dict[str, Any] = {}
    exec(compile(text, file, "exec"), space)
    return space[name]


def test_a_definition_comes_without_its_indentation() -> None:
    """With the line at which it begins in its file."""
    found = text_of(made(), "inner")

    assert found.text.startswith("def inner(_peer: Any, message: Any) -> Any:\n    ")
    assert found.first_line == inspect.getsourcelines(made)[1] + 3


def test_decorators_belong_to_the_text() -> None:
    """Also the one that attaches."""
    function = from_file(DECORATED, "f", "<decorated>")

    assert text_of(function, "f").text == DECORATED.partition("\n")[2]


def test_a_draft_comes_back_as_it_was_typed() -> None:
    """With remarks around it, and decorators that were left out; a function inside of it has its own text."""
    typed = "# why\n@bench.hook('message')\ndef f(peer):\n    def g(): pass\n    return g\n\n# so\n"
    function = from_file("def f(peer): pass\n", "f", "<old>")
    draft = compile_draft(typed, function, name="typed", version=2)
    remember(draft)

    assert text_of(draft.function, "typed").text == typed
    assert text_of(draft.function(0), "g").text == "def g(): pass\n"


def test_a_text_is_looked_up_once(tmp_path: Path) -> None:
    """A file that has another text by now does not pass it off as that of the function."""
    file = tmp_path / "hooks.py"
    file.write_text("def f(peer):\n    return 1\n", encoding="utf-8")
    space: dict[str, Any] = {}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), space)
    assert text_of(space["f"], "f").text.endswith("return 1\n")

    file.write_text("\n\ndef other():\n    return 22222\n", encoding="utf-8")
    linecache.checkcache()

    assert text_of(space["f"], "f").text.endswith("return 1\n")


def test_the_body_of_a_cell_is_written_as_a_definition() -> None:
    """As `%%hook` makes a function of it, with the point's parameters."""
    body = "\nnumber = 1\nif message:\n    await peer\n"
    tree = ast.parse("async def name(peer, message): pass")
    tree.body[0].body = ast.parse(body, "<cell>").body  # type: ignore[attr-defined]
    linecache.cache["<cell>"] = (len(body), None, body.splitlines(keepends=True), "<cell>")
    space: dict[str, Any] = {}
    exec(compile(tree, "<cell>", "exec"), space)

    assert text_of(space["name"], "name").text == (
        "async def name(peer, message):\n    number = 1\n    if message:\n        await peer\n"
    )


def test_a_lambda_is_written_as_a_definition() -> None:
    """Under the name of its hook, so that the text is a draft."""
    function = from_file("f = [lambda peer, *, by=2: by + 1]\n", "f", "<lambda 1>")[0]

    text = text_of(function, "plus-one").text

    assert text == "def plus_one(peer, *, by=2):\n    return by + 1\n"
    assert compile_draft(text, function, name="plus-one", version=2).function(0) == 3


def test_one_of_several_lambdas_is_not_guessed() -> None:
    """Nothing tells which of them is meant."""
    function = from_file("f, g = lambda a: 1, lambda a: 2\n", "f", "<lambda 2>")

    with pytest.raises(NotEditable, match="one of several lambdas"):
        text_of(function, "lambda")


@pytest.mark.parametrize("function", [eval("lambda a: a"), eval("lambda: 1", {})])
def test_what_was_written_nowhere_has_no_text(function: Any) -> None:
    """And it is said so."""
    with pytest.raises(NotEditable, match="not at hand"):
        text_of(function, "lambda")
