"""The lists that hooks sit in, and the order in which one call passes through them.

A level (the application, or a service) is a closed layer. Inside it error hooks of a scope (`all`, or the
method) lie around everything that they answer for: those of `all` around its before hooks, those of the
method further in, around its own before hooks and both lists of after hooks. That one order gives R1 to R8
and R22 to R28.
"""

from __future__ import annotations

__all__ = ["ALL", "APP", "METHOD", "SETUP", "TEARDOWN", "chain_lanes", "label", "lane", "level_of"]

from functools import lru_cache

from workbench.dialects.reports import Lane
from workbench.engine.hooks import Kind

METHOD, SETUP, TEARDOWN = "method", "setup", "teardown"
"""The hook points."""

APP, ALL = "app", "all"

_INWARD: tuple[tuple[Kind, bool], ...] = (
    ("around", True),
    ("around", False),
    ("error", True),
    ("before", True),
    ("error", False),
    ("before", False),
    ("after", False),  # an after layer runs when what is inside it has ended: the inner one comes first
    ("after", True),
)
"""Kind of each list of a level, outermost first, and whether it is that of `all`."""

_WORDS = {"error": "error in", "list": "around", "map": "around"}
_FORMS = {"list": " (list form)", "map": " (map form)"}  # of hooks that a service is given so (R8)


def level_of(path: str) -> str:
    """Name the level of a service; the application's is `APP`."""
    return f"/{path}"


def lane(level: str, kind: str, scope: str) -> str:
    """Name a list: "app.around.all", "/messages.before.create"; services have "list" and "map" too."""
    return f"{level}.{kind}.{scope}"


def label(level: str, kind: str, scope: str) -> str:
    """Name a list for people: "application · around all methods", "messages · before create"."""
    where = "application" if level == APP else level.removeprefix("/") or "/"
    what = "all methods" if scope == ALL else scope
    return f"{where} · {_WORDS.get(kind, kind)} {what}{_FORMS.get(kind, '')}"


@lru_cache(maxsize=4096)  # asked for by every panel, often
def chain_lanes(path: str, method: str) -> tuple[Lane, ...]:
    """List what a call passes through, outermost first.

    Parameters
    ----------
    path
        Of the service.
    method
        Of the call.

    """
    level = level_of(path)
    return (
        *_level(APP, method),
        _lane(level, "list", ALL, "around"),  # R8: a layer of its own, outside the service's around hooks
        _lane(level, "map", method, "around"),
        *_level(level, method),
    )


def _level(level: str, method: str) -> tuple[Lane, ...]:
    return tuple(_lane(level, kind, ALL if of_all else method, kind) for kind, of_all in _INWARD)


def _lane(level: str, name: str, scope: str, kind: Kind) -> Lane:
    usual = level != APP and name == kind and scope != ALL
    return Lane(lane(level, name, scope), label(level, name, scope), kind, usual=usual)
