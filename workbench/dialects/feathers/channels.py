"""Channels: which connections get which events (R56 to R64, R112)."""

from __future__ import annotations

__all__ = ["Channel", "Channels", "Publishers", "audience"]

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from workbench.dialects.feathers.emitter import BY_ITSELF, fitted
from workbench.engine.errors import WorkbenchError, near

Connection = Any
"""The mutable mapping that stands for one client."""
Publisher = Callable[..., Any]

STANDARD: Final = ("created", "updated", "patched", "removed")


class Channel:
    """A set of connections, in the order in which they joined.

    Parameters
    ----------
    connections
        To begin with.
    data
        What they get instead of the event's own data; None: that.

    """

    def __init__(self, connections: Iterable[Connection] = (), data: Any = None) -> None:
        self.data = data
        self._held: dict[int, Connection] = {id(one): one for one in connections}

    @property
    def _connections(self) -> dict[int, Connection]:
        return self._held

    @property
    def connections(self) -> list[Connection]:
        """Who is in it; a copy."""
        return list(self._connections.values())

    @property
    def length(self) -> int:
        """How many."""
        return len(self._connections)

    def __len__(self) -> int:
        return len(self._connections)

    def __bool__(self) -> bool:
        return True  # an empty channel is a channel

    def __contains__(self, connection: object) -> bool:
        return id(connection) in self._connections

    def join(self, *connections: Connection) -> Channel:
        """Take connections in; None stands for a call without one, and is passed over."""
        for connection in connections:
            if connection is not None:
                self._connections.setdefault(id(connection), connection)
        return self

    def leave(self, *connections: Connection | Callable[[Connection], bool]) -> Channel:
        """Let connections go, or all for which a function answers true."""
        for one in connections:
            for connection in self.connections:
                if connection is one or (callable(one) and one(connection)):
                    self._connections.pop(id(connection), None)
        return self

    def filter(self, function: Callable[[Connection], bool]) -> Channel:
        """Give a channel of those for which a function answers true."""
        return Channel((one for one in self._connections.values() if function(one)), self.data)

    def send(self, data: Any) -> Channel:
        """Give a channel of the same connections, which get this data."""
        return Channel(self._connections.values(), data)


class _Named(Channel):
    """A channel that an application knows by name; it is forgotten when its last connection leaves (R56).

    Whoever asks for the name gets the same connections, also who asked before anybody joined.
    """

    def __init__(self, name: str, known: dict[str, dict[int, Connection]]) -> None:
        self.data = None
        self.name = name
        self._known = known

    @property
    def _connections(self) -> dict[int, Connection]:
        return self._known.get(self.name, {})

    def join(self, *connections: Connection) -> Channel:
        if any(connection is not None for connection in connections):
            self._known.setdefault(self.name, {})
        return super().join(*connections)

    def leave(self, *connections: Connection | Callable[[Connection], bool]) -> Channel:
        super().leave(*connections)
        if not self._connections:
            self._known.pop(self.name, None)
        return self


class _Several(Channel):
    """Channels that were asked for together: joining and leaving go to each."""

    def __init__(self, channels: list[Channel]) -> None:
        super().__init__(one for channel in channels for one in channel.connections)
        self._channels = channels

    def join(self, *connections: Connection) -> Channel:
        for channel in self._channels:
            channel.join(*connections)
        return super().join(*connections)

    def leave(self, *connections: Connection | Callable[[Connection], bool]) -> Channel:
        for channel in self._channels:
            channel.leave(*connections)
        return super().leave(*connections)


class Channels(Mapping[str, Channel]):
    """The named channels of an application: those in which somebody is."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, Connection]] = {}

    def channel(self, *names: str | Iterable[str]) -> Channel:
        """Give a channel by its name, or several (a list of names, too) as one.

        Raises
        ------
        WorkbenchError
            Without a name, or for one that is no text.

        """
        if len(names) == 1 and not isinstance(names[0], str) and isinstance(names[0], Iterable):
            names = tuple(names[0])
        found: list[Channel] = [_Named(name, self._known) for name in names if isinstance(name, str)]
        if not names or len(found) < len(names):
            raise WorkbenchError(
                f'A channel is asked for by its name, as in channel("room/1"), not {names!r}'
            )
        return found[0] if len(found) == 1 else _Several(found)

    def leave(self, connection: Connection) -> None:
        """Let a connection out of every channel."""
        for channel in list(self.values()):
            channel.leave(connection)

    def __getitem__(self, name: str) -> Channel:
        if name not in self._known:
            raise KeyError(name)
        return _Named(name, self._known)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._known))

    def __len__(self) -> int:
        return len(self._known)


class Publishers:
    """Who decides where events go, at one level: for one event, or for any.

    Parameters
    ----------
    events
        Names that may be published here.
    where
        Whose they are, for errors: "messages" or "the application".

    Attributes
    ----------
    given
        The publishers by event, None for any, as they were given; without those that a setup brings.

    """

    def __init__(self, events: Iterable[str], where: str) -> None:
        self._events = tuple(events)
        self._where = where
        self._by_event: dict[str | None, Publisher] = {}
        self.given: dict[str | None, Publisher] = {}

    def publish(self, event: str | Publisher | None, publisher: Publisher | None = None) -> None:
        """Register a publisher: for an event, or with the function alone for any (R57).

        Raises
        ------
        WorkbenchError
            For an event that there isn't (R62), or something that is no function.

        """
        if publisher is None and callable(event):
            event, publisher = None, event
        if not callable(publisher):
            raise WorkbenchError(f"A publisher is a function (data, context) -> channels, not {publisher!r}")
        if event is not None and event not in self._events:
            raise WorkbenchError(
                f"{event!r} is no event of {self._where}; there are {', '.join(self._events)}"
                f"{near(str(event), self._events)}"
            )
        self._by_event[event] = fitted(publisher)
        if not BY_ITSELF.get():
            self.given[event] = publisher

    def find(self, event: str) -> Publisher | None:
        """Give the publisher of an event, else that of any event."""
        return self._by_event.get(event) or self._by_event.get(None)


def audience(found: Any) -> list[tuple[Connection, Any]]:
    """List who gets an event, each once, with the data of its first channel (R58, R60).

    Parameters
    ----------
    found
        What a publisher returned: a channel, a list of them, nested too, or something falsy for nobody.

    """
    reached: dict[int, tuple[Connection, Any]] = {}
    for channel in _flat(found):
        for connection in channel.connections:
            reached.setdefault(id(connection), (connection, channel.data))
    return list(reached.values())


def _flat(found: Any) -> Iterator[Channel]:
    if isinstance(found, Channel):
        yield found
    elif isinstance(found, list | tuple):
        for one in found:
            yield from _flat(one)
    elif found:
        raise WorkbenchError(f"A publisher returns a channel, a list of channels or nothing, not {found!r}")
