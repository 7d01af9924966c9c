"""The source of functions with all that they stand on, written so that a file of its own runs them."""

from __future__ import annotations

__all__ = ["Source", "Trouble", "attaches", "literal"]

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Final

_NOTEBOOK: Final = frozenset({"__main__", "__mp_main__"})
_DEEPEST: Final = 20
_PLAIN: Final = (type(None), bool, int, float, complex, str, bytes)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that cannot be written out.

    Attributes
    ----------
    hook
        Name of the hook that needs it.
    what
        What it is, for people.
    where
        File or cell, and line.
    """

    hook: str
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.hook}: {self.what} ({self.where})"


class Source:
    """Collects imports, constants and definitions, each once, in an order in which they run.

    Parameters
    ----------
    bench
        The object that stands for `variable` wherever a function uses it.
    variable
        Its name in the file.
    """

    def __init__(self, bench: object, variable: str) -> None:
        self.imports: dict[str, str] = {}
        self.definitions: dict[str, str] = {}
        self.troubles: list[Trouble] = []
        self._bench = bench
        self._variable = variable
        self._known: dict[str, object] = {variable: bench}

    def function(self, hook: str, function: Any) -> str | None:
        """Write a hook's function out; return its name in the file, None where that cannot be done."""
        before = self.troubles.copy()
        kept = (self.imports.copy(), self.definitions.copy(), self._known.copy())
        name = self._named(hook, str(getattr(function, "__name__", "")), function, 0)
        if len(self.troubles) == len(before):
            return name
        self.imports, self.definitions, self._known = kept  # nothing of it is left
        return None

    def _named(self, hook: str, name: str, value: object, depth: int) -> str:
        """Make `name` mean `value` in the file; under another name where it is taken."""
        if self._known.get(name, value) is not value:
            if not isinstance(value, FunctionType):
                self._trouble(hook, f"two things are called {name}", value)
                return name
            name = next(free for n in range(2, 1000) if (free := f"{name}_{n}") not in self._known)
        if name not in self._known:
            self._known[name] = value
            self._write(hook, name, value, depth)
        return name

    def _write(self, hook: str, name: str, value: object, depth: int) -> None:
        if depth > _DEEPEST:
            self._trouble(hook, f"{name} stands on too many others", value)
        elif isinstance(value, ModuleType):
            self.imports[name] = _import(value.__name__, name)
        elif _importable(value, name):
            self.imports[name] = _from(value, name)
        elif isinstance(value, FunctionType | type):
            self._define(hook, name, value, depth)
        elif (text := literal(value)) is not None:
            self.definitions[name] = f"{name} = {text}"
        else:
            self._trouble(hook, f"{name} is a live {type(value).__name__}", value)

    def _define(self, hook: str, name: str, value: Any, depth: int) -> None:
        try:
            text = textwrap.dedent(inspect.getsource(value))
            tree = ast.parse(text).body[0]
        except (OSError, TypeError, SyntaxError, IndexError):
            self._trouble(hook, f"the source of {name} is not at hand", value)
            return
        if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._trouble(hook, f"{name} is a lambda or an expression; give it a name with def", value)
            return
        self._check_defaults(hook, name, value)
        space = getattr(value, "__globals__", {})
        tree.decorator_list = [one for one in tree.decorator_list if not attaches(one, space)]
        used = self._used(hook, name, value)
        for other, held in used.items():
            if held is self._bench:
                continue
            written = self._named(hook, other, held, depth + 1)
            if written != other:
                self._trouble(hook, f"{other} means two things", held)
        if name == tree.name and not tree.decorator_list and not text.startswith("@"):
            self.definitions[name] = text.rstrip()
        else:
            tree.name = name
            self.definitions[name] = _without_decorators(text, tree)

    def _check_defaults(self, hook: str, name: str, value: Any) -> None:
        defaults = [*(getattr(value, "__defaults__", None) or ())]
        for default in defaults:
            if literal(default) is None:
                self._trouble(hook, f"a default of {name} is a live {type(default).__name__}", value)

    def _used(self, hook: str, name: str, value: Any) -> dict[str, object]:
        """What a function or class finds by name outside of itself."""
        used: dict[str, object] = {}
        functions = [value] if isinstance(value, FunctionType) else _methods(value)
        for function in functions:
            space = function.__globals__
            for other in _global_names(function.__code__):
                if other in space and other != function.__name__:
                    used[other] = space[other]
                elif other not in space and not hasattr(builtins, other):
                    self._trouble(hook, f"{name} uses {other}, which is not defined", value)
            for other, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
                held = cell.cell_contents
                if other != "__class__" and literal(held) is None and not _writable(held):
                    self._trouble(hook, f"{name} closes over {other}, a live {type(held).__name__}", value)
                elif other != "__class__":
                    used[other] = held
        return used

    def _trouble(self, hook: str, what: str, value: object) -> None:
        self.troubles.append(Trouble(hook, what, _where(value, hook)))


def attaches(decorator: ast.expr, space: Mapping[str, object]) -> bool:
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


def _methods(value: Any) -> list[FunctionType]:
    return [one for one in vars(value).values() if isinstance(one, FunctionType)]


def _global_names(code: Any) -> list[str]:
    names = [name for name in code.co_names if name.isidentifier()]
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names += _global_names(constant)
    attributes = _attributes(code)
    return [name for name in dict.fromkeys(names) if name not in attributes or name in _loaded(code)]


def _attributes(code: Any) -> set[str]:
    import dis

    return {
        one.argval for one in dis.get_instructions(code) if one.opname not in ("LOAD_GLOBAL", "LOAD_NAME")
    }


def _loaded(code: Any) -> set[str]:
    import dis

    found = {one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            found |= _loaded(constant)
    return found


def _importable(value: object, name: str) -> bool:
    """Whether another process finds the value where its module says."""
    module = sys.modules.get(str(getattr(value, "__module__", "")))
    if module is None or module.__name__ in _NOTEBOOK or getattr(module, "__spec__", None) is None:
        return False
    return getattr(module, str(getattr(value, "__name__", name)), None) is value


def _import(module: str, name: str) -> str:
    return f"import {module}" if module == name else f"import {module} as {name}"


def _from(value: Any, name: str) -> str:
    return f"from {value.__module__} import {value.__name__}" + (
        "" if value.__name__ == name else f" as {name}"
    )


def literal(value: object) -> str | None:
    """The Python of plain data; None for what is more than that."""
    try:
        text = repr(value)
        same = ast.literal_eval(text) == value
    except (ValueError, SyntaxError, RecursionError, TypeError):
        return None
    return text if same and isinstance(value, (*_PLAIN, list, tuple, dict, set)) else None


def _writable(value: object) -> bool:
    return isinstance(value, FunctionType | type | ModuleType)


def _without_decorators(text: str, tree: Any) -> str:
    """The text of a definition with the decorators that are left, under the name that it has now."""
    lines = text.splitlines()[tree.lineno - 1 :]
    kept = [f"@{ast.unparse(one)}" for one in tree.decorator_list]
    head = lines[0]
    for word in ("async def ", "def ", "class "):
        if head.startswith(word):
            rest = head[len(word) :].lstrip()
            end = next(
                at for at, letter in enumerate(rest) if not (letter.isidentifier() or letter.isdigit())
            )
            lines[0] = f"{word}{tree.name}{rest[end:]}"
            break
    return "\n".join([*kept, *lines]).rstrip()


def _where(value: object, hook: str) -> str:
    code = getattr(value, "__code__", None)
    if code is None:
        return f"used by {hook}"
    return f"{code.co_filename}, line {code.co_firstlineno}"
