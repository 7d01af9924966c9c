"""What people wrote: the texts of cells and files; in them functions, classes, lambdas, and names used."""

from __future__ import annotations

__all__ = [
    "DEFINITIONS",
    "Definition",
    "Space",
    "Used",
    "attaches",
    "class_of",
    "function_of",
    "indented",
    "lambda_of",
    "literal",
    "methods_of",
    "space_of",
    "trees",
    "used_in",
    "where",
]

import ast
import inspect
import linecache
import symtable
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any, Final

from workbench.bench.cells import label_of, running_shell

Space = Mapping[str, Any]
"""Variables of a notebook or a module."""

_FUTURE: Final = "from __future__ import annotations\n"
_COMPREHENSIONS: Final = frozenset({"listcomp", "setcomp", "dictcomp", "genexpr"})
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class as it was written.

    Attributes
    ----------
    text
        From its first decorator on, without the indentation that it had.
    node
        The same, as a tree.
    place
        Tells which of two stands first: number of the cell, line.
    """

    text: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Used:
    """The names that a piece of code finds outside of itself.

    Attributes
    ----------
    at_once
        When it is run: decorators, defaults, bases.
    later
        When what it defines is called.
    shown
        In annotations, which nobody runs.
    """

    at_once: tuple[str, ...]
    later: tuple[str, ...]
    shown: tuple[str, ...]


# -- texts -----------------------------------------------------------------------------------------


def _texts(space: Space) -> list[str]:
    """Give the texts that made some variables, in order: the cells of a notebook, or one file."""
    shell = running_shell()
    if shell is not None and space is shell.user_ns:
        return [str(text) for text in space.get("In", ())]
    file = space.get("__file__")
    return ["".join(linecache.getlines(file, dict(space)))] if isinstance(file, str) else []


@lru_cache(maxsize=512)
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def trees(space: Space) -> Iterator[tuple[int, str, ast.Module]]:
    """Give number, text and tree of each text that is Python, and of what stands below ``%%hook``."""
    for number, text in enumerate(_texts(space)):
        for part in (text, *_below_magics(text)):
            try:
                yield number, part, _tree(part)
            except (SyntaxError, ValueError, RecursionError, SystemError):  # no Python; or 3.11, see `naming`
                continue


def _below_magics(text: str) -> list[str]:
    """Give the cell that a magic got, which IPython keeps as the text of a call."""
    if "run_cell_magic" not in text:
        return []
    try:
        call = getattr(_tree(text).body[0], "value", None)
    except (SyntaxError, IndexError):
        return []
    last = call.args[-1] if isinstance(call, ast.Call) and call.args else None
    return [last.value] if isinstance(last, ast.Constant) and isinstance(last.value, str) else []


def where(code: Any) -> str:
    """Say in which file or cell a function stands, and on which line."""
    return f"{label_of(code.co_filename)}, line {code.co_firstlineno}"


# -- definitions -----------------------------------------------------------------------------------


def function_of(function: Any) -> Definition | None:
    """Give the text of a function; None where it is not at hand, or is not made by ``def``."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    try:
        text = "".join(inspect.getsourcelines(function)[0])
        place = _place(function, code.co_firstlineno) if code is not None else (0, 0)
        return _definition(text, place)
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def _place(function: Any, line: int) -> tuple[int, int]:
    texts = _texts(getattr(function, "__globals__", {}))
    if len(texts) < 2:  # noqa: PLR2004 - a file
        return 0, line
    cell = "".join(linecache.getlines(function.__code__.co_filename))
    return next((number for number, text in enumerate(texts) if text.strip() == cell.strip()), 0), line


def _definition(text: str, place: tuple[int, int]) -> Definition | None:
    text = _dedented(text)
    node = _tree(text).body[0]
    return Definition(text.rstrip(), node, place) if isinstance(node, DEFINITIONS) else None


def methods_of(kind: type) -> list[FunctionType]:
    """List the functions of a class that its own text has: none that were made for it, or taken over."""
    return [
        one
        for one in vars(kind).values()
        if isinstance(one, FunctionType)
        and one.__module__ == kind.__module__
        and not inspect.unwrap(one).__code__.co_filename.startswith("<string")
    ]


def space_of(kind: type, usual: Space) -> Space:
    """Give the variables among which a class was written; `usual` where only a module's name tells."""
    methods = methods_of(kind)
    if methods:
        return methods[0].__globals__
    module = sys.modules.get(kind.__module__)
    return usual if module is None or usual.get(kind.__name__) is kind else vars(module)


def class_of(kind: type, usual: Space) -> Definition | None:
    """Give the text of a class; in a notebook Python itself does not find it."""
    methods, space = methods_of(kind), space_of(kind, usual)
    found = None
    for number, text, tree in trees(space):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__ and _holds(node, methods):
                lines = text.splitlines()
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                own = "\n".join(lines[first - 1 : node.end_lineno])
                found = _definition(own, (number, first))
    if found is not None or "<locals>" not in kind.__qualname__:
        return found
    try:
        return _definition(inspect.getsource(kind), (0, 0))
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def _holds(node: ast.ClassDef, methods: list[FunctionType]) -> bool:
    """Whether a class has the methods: of two of its name, the one that made them."""
    names = {one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    return all(one.__code__.co_name in names for one in methods if one.__code__.co_name.isidentifier())


def lambda_of(function: Any) -> str | None:
    """Give the text of a lambda; None where it is not at hand."""
    code = function.__code__
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    try:
        tree = _tree(text)
    except (SyntaxError, ValueError, RecursionError, SystemError):
        return None
    spots = [
        (line, column)
        for line, _, column, end in code.co_positions()
        if line is not None and column is not None and column != end
    ]
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and _around(node, code, spots)]
    inner = max(found, key=lambda node: (node.lineno, node.col_offset), default=None)
    return None if inner is None or not spots else ast.get_source_segment(text, inner)


def _around(node: ast.Lambda, code: Any, spots: list[tuple[int, int]]) -> bool:
    start = (node.body.lineno, node.body.col_offset)
    end = (node.body.end_lineno or 0, node.body.end_col_offset or 0)
    names = tuple(one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    count = code.co_argcount + code.co_kwonlyargcount
    return code.co_varnames[:count] == names and all(start <= spot < end for spot in spots)


def _dedented(text: str) -> str:
    """Take a definition's own indentation away, but not from within its texts of several lines."""
    lines = text.expandtabs().splitlines()
    margin = len(lines[0]) - len(lines[0].lstrip())
    if not margin:
        return text
    inside = _in_texts("if True:\n" + text.expandtabs(), 1)
    return "\n".join(
        line if number in inside else line[min(margin, len(line) - len(line.lstrip())) :]
        for number, line in enumerate(lines)
    )


def indented(text: str) -> str:
    """Put a definition into another one, without a change to its texts of several lines."""
    inside = _in_texts(text, 0)
    return "\n".join(
        line if number in inside or not line else f"    {line}"
        for number, line in enumerate(text.splitlines())
    )


def _in_texts(text: str, above: int) -> set[int]:
    """Number the lines that begin inside of a text, counted from 0 and without the lines above."""
    return {
        line - 1 - above
        for node in ast.walk(_tree(text))
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }


# -- names -----------------------------------------------------------------------------------------


def used_in(text: str) -> Used:
    """List the names that code finds outside of itself, each once and in order."""
    at_once: dict[str, None] = {}
    later: dict[str, None] = {}
    pending = [(symtable.symtable(_FUTURE + text, "<source>", "exec"), at_once)]
    while pending:
        table, names = pending.pop(0)
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            # Since Python 3.12 the variables of a comprehension are listed with those around it.
            own = top and symbol.is_assigned()
            if symbol.is_global() and not own and (symbol.is_referenced() or symbol.is_declared_global()):
                names[symbol.get_name()] = None
        pending += [(one, names if _runs_at_once(one) else later) for one in table.get_children()]
    defined = {node.name for node in _tree(text).body if isinstance(node, DEFINITIONS)}
    return Used(
        tuple(name for name in at_once if name not in defined),
        tuple(name for name in later if name not in at_once and name not in defined),
        tuple(name for name in dict.fromkeys(_annotations(_tree(text))) if name not in _parameters(text)),
    )


def _runs_at_once(table: symtable.SymbolTable) -> bool:
    """Whether a block runs with the code around it: a class, what holds its ``[T]``, a comprehension."""
    return table.get_type() == "class" or table.get_name() in _COMPREHENSIONS or _holds_parameters(table)


def _holds_parameters(table: symtable.SymbolTable) -> bool:
    return str(table.get_type()).startswith("type parameter")  # 3.13 has an s at its end, 3.12 none


def _parameters(text: str) -> set[str]:
    """Name the type parameters, which Python has from 3.12 on."""
    return {one.name for node in ast.walk(_tree(text)) for one in getattr(node, "type_params", ())}


def _annotations(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        for shown in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if shown is not None:
                yield from (one.id for one in ast.walk(shown) if isinstance(one, ast.Name))


def attaches(decorator: ast.expr, space: Space) -> bool:
    """Tell whether a decorator is a line that attaches a hook: it begins with a bench, or a part of one.

    Parameters
    ----------
    decorator
        As it was parsed.
    space
        The variables that it sees.
    """
    root: Any = decorator
    while isinstance(root, ast.Call | ast.Attribute):
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name) or root.id not in space:
        return False
    return type(space[root.id]).__module__.startswith("workbench.")


def literal(value: object) -> str | None:
    """The Python of plain data; None for what is more than that."""
    try:
        text = repr(value)
        same = ast.literal_eval(text) == value
    except (ValueError, SyntaxError, RecursionError, TypeError):
        return None
    plain = (type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set)
    return text if same and isinstance(value, plain) else None
