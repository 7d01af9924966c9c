"""Units of the chain: extensions by priority, and the configuration, which runs last (1 to 7, 14)."""

from __future__ import annotations

__all__ = ["Configured", "Units", "functions_of"]

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.hocuspocus.points import ALIASES, CONFIGURATION, DEFAULT_PRIORITY, HOOKS
from workbench.engine.errors import BadSignature, WorkbenchError
from workbench.engine.hooks import Hook

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


@dataclass(slots=True)
class Configured:
    """One call of `configure`, or what the bench began with.

    Attributes
    ----------
    extensions
        As they were given.
    functions
        The configuration's own hooks.
    hooks
        Those on the board that came of both, as they were then.
    """

    extensions: tuple[Any, ...] = ()
    functions: Mapping[str, Any] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)


class Units:
    """Puts extensions and configurations on the board.

    Parameters
    ----------
    mount
        Whose board.

    Attributes
    ----------
    begun
        What the bench began with.
    configured
        What came by `configure`, in order.
    """

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self.begun = Configured()
        self.configured: list[Configured] = []

    def begin(self, extensions: Iterable[object]) -> None:
        """Attach the extensions that the bench begins with."""
        for extension in extensions:
            self.begun.hooks += self.add_extension(extension)

    def configure(self, extensions: Iterable[object], functions: Mapping[str, Any]) -> None:
        """Attach what one call of `configure` brings: its extensions, then its own hooks."""
        given = tuple(extensions)
        hooks = [hook for extension in given for hook in self.add_extension(extension)]
        hooks += self.add_configuration(functions)
        self.configured.append(Configured(given, dict(functions), hooks))

    def add_extension(self, unit: object) -> list[Hook]:
        """Attach the hooks of an extension, each behind those of the same priority; gives them.

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
        name, priority = name_of(unit), _priority_of(unit)
        return [self._attach(hook, function, name, priority=priority) for hook, function in functions]

    def add_configuration(self, functions: Mapping[str, Any]) -> list[Hook]:
        """Attach the configuration's own hooks; a configuration before it becomes an extension (3).

        Its onCreateDocument is attached and switched off: the original never calls it (14, quirk Q06).
        """
        for name, function in functions.items():
            if function is not None and not callable(function):
                raise BadSignature(f"The hook for {name!r} is a function or None, not {function!r}")
        for before in self.configured:
            before.hooks[:] = map(self._demoted, before.hooks)
        added = []
        for hook, function in functions_of(functions):
            called = getattr(function, "__name__", "")
            name = called if called.isidentifier() else CONFIGURATION
            attached = self._attach(hook, function, name, lane=CONFIGURATION)
            if hook == _EXTENSIONS_ONLY:
                attached = self._mount.board.enable(attached.id, False, author=self._mount.author())
            added.append(attached)
        return added

    def _attach(
        self,
        hook: str,
        function: Callable[..., Any],
        name: str,
        *,
        lane: str = "",
        priority: float | None = None,
    ) -> Hook:
        return self._mount.board.attach(
            self._mount.key(hook),
            function,
            name=name,
            lane=lane,
            priority=priority,
            author=self._mount.author(),
            append=True,
        )

    def _demoted(self, hook: Hook) -> Hook:
        """Make a hook of an earlier configuration one of an extension."""
        board, there = self._mount.board, {row.hook.id for row in self._mount.board.state.of(hook.point)}
        if hook.lane != CONFIGURATION:
            return hook
        if hook.id in there:
            board.move(hook.id, None, None, "", author=self._mount.author())
        return replace(hook, lane="")
