"""What of a Directus application goes into a file: options, extensions, hooks by `filter`, `action` ..."""

from __future__ import annotations

__all__ = ["DirectusWritten"]

from collections.abc import Iterable
from typing import Any

from workbench.dialects.directus.extensions import Embedding
from workbench.dialects.directus.points import ACTION, FILTER, INIT, SCHEDULE
from workbench.dialects.writing import Call, Written, plain, step
from workbench.engine.edits import name_of


class DirectusWritten(Written):
    """A Directus application."""

    def options(self) -> dict[str, Any]:
        """The options, `follow` as it is now; extensions have calls of their own."""
        given = {name: value for name, value in self.given.items() if name != "extensions"}
        follow = self.app.follow
        return {**given, "follow": follow} if follow != given.get("follow", "system") else given

    def calls(self) -> Iterable[Call]:
        """The extensions in their order, then the hooks that were registered apart from any."""
        theirs: set[str] = set()
        for function, register in self.app.extensions.registered:
            theirs |= {hook.id for hook in register.hooks}
            line = step("extension", function)
            if isinstance(function, Embedding):
                line = step("embed", function.position, function.code)
            yield Call(f"the extension {name_of(function)}", (line,), tuple(register.hooks))
        for hook in self.hooks(FILTER, ACTION, INIT, SCHEDULE):
            if hook.id in theirs or hook.kind != "call" or hook.priority or not hook.lane:
                continue
            kind = self.mount.board.points[hook.point].title
            named = {} if name_of(hook.function) == hook.name else {"name": hook.name}
            registered = step(kind, hook.lane, hook.function, **named)
            yield Call(hook.name, (registered,), (plain(hook),), apart=not named)
