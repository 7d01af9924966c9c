"""Live objects as Python: expressions that give them anew in a file, with all that these stand on."""

from __future__ import annotations

__all__ = ["Values"]

import ast
import builtins
import dataclasses
import enum
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import PurePath
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from workbench.bench import origins, sources
from workbench.bench.closures import Closures
from workbench.bench.origins import Assigned
from workbench.bench.pieces import Pieces
from workbench.bench.sources import Space
from workbench.bench.spelling import (
    EMPTY,
    NO_LITERAL,
    PLAIN,
    alike,
    code_of,
    contained,
    flush,
    has_definition,
    home_of,
    importable,
    is_builtin,
    is_data,
    is_own,
    listed,
    literal_of,
    public_constant,
    quoted,
    snake,
    undecorated,
)
from workbench.bench.troubles import Asker, Trouble
from workbench.dialects.writing import Making, Step

_DEEPEST: Final = 40
_BLOCKS: Final = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.If, ast.Try, ast.Match)
_IDENTIFIER: Final = re.compile(r"\w+")
_DOTTED: Final = re.compile(r"[^\W\d][\w.]*")


class Values:
    """Writes values, and keeps what they need: imports, constants and definitions, each once.

    Parameters
    ----------
    reach
        Gives the expression by which an object is reached from the bench, or None.
    making
        Says how a dialect's own objects are made, or None.
    never
        What is not written unless it is reached: benches.

    Attributes
    ----------
    troubles, recent
        What could not be written: at all, and in the last attempt.
    pieces
        What the file has so far.
    """

    def __init__(
        self,
        reach: Callable[[object], tuple[str, tuple[Step, ...]] | None],
        making: Callable[[object], Making | None],
        never: type,
    ) -> None:
        self.troubles: list[Trouble] = []
        self.recent: list[Trouble] = []
        self.pieces = Pieces()
        self._reach = reach
        self._making = making
        self._never = never
        self._known: dict[str, object] = {}
        self._names: dict[int, str] = {}
        self._depth = 0
        self._closures = Closures(self)
        self._nameless: dict[int, object] = {}

    def keep(self, name: str, value: object) -> None:
        """Let a name stand for a value that the file has anyhow."""
        self._known[name] = value

    def own(self, name: str, value: object) -> str:
        """Take a name for a value that the file has anyhow, or where it is taken another one, and give it."""
        name = self.free(name) if name in self._known else name
        self.keep(name, value)
        return name

    def called(self, text: str) -> str:
        """Say what the function is called, in the file, that an expression gives; empty: something else."""
        return text.rpartition(".")[2] if _DOTTED.fullmatch(text) else self._closures.named.get(text, "")

    def attempt(self, make: Callable[[], str]) -> str | None:
        """Write something whole or not at all: None where there was a trouble, and nothing of it stays."""
        kept = self.pieces.copy(), self._known.copy(), self._names.copy(), self._nameless.copy()
        self.recent = []
        text = make()
        if not self.recent:
            return text
        self.pieces, self._known, self._names, self._nameless = kept
        return None

    # -- expressions ---------------------------------------------------------------------------------

    def expression(self, value: object, asker: Asker) -> str:
        """Write a value where it is needed; what it stands on becomes part of the file."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                return self.refuse("stands on too many others", value, asker)
            return self._expression(value, asker)
        finally:
            self._depth -= 1

    def _expression(self, value: Any, asker: Asker) -> str:
        if isinstance(value, PLAIN) or is_builtin(value):
            return quoted(value)
        reached = self._reach(value)
        if reached is not None:
            root, steps = reached
            self.pieces.use(root)
            return self.steps(root, steps, asker)
        named = self._named(value, asker)
        return self._made(value, asker) if named is None else named

    def _named(self, value: Any, asker: Asker) -> str | None:
        """Write the name by which a value goes; None where it has none."""
        known = self._names.get(id(value))
        if known is not None:
            return self.pieces.use(known)
        if isinstance(value, FunctionType) and not importable(value):
            return self._closures.write(value, asker)
        if isinstance(value, ModuleType):
            name: str | None = value.__name__.rpartition(".")[2]
        elif importable(value) or isinstance(value, type):
            name = value.__name__
        else:
            name = self._variable(value, asker)
        return None if name is None else self.pieces.use(self.bind(name, value, asker))

    def _variable(self, value: object, asker: Asker) -> str | None:
        """Find the variable that holds an object that is to stay one object."""
        if isinstance(value, tuple | frozenset):
            return None
        for name, held in list(asker.space.items()):
            if held is value and not name.startswith("_"):
                return name
        return None

    def _made(self, value: Any, asker: Asker) -> str:
        """Write what nobody has a name for."""
        if isinstance(value, MethodType | BuiltinMethodType) and not isinstance(value.__self__, ModuleType):
            owner = self._named_object(value.__self__, replace(asker, words=f"{value.__name__} belongs to"))
            return f"{owner}.{value.__name__}"
        if type(value) in (list, tuple, set, frozenset, dict):
            return self._container(value, asker)
        written = self._of_library(value, asker)
        return self._instance(value, asker) if written is None else written

    def _of_library(self, value: Any, asker: Asker) -> str | None:
        """Write an object of Python's own library that shows how it was made."""
        if isinstance(value, enum.Enum):
            return f"{self.expression(type(value), asker)}.{value.name}"
        if isinstance(value, functools.partial):
            return self._call("functools", "partial", (value.func, *value.args), value.keywords, asker)
        if isinstance(value, re.Pattern):
            flags = value.flags & ~re.UNICODE
            return self._call("re", "compile", (value.pattern, *((flags,) if flags else ())), {}, asker)
        if isinstance(value, PurePath):
            return self._call("pathlib", "Path", (str(value),), {}, asker)
        return None

    def _container(self, value: Any, asker: Asker) -> str:
        if isinstance(value, dict):
            pairs = [(self.expression(key, asker), self.expression(one, asker)) for key, one in value.items()]
            return listed("{", [f"{key}: {one}" for key, one in pairs], "}")
        return contained(value, [self.expression(one, asker) for one in value])

    def _instance(self, value: Any, asker: Asker) -> str:
        kind = type(value)
        constant = public_constant(value)
        if constant is not None:
            return self._from(*constant, value)
        making = self._making(value)
        if making is not None:
            called = self.expression(kind, asker)
            return self._call_of(called, making.arguments, making.keywords, asker)
        if dataclasses.is_dataclass(value):
            fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.init}
            return self._call_of(self.expression(kind, asker), (), fields, asker)
        born = origins.births(asker.space, kind)
        if len(born) == 1 and self._usable(born[0], asker.space):
            return self._once(value, born[0], asker)
        return self.refuse(f"a live {kind.__name__}", value, asker)

    def _once(self, value: object, found: Assigned, asker: Asker) -> str:
        """Write how an object without a name was made; a second time would make another one."""
        if id(value) in self._nameless:
            kind = type(value).__name__
            return self.refuse(f"a {kind} that stands in two places; give it a name", value, asker)
        self._nameless[id(value)] = value
        return self.source(found, asker)

    def _named_object(self, value: object, asker: Asker) -> str:
        """Write an object once and give its name, as several things may belong to one."""
        if self._reach(value) is not None or isinstance(value, type | ModuleType):
            return self.expression(value, asker)
        known = self._names.get(id(value)) or self._variable(value, asker)
        if known is not None:
            return self.pieces.use(self.bind(known, value, asker))
        name = self.claim(snake(type(value).__name__), value)
        with self.pieces.open(name) as piece:
            piece.write(f"{name} = {self._instance(value, asker)}")
        return self.pieces.use(name)

    # -- calls ---------------------------------------------------------------------------------------

    def steps(self, root: str, steps: Iterable[Step], asker: Asker) -> str:
        """Write calls of members, one behind the other."""
        text = root
        for one in steps:
            text = self._call_of(
                f"{text}.{one.name}" if one.name else text, one.arguments, one.keywords, asker, one.name
            )
        return text

    def _call_of(
        self,
        called: str,
        arguments: tuple[Any, ...],
        keywords: Mapping[str, Any],
        asker: Asker,
        member: str = "",
    ) -> str:
        parts = []
        for place, one in enumerate(arguments):
            found = origins.argument(asker.space, member, arguments, place) if place and member else None
            parts.append(self._argument(one, found, asker))
        parts += [f"{name}={self.expression(one, asker)}" for name, one in keywords.items()]
        return listed(f"{called}(", parts, ")")

    def _argument(self, value: object, found: Assigned | None, asker: Asker) -> str:
        """Write an argument: an object that nothing else tells of as the notebook's own call has it."""
        if found is None or id(value) in self._names or self._reach(value):
            return self.expression(value, asker)
        if isinstance(value, (*PLAIN, list, tuple, dict)):
            return self.as_written(value, found, asker)
        made = origins.called(asker.space, found.node) in (type(value), None)
        if isinstance(value, FunctionType | type | MethodType) or self._variable(value, asker) is not None:
            return self.expression(value, asker)
        if not made or not self._usable(found, asker.space):
            return self.expression(value, asker)
        return self._once(value, found, asker)

    def as_written(self, value: object, found: Assigned | None, asker: Asker) -> str:
        """Write data as an expression of the notebook has it, where that still gives it."""
        told = found is not None and not isinstance(found.node, ast.Constant)
        if found is None or not told or not self._usable(found, asker.space):
            return self.expression(value, asker)
        if not origins.fits(asker.space, found.node, value):
            return self.expression(value, asker)
        return self.source(found, asker)

    def _call(
        self, module: str, name: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any], asker: Asker
    ) -> str:
        self.pieces.imports[module] = f"import {module}"
        return self._call_of(f"{module}.{name}", arguments, keywords, asker)

    def _from(self, module: str, name: str, value: object) -> str:
        if self._known.setdefault(name, value) is not value:
            self.pieces.imports[module] = f"import {module}"
            return f"{module}.{name}"
        self.pieces.imports[name] = f"from {module} import {name}"
        return name

    # -- names ---------------------------------------------------------------------------------------

    def bind(self, name: str, value: Any, asker: Asker) -> str:
        """Make a name mean a value in the file; a function or class whose name is taken gets another one."""
        if self._names.get(id(value)) == name or self._reach(value) == (name, ()):
            return name
        if self._known.get(name, value) is not value:
            if not isinstance(value, FunctionType | type) or importable(value):
                if isinstance(value, ModuleType) or importable(value):
                    return self._elsewhere(value)
                return self.refuse(f"{name} means two things", value, asker)
            name = self.free(name)
        if name not in self._known:
            self._known[name] = value
            self._write(name, value, asker)
        return name

    def _elsewhere(self, value: Any) -> str:
        module = value.__name__ if isinstance(value, ModuleType) else home_of(value)
        self.pieces.imports[module] = f"import {module}"
        return module if isinstance(value, ModuleType) else f"{module}.{value.__name__}"

    def claim(self, name: str, value: object) -> str:
        """Take a free name for a value that the file has from now on, and give it."""
        name = self.free(name)
        self._known[name], self._names[id(value)] = value, name
        return name

    def name_of(self, value: object) -> str | None:
        """Give the name that a value has in the file; None for none."""
        return self._names.get(id(value))

    def free(self, name: str) -> str:
        """Give a name that nothing has, as near as can be."""
        taken = {*self._known, *vars(builtins)}
        return (
            name
            if name not in taken
            else next(free for number in range(2, 10_000) if (free := f"{name}_{number}") not in taken)
        )

    def _write(self, name: str, value: Any, asker: Asker) -> None:
        reached = self._reach(value)
        line = None if reached is not None else origins.imported(asker.space, name, value)
        if line is not None:
            self.pieces.imports[name] = line
        elif isinstance(value, ModuleType):
            short = value.__name__ == name
            self.pieces.imports[name] = f"import {value.__name__}" + ("" if short else f" as {name}")
        elif importable(value):
            alias = "" if value.__name__ == name else f" as {name}"
            self.pieces.imports[name] = f"from {home_of(value)} import {value.__name__}{alias}"
        elif reached is not None:
            self.pieces.after[name] = f"{name} = {self.steps(reached[0], reached[1], asker)}"
        elif has_definition(value):
            self._define(name, value, asker)
        else:
            self._write_object(name, value, asker)

    def _write_object(self, name: str, value: Any, asker: Asker) -> None:
        if isinstance(value, self._never):
            self.refuse(f"{name} is another bench, and a file has one", value, asker)
            return
        constant = public_constant(value)
        if constant is not None:
            alias = "" if constant[1] == name else f" as {name}"
            self.pieces.imports[name] = f"from {constant[0]} import {constant[1]}{alias}"
            return
        if not isinstance(value, PLAIN):
            self._names[id(value)] = name
        found = origins.assigned(asker.space, name)
        with self.pieces.open(name, found.place if found else None) as piece:
            lines = [f"{name} = {self._constant(name, value, found, asker)}"]
            kept = isinstance(value, (*PLAIN, list, dict, set, tuple, frozenset, FunctionType))
            for change in origins.changes(asker.space, name, found.place) if found and not kept else ():
                if isinstance(change.node, _BLOCKS) or not self._usable(change, asker.space):
                    self.refuse(f"{name} was changed in a block, or by what needs the bench", value, asker)
                lines.append(self.source(change, asker))
            piece.write("\n".join(lines))

    def _constant(self, name: str, value: Any, found: Assigned | None, asker: Asker) -> str:
        """Write the value of a variable: as its line has it where that still holds, else as it is."""
        inside = replace(asker, words=f"{name} is")
        holds = replace(asker, words=f"{name} holds")
        if isinstance(value, tuple | frozenset) and found is None:
            return self._container(value, holds)
        if found is None or not self._usable(found, asker.space):
            return self._anew(value, inside)
        if isinstance(value, FunctionType):
            return self._closures.write(value, inside)
        same = literal_of(found.node)
        if isinstance(value, PLAIN):
            kept = same is NO_LITERAL or alike(same, value) or name in origins.rebound(asker.space)
            return self.source(found, inside) if kept else quoted(value)
        if type(value) in (list, dict, set):
            began_empty = ast.unparse(found.node) in EMPTY and is_data(value)
            kept = alike(same, value) or began_empty or name not in origins.mutated(asker.space)
            return self.source(found, inside) if kept else self._container(value, holds)
        return self.source(found, inside)

    def _anew(self, value: Any, asker: Asker) -> str:
        if isinstance(value, PLAIN):
            return quoted(value)
        if isinstance(value, FunctionType):
            return self._closures.write(value, asker)
        return self._made(value, asker)

    def source(self, found: Assigned, asker: Asker) -> str:
        """Take over an expression as it was written, with what its names mean."""
        self.follow(found.text, asker, "it")
        return flush(found.text)

    def _usable(self, found: Assigned, space: Space) -> bool:
        """Whether an expression may run anew: it waits for nothing, and needs no running bench."""
        return not any(
            isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)
            or (isinstance(node, ast.Name) and self._is_live(node.id, space))
            for node in ast.walk(found.node)
        )

    def _is_live(self, name: str, space: Space) -> bool:
        return name in space and self._reach(space[name]) is not None

    def _define(self, name: str, value: Any, asker: Asker) -> None:
        function = not isinstance(value, type)
        found = sources.function_of(value) if function else sources.class_of(value, asker.space)
        if found is None:
            self.refuse(f"the source of {name} is not at hand", value, asker)
            return
        self._names[id(value)] = name
        inner = inspect.unwrap(value) if function else value
        space = getattr(inner, "__globals__", None) or sources.space_of(value, asker.space)
        code = code_of(inner)
        line = sources.where(code) if code is not None else asker.where
        inside = replace(asker, where=line, space=space)
        text = undecorated(
            found, name, everything=function and is_own(value), live=lambda one: sources.attaches(one, space)
        )
        with self.pieces.open(name, found.place) as piece:
            self.follow(text, inside, name)
            piece.write(text)

    def follow(self, text: str, asker: Asker, who: str, given: AbstractSet[str] = frozenset()) -> None:
        """Give the file what a piece of code finds by name outside of itself, but for what it is given."""
        used = sources.used_in(text)
        for name in (*used.at_once, *used.later):
            if name in given:
                continue
            if name not in asker.space:
                if not hasattr(builtins, name):
                    self.complain(
                        Trouble(asker.subject, f"{who} uses {name}, which is not defined", asker.where)
                    )
                continue
            written = self.bind(name, asker.space[name], replace(asker, words=f"{name} is"))
            if name in used.at_once:
                self.pieces.use(written)
            else:
                self.pieces.use_later(written)
            if written != name and _IDENTIFIER.fullmatch(written):
                self.refuse(f"{name} means two things", asker.space[name], asker)
        for name in used.shown:
            value = asker.space.get(name)
            told = isinstance(value, ModuleType | type) or importable(value) or hasattr(value, "__origin__")
            if name not in given and told:
                self.bind(name, value, asker)

    def refuse(self, what: str, value: object, asker: Asker) -> str:
        """Note that something cannot be written; gives what stands in its place meanwhile."""
        code = code_of(value)
        where = asker.where if code is None or "live" in what else sources.where(code)
        sentence = f"{asker.words} {what}" if what.startswith("a ") and asker.words else what
        self.complain(Trouble(asker.subject, sentence, where))
        return "None"

    def complain(self, trouble: Trouble) -> None:
        """Note a trouble, each once."""
        for known in (self.troubles, self.recent):
            if trouble not in known:
                known.append(trouble)
