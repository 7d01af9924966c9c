"""What a hook's source says about it, where the source is at hand: what it returns, how it calls next."""

from __future__ import annotations

__all__ = ["calls_next", "first_parameter", "returns_something"]

import ast
import inspect
import textwrap
import weakref
from collections.abc import Iterator
from typing import Any

_trees: weakref.WeakKeyDictionary[Any, ast.AST | None] = weakref.WeakKeyDictionary()


def _tree(function: Any) -> ast.AST | None:
    """The function's own definition; None where its source is not at hand."""
    inner = inspect.unwrap(function)
    try:
        if inner not in _trees:
            _trees[inner] = _parsed(inner)
        return _trees[inner]
    except TypeError:  # cannot be referred to weakly
        return _parsed(inner)


def _parsed(function: Any) -> ast.AST | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return next(
        (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)), None
    )


def _own(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a function's nodes without those of functions inside it."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            yield from _own(node)


def returns_something(function: Any) -> bool:
    """Whether a function may return a value; True where that cannot be told."""
    tree = _tree(function)
    if tree is None:
        return True
    returned = [node.value for node in _own(tree) if isinstance(node, ast.Return)]
    return any(value is not None and not _is_none(value) for value in returned)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def calls_next(function: Any) -> str:
    """How a function calls its second parameter: ``unawaited`` where it throws away what comes back."""
    tree = _tree(function)
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) or len(tree.args.args) < 2:  # noqa: PLR2004
        return ""
    name = tree.args.args[1].arg
    for node in _own(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Name) and called.id == name:
                return "unawaited"
    return "awaited"


def first_parameter(function: Any) -> str:
    """Name a function's first parameter; ``payload`` where that cannot be told."""
    tree = _tree(function)
    args = tree.args.args if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) else []
    return args[0].arg if args else "payload"
