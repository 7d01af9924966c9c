"""Names and origins out of the running program: which variable holds a bench, which cell attached a hook.

A bench is spoken about by the name of its variable, in the header, in the sidebar and in every printed
Python line, so that a line copied from a panel runs as it stands. Both look-ups read the caller's frame;
neither ever raises, because a missing name is a matter of looks and must not keep anybody from working.
"""

from __future__ import annotations

__all__ = [
    "Caller",
    "assigned_name",
    "caller_outside",
    "name_in_namespace",
    "slug",
    "warn_caller",
]

import ast
import linecache
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from types import FrameType

_PASSING_THROUGH = frozenset({"start"})  # methods that return the bench itself: `bench = Workbench().start()`

_parsing = Lock()
"""Python 3.11 counts the depth of all trees that are being built together, and raises when that is off."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The place in a user's code that called into the workbench.

    Attributes
    ----------
    frame
        The user's frame; keep it no longer than the call that asked for it.
    file
        The file name that Python knows for the code; in a notebook a made-up one.
    line
        The line that is being executed, counted from 1.
    """

    frame: FrameType
    file: str
    line: int


def caller_outside(package: str = "workbench") -> Caller:
    """Find the nearest frame that does not belong to a package.

    Parameters
    ----------
    package
        Import name of the package whose frames are passed over, its sub-packages included.

    Returns
    -------
    Caller
        The caller; the outermost frame where the package itself is the program.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - `inspect.stack` reads every source file
    inner = package + "."
    while frame.f_back is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module != package and not module.startswith(inner):
            break
        frame = frame.f_back
    return Caller(frame, frame.f_code.co_filename, frame.f_lineno)


def warn_caller(sentence: str) -> None:
    """Warn whoever called into the workbench, at their own line, each time: in a notebook, below the cell.

    Parameters
    ----------
    sentence
        What is wrong and what to do; for what the modelled system takes without a word.
    """
    caller = caller_outside()
    warnings.warn_explicit(sentence, UserWarning, caller.file, caller.line)


def assigned_name(frame: FrameType) -> str | None:
    """Tell which variable the call that a frame is executing will be assigned to.

    Parameters
    ----------
    frame
        A frame that is executing a call, such as ``bench = Workbench("crossws")``.

    Returns
    -------
    str or None
        The variable; None where the call is not assigned to a plain name, or the source is not at hand.
    """
    span = _call_span(frame)
    tree = _statement_tree(frame.f_code.co_filename, frame.f_globals)
    if span is None or tree is None:
        return None
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    calls = (node for node in parents if isinstance(node, ast.Call) and _span(node) == span)
    call = next(calls, None)
    return None if call is None else _target(call, parents)


def _call_span(frame: FrameType) -> tuple[int, int, int, int] | None:
    """Return first line, last line, first column and last column of the instruction being executed."""
    positions = list(frame.f_code.co_positions())
    index = frame.f_lasti // 2
    if not 0 <= index < len(positions):
        return None
    line, last_line, column, last_column = positions[index]
    if line is None or last_line is None or column is None or last_column is None:
        return None
    return line, last_line, column, last_column


def _span(node: ast.expr) -> tuple[int, int | None, int, int | None]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _statement_tree(file: str, module_globals: dict[str, object]) -> ast.Module | None:
    source = "".join(linecache.getlines(file, module_globals))
    try:
        with _parsing:
            return ast.parse(source) if source else None
    except (SyntaxError, ValueError):  # a template or a magic that IPython rewrote: no name, no harm
        return None
    except (RecursionError, SystemError):  # Python 3.11, while another thread parses something else
        return None


def _target(call: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> str | None:
    """Climb from a call to the plain name it is assigned to."""
    value = _through_methods(call, parents)
    holder = parents.get(value)
    if isinstance(holder, ast.Tuple) and isinstance(assign := parents.get(holder), ast.Assign):
        return _unpacked(assign, holder, value)
    if isinstance(holder, ast.Assign):
        names = [target.id for target in holder.targets if isinstance(target, ast.Name)]
        return names[0] if names else None
    if isinstance(holder, ast.AnnAssign | ast.NamedExpr) and isinstance(holder.target, ast.Name):
        return holder.target.id
    if isinstance(holder, ast.withitem) and isinstance(holder.optional_vars, ast.Name):
        return holder.optional_vars.id
    return None


def _through_methods(call: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> ast.expr:
    attribute = parents.get(call)
    outer = parents.get(attribute) if attribute is not None else None
    passes = isinstance(attribute, ast.Attribute) and attribute.attr in _PASSING_THROUGH
    return outer if passes and isinstance(outer, ast.Call) else call


def _unpacked(assign: ast.Assign, values: ast.Tuple, value: ast.expr) -> str | None:
    """Read `a, b = Workbench(), Workbench()`: the name that stands where the value stands."""
    place = values.elts.index(value)
    for target in assign.targets:
        if isinstance(target, ast.Tuple) and len(target.elts) == len(values.elts):
            name = target.elts[place]
            return name.id if isinstance(name, ast.Name) else None
    return None


def name_in_namespace(value: object, namespace: Mapping[str, object]) -> str | None:
    """Find the public variable that holds a value.

    Parameters
    ----------
    value
        The object looked for, by identity.
    namespace
        Variables, such as a notebook's or a module's globals.

    Returns
    -------
    str or None
        The first name without a leading underscore (IPython keeps results as ``_`` and ``_3``), or None.
    """
    for name, held in list(namespace.items()):
        if held is value and not name.startswith("_"):
            return name
    return None


def slug(name: str) -> str:
    """Make a name fit for file names and URLs: lower case letters, digits and hyphens, at most 48 characters.

    Parameters
    ----------
    name
        Any text.

    Returns
    -------
    str
        The slug; ``bench`` where nothing of the name is left.
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48].strip("-") or "bench"
