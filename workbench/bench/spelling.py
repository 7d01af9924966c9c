"""What values look like in a file, and which of them another process finds by itself."""

from __future__ import annotations

__all__ = [
    "EMPTY",
    "NO_LITERAL",
    "PLAIN",
    "WIDTH",
    "alike",
    "cells_of",
    "code_of",
    "contained",
    "flush",
    "has_definition",
    "home_of",
    "importable",
    "in_library",
    "installed",
    "is_builtin",
    "is_data",
    "is_own",
    "listed",
    "literal_of",
    "public_constant",
    "quoted",
    "snake",
    "undecorated",
]

import ast
import builtins
import re
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from workbench.bench.sources import Definition, methods_of

PLAIN: Final = (type(None), bool, int, float, complex, str, bytes)
EMPTY: Final = frozenset({"list()", "dict()", "set()", "[]", "{}"})
_NOTEBOOK: Final = ("__main__", "__mp_main__", "served_")
WIDTH: Final = 88
_STDLIB: Final = sysconfig.get_path("stdlib")
_OWN: Final = str(Path(__file__).parents[1])

NO_LITERAL: Final = object()


def quoted(value: object) -> str:
    """Write plain data as the file has it, texts in double quotes; and what every program has."""
    if is_builtin(value):
        return str(value.__name__)  # type: ignore[attr-defined]
    if not isinstance(value, str):
        return "float('nan')" if value != value else repr(value)  # noqa: PLR0124 - what NaN is
    return repr(value) if '"' in value else f'"{repr(value)[1:-1]}"'


def is_builtin(value: object) -> bool:
    """Whether a value is a function or class that every program has, such as `print`."""
    name = getattr(value, "__name__", None)
    return isinstance(name, str) and getattr(builtins, name, None) is value


def listed(start: str, parts: list[str], end: str) -> str:
    """Write parts in one line, or one below the other where that is too long."""
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    lonely = (
        len(parts) == 1
        and "\n" in parts[0]
        and parts[0][-1:] in ")]}"
        and "=" not in parts[0].partition("(")[0]
    )
    if not parts or lonely or any('"""' in part or "'''" in part for part in parts):
        return line
    lines = "".join(f"    {part},\n".replace("\n", "\n    ").removesuffix("    ") for part in parts)
    return f"{start}\n{lines}{end}"


def contained(value: list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any], parts: list[str]) -> str:
    """Write a container of what its parts are written as."""
    if isinstance(value, list):
        return listed("[", parts, "]")
    if isinstance(value, tuple):
        return f"({parts[0]},)" if len(parts) == 1 else listed("(", parts, ")")
    parts = sorted(parts)  # the same file each time
    if isinstance(value, frozenset):
        return listed("frozenset({", parts, "})") if parts else "frozenset()"
    return listed("{", parts, "}") if parts else "set()"


def flush(text: str) -> str:
    """Move an expression of several lines to the left, so that its last line begins there."""
    first, *rest = text.splitlines()
    if not rest or '"""' in text or "'''" in text:
        return text
    margin = len(rest[-1]) - len(rest[-1].lstrip())
    return "\n".join([first, *(line[min(margin, len(line) - len(line.lstrip())) :] for line in rest)])


def literal_of(node: ast.expr) -> Any:
    """Give the plain data that an expression is; `NO_LITERAL` for any other."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return NO_LITERAL


def alike(first: Any, second: Any) -> bool:
    """Whether two values are equal and of one type: 1 is not True."""
    try:
        return type(first) is type(second) and bool(first == second)
    except Exception:  # noqa: BLE001 - arrays, and whatever else has an opinion of its own
        return False


def is_data(value: Any) -> bool:
    """Whether a container holds nothing but plain data."""
    if isinstance(value, Mapping):
        return all(is_data(key) and is_data(one) for key, one in value.items())
    if isinstance(value, list | tuple | set | frozenset | deque):
        return all(is_data(one) for one in value)
    return isinstance(value, PLAIN)


def _module_of(value: object) -> ModuleType | None:
    """Give the module in which another process finds what belongs to it; None for a notebook's."""
    module = sys.modules.get(str(getattr(value, "__module__", "")))
    if module is None or module.__name__.startswith(_NOTEBOOK) or getattr(module, "__spec__", None) is None:
        return None
    return module


def in_library(value: object) -> bool:
    """Whether a value belongs to a module that another process imports, even where it cannot name it."""
    return _module_of(value) is not None


def installed(value: object) -> bool:
    """Whether a value belongs to a library rather than to a module of the person's own."""
    module = _module_of(value)
    file = str(getattr(module, "__file__", ""))
    return module is not None and ("site-packages" in file or file.startswith((_STDLIB, _OWN)))


def importable(value: object) -> bool:
    """Whether another process finds the value where its module says."""
    module = _module_of(value)
    own = getattr(value, "__name__", None)
    return module is not None and isinstance(own, str) and getattr(module, own, None) is value


def home_of(value: Any) -> str:
    """Name the module that people import a value from: the outermost package that has it."""
    parts = str(value.__module__).split(".")
    for length in range(1, len(parts)):
        outer = sys.modules.get(".".join(parts[:length]))
        named = value.__name__ in getattr(outer, "__all__", ())
        if outer is not None and named and getattr(outer, value.__name__, None) is value:
            return outer.__name__
    return str(value.__module__)


def public_constant(value: object) -> tuple[str, str] | None:
    """Find the public constant of a library that a value is, such as `NULL`."""
    module = _module_of(type(value))
    if module is None or isinstance(value, FunctionType | type | MethodType | BuiltinMethodType):
        return None
    name = next(
        (one for one, held in vars(module).items() if held is value and not one.startswith("_")), None
    )
    if name is None:
        return None
    outer = sys.modules[module.__name__.partition(".")[0]]
    if name in getattr(outer, "__all__", ()) and getattr(outer, name, None) is value:
        return outer.__name__, name
    return module.__name__, name


def code_of(value: object) -> Any:
    """Give the code of a function, of a method, or of the first method of a class; None for anything else."""
    code = getattr(value, "__code__", None)
    if code is None and isinstance(value, type):
        code = next((one.__code__ for one in methods_of(value)), None)
    return code


def cells_of(function: FunctionType) -> dict[str, Any]:
    """Give what a function closes over, but for itself and for `super`."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            held = cell.cell_contents
        except ValueError:  # not set yet
            continue
        if name != "__class__" and held is not function:
            found[name] = held
    return found


def is_own(function: Any) -> bool:
    """Whether a function is what its ``def`` made: its decorators only registered it somewhere."""
    return isinstance(function, FunctionType) and not hasattr(function, "__wrapped__") and not vars(function)


def undecorated(
    found: Definition, name: str, *, everything: bool, live: Callable[[ast.expr], bool] = lambda _: False
) -> str:
    """Give the text of a definition under a name, without the decorators that only registered it."""
    node = found.node
    decorators = [] if everything else [one for one in node.decorator_list if not live(one)]
    if len(decorators) == len(node.decorator_list) and name == node.name:
        return found.text
    lines = found.text.splitlines()[node.lineno - 1 :]
    lines[0] = re.sub(rf"\b{re.escape(node.name)}\b", name, lines[0], count=1)
    return "\n".join([*(f"@{ast.unparse(one)}" for one in decorators), *lines])


def has_definition(value: object) -> bool:
    """Whether a ``def`` or ``class`` that stands in nothing else made it, decorated or not."""
    if isinstance(value, FunctionType):
        wraps = hasattr(value, "__wrapped__")
        return wraps or (value.__code__.co_name != "<lambda>" and not cells_of(value))
    return isinstance(value, type) or isinstance(getattr(value, "__wrapped__", None), FunctionType)


def snake(name: str) -> str:
    """Turn the name of a class into one for a variable."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_") or "one"
