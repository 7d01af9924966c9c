"""How things came about: what gave a variable its value, which call made an object, what was imported."""

from __future__ import annotations

__all__ = [
    "Assigned",
    "argument",
    "assigned",
    "births",
    "called",
    "changes",
    "factory_of",
    "fits",
    "imported",
    "keyword",
    "makings",
    "mutated",
    "rebound",
]

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.bench.sources import DEFINITIONS, Space, function_of, trees


@dataclass(frozen=True, slots=True)
class Assigned:
    """What stands on the right of a variable's ``=``.

    Attributes
    ----------
    text, node
        The expression; or a line that changes what it gave.
    place
        As of a `Definition`.
    whole
        The text of the cell or file.
    """

    text: str
    node: Any
    place: tuple[int, int]
    whole: str = field(default="", repr=False)


def assigned(space: Space, name: str) -> Assigned | None:
    """Find what gave a variable its value at last, outside of functions; None where that cannot be told."""
    found = None
    for number, text, tree in trees(space):
        for statement in tree.body:
            value = _right_of(statement, name)
            if value is not None:
                segment = ast.get_source_segment(text, value)
                found = (
                    None if segment is None else Assigned(segment, value, (number, statement.lineno), text)
                )
            elif any(
                isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
                for node in _outside_functions(statement)
            ):
                found = None  # a loop, a with, several at once
    return found


def _right_of(statement: ast.stmt, name: str) -> ast.expr | None:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return None
    named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
    return statement.value if named else None


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (*DEFINITIONS, ast.Lambda)):
        return
    yield node
    for inner in ast.iter_child_nodes(node):
        yield from _outside_functions(inner)


def imported(space: Space, name: str, value: object) -> str | None:
    """Find the line that imported a variable, where it still gives this value."""
    found = None
    for _, _, tree in trees(space):
        for node in tree.body:
            for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    found = _import_line(node, alias, value)
    return found


def _import_line(node: ast.stmt, alias: ast.alias, value: object) -> str | None:
    more = f" as {alias.asname}" if alias.asname else ""
    if isinstance(node, ast.ImportFrom):
        given = getattr(sys.modules.get(node.module or ""), alias.name, None)
        return f"from {node.module} import {alias.name}{more}" if given is value and not node.level else None
    module = alias.name if alias.asname else alias.name.partition(".")[0]
    return f"import {alias.name}{more}" if sys.modules.get(module) is value else None


def factory_of(function: Any) -> tuple[Any, tuple[str, ...]] | None:
    """Find the function that made one that closes over things, where calling it makes an equal one.

    That is so where it does nothing but define, name and return it. Gives it with its parameters.
    """
    outer, _, rest = function.__qualname__.partition(".<locals>.")
    factory = function.__globals__.get(outer)
    code = getattr(factory, "__code__", None)
    if rest.count("<locals>") or code is None or not inspect.isfunction(factory):
        return None
    name = function.__code__.co_name
    if function.__code__ not in code.co_consts:
        return None
    found = function_of(factory)
    body = [] if found is None else getattr(found.node, "body", [])
    if not body or not all(_only_makes(node, name) for node in body) or not isinstance(body[-1], ast.Return):
        return None
    return factory, code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _only_makes(node: ast.stmt, name: str) -> bool:
    """Whether a statement of a factory defines, names or returns what it makes, or is its docstring."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name == name
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == f"{name}.__name__"
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Lambda):
        return name == "<lambda>"
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name


def rebound(space: Space) -> frozenset[str]:
    """List the variables that functions give new values: what they hold is what happened, not a setting."""
    return frozenset(
        name
        for _, _, tree in trees(space)
        for node in ast.walk(tree)
        if isinstance(node, ast.Global)
        for name in node.names
    )


_CHANGES: Final = frozenset(
    {
        "add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "insert",
        "intersection_update", "pop", "popitem", "popleft", "remove", "reverse", "rotate", "setdefault",
        "sort", "update",
    }
)  # fmt: skip


def mutated(space: Space) -> frozenset[str]:
    """List the variables whose lists and mappings are changed somewhere, as far as the texts show it."""
    return frozenset(
        name for _, _, tree in trees(space) for node in ast.walk(tree) if (name := _changed(node)) is not None
    )


def changes(space: Space, name: str, since: tuple[int, int]) -> list[Assigned]:
    """List the lines outside of functions that changed what a variable holds, after it got its value."""
    found = []
    for number, text, tree in trees(space):
        for statement in tree.body:
            place = (number, statement.lineno)
            if place > since and any(_changed(node) == name for node in _outside_functions(statement)):
                segment = ast.get_source_segment(text, statement)
                if segment is not None:
                    found.append(Assigned(segment, statement, place))
    return found


def _changed(node: ast.AST) -> str | None:
    """Name the variable whose value a node changes."""
    target: Any = None
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        target = node
    elif isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        target = node.func
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def births(space: Space, kind: Any) -> list[Assigned]:
    """List the calls of a class or function outside of functions, as they are written, each once."""
    found: dict[str, Assigned] = {}
    for number, text, tree in trees(space):
        for statement in tree.body:
            for node in _outside_functions(statement):
                if isinstance(node, ast.Call) and called(space, node) is kind:
                    segment = ast.get_source_segment(text, node) or ""
                    found[segment] = Assigned(segment, node, (number, node.lineno))
    return list(found.values())


def makings(function: Any, space: Space, held: Mapping[str, Any]) -> list[Assigned]:
    """List the calls by which a library may have made a function that closes over things, each once.

    Parameters
    ----------
    function
        The function.
    space
        Where the calls are looked for.
    held
        What it closes over: arguments that the call passes by must fit.
    """
    outer = function.__qualname__.partition(".<locals>.")[0]
    factory = function.__globals__.get(outer)
    return [one for one in births(space, factory) if _passes(one.node, factory, held, space)]


def _passes(node: ast.expr, factory: Any, held: Mapping[str, Any], space: Space) -> bool:
    """Whether a call passes what a function closes over, as far as both have it."""
    assert isinstance(node, ast.Call)  # noqa: S101 - births are
    try:
        bound = inspect.signature(factory).bind(
            *node.args, **{str(one.arg): one.value for one in node.keywords}
        )
    except TypeError:
        return False
    for name, given in bound.arguments.items():
        nodes = ast.Tuple(list(given), ast.Load()) if isinstance(given, tuple) else given
        if name in held and isinstance(nodes, ast.expr) and not fits(space, nodes, held[name]):
            return False
    return True


def called(space: Space, node: ast.expr) -> object:
    """Say what an expression calls; None where it is no call."""
    return _meaning(space, node.func) if isinstance(node, ast.Call) else None


def _meaning(space: Space, node: ast.expr) -> object:
    """Say what a dotted name means; None for what is none."""
    if isinstance(node, ast.Name):
        return space.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_meaning(space, node.value), node.attr, None)
    return None


def argument(space: Space, member: str, arguments: tuple[Any, ...], place: int) -> Assigned | None:
    """Find what stands at a place of the newest call of a member with the same plain arguments before it."""
    found = None
    for number, text, tree in trees(space):
        for node in (one for statement in tree.body for one in _outside_functions(statement)):
            if (
                isinstance(node, ast.Call)
                and _calls(node, member, arguments[:place])
                and len(node.args) > place
            ):
                wanted = node.args[place]
                segment = ast.get_source_segment(text, wanted)
                found = None if segment is None else Assigned(segment, wanted, (number, node.lineno))
    return found


def keyword(space: Space, variable: str, name: str) -> Assigned | None:
    """Find what stands behind a keyword of the call whose result a variable holds."""
    found = assigned(space, variable)
    if found is None or not isinstance(found.node, ast.Call):
        return None
    node = next((one.value for one in found.node.keywords if one.arg == name), None)
    segment = None if node is None else ast.get_source_segment(found.whole, node)
    return None if node is None or segment is None else Assigned(segment, node, found.place)


def fits(space: Space, node: ast.expr, value: object) -> bool:
    """Whether an expression can still give a value, as far as its text shows.

    Plain data and names have to be equal; what is computed is taken to be what it was.
    """
    if isinstance(node, ast.Dict):
        keys = [getattr(key, "value", None) for key in node.keys]
        if not isinstance(value, dict) or keys != list(value):
            return False
        return all(fits(space, one, value[key]) for key, one in zip(keys, node.values, strict=True))
    if isinstance(node, ast.List | ast.Tuple):
        held = value if isinstance(value, list | tuple) else ()
        same = isinstance(value, list | tuple) and len(node.elts) == len(held)
        return same and all(fits(space, one, part) for one, part in zip(node.elts, held, strict=True))
    if isinstance(node, ast.Constant | ast.Name):
        given = node.value if isinstance(node, ast.Constant) else space.get(node.id)
        return given is value or _equal(given, value)
    return isinstance(node, ast.Call | ast.Subscript | ast.Attribute)


def _equal(first: object, second: object) -> bool:
    try:
        return bool(first == second)
    except Exception:  # noqa: BLE001 - arrays, and whatever else has an opinion of its own
        return False


def _calls(node: ast.Call, member: str, arguments: tuple[Any, ...]) -> bool:
    """Whether a call is one of a member, and begins with plain arguments."""
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == member
        and len(node.args) >= len(arguments)
        and all(
            isinstance(given, ast.Constant) and given.value == wanted
            for given, wanted in zip(node.args, arguments, strict=False)
        )
    )
