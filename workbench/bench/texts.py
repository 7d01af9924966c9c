"""The text of a function as a person would edit it: a definition of its own, nothing in front of it."""

from __future__ import annotations

__all__ = ["Text", "text_of"]

import ast
import inspect
import linecache
import re
import textwrap
from dataclasses import dataclass
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from workbench.bench.drafts import NotEditable, draft_of, written

_known: WeakKeyDictionary[FunctionType, tuple[list[str], int]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Text:
    """The source of a function.

    Attributes
    ----------
    text
        One definition, without the indentation that it has where it stands.
    first_line
        The line of its file, or cell, at which it begins.
    """

    text: str
    first_line: int


def text_of(function: Any, name: str) -> Text:
    """Find the text of a hook's function; a lambda, or the body of a cell, is written as a definition.

    Parameters
    ----------
    function
        What is attached.
    name
        Of the hook.

    Raises
    ------
    NotEditable
        When there is no text that could be edited, with the reason.
    """
    inner = written(function, name)
    draft = draft_of(inner)
    if draft is not None:
        return Text(draft.text, 1)
    lines, first = _lines(inner, name)
    text = textwrap.dedent("".join(lines))
    tree = _parsed(text)
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return Text(text, first)
    if inner.__name__ == "<lambda>":
        return Text(_of_lambda(text, name), first)
    return Text(_of_body(inner, name), 1)


def _lines(function: FunctionType, name: str) -> tuple[list[str], int]:
    """Look up where a function stands, once: a file may have changed when somebody asks again."""
    if function not in _known:
        try:
            _known[function] = inspect.getsourcelines(function)
        except (OSError, TypeError, IndexError):
            raise NotEditable(
                f"The source of {name} is not at hand: it was not written in a cell or a file"
            ) from None
    return _known[function]


def _parsed(text: str) -> ast.stmt | None:
    try:
        return ast.parse(text).body[0]
    except (SyntaxError, ValueError, IndexError):
        return None


def _of_lambda(text: str, name: str) -> str:
    """Write the one lambda of a statement as a definition."""
    found = [node for node in ast.walk(_parsed(text) or ast.Pass()) if isinstance(node, ast.Lambda)]
    if len(found) != 1:
        raise NotEditable(f"{name} is one of several lambdas of its line; give it a name with def")
    return (
        f"def {_identifier(name)}({ast.unparse(found[0].args)}):\n    return {ast.unparse(found[0].body)}\n"
    )


def _of_body(function: FunctionType, name: str) -> str:
    """Write the statements of a cell that is the body of a function as a definition."""
    body = "".join(linecache.getlines(function.__code__.co_filename))
    if _parsed(body) is None:
        raise NotEditable(f"The source of {name} is not at hand: it is no definition")
    word = "async def" if function.__code__.co_flags & inspect.CO_COROUTINE else "def"
    head = f"{word} {_identifier(name)}{inspect.signature(function)}:\n"
    return head + textwrap.indent(body.strip("\n"), "    ") + "\n"


def _identifier(name: str) -> str:
    spelled = re.sub(r"\W", "_", name)
    return spelled if spelled.isidentifier() else f"hook_{spelled}"
