"""Which function answers a request: the table of routes (Wookie, section 6)."""

from __future__ import annotations

__all__ = ["NextRoute", "Route", "Routes", "next_route"]

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from workbench.dialects.wookie.errors import BadRoute, RouteNotFound
from workbench.engine.signatures import adapt

EVERY = "*"
_KNOWN = 1024  # answers of `Routes.find` that are kept
_vhost: ContextVar[str | None] = ContextVar("workbench wookie vhost", default=None)


class NextRoute(BaseException):
    """What `next_route` raises; no error, so that ``except Exception`` in a route lets it pass."""


def next_route() -> NoReturn:
    """Pass a request on to the next route that matches; code after it does not run (T8).

    Hooks do not run again. At the end of the table the answer is 404, without post-route (T10).
    """
    raise NextRoute


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One row of the table.

    Attributes
    ----------
    methods
        In upper case; with "*" among them, any.
    resource
        The pattern as it was written.
    function
        Called with request, response and the groups of the pattern.
    pattern
        The compiled pattern; None: the resource is compared literally.
    chunk, buffer_body, suppress_100, vhost, priority
        See `Routes.add`.
    call
        The function, fitted to what it takes.
    told
        What the trace says when it runs.

    """

    methods: frozenset[str]
    resource: str
    function: Callable[..., Any]
    pattern: re.Pattern[str] | None
    chunk: bool
    buffer_body: bool
    suppress_100: bool
    vhost: str | None
    priority: float
    call: Callable[..., Any]
    told: str = ""

    @property
    def name(self) -> str:
        """How people know it: "GET /ok"."""
        return _named(self.methods, self.resource)

    def groups(self, method: str, path: str, host: str | None) -> tuple[str | None, ...] | None:
        """Give the groups of the pattern where it matches the whole path, else None."""
        if method not in self.methods and EVERY not in self.methods:
            return None
        if self.vhost is not None and not self._serves(host):
            return None
        if self.pattern is None:
            return () if path == self.resource else None
        match = self.pattern.fullmatch(path)
        return None if match is None else match.groups()

    def _serves(self, host: str | None) -> bool:
        """Whether it is for this Host: exactly, or without the port (T7)."""
        return host is not None and self.vhost in (host, host.partition(":")[0])


Found: TypeAlias = tuple[Route, tuple[str | None, ...]]


class Routes:
    """The table; edits make a new list, so a request in progress keeps the one it began with."""

    def __init__(self) -> None:
        self._rows: tuple[Route, ...] = ()
        self._ordered: tuple[Route, ...] = ()
        self._known: dict[tuple[str, str, str | None], Found | None] = {}  # what was asked for before

    def add(
        self,
        method: str | Iterable[str],
        resource: str,
        function: Callable[..., Any],
        *,
        regex: bool = True,
        case_sensitive: bool = True,
        chunk: bool = False,
        buffer_body: bool = True,
        suppress_100: bool = False,
        replace: bool = True,
        vhost: str | None = None,
        priority: float = 0,
    ) -> Route:
        """Add a route at the end of the table.

        Parameters
        ----------
        method
            "GET", several of them, or "*" for any (T6).
        resource
            A regular expression for the whole percent-decoded path (T1 to T3).
        function
            Called with request, response and the pattern's groups; may be ``async def``.
        regex
            False: `resource` is compared literally (T4).
        case_sensitive
            False: capital letters count as small ones (T5).
        chunk
            Whether it takes the body piece by piece: it then runs before the body comes.
        buffer_body
            Of a chunk route: whether what comes before `with_chunking` is kept. False: those bytes are gone,
            and the route never sees the end (F8, F9).
        suppress_100
            Whether the route itself says ``100 Continue`` (T14).
        replace
            Whether it takes the place of a route of the same methods, pattern and host (T12).
        vhost
            The Host that it is for; None: every one, or that of the `with_vhost` around.
        priority
            Larger ones are asked first; ties in the order of the table (T11).

        Raises
        ------
        BadRoute
            For a pattern that is none, a method or a priority that is none.
        BadSignature
            For a function that requires more than it would be given.

        """
        methods = _methods(method)
        pattern = _compiled(resource, regex=regex, case_sensitive=case_sensitive)
        if isinstance(priority, bool) or not isinstance(priority, int | float) or not math.isfinite(priority):
            raise BadRoute(f"The priority of a route is a number such as 10, not {priority!r}.")
        groups = 0 if pattern is None else pattern.groups
        names = ("request", "response", *(f"group_{number}" for number in range(1, groups + 1)))
        called = getattr(function, "__name__", type(function).__name__)
        route = Route(
            methods,
            resource,
            function,
            pattern,
            chunk,
            buffer_body,
            suppress_100,
            _vhost.get() if vhost is None else vhost,
            priority,
            adapt(function, called, _named(methods, resource), names),
            f"route {_named(methods, resource)}",
        )
        self._put(route, replace=replace)
        return route

    def _put(self, route: Route, *, replace: bool) -> None:
        # the original compares no hosts here, so that two hosts of one path overwrite each other
        key = (route.methods, route.resource, route.vhost)
        for place, old in enumerate(self._rows):
            if replace and (old.methods, old.resource, old.vhost) == key:
                self._publish((*self._rows[:place], route, *self._rows[place + 1 :]))
                return
        self._publish((*self._rows, route))

    def _publish(self, rows: tuple[Route, ...]) -> None:
        self._rows = rows
        self._ordered = tuple(sorted(rows, key=lambda route: -route.priority))
        self._known = {}

    def find(self, method: str, path: str, host: str | None, passed: Collection[Route] = ()) -> Found | None:
        """Find the route of a request and the groups of its pattern.

        Parameters
        ----------
        method, path, host
            What is asked for; the path percent-decoded.
        passed
            Routes that passed the request on.

        """
        if passed:
            return self._search(method, path, host, passed)
        asked, known = (method, path, host), self._known
        try:
            return known[asked]
        except KeyError:
            if len(known) >= _KNOWN:
                known.clear()
            known[asked] = found = self._search(method, path, host, passed)
            return found

    def _search(self, method: str, path: str, host: str | None, passed: Collection[Route]) -> Found | None:
        for route in self._ordered:
            groups = route.groups(method, path, host)
            if groups is not None and route not in passed:
                return route, groups
        return None

    def remove(self, method: str | Iterable[str], resource: str) -> None:
        """Remove the routes of these methods and pattern; raises `RouteNotFound` where there is none."""
        methods = _methods(method)
        left = tuple(row for row in self._rows if (row.methods, row.resource) != (methods, resource))
        if len(left) == len(self._rows):
            known = ", ".join(row.name for row in self._rows) or "none yet"
            raise RouteNotFound(f"There is no route {_named(methods, resource)}; there are: {known}.")
        self._publish(left)

    def clear(self) -> None:
        """Remove all routes."""
        self._publish(())

    @property
    def rows(self) -> tuple[Route, ...]:
        """The routes in the order of the table, whatever their priority."""
        return self._rows

    def __iter__(self) -> Iterator[Route]:
        return iter(self._ordered)

    def __len__(self) -> int:
        return len(self._rows)


@contextmanager
def with_vhost(host: str) -> Iterator[None]:
    """Bind the routes that are added inside to one Host (T7)."""
    token = _vhost.set(host)
    try:
        yield
    finally:
        _vhost.reset(token)


def _named(methods: frozenset[str], resource: str) -> str:
    return f"{','.join(sorted(methods))} {resource}"


def _methods(method: str | Iterable[str]) -> frozenset[str]:
    given: Any = (method,) if isinstance(method, str) else method
    try:
        methods = frozenset(one.upper() for one in given)
    except (AttributeError, TypeError):
        methods = frozenset()
    if not methods or not all(one == EVERY or one.isalpha() for one in methods):
        raise BadRoute(
            f'The method of a route is "GET" or the like, several of them, or "*", not {method!r}.'
        )
    return methods


def _compiled(resource: str, *, regex: bool, case_sensitive: bool) -> re.Pattern[str] | None:
    """Compile a pattern; None for one that is compared as it stands."""
    if not isinstance(resource, str):
        raise BadRoute(f'The path of a route is a text such as "/users/([0-9]+)", not {resource!r}.')
    if not regex and case_sensitive:
        return None
    try:
        return re.compile(resource if regex else re.escape(resource), 0 if case_sensitive else re.IGNORECASE)
    except re.error as error:
        raise BadRoute(
            f'A route has a regular expression for its path, such as "/users/([0-9]+)", not {resource!r} '
            f"({error}); regex=False compares it literally."
        ) from None
