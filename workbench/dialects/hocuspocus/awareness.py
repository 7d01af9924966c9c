"""Who is there and what they say of themselves: y-protocols' awareness, on the server's side (55 to 58)."""

from __future__ import annotations

__all__ = ["OUTDATED", "Awareness", "Changed"]

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.dialects.hocuspocus.wire import AwarenessEntry, encoded_awareness

OUTDATED = 30.0
"""Seconds after which a client that says nothing is taken for gone."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What an awareness update did: numbers of clients."""

    added: list[int]
    updated: list[int]
    removed: list[int]

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.removed)

    def __iter__(self) -> Iterator[int]:
        return iter([*self.added, *self.updated, *self.removed])


@dataclass(slots=True)
class _Meta:
    clock: int
    seen: float


class Awareness:
    """The states of a document's clients.

    Parameters
    ----------
    client_id
        The document's own number, whose state is never set here.
    changed
        Called with what changed and the origin of the change.
    clock
        Seconds, for the timeout.

    Attributes
    ----------
    states
        What each client says of itself, by its number; JSON values.
    """

    def __init__(
        self,
        client_id: int = 0,
        changed: Callable[[Changed, Any], object] = lambda _changed, _origin: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client_id = client_id
        self.states: dict[int, Any] = {}
        self._metas: dict[int, _Meta] = {}
        self._changed = changed
        self._clock = clock

    def apply(self, entries: Iterable[AwarenessEntry], origin: Any) -> None:
        """Take entries over, where they are newer than what is known of their clients."""
        added: list[int] = []
        updated: list[int] = []
        removed: list[int] = []
        for client, clock, state in entries:
            known = self._metas.get(client)
            now = 0 if known is None else known.clock
            if not (now < clock or (now == clock and state is None and client in self.states)):
                continue
            self._metas[client] = _Meta(clock, self._clock())
            if state is not None:
                self.states[client] = state
                (added if known is None else updated).append(client)
            else:
                self.states.pop(client, None)
                if known is not None:
                    removed.append(client)
        self._tell(Changed(added, updated, removed), origin)

    def remove(self, clients: Iterable[int], origin: Any) -> None:
        """Forget the states of clients that have left."""
        gone = [client for client in clients if self.states.pop(client, None) is not None]
        self._tell(Changed([], [], gone), origin)

    def expire(self) -> None:
        """Forget clients that have said nothing for `OUTDATED` seconds; the origin is "timeout"."""
        limit = self._clock() - OUTDATED
        self.remove([client for client in self.states if self._metas[client].seen <= limit], "timeout")

    def destroy(self) -> None:
        """Say that the document itself is gone, as the original does when it unloads one (47)."""
        self.states.clear()
        self._tell(Changed([], [], [self.client_id]), "local")

    def _tell(self, changed: Changed, origin: Any) -> None:
        if changed:
            self._changed(changed, origin)

    def clock_of(self, client: int) -> int:
        """Give the clock of a client's newest entry, 0 for an unknown one."""
        meta = self._metas.get(client)
        return 0 if meta is None else meta.clock

    @property
    def gone(self) -> list[int]:
        """Clients that have said that they are gone."""
        return [client for client in self._metas if client not in self.states]

    def entries(self, clients: Iterable[int] | None = None) -> list[AwarenessEntry]:
        """List what is known of clients, all that are there by default; None as state for those gone."""
        wanted = self.states if clients is None else clients
        return [
            AwarenessEntry(client, self._metas[client].clock, self.states.get(client))
            for client in wanted
            if client in self._metas
        ]

    def encode(self, clients: Iterable[int] | None = None) -> bytes:
        """Write the entries of clients as the body of an awareness frame."""
        return encoded_awareness(self.entries(clients))
