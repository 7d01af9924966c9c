"""What `hooks(...)` takes, in all its forms, as attachments to lists (R7, R8, R68)."""

from __future__ import annotations

__all__ = ["KINDS", "Attachment", "of_application", "of_service"]

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workbench.dialects.feathers.lanes import ALL, APP, METHOD, SETUP, TEARDOWN, lane
from workbench.engine.errors import WorkbenchError, near
from workbench.engine.hooks import Kind

KINDS: Final[tuple[Kind, ...]] = ("around", "before", "after", "error")
_LIFE: Final = (SETUP, TEARDOWN)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One function and the list that it goes to.

    Attributes
    ----------
    point, lane, kind
        Where, and as what.
    function
        The hook.

    """

    point: str
    lane: str
    kind: Kind
    function: Callable[..., Any]


def of_application(given: Any) -> list[Attachment]:
    """Read what `app.hooks` was given.

    Parameters
    ----------
    given
        `{kind: {all: [...], method: [...]}}`, a list of around hooks, a mapping of methods to around hooks,
        or `{"setup": [...], "teardown": [...]}`.

    Raises
    ------
    WorkbenchError
        For another form, with what was expected.

    """
    if isinstance(given, Mapping) and any(key in _LIFE for key in given):
        return list(_life(given))
    if isinstance(given, list | tuple):
        return [_around(APP, "around", ALL, function) for function in _functions(given, "app.hooks")]
    if _is_by_kind(given):
        return list(_by_kind(APP, given))
    return list(_by_method(APP, "around", given))


def of_service(level: str, methods: tuple[str, ...], given: Any) -> list[Attachment]:
    """Read what `service.hooks` was given; lists and maps of methods are layers of their own (R8).

    Parameters
    ----------
    level
        Of the service.
    methods
        What it has, for the map form.
    given
        As for `of_application`, without setup and teardown.

    Raises
    ------
    WorkbenchError
        For another form, an unknown kind beside a known one, or a map with an unknown method.

    """
    if isinstance(given, list | tuple):
        return [_around(level, "list", ALL, function) for function in _functions(given, "hooks")]
    if _is_by_kind(given):
        return list(_by_kind(level, given))
    for name in given if isinstance(given, Mapping) else ():
        if name not in methods:
            raise WorkbenchError(
                f"{name!r} is neither a kind of hook ({', '.join(KINDS)}) nor a method of this service "
                f"({', '.join(methods)}){near(str(name), (*KINDS, *methods))}"
            )
    return list(_by_method(level, "map", given))


def _is_by_kind(given: Any) -> bool:
    if not isinstance(given, Mapping):
        raise WorkbenchError(
            f"Hooks are a list, or a mapping such as {{'before': {{'create': [function]}}}}, not {given!r}"
        )
    known = [key for key in given if key in KINDS]
    for key in given if known else ():
        if key not in KINDS:
            raise WorkbenchError(
                f"{key!r} is no kind of hook; there are {', '.join(KINDS)}{near(str(key), KINDS)}"
            )
    return bool(known)


def _by_kind(level: str, given: Mapping[str, Any]) -> Iterator[Attachment]:
    for kind in KINDS:  # a mapping has one place for each, so their order among themselves says nothing
        lists = given.get(kind)
        if not isinstance(lists, Mapping):
            lists = {ALL: lists}
        for method, functions in lists.items():
            for function in _functions(functions, f"{kind}.{method}"):
                yield Attachment(METHOD, lane(level, kind, method), kind, function)


def _by_method(level: str, name: str, given: Mapping[str, Any]) -> Iterator[Attachment]:
    for method, functions in given.items():
        for function in _functions(functions, method):
            yield _around(level, name, method, function)


def _life(given: Mapping[str, Any]) -> Iterator[Attachment]:
    for key, functions in given.items():
        if key not in _LIFE:
            raise WorkbenchError(
                f"Hooks around setup and teardown are registered apart from others, not together with {key!r}"
            )
        for function in _functions(functions, key):
            yield Attachment(key, "", "around", function)


def _around(level: str, name: str, scope: str, function: Callable[..., Any]) -> Attachment:
    return Attachment(METHOD, lane(level, name, scope), "around", function)


def _functions(given: Any, where: str) -> list[Callable[..., Any]]:
    if given is None:
        return []
    functions = list(given) if isinstance(given, list | tuple) else [given]
    for function in functions:
        if not callable(function):
            raise WorkbenchError(f"A hook in {where} is a function, not {function!r}")
    return functions
