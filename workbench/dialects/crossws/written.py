"""What of a crossws application goes into a file beside its hooks: options, the resolver, routes."""

from __future__ import annotations

__all__ = ["CrosswsWritten"]

from collections.abc import Iterable
from typing import Any

from workbench.dialects.writing import Call, Written, step


class CrosswsWritten(Written):
    """A crossws application."""

    def options(self) -> dict[str, Any]:
        """Without the functions that have a call of their own, and without hooks, which are on the board."""
        apart = ("hooks", "resolve", "fetch")
        return {name: value for name, value in self.given.items() if name not in apart}

    def calls(self) -> Iterable[Call]:
        """The resolver, `fetch` and the routes, as they are now."""
        if self.app.resolving is not None:
            yield Call("resolve", (step("resolve", self.app.resolving),))
        routes = self.app.routes
        if routes.fetching is not None:
            yield Call("fetch", (step("fetch", routes.fetching),))
        for (method, path), function in routes.functions.items():
            yield Call(f"the route {method} {path}", (step(method.lower(), path), step("", function)))
