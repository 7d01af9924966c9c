"""HTTP over a socket, every stage visible: the protocol of each connection.

Bytes become events (`framing`), events wait in a queue until the link is ready for them. While some wait
nothing is read from the socket, so that a held connection holds its client, and memory stays bounded by one
read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

from workbench.server import responses
from workbench.server.closing import end_writing
from workbench.server.deadline import Deadline
from workbench.server.errors import AlreadyAnswered, HttpFailure
from workbench.server.framing import Event, ParsedHead, Piece, RequestParser, Upgraded
from workbench.server.heads import head_of
from workbench.server.host import Host, Hosted, next_id
from workbench.server.links import Handshake, Head, HttpLink
from workbench.server.loops import posted_on
from workbench.server.messages import Headers, Response
from workbench.server.socket_handshake import SocketHandshake

__all__ = ["HttpConnection"]

LINGER = 2.0  # seconds to let a client read its answer before the socket goes
_EARLY = 65536  # bytes that may wait for an upgrade
IDLE, HEAD, BODY, WAIT = "idle", "head", "body", "wait"  # how far the request at hand is read


class HttpConnection(Hosted, asyncio.Protocol):
    """One connection: `HttpTransport` to its link, a protocol to asyncio, one of many to the server."""

    def __init__(self, host: Host, connections: set[HttpConnection]) -> None:
        self.id = next_id()
        self.host = host
        self.loop = asyncio.get_running_loop()
        self.body_limit = host.options.body_limit
        self._dates = host.options.date_header
        self.remote_address: str | None = None
        self._connections = connections
        self._outbox = host.outbox
        self._posted = posted_on(self.loop)
        self._parser = RequestParser(host.options.header_limit)
        self._events: deque[Event] = deque()
        self._new = b""  # bytes that came while nothing else was on its way
        self._head: Head | None = None
        self._parsed: ParsedHead | None = None
        self._stage = IDLE
        self._received = 0  # bytes of body so far
        self._holds = 0
        self._advancing = False
        self._reading = True
        self._refused = False  # the link does not see this request
        self._started = False
        self._finished = False
        self._chunked = False
        self._silent = False  # no body in the response
        self._continued = False
        self._last = False  # the connection ends with this response
        self._lingering = False
        self._lost = False
        self._upgraded = False
        self._deadline = Deadline(self.loop, self._expire)
        self._eof = False

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: the link is made before anything is read."""
        self.transport = transport = cast(asyncio.Transport, transport)
        transport.set_write_buffer_limits(high=65536, low=0)
        peer = transport.get_extra_info("peername")
        self.remote_address = peer[0] if isinstance(peer, tuple) else None
        self._secure = transport.get_extra_info("sslcontext") is not None
        self._connections.add(self)
        self._deadline.set(self.host.options.keep_alive_timeout)
        try:
            self.link: HttpLink = self.host.application.connect(self)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it must not end the server
            self.report(error, "connect")
            self._connections.discard(self)
            self._upgraded = True  # there is no link to tell
            self._end_deadline()
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        if self._posted:
            self._posted.catch_up()
            if self.transport.is_closing():
                return
        if self._stage is IDLE and self._parser.between and not (self._holds or self._lingering):
            known = self.host.known.get(data)
            if known is not None:
                self._take_known(*known)
                return
            self._new = data
        self._take_bytes(data)

    def _take_known(self, parsed: ParsedHead, known: Head) -> None:
        """Take a whole request without a body, whose very bytes were parsed and admitted before."""
        self._begin_request(parsed, known.again(self.remote_address))
        self._advancing = True
        self._call(self.link.head, self._head)
        self._advancing = False
        if self._ready() and not self._refused:
            self._stage = WAIT
            self._call(self.link.body, b"", True)
            if self._finished and self._stage is WAIT:  # it was answered before its body was through
                self._next_request()
        else:
            self._events.append(Piece(b"", last=True))
            self._advance()

    def _take_bytes(self, data: bytes) -> None:
        if self._lingering:
            return
        tail = self._events[-1] if self._events else None
        if isinstance(tail, Upgraded):
            tail.data += data
            self._set_reading(self._takes_more())
            return
        was_in_head = self._parser.in_head
        self._events.extend(self._parser.feed(data))
        if self._parser.in_head and not was_in_head and self._stage == IDLE:
            self._deadline.set(self.host.options.header_timeout)
        self._advance()
        self._new = b""

    def eof_received(self) -> bool:
        """The client sends no more: answer what it asked, then end."""
        self._eof = True
        self._flush()
        if self._stage == IDLE or self._lingering or (self._head is not None and self._head.websocket):
            return False
        self._last = True
        self._deadline.set(self.host.options.close_timeout)
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # why does not matter
        """TCP is gone."""
        self._lost = True
        self._connections.discard(self)
        self._events.clear()
        self._end_deadline()
        if not self._upgraded:
            self._call(self.link.lost)

    def pause_writing(self) -> None:
        """The client reads slowly."""

    def resume_writing(self) -> None:
        """Everything has been given to the system."""
        if not self._lost and not self._upgraded:
            self._call(self.link.drained)

    def shutdown(self) -> None:
        """End now if idle, else with the response: the server stops."""
        self._flush()
        if self._stage == IDLE or self._lingering or self._eof:
            self.transport.close()
        else:
            self._last = True

    # events

    def _advance(self) -> None:
        """Hand out events until the link holds, the request waits for its answer, or none are left."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._ready():
                head = self._head if self._stage == HEAD else None
                if head is not None and head.length and self._over_limit(head.length):
                    break
                if not self._events:
                    break
                self._take(self._events.popleft())
        finally:
            self._advancing = False
        self._set_reading(self._takes_more())

    def _takes_more(self) -> bool:
        """Whether to read on: nothing waits, or only some bytes for whoever takes over after an upgrade.

        The latter shows whether a client has gone while its upgrade was pondered.
        """
        if self._holds or len(self._events) > 1:
            return False
        waiting = self._events[0] if self._events else None
        return waiting is None or (isinstance(waiting, Upgraded) and len(waiting.data) < _EARLY)

    def _ready(self) -> bool:
        if self._holds or self._lost or self._lingering or self._upgraded:
            return False
        return self._stage != WAIT

    def _take(self, event: Event) -> None:
        if type(event) is ParsedHead:  # none of these classes is one to derive from
            self._take_head(event)
        elif type(event) is Piece:
            self._take_piece(event)
        elif isinstance(event, HttpFailure):
            self._fail(event)
        else:
            self.close()  # the upgrade was answered otherwise: what follows it is not HTTP

    def _begin_request(self, parsed: ParsedHead, head: Head) -> None:
        self._parsed, self._head = parsed, head
        self._stage, self._received = HEAD, 0
        self._started = self._finished = self._continued = self._refused = False
        self.body_limit = self.host.options.body_limit

    def _take_head(self, parsed: ParsedHead) -> None:
        head = head_of(parsed, self.transport, secure=self._secure)
        self._begin_request(parsed, head)
        if not self._events:  # else the rest is there already
            self._deadline.set(self.host.options.body_timeout)
        refusal = self.host.policy.refusal(head)
        if refusal is not None:
            self._refused = True
            self._last = self._last or head.websocket or head.expects_continue
            self.respond(refusal)
            return
        if self._new and self._parser.between:  # else a part of the next request is among them
            self.host.known.learn(self._new, parsed, head, self._events)
        self._call(self.link.head, head)

    def _take_piece(self, piece: Piece) -> None:
        self._received += len(piece.data)
        if self._over_limit(self._received):
            return
        self._stage = WAIT if piece.last else BODY
        self._deadline.set(None if piece.last else self.host.options.body_timeout)
        if not self._refused:
            self._call(self.link.body, piece.data, piece.last)
        if self._finished and self._stage == WAIT:  # it was answered before its body was through
            self._next_request()

    def _over_limit(self, size: int) -> bool:
        if self.body_limit is None or size <= self.body_limit or self._refused:
            return False
        self._fail(HttpFailure(413, f"The body is larger than {self.body_limit} bytes."))
        return True

    def _fail(self, failure: HttpFailure) -> None:
        """Let the link answer a request that cannot be read on; then the connection ends."""
        self._last = True
        self._events.clear()
        self._deadline.set(None)
        self._parser.over = True
        if self._stage == IDLE:
            self._head, self._parsed = None, None
            self._started = self._finished = self._refused = False
        self._stage = WAIT
        if self._finished:
            self.close()
        elif not self._refused:
            self._call(self.link.failed, failure)

    def _next_request(self) -> None:
        """The request is read and answered: begin the next, or end."""
        if self._last or self._head is None or not self._head.keep_alive:
            self.close()
        elif self._stage == WAIT:
            self._stage, self._head, self._parsed = IDLE, None, None
            in_head = self._parser.in_head or self._events
            options = self.host.options
            self._deadline.set(options.header_timeout if in_head else options.keep_alive_timeout)
            if in_head:
                self._advance()

    def _call(self, function: Any, *args: Any) -> None:
        try:
            function(*args)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it must not end the server
            self.report(error, f"The link's {function.__name__}")

    # time

    def _end_deadline(self) -> None:
        self._deadline.set(None)
        self._deadline.end_timer()

    def _expire(self) -> None:
        self._flush()
        if self._lingering or self._eof:
            self.transport.abort()
        elif self._stage == IDLE and not self._parser.in_head:
            self.transport.close()
        elif self._stage == WAIT:
            return  # the request is in: its answer may take its time
        elif self._holds:
            self._deadline.set(self.host.options.body_timeout)  # the client is not to blame
        else:
            what = "headers" if self._stage == IDLE else "body"
            self._fail(HttpFailure(408, f"The rest of the {what} did not come in time."))

    # the link's side

    @property
    def closing(self) -> bool:
        """Whether writing is pointless."""
        return self._lost or self._lingering or self._upgraded or self.transport.is_closing()

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read."""
        return 0 if self._lost else self.transport.get_write_buffer_size() + self._outbox.size(self.transport)

    @property
    def answered(self) -> bool:
        """Whether a response to the request at hand has been started."""
        return self._started or self._finished

    def start_response(self, status: int, headers: Headers, *, status_text: str | None = None) -> None:
        """Send status line and headers; see `HttpTransport`."""
        if self.closing:
            return
        self._write(self._begin(status, headers, status_text, None))

    def _begin(self, status: int, headers: Headers, status_text: str | None, length: int | None) -> bytes:
        if self._started or self._finished:
            raise AlreadyAnswered("A response to this request has been started: a second one cannot be sent.")
        head, self._started = self._head, True
        sent, begun = headers, responses.opening(status, status_text, headers.fields)
        given, more = begun.names, b""
        self._silent = responses.bodiless(head, status)
        if "content-length" in given or (self._silent and length is None):
            self._chunked = False
        elif length is not None:
            if status >= 200 and status != 204:  # noqa: PLR2004  # RFC 9110, 8.6
                more = b"content-length: %d\r\n" % length
        elif head is not None and head.version == "1.1":
            self._chunked = True
            sent = responses.without(sent, "transfer-encoding", given)
            more = b"transfer-encoding: chunked\r\n"
        else:
            self._last = True
        word = self._decide_on_the_connection(begun)
        if word:
            sent = responses.without(sent, "connection", given)
            more += b"connection: %b\r\n" % word
        if self._dates and "date" not in given:
            more += responses.date_line()
        if sent is not headers:
            begun = responses.opening(status, status_text, sent.fields)
        return b"%b%b\r\n" % (begun.data, more)

    def _decide_on_the_connection(self, begun: responses.Opening) -> bytes:
        """Settle whether it ends with this response; give what to say about it, beside what was given."""
        head = self._head
        if head is None or begun.closes:
            self._last = True
        elif head.expects_continue and not self._continued and self._stage != WAIT:
            self._last = True  # whether the client sends its body now cannot be known
        if self._last or head is None or not head.keep_alive:
            return b"close"
        return b"keep-alive" if head.version == "1.0" and "connection" not in begun.names else b""

    def write(self, data: bytes) -> None:
        """Send a piece of the body."""
        if data and not self._silent and self._started and not self._finished and not self.closing:
            self._write(responses.chunk(data) if self._chunked else data)

    def finish(self) -> None:
        """End the response."""
        if self._finished or not self._started:
            return
        if self._chunked and not self._silent and not self.closing:
            self._write(responses.LAST_CHUNK)
        self._done()

    def respond(self, response: Response) -> None:
        """Send a whole response in one go, with its length."""
        if self.closing:
            return
        body, headers = response.body, response.headers
        self._chunked, head = False, self._head
        begun = responses.opening(response.status, response.status_text, headers.fields)
        if begun.usual and responses.usual(head) and not (self._started or self._finished or self._last):
            self._started, self._silent = True, False
            date = responses.date_line() if self._dates else b""
            data = b"%bcontent-length: %d\r\n%b\r\n%b" % (begun.data, len(body), date, body)
        else:
            data = self._begin(response.status, headers, response.status_text, len(body))
            data = data if self._silent else data + body
        self._outbox.put(self.transport, data)
        self._finished = True
        if self._stage is WAIT or self._last:
            self._next_request()

    def _done(self) -> None:
        self._finished, self._chunked = True, False
        if not self.closing and (self._stage == WAIT or self._last):
            self._next_request()

    def _write(self, data: bytes) -> None:
        self._flush()
        self.transport.write(data)

    def _flush(self) -> None:
        self._outbox.flush(self.transport)

    def continue_100(self) -> None:
        """Tell a client that waits for it to send the body; otherwise nothing."""
        head = self._head
        if head is None or not head.expects_continue or self._continued or self.answered or self.closing:
            return
        self._continued = True
        self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def drop(self) -> None:
        """Forget the request at hand without a byte of answer; the connection lives on."""
        if self.answered or self._head is None:
            return
        self._refused = True
        self._done()

    def pause(self) -> None:
        """Hold the reader; may be nested."""
        self._holds += 1
        self._set_reading(False)

    def resume(self) -> None:
        """Undo one `pause`."""
        self._holds -= 1
        if not self._holds:
            self._advance()

    def _set_reading(self, wanted: bool) -> None:
        if wanted is self._reading or self._lost or self._upgraded:
            return
        self._reading = wanted
        if self.transport.is_closing():
            return
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def close(self) -> None:
        """End the connection after what was written, leaving the client time to read it."""
        if self._lost or self._upgraded or self._lingering:
            return
        self._lingering, self._stage = True, WAIT
        self._events.clear()
        self._flush()
        if self._eof or self.host.stopping:
            self.transport.close()
            return
        self._set_reading(True)
        end_writing(self.transport)
        self._deadline.set(LINGER)

    def abort(self) -> None:
        """End the connection at once, silently."""
        if not self._upgraded:
            self._flush()
            self.transport.abort()

    def handshake(self) -> Handshake:
        """Give the means to answer a WebSocket request."""
        if self._head is None:
            raise AlreadyAnswered("There is no request to answer.")
        return SocketHandshake(self, self._head)

    def release(self) -> bytes:
        """Give up the connection; give the bytes that came after the request."""
        self._upgraded = True
        self._end_deadline()
        self._connections.discard(self)
        rest = b"".join(event.data for event in self._events if isinstance(event, Upgraded))
        self._events.clear()
        if not self._reading and not self.transport.is_closing():
            self.transport.resume_reading()
        return rest

    def request_bytes(self) -> bytes:
        """Give the head of the request at hand as bytes."""
        return self._parsed.encode() if self._parsed is not None else b""

    def is_unanswered(self, head: Head) -> bool:
        """Whether this is the request at hand, without an answer so far."""
        return self._head is head and not self.answered

    def send_raw(self, data: bytes) -> None:
        """Write outside of any response; the request counts as answered."""
        self._started = self._finished = self._last = True
        if not self.closing:
            self._write(data)
