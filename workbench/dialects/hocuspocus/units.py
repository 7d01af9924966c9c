"""Units of the chain: extensions by priority, and the configuration, which runs last (1 to 7, 14)."""

from __future__ import annotations

__all__ = ["Units", "functions_of"]

from collections.abc import Callable, Mapping
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.hocuspocus.points import ALIASES, CONFIGURATION, DEFAULT_PRIORITY, HOOKS
from workbench.engine.errors import BadSignature, WorkbenchError

_EXTENSIONS_ONLY = "onCreateDocument"

Functions = list[tuple[str, Callable[..., Any]]]


def functions_of(unit: object) -> Functions:
    """List the hooks of an extension, in the order of the hooks; members that are no functions do not count.

    Parameters
    ----------
    unit
        A mapping, or an object with methods, named like the hooks in either spelling.
    """
    found = []
    for alias, hook in ALIASES.items():
        for name in (hook, alias):
            member = unit.get(name) if isinstance(unit, Mapping) else getattr(unit, name, None)
            if callable(member):
                found.append((hook, member))
                break
    return found


def name_of(unit: object) -> str:
    """Say what an extension is called: its `extension_name`, else its class."""
    if isinstance(unit, Mapping):
        named = unit.get("extension_name") or unit.get("extensionName")
    else:
        named = getattr(unit, "extension_name", None) or getattr(unit, "extensionName", None)
    return str(named or ("extension" if isinstance(unit, Mapping) else type(unit).__name__))


def _priority_of(unit: object) -> float:
    named = unit.get("priority") if isinstance(unit, Mapping) else getattr(unit, "priority", None)
    return DEFAULT_PRIORITY if named is None else named


class Units:
    """Puts extensions and configurations on the board.

    Parameters
    ----------
    mount
        Whose board.
    """

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._configured = False

    def add_extension(self, unit: object) -> None:
        """Attach the hooks of an extension, each behind those of the same priority.

        Raises
        ------
        WorkbenchError
            For something without any hook.
        """
        functions = functions_of(unit)
        if not functions:
            raise WorkbenchError(
                f"There is no hook in {unit!r}: an extension is an object with methods, or a mapping, "
                f"named like the hooks: {', '.join(HOOKS[:4])} ..."
            )
        for hook, function in functions:
            self._attach(hook, function, name_of(unit), priority=_priority_of(unit))

    def add_configuration(self, functions: Mapping[str, Any]) -> None:
        """Attach the configuration's own hooks; a configuration before it becomes an extension (3).

        Its onCreateDocument is attached and switched off: the original never calls it (14, quirk Q06).
        """
        for name, function in functions.items():
            if function is not None and not callable(function):
                raise BadSignature(f"The hook for {name!r} is a function or None, not {function!r}")
        if self._configured:
            self._demote()
        self._configured = True
        for hook, function in functions_of(functions):
            called = getattr(function, "__name__", "")
            name = called if called.isidentifier() else CONFIGURATION
            attached = self._attach(hook, function, name, lane=CONFIGURATION)
            if hook == _EXTENSIONS_ONLY:
                self._mount.board.enable(attached.id, False, author=self._mount.author())

    def _attach(
        self,
        hook: str,
        function: Callable[..., Any],
        name: str,
        *,
        lane: str = "",
        priority: float | None = None,
    ) -> Any:
        return self._mount.board.attach(
            self._mount.key(hook),
            function,
            name=name,
            lane=lane,
            priority=priority,
            author=self._mount.author(),
            append=True,
        )

    def _demote(self) -> None:
        board = self._mount.board
        for hook in HOOKS:
            for row in board.state.of(self._mount.key(hook)):
                if row.hook.lane == CONFIGURATION:
                    board.move(row.hook.id, None, None, "", author=self._mount.author())
