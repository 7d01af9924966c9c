"""Stand-ins for shadow hooks: they read what the real objects hold, and change or send nothing."""

from __future__ import annotations

__all__ = ["ShadowPeer", "shadow_of_event", "shadow_of_message", "shadow_of_upgrade"]

from typing import Any

from workbench.dialects.context import Context, copied
from workbench.dialects.crossws.message import Message
from workbench.dialects.crossws.payloads import payload
from workbench.dialects.crossws.peer import Peer
from workbench.dialects.known import known_as
from workbench.server.closing import close_payload
from workbench.server.messages import Request


@known_as(Peer)
class ShadowPeer(Peer):
    """A peer whose commands do nothing, with copies of the context and the topics."""

    __slots__ = ("_context", "_real")

    def __init__(self, real: Peer) -> None:
        super().__init__(real._link, real._transport)  # noqa: SLF001  # it is a peer of the same connection
        self._real = real
        self._id = real.id
        self._topics = set(real.topics)
        self._context: Context = copied(real.context)
        self.touch = _unheard

    @property
    def context(self) -> Context:
        """A copy of the connection's context."""
        return self._context

    @property
    def peers(self) -> Any:
        """Stand-ins for the open peers of the namespace."""
        return {self if peer is self._real else ShadowPeer(peer) for peer in super().peers}

    def send(self, data: Any, *, compress: bool = True) -> int:
        """Send nothing; what could not be sent is refused all the same."""
        del compress
        payload(data)
        return self.buffered_amount

    def publish(self, topic: str, data: Any, *, compress: bool = True, to_self: bool = False) -> None:
        """Publish nothing; what could not be sent is refused all the same."""
        del topic, compress, to_self
        payload(data)

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Leave the connection open; a code that the protocol forbids is refused all the same."""
        close_payload(code, reason)

    def terminate(self) -> None:
        """Leave the connection open."""

    def ping(self, data: str | bytes = b"") -> None:
        """Send nothing."""

    async def deliver(self, data: Any, *, compress: bool = True, poll_interval: float = 0.01) -> bool:
        """Send nothing, and say so."""
        del compress, poll_interval
        payload(data)
        return False


def shadow_of_upgrade(request: Request) -> tuple[Request]:
    """Copy a request, without the means to take its socket."""
    shadow = Request(
        request.method, request.url, request.headers.copy(), remote_address=request.remote_address
    )
    shadow.context = copied(request.context)
    return (shadow,)


def shadow_of_message(peer: Peer, message: Message) -> tuple[Peer, Message]:
    """Copy a message with its peer."""
    shadow = ShadowPeer(peer)
    return shadow, Message(message.raw_data, shadow)


def shadow_of_event(peer: Peer, *rest: Any) -> tuple[Any, ...]:
    """Copy a peer; codes, errors and payload bytes are copied where they can change."""
    return (ShadowPeer(peer), *(Context(one) if isinstance(one, Context) else one for one in rest))


def _unheard(_tracked: object, _field: str) -> None:
    """Tell nobody: what a shadow hook changes has no effect."""
