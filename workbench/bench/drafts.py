"""Drafts: the text of a hook's next function, compiled so that it keeps the surroundings of the present one.

A draft sees the globals of the function whose place it takes, and that one's free variables, the very cells.
Decorators that attach are left out, since the hook is attached already; all others are called again.
"""

from __future__ import annotations

__all__ = [
    "BadDraft",
    "Draft",
    "NotEditable",
    "Problem",
    "compile_draft",
    "draft_of",
    "line_of",
    "remember",
    "written",
]

import ast
import inspect
import linecache
import textwrap
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any, Final, cast

from workbench.bench.sources import attaches
from workbench.engine.errors import WorkbenchError

_INNER, _OUTER = "__draft__", "__surroundings__"
_FUTURE: Final = 0xFFF0000
"""The bits of a code's flags that say what was imported from ``__future__``."""

_CELL_IS_EMPTY: Final = object()

_remembered: dict[str, Draft] = {}
"""Drafts that became versions, by the name of their text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a draft, and where in its text; line and column count from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class BadDraft(WorkbenchError):
    """A draft that cannot take a hook's place.

    Attributes
    ----------
    problems
        Why.
    """

    def __init__(self, name: str, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(f"The draft of {name} stays one: {'; '.join(map(str, problems))}")


class NotEditable(WorkbenchError):
    """A hook whose function is not one that a text could replace; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A function made of a text.

    Attributes
    ----------
    function
        What can take the hook's place.
    text
        Its source.
    file
        The name under which tracebacks show it.
    line
        Of its ``def``.
    kept, left_out
        Its decorators: those that were called, and those that attach.
    """

    function: Any
    text: str
    file: str
    line: int
    kept: tuple[str, ...]
    left_out: tuple[str, ...]


def written(function: Any, name: str) -> FunctionType:
    """Find the function that somebody wrote, inside a bound method and under decorators.

    Parameters
    ----------
    function
        What is attached.
    name
        Of the hook, for the message.

    Raises
    ------
    NotEditable
        When there is none.
    """
    inner = inspect.unwrap(function.__func__ if isinstance(function, MethodType) else function)
    if not isinstance(inner, FunctionType):
        what = type(function).__name__
        raise NotEditable(
            f"{name} is a {what} object, and only functions are edited; attach a function in its place"
        )
    return inner


def compile_draft(text: str, old: Any, *, name: str, version: int) -> Draft:
    """Make a function of a draft.

    Parameters
    ----------
    text
        One function definition, whatever its name.
    old
        The function whose place it takes.
    name
        Of the hook.
    version
        The number that it would get.

    Raises
    ------
    BadDraft
        When the text is not one function, or when a default or decorator of it fails.
    NotEditable
        When the old one has no surroundings to keep.
    """
    surroundings = written(old, name)
    text = textwrap.dedent(text)
    file = _free_file(f"{name}, version {version}", text)
    tree = _definition(_parsed(text, file, surroundings, name), name)
    space = {**surroundings.__globals__, **_contents(surroundings)}
    left_out = [one for one in tree.decorator_list if _is_attaching(one, space)]
    kept = [one for one in tree.decorator_list if one not in left_out]
    try:
        function = _built(tree, kept, surroundings, old, file)
    except Exception as error:  # whatever a default or a decorator raises
        raise BadDraft(name, _problem(error, file, tree)) from error
    spelled = [tuple(f"@{ast.unparse(one)}" for one in some) for some in (kept, left_out)]
    return Draft(function, text, file, tree.lineno, *spelled)


def remember(draft: Draft) -> None:
    """Let tracebacks and `inspect.getsource` find the text of a draft that is live now."""
    lines = draft.text.splitlines(keepends=True)
    linecache.cache[draft.file] = (len(draft.text), None, lines, draft.file)
    _remembered[draft.file] = draft


def draft_of(function: FunctionType) -> Draft | None:
    """Give the draft that a function was made of; None for one that was written elsewhere."""
    code = function.__code__
    draft = _remembered.get(code.co_filename)
    return draft if draft is not None and draft.line == code.co_firstlineno else None


def _free_file(name: str, text: str) -> str:
    """Name a text; another bench may have one of the same name."""
    file, number = f"<{name}>", 1
    while file in linecache.cache and "".join(linecache.getlines(file)) != text:
        number += 1
        file = f"<{name} ({number})>"
    return file


# -- from text to definition ---------------------------------------------------------------------


def _parsed(text: str, file: str, surroundings: FunctionType, name: str) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | (surroundings.__code__.co_flags & _FUTURE)
    try:
        return cast("ast.Module", compile(text, file, "exec", flags=flags, dont_inherit=True))
    except SyntaxError as error:
        raise BadDraft(name, _misspelt(error)) from None
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, half surrogates, depth
        raise BadDraft(name, Problem(1, 1, f"This is no Python text: {error}")) from None


def _misspelt(error: SyntaxError) -> Problem:
    return Problem(error.lineno or 1, max(error.offset or 1, 1), f"{type(error).__name__}: {error.msg}")


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """Find the one function of a draft."""
    if not tree.body:
        raise BadDraft(name, Problem(1, 1, "The draft is empty; write one function with def or async def"))
    first, *more = tree.body
    if not isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef):
        first, more = tree.body[0], [tree.body[0]]
    if more:
        where = more[0]
        problem = "A draft is one function, def or async def; put everything else inside of it"
        raise BadDraft(name, Problem(where.lineno, where.col_offset + 1, problem))
    return cast("ast.FunctionDef | ast.AsyncFunctionDef", first)


def _is_attaching(decorator: ast.expr, space: dict[str, object]) -> bool:
    """Tell whether a decorator attaches; a bench that cannot be looked up is known by the call."""
    if attaches(decorator, space):
        return True
    call = decorator.func if isinstance(decorator, ast.Call) else None
    root = call.value if isinstance(call, ast.Attribute) and call.attr == "hook" else None
    return isinstance(root, ast.Name) and root.id not in space


# -- from definition to function -------------------------------------------------------------------


def _built(
    tree: ast.FunctionDef | ast.AsyncFunctionDef,
    kept: list[ast.expr],
    surroundings: FunctionType,
    old: Any,
    file: str,
) -> Any:
    name, inside = tree.name, _contents(surroundings)
    free = dict.fromkeys(surroundings.__code__.co_freevars)
    if _is_either(surroundings.__globals__.get(name, old), surroundings, old):  # its own name means itself
        free[name] = None
    owner = _class_of(surroundings, old).__name__ if isinstance(old, MethodType) else None
    module = _surrounded(tree, kept, tuple(free), owner)
    flags = surroundings.__code__.co_flags & _FUTURE
    code = compile(module, file, "exec", flags=flags, dont_inherit=True)
    made: dict[str, Any] = {}
    exec(code, surroundings.__globals__, made)  # noqa: S102 - a draft is code to run, by whom the bench belongs to
    raw, decorators = made[_OUTER](*(inside.get(one) for one in free))
    function: Any = _moved_in(raw, name, surroundings, old)
    for decorator in reversed(decorators):
        function = decorator(function)
    if not callable(function):
        raise TypeError(f"the decorators make a {type(function).__name__} of it, which cannot be called")
    return MethodType(function, old.__self__) if isinstance(old, MethodType) else function


def _surrounded(
    tree: ast.FunctionDef | ast.AsyncFunctionDef,
    kept: list[ast.expr],
    free: tuple[str, ...],
    owner: str | None,
) -> ast.Module:
    """Put the definition into a function whose parameters are the free variables.

    A method's stands in a class of the old one's name besides, for ``super()`` and for names with two
    underscores.
    """
    tree.decorator_list, tree.name = [], _INNER
    outer = ast.parse(f"def {_OUTER}({', '.join(free)}):\n return {_INNER}, ()")
    body = cast("ast.FunctionDef", outer.body[0]).body
    answer = cast("ast.Tuple", cast("ast.Return", body[0]).value)
    answer.elts[1] = ast.Tuple(kept, ast.Load())
    if owner is None:
        body.insert(0, tree)
    else:
        held = cast("ast.ClassDef", ast.parse(f"class {owner}: pass").body[0])
        held.body = [tree]
        body.insert(0, held)
        answer.elts[0] = ast.parse(f"vars({owner})[{_INNER!r}]", mode="eval").body
    return ast.fix_missing_locations(outer)


def _moved_in(raw: FunctionType, name: str, surroundings: FunctionType, old: Any) -> FunctionType:
    """Give a function the globals and the very cells of the one whose place it takes."""
    qualified = ".".join([*surroundings.__qualname__.split(".")[:-1], name])
    code: CodeType = raw.__code__.replace(co_name=name, co_qualname=qualified)
    cells = dict(zip(surroundings.__code__.co_freevars, surroundings.__closure__ or (), strict=True))
    itself = name in code.co_freevars and (
        name not in cells or _is_either(_content(cells[name]), surroundings, old)
    )
    if itself:
        cells[name] = CellType()
    if "__class__" in code.co_freevars:
        cells.setdefault("__class__", CellType(_class_of(surroundings, old)))
    for free, cell in zip(code.co_freevars, raw.__closure__ or (), strict=True):
        cells.setdefault(free, cell)  # a type parameter of its own
    function = FunctionType(
        code,
        surroundings.__globals__,
        name,
        raw.__defaults__,
        tuple(cells[free] for free in code.co_freevars),
    )
    function.__kwdefaults__ = raw.__kwdefaults__
    function.__annotations__ = raw.__annotations__
    function.__module__, function.__qualname__ = surroundings.__module__, qualified
    if itself:
        cells[name].cell_contents = function
    return function


def _is_either(value: Any, *functions: Any) -> bool:
    return any(value is function for function in functions)


def _class_of(surroundings: FunctionType, old: Any) -> type:
    """Find the class in which a method was defined, among those of its object."""
    kind = type(old.__self__)
    return next((one for one in kind.__mro__ if surroundings in vars(one).values()), kind)


def _contents(function: FunctionType) -> dict[str, Any]:
    """Give the free variables of a function; those that nothing has been assigned to are left out."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    held = {name: _content(cell) for name, cell in cells}
    return {name: value for name, value in held.items() if value is not _CELL_IS_EMPTY}


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _CELL_IS_EMPTY


def _problem(error: Exception, file: str, tree: ast.FunctionDef | ast.AsyncFunctionDef) -> Problem:
    """Say what went wrong while the function was made: a default, a decorator, what only compiling finds."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return _misspelt(error)
    return Problem(
        line_of(error, file) or tree.lineno, tree.col_offset + 1, f"{type(error).__name__}: {error}"
    )


def line_of(error: BaseException, file: str) -> int | None:
    """Find the innermost line of a file on the way of an error."""
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == file:
            line = frame.tb_lineno
        frame = frame.tb_next
    return line
