"""Functions where a value is needed: by their name, as a lambda, or by a call that makes them."""

from __future__ import annotations

__all__ = ["Closures"]

from dataclasses import replace
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from workbench.bench import origins, sources
from workbench.bench.spelling import cells_of, in_library, installed, is_own, listed, quoted, undecorated
from workbench.bench.troubles import Asker

if TYPE_CHECKING:
    from workbench.bench.values import Values


class Closures:
    """Writes functions.

    Parameters
    ----------
    values
        Writes everything else.

    Attributes
    ----------
    named
        What functions are called that come of a call, by the call.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        self.named: dict[str, str] = {}
        self._renaming: set[CodeType] = set()  # what functions were made of that got names of their own

    def write(self, function: FunctionType, asker: Asker) -> str:
        """Give the expression of a function."""
        code, values = function.__code__, self._values
        free = {} if hasattr(function, "__wrapped__") else cells_of(function)
        if code.co_name != "<lambda>" and not free:
            name = function.__name__ if function.__name__.isidentifier() else code.co_name
            return values.pieces.use(values.bind(name, function, asker))
        if function.__globals__ is not asker.space and in_library(function):
            found = origins.makings(function, asker.space, free)
            if len(found) == 1:
                self.named[found[0].text] = function.__name__
                return values.source(found[0], asker)
            if installed(function):  # what a library makes its functions of is its own business
                what = f"a function that {function.__module__} made; how cannot be told"
                return values.refuse(what, None, asker)
        inside = replace(asker, where=sources.where(code), space=function.__globals__)
        made = self._by_factory(function, free, inside) if free else None
        if made is not None:
            return made
        return (
            self._lambda(function, free, inside)
            if code.co_name == "<lambda>"
            else self._def(function, free, inside)
        )

    def _lambda(self, function: FunctionType, free: dict[str, Any], asker: Asker) -> str:
        text = sources.lambda_of(function)
        if text is None:
            what = "a lambda whose source is not at hand; give it a name with def"
            return self._values.refuse(what, function, asker)
        if free:
            return self._maker("function", f"    return {text}", text, function, free, asker)
        self._values.follow(text, asker, "the lambda")
        return text

    def _def(self, function: FunctionType, free: dict[str, Any], asker: Asker) -> str:
        found, name = sources.function_of(function), function.__code__.co_name
        if found is None:
            return self._values.refuse("a function whose source is not at hand", function, asker)
        text = undecorated(found, name, everything=is_own(function))
        body = f"{sources.indented(text)}\n\n    return {name}"
        return self._maker(name, body, text, function, free, asker)

    def _by_factory(self, function: FunctionType, free: dict[str, Any], asker: Asker) -> str | None:
        """Write the call of the notebook's own function that made it, where that makes the same again."""
        found = origins.factory_of(function)
        if found is None or set(found[1]) != set(free):
            return None
        factory, parameters = found
        given = [self._cell(function, name, free[name], asker) for name in parameters]
        only = factory.__code__.co_argcount
        given[only:] = [f"{name}={text}" for name, text in zip(parameters[only:], given[only:], strict=True)]
        called = self._values.pieces.use(self._values.bind(factory.__name__, factory, asker))
        text = listed(f"{called}(", given, ")")
        self.named[text] = function.__name__
        return text

    def _maker(
        self, name: str, body: str, text: str, function: FunctionType, free: dict[str, Any], asker: Asker
    ) -> str:
        """Write a function that makes the function, since it closes over things; and the call of it."""
        values, code = self._values, function.__code__
        given = [f"{one}={self._cell(function, one, held, asker)}" for one, held in free.items()]
        parameters = list(free)
        if function.__name__ != code.co_name or code in self._renaming:
            self._renaming.add(code)
            given.append(f"called={quoted(function.__name__)}")
            parameters.append("called")
            body = body.replace(
                f"\n\n    return {name}", f"\n\n    {name}.__name__ = called\n    return {name}"
            )
        maker = values.name_of(code)
        if maker is None:
            maker = values.claim(f"make_{name}", code)
            with values.pieces.open(maker, (0, code.co_firstlineno)) as piece:
                values.follow(text, asker, name, set(free))
                piece.write(f"def {maker}({', '.join(parameters)}):\n{body}")
        written = listed(f"{values.pieces.use(maker)}(", given, ")")
        self.named[written] = function.__name__
        return written

    def _cell(self, function: FunctionType, name: str, held: object, asker: Asker) -> str:
        who = function.__code__.co_name.replace("<lambda>", "the lambda")
        return self._values.expression(held, replace(asker, words=f"{who} closes over {name},"))
