"""Who is connected, in which namespace, and who hears a topic (crossws R33, R43 to R48)."""

from __future__ import annotations

__all__ = ["Namespaces", "PeerSet"]

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.dialects.crossws.peer import Peer


class PeerSet(AbstractSet["Peer"]):
    """The open peers of one namespace, in the order in which they joined.

    It is live: peers come and go while somebody holds it. Each iteration walks a copy, so a loop in a
    notebook cell, or one that closes peers, never trips over a newcomer.
    """

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: dict[Peer, None] = {}

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> set[Any]:  # what `|` and `&` make
        return set(it)

    def __contains__(self, peer: object) -> bool:
        return peer in self._members

    def __iter__(self) -> Iterator[Peer]:
        return iter(list(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"{{{', '.join(map(repr, self))}}}"

    def _add(self, peer: Peer) -> None:
        self._members[peer] = None

    def _discard(self, peer: Peer) -> None:
        self._members.pop(peer, None)


class Namespaces:
    """All peers of one application, by namespace. Sets that became empty stay, as in crossws.

    Attributes
    ----------
    peers
        Read-only live mapping from namespace to its `PeerSet`.

    """

    __slots__ = ("_sets", "peers")

    def __init__(self) -> None:
        self._sets: dict[str, PeerSet] = {}
        self.peers: Mapping[str, PeerSet] = MappingProxyType(self._sets)

    def members(self, namespace: str) -> PeerSet:
        """Return the set of a namespace, made on first use."""
        found = self._sets.get(namespace)
        if found is None:
            found = self._sets[namespace] = PeerSet()
        return found

    def join(self, peer: Peer) -> None:
        """Add a peer to the set of its namespace."""
        self.members(peer.namespace)._add(peer)  # noqa: SLF001  # only the owner of the sets changes them

    def leave(self, peer: Peer) -> None:
        """Take a peer out; nothing happens when it has left already."""
        self.members(peer.namespace)._discard(peer)  # noqa: SLF001  # as above

    def everybody(self) -> list[Peer]:
        """List all open peers: namespaces in the order of their first peer, peers in join order."""
        return [peer for members in list(self._sets.values()) for peer in members]

    def broadcast(
        self, topic: str, frame: str | bytes, namespace: str | None, compress: bool, but: Peer | None = None
    ) -> None:
        """Send one frame to everybody who hears a topic, except `but`; on the loop only."""
        for peer in self.audience(topic, namespace):
            if peer is not but:
                peer.send(frame, compress=compress)

    def audience(self, topic: str, namespace: str | None) -> list[Peer]:
        """List who hears a topic.

        Parameters
        ----------
        topic
            An empty one is heard by nobody.
        namespace
            Only there, or everywhere when None; an unknown one has no listeners.

        """
        if not topic:
            return []
        if namespace is None:
            return [peer for peer in self.everybody() if topic in peer.topics]
        members = self._sets.get(namespace)
        return [peer for peer in members if topic in peer.topics] if members else []
