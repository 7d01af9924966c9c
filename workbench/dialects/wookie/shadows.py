"""Stand-ins for shadow hooks: they read what the real objects hold, and change or send nothing."""

from __future__ import annotations

__all__ = ["ShadowResponse", "shadow_of"]

from typing import Any

from workbench.dialects.context import copied
from workbench.dialects.known import known_as
from workbench.dialects.wookie.objects import Body, ChunkCallback, Request, Response, ResponseStream, Socket
from workbench.server.messages import Headers, HeadersSource


@known_as(Request)
class ShadowRequest(Request):
    """A request of which nothing reaches the real one."""

    def __init__(self, real: Request) -> None:
        self.__dict__.update(real.__dict__)
        self.headers = real.headers.copy()
        self.response = ShadowResponse(real.response, self)
        self._touch = _unheard
        self._data = copied(real.data)
        self.socket = ShadowSocket(real.socket)

    def with_chunking(self, callback: ChunkCallback) -> ChunkCallback:
        """Call nobody."""
        return callback


@known_as(Socket)
class ShadowSocket(Socket):
    """A connection that is not closed."""

    __slots__ = ()

    def __init__(self, real: Socket) -> None:
        super().__init__(real._transport, real.connection)  # noqa: SLF001 - it is the same connection
        self.data = copied(real.data)

    def close(self) -> None:
        """Leave it open."""


@known_as(Response)
class ShadowResponse(Response):
    """A response that is never sent."""

    __slots__ = ()

    def __init__(self, real: Response, request: Request) -> None:
        super().__init__(real._exchange, request, _unheard)  # noqa: SLF001  # it answers the same request
        self._headers = Headers(real.headers)

    def send_response(
        self,
        *,
        status: int = 200,
        headers: HeadersSource = None,
        body: Body = None,
        close: bool | None = None,
    ) -> None:
        """Send nothing."""

    def start_response(self, *, status: int = 200, headers: HeadersSource = None) -> ResponseStream:
        """Send nothing, and give a stream that does not either."""
        del status, headers
        return _SilentStream(self._exchange)  # type: ignore[arg-type]  # it asks it for nothing

    def finish_response(self) -> None:
        """Leave the real one as it is."""

    def send_100_continue(self) -> None:
        """Send nothing."""


@known_as(ResponseStream)
class _SilentStream(ResponseStream):
    __slots__ = ()

    def write(self, data: str | bytes) -> None:
        """Send nothing."""

    async def drain(self) -> None:
        """Wait for nobody."""

    def finish(self) -> None:
        """End nothing."""


def shadow_of(*arguments: Any) -> tuple[Any, ...]:
    """Copy what a hook is given: requests and responses belong together also as stand-ins."""
    found = next((one for one in arguments if isinstance(one, Request)), None)
    request = None if found is None else ShadowRequest(found)
    return tuple(_stand_in(one, request) for one in arguments)


def _stand_in(argument: Any, request: ShadowRequest | None) -> Any:
    if isinstance(argument, Request):
        return request
    if isinstance(argument, Response) and request is not None:
        return request.response
    return copied(argument) if isinstance(argument, dict | list | Headers) else argument


def _unheard(_tracked: object, _field: str) -> None:
    """Tell nobody: what a shadow hook changes has no effect."""
