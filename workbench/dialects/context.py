"""The mapping that hooks share: connection contexts, params, accountability, close details."""

from __future__ import annotations

__all__ = ["Context", "Touch", "TrackedContext", "copied", "put_touch", "untracked"]

from collections.abc import Callable, Iterable
from copy import copy as shallow
from copy import deepcopy
from typing import Any, Self

from workbench.engine.errors import near

Touch = Callable[[object, str], object]
"""Takes the object that changes and the name of what changes in it, as `Recorder.touch` does."""


class Context(dict[str, Any]):
    """A dict that also takes attribute access: `context.user` is `context["user"]`.

    It stays a dict in every other respect: it compares, copies and turns into JSON like one. One that was
    made by `tracked` attributes each change to the hook that is running, so the trace can say who changed the
    context. Changes inside of nested values are found by comparing snapshots instead.

    Methods of dict keep their names: an entry called `items` is reached as `context["items"]`.
    """

    __slots__ = ()

    @staticmethod
    def tracked(touch: Touch) -> Context:
        """Make an empty one that tells of its changes."""
        return TrackedContext(touch)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(_no_entry(self, name)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(_no_entry(self, name))
        del self[name]

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self]

    def copy(self) -> Context:
        """Return a shallow copy, a Context too, which nobody tracks."""
        return Context(self)

    def _names(self) -> list[str]:
        return [*map(str, self)]

    def __reduce__(self) -> tuple[type[Context], tuple[dict[str, Any]]]:
        return Context, (dict(self),)


class TrackedContext(Context):
    """One that tells of each change before or after it is made.

    Parameters
    ----------
    touch
        Who is told.
    """

    __slots__ = ("_touch",)

    _touch: Touch

    def __init__(self, touch: Touch) -> None:
        dict.__init__(self)
        put_touch(self, touch)

    def __setitem__(self, key: str, value: Any) -> None:
        self._touch(self, key)
        dict.__setitem__(self, key, value)  # by name: the one call here that comes with every message

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._touch(self, key)

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc,override]  # dict has two overloads for it
        self.update(other)
        return self

    def update(self, *others: Any, **entries: Any) -> None:
        """Take over all entries of a mapping, of pairs, or given by name."""
        for key, value in dict(*others, **entries).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the entry, which becomes `default` where there was none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        """Remove an entry and return it, or `default` where there is none."""
        if key in self:
            self._touch(self, key)
        return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        """Remove the newest entry and return its key and value."""
        key, value = super().popitem()
        self._touch(self, key)
        return key, value

    def clear(self) -> None:
        """Remove all entries."""
        for key in self:
            self._touch(self, key)
        super().clear()


def _no_entry(context: Context, name: str) -> str:
    if name.startswith("__"):  # asked for by `copy` at each snapshot, and read by nobody
        return name
    kind = "mapping" if type(context) in (Context, TrackedContext) else type(context).__name__
    known = context._names()  # noqa: SLF001 - a public name would hide an entry of that name
    if not known:
        return f"there is no {name!r} in this {kind}, which is empty; get({name!r}) gives None then"
    return f"there is no {name!r} in this {kind}{near(name, known)}"


def copied(value: Any) -> Any:
    """Copy what a stand-in holds, as deeply as it can be: a hook may keep anything in a context."""
    for copy in (deepcopy, shallow):
        try:
            made = copy(value)
        except Exception:  # noqa: BLE001, S112 - the next way is tried
            continue
        if copy is shallow and isinstance(made, dict):
            dict.update(made, {key: copied(member) for key, member in made.items()})
        elif copy is shallow and isinstance(made, list):
            made[:] = map(copied, made)
        return made
    return value


put_touch: Callable[[TrackedContext, Touch], None] = TrackedContext._touch.__set__  # type: ignore[attr-defined]  # noqa: SLF001


def untracked(_context: object, _key: str) -> None:
    """Take the place of a recorder where there is none."""
