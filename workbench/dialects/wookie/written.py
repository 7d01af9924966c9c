"""What of a Wookie application goes into a file: options, the table of routes, hooks that have no name."""

from __future__ import annotations

__all__ = ["WookieWritten"]

import re
from collections.abc import Iterable
from typing import Any

from workbench.dialects.wookie.points import POINTS
from workbench.dialects.wookie.routes import Route
from workbench.dialects.writing import Call, Step, Written, plain, step


class WookieWritten(Written):
    """A Wookie application."""

    def calls(self) -> Iterable[Call]:
        """The routes in the order of their table; hooks that only `add_hook` attaches as they are."""
        seen: set[Any] = set()
        for route in self.app.routes.rows:
            key = (route.methods, route.resource, route.vhost)
            yield _route(route, again=key in seen)
            seen.add(key)
        board, registration = self.mount.board, self.app.registration
        own = {self.mount.key(point.name) for point in POINTS}
        for key in registration.own_keys():
            for row in board.state.of(key):
                hook = row.hook
                named = () if hook.id in registration.nameless else (hook.name,)
                if not named or key not in own:
                    added = step("add_hook", board.points[key].title, hook.function, *named)
                    yield Call(hook.name, (added,), (plain(hook),), apart=key in own)


def _route(route: Route, *, again: bool) -> Call:
    """Write a route, with those of its options that are not the usual ones."""
    options: dict[str, Any] = {}
    pattern = route.pattern
    if pattern is None or pattern.pattern != route.resource:
        options["regex"] = False
    if pattern is not None and pattern.flags & re.IGNORECASE:
        options["case_sensitive"] = False
    for name, usual in (("chunk", False), ("buffer_body", True), ("suppress_100", False), ("vhost", None)):
        if getattr(route, name) != usual:
            options[name] = getattr(route, name)
    if route.priority:
        options["priority"] = route.priority
    if again:
        options["replace"] = False
    methods = sorted(route.methods)
    method = methods[0] if len(methods) == 1 else methods
    return Call(
        f"the route {route.name}",
        (Step("route", (method, route.resource), options), step("", route.function)),
    )
