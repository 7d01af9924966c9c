"""Services over Socket.IO, by polling and WebSocket (R92 to R111)."""

from __future__ import annotations

__all__ = ["Sockets"]

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workbench.dialects.context import Context
from workbench.dialects.feathers import wire
from workbench.dialects.feathers.authentication.transports import authenticate_connection
from workbench.dialects.feathers.context import ARGUMENTS, CUSTOM
from workbench.dialects.feathers.errors import BadRequest, MethodNotAllowed, NotFound, wire_form
from workbench.server.guest import AsgiGuest, GuestLink
from workbench.server.links import Counters, Handshake
from workbench.server.messages import Request, Response

if TYPE_CHECKING:
    from socketio import AsyncServer

    from workbench.dialects.feathers.application import Application

PATH: Final = "/socket.io/"

_log = logging.getLogger("workbench.socketio")
_log.addHandler(
    logging.NullHandler()
)  # or a client's late poll is told on the terminal of whoever runs a cell


@dataclass(eq=False, slots=True)
class _Session:
    """One client: what stands for it in params, and its number in the trace."""

    sid: str
    connection: Context
    number: int
    counters: Counters = field(default_factory=Counters)


class Sockets:
    """The Socket.IO side of an application.

    Parameters
    ----------
    app
        Whose services.
    path
        Where it is mounted, with slashes around it.

    """

    def __init__(self, app: Application, path: str = PATH) -> None:
        self.path = path
        self._bare = path.rstrip("/")
        self._app = app
        self._sessions: dict[str, _Session] = {}
        self._by_connection: dict[int, _Session] = {}
        self._server: AsyncServer | None = None
        self._guest: AsgiGuest | None = None
        app.send = self._send
        app.on("disconnect", self._told_to_go)

    def holds(self, path: str) -> bool:
        """Tell whether a request's path is one of Socket.IO's."""
        return path.startswith(self.path) or path == self._bare

    async def request(self, request: Request) -> Response:
        """Answer a request of the polling transport."""
        return await self._open().request(request)

    async def upgrade(self, request: Request, handshake: Handshake) -> None:
        """Answer a request for a WebSocket."""
        await self._open().upgrade(request, handshake)

    async def close(self) -> None:
        """Let all clients go; the next request begins anew."""
        server, self._server, self._guest = self._server, None, None
        for session in list(self._sessions.values()):
            self._gone(session.sid)
        if server is not None:
            await server.shutdown()

    def _open(self) -> AsgiGuest:
        """Make the server on first use, on the loop that serves: it keeps tasks there."""
        if self._guest is None:
            import socketio

            self._server = server = socketio.AsyncServer(
                async_mode="asgi",
                cors_allowed_origins=[],
                json=wire,
                always_connect=False,
                logger=_log,
                engineio_logger=_log,
            )
            server.on("connect", self._connected)
            server.on("disconnect", self._disconnected)
            server.on("*", self._event)
            _answer_last_polls(server)
            self._guest = AsgiGuest(socketio.ASGIApp(server, socketio_path=self.path))
        return self._guest

    # -- clients ----------------------------------------------------------------------------------

    async def _connected(self, sid: str, environ: Mapping[str, Any], _auth: Any = None) -> None:
        from socketio.exceptions import ConnectionRefusedError as Refused

        scope = environ["asgi.scope"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        connection = Context(provider="socketio", headers=headers)
        try:
            await authenticate_connection(self._app, connection)
        except Exception as error:  # whatever it is, it is why the client is refused
            told = wire_form(error)
            raise Refused(told.get("message", ""), told) from error
        mount = self._app.mount
        client = scope.get("client")
        session = _Session(sid, connection, 0)
        session.number = mount.connections.opened(
            "feathers", mount.path, client[0] if client else None, session.counters
        )
        link = scope.get("workbench.link")
        if isinstance(link, GuestLink):
            link.connection = session.number
        self._sessions[sid] = self._by_connection[id(connection)] = session
        self._app.emit("connection", connection)

    async def _disconnected(self, sid: str, *_reason: Any) -> None:
        self._gone(sid)

    def _gone(self, sid: str) -> None:
        """Leave every channel, and only then tell listeners (R56)."""
        session = self._sessions.pop(sid, None)
        if session is None:
            return
        self._app.channels.leave(session.connection)
        self._app.emit("disconnect", session.connection)
        del self._by_connection[id(session.connection)]
        self._app.mount.connections.closed(session.number)

    def _told_to_go(self, connection: Any) -> None:
        """Close the socket of a client that somebody else sent away, as an expired token does."""
        session = self._by_connection.get(id(connection))
        if session is not None and session.sid in self._sessions and self._server is not None:
            self._app.settle([self._server.disconnect(session.sid)])

    # -- calls ------------------------------------------------------------------------------------

    async def _event(self, method: str, sid: str, *arguments: Any) -> tuple[Any, ...]:
        """Answer one event by a call: (None, result), or (error,) (R93)."""
        session = self._sessions.get(sid)
        if session is None:
            return (wire_form(NotFound("The connection is closed")),)
        session.counters.messages_in += 1
        try:
            with self._app.mount.recorder.story():
                result = await self._call(session, method, arguments)
        except Exception as error:  # noqa: BLE001 - whatever a service raised, the client gets an answer
            return (wire_form(error),)
        return None, result

    async def _call(self, session: _Session, method: str, given: tuple[Any, ...]) -> Any:
        path = given[0] if given else None
        if not isinstance(path, str):
            raise NotFound("Invalid service path")
        found = self._app.lookup(path)
        if found is None or found.id is not None:
            raise NotFound(f"Service '{path}' not found")
        service = found.target
        if method not in service.exposed:
            raise MethodNotAllowed(f"Method '{method}' not allowed on service '{path}'")
        names = ARGUMENTS.get(method, CUSTOM)
        values = given[1:]
        if len(values) > len(names):
            raise BadRequest(f"Too many arguments for '{method}' method")
        query = values[len(names) - 1] if len(values) == len(names) else {}
        params = Context(
            query=_members(query),
            route=found.route,
            connection=session.connection,
        )
        dict.update(params, session.connection)
        arguments = [*values[: len(names) - 1], *[None] * (len(names) - 1 - len(values)), params]
        context = await service.call(method, arguments, connection=session.number)
        answer = wire.first_set(dict.get(context, "dispatch"), dict.get(context, "result"))
        self._note_answer(session, answer)
        return answer

    def _note_answer(self, session: _Session, answer: Any) -> None:
        recorder = self._app.mount.recorder
        if recorder.recording:
            try:
                text = wire.dumps(answer)
            except (TypeError, ValueError, RecursionError):  # the client is told of it where it is sent
                text = None
            recorder.moment("sent", "answered", connection=session.number, data=text)

    # -- events -----------------------------------------------------------------------------------

    def _send(self, connections: list[Any], name: str, payload: Any) -> Any:
        """Send an event to some connections; those of no socket are passed over."""
        found = [self._by_connection.get(id(connection)) for connection in connections]
        sessions = [session for session in found if session is not None]
        if not sessions or self._server is None:
            return None
        for session in sessions:
            session.counters.messages_out += 1
        data = (payload,) if payload is None else payload
        return self._server.emit(name, data, to=[session.sid for session in sessions])


def _members(given: Any) -> dict[str, Any]:
    """Give the members of a query as JavaScript copies them: those of texts and lists by their places."""
    if isinstance(given, str | list):
        return {str(place): part for place, part in enumerate(given)}
    return dict(given) if isinstance(given, Mapping) else {}


def _answer_last_polls(server: AsyncServer) -> None:
    """Answer the poll that waits when a client closes; Engine.IO for Python leaves it open for 45 seconds.

    A Node process does not end before its request does.
    """
    from engineio.packet import NOOP, Packet

    ended = server.eio.handlers["disconnect"]

    async def disconnect(sid: str, reason: str) -> None:
        await ended(sid, reason)
        transport = server.eio.sockets.get(sid)
        if transport is not None and not transport.upgraded:
            transport.queue.put_nowait(Packet(NOOP))

    server.eio.on("disconnect", disconnect)
