"""Which service a path belongs to (R81 to R84)."""

from __future__ import annotations

__all__ = ["Found", "Router", "stripped"]

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


def stripped(path: str) -> str:
    """Take the slashes around a path away; those inside stay."""
    return path.strip("/")


@dataclass(slots=True)
class Found(Generic[T]):
    """What a path led to.

    Attributes
    ----------
    target
        What was registered.
    id
        The segment behind the path, None without one; percent-encoding is left as it came (R90).
    route
        Values of the placeholders, by name.

    """

    target: T
    id: str | None
    route: dict[str, str]


@dataclass(slots=True)
class _Node(Generic[T]):
    children: dict[str, _Node[T]] = field(default_factory=dict)
    placeholders: dict[str, _Node[T]] = field(default_factory=dict)
    target: T | None = None


class Router(Generic[T]):
    """Paths with placeholders: ``users/:userId/notes``. What is spelt out beats a placeholder.

    Parameters
    ----------
    case_sensitive
        False: paths are compared without regard to case.

    """

    def __init__(self, *, case_sensitive: bool = True) -> None:
        self._root: _Node[T] = _Node()
        self._case = case_sensitive
        self._literal: dict[str, T] = {}  # as most clients write it; nothing goes before one all spelt out

    def insert(self, path: str, target: T) -> None:
        """Register what a path leads to, in the place of what it led to before."""
        node = self._root
        for segment in self._segments(path):
            if segment.startswith(":"):
                node = node.placeholders.setdefault(segment[1:], _Node())
            else:
                node = node.children.setdefault(self._folded(segment), _Node())
        node.target = target
        if "/:" not in f"/{stripped(path)}":
            self._literal["/" + self._folded(stripped(path))] = target

    def remove(self, path: str) -> None:
        """Forget a path; nothing happens where it is unknown."""
        self._literal.pop("/" + self._folded(stripped(path)), None)
        node: _Node[T] | None = self._root
        for segment in self._segments(path):
            if node is None:
                return
            node = (
                node.placeholders.get(segment[1:])
                if segment.startswith(":")
                else node.children.get(self._folded(segment))
            )
        if node is not None:
            node.target = None

    def lookup(self, path: str) -> Found[T] | None:
        """Find what a path leads to, with or without an id behind it; None where it leads nowhere."""
        target = self._literal.get(path)
        if target is None:
            target = self._literal.get("/" + self._folded(stripped(path)))
        if target is not None:
            return Found(target, None, {})
        segments = self._segments(path)
        return next(self._walk(self._root, segments, 0, {}), None)

    def _walk(
        self, node: _Node[T], segments: list[str], at: int, route: dict[str, str]
    ) -> Iterator[Found[T]]:
        rest = len(segments) - at
        if rest == 0:
            if node.target is not None:
                yield Found(node.target, None, dict(route))
            return
        segment = segments[at]
        child = node.children.get(self._folded(segment))
        if child is not None:
            yield from self._walk(child, segments, at + 1, route)
        if rest == 1 and node.target is not None and segment:
            yield Found(node.target, segment, dict(route))
        if segment:
            for name, placeholder in node.placeholders.items():
                yield from self._walk(placeholder, segments, at + 1, {**route, name: segment})

    def _segments(self, path: str) -> list[str]:
        path = stripped(path)
        return path.split("/") if path else []

    def _folded(self, segment: str) -> str:
        return segment if self._case else segment.lower()
