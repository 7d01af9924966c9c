"""One request and its response: the stages, in order, and what a failure means."""

from __future__ import annotations

__all__ = ["Exchange"]

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from workbench.dialects.wookie.answering import Answering
from workbench.dialects.wookie.bodies import Body
from workbench.dialects.wookie.differences import on_failure, on_waiting
from workbench.dialects.wookie.objects import ChunkCallback
from workbench.dialects.wookie.routes import NextRoute, Route
from workbench.engine.awaiting import must_await
from workbench.engine.points import Destroyed
from workbench.server import messages
from workbench.trace.moments import STAGE

if TYPE_CHECKING:
    from workbench.dialects.wookie.link import WookieLink
    from workbench.server.links import Head


class Exchange(Answering):
    """A request on its way; a story of the trace, whose `root` is its first dispatch.

    Parameters
    ----------
    link
        The connection.
    head
        The request.

    """

    __slots__ = ("_keys", "_passed", "_route", "_routed", "_slot", "_taken")

    def __init__(self, link: WookieLink, head: Head) -> None:
        super().__init__(link, head)
        self._keys = link.app.keys
        self._slot = link.slot
        self._taken: Body | None = None
        self.request.on_callback = self._wanted
        self._route: tuple[Route, tuple[str | None, ...]] | None = None
        self._passed: list[Route] = []
        self._routed = False

    @property
    def _body(self) -> Body:
        """What has come of its body; most requests have none."""
        if self._taken is None:
            self._taken = Body(self, self._app.profile, self.head.length)
        return self._taken

    def _wanted(self) -> None:
        self._body.wanted()

    # -- running a point

    def run(self, point: str, then: Callable[[], None], *args: Any, hold: bool = False) -> None:
        """Run a point's hooks, then go on, or take the request down.

        Parameters
        ----------
        point
            Which.
        then
            What follows when no hook failed: in the same call where nothing was pending (Wookie 25).
        args
            What the hooks are called with.
        hold
            Whether nothing more is read from the client meanwhile.

        """
        link, slot = self._link, self._slot
        outer, slot.story = slot.story, self
        try:
            answer = link.plans.plan(self._keys[point]).fire(link.connection, *args)
        except BaseException as error:  # noqa: BLE001  # another policy, or what no policy takes: all are failures
            answer = error
        finally:
            slot.story = outer
        if answer is None:
            then()
        elif must_await(answer):
            if hold:
                self._transport.pause()
                self._differs(on_waiting(point))
            link.spawn(self._later(point, answer, then, hold))
        else:
            self._decide(point, answer, then)

    def _decide(self, point: str, answer: Any, then: Callable[[], None]) -> None:
        error = answer.error if isinstance(answer, Destroyed) else answer
        if isinstance(error, BaseException):
            self._failed(point, error)
        else:
            then()

    async def _later(self, point: str, pending: Awaitable[Any], then: Callable[[], None], hold: bool) -> None:
        try:
            try:
                answer = await pending
            except BaseException as error:  # as in `run`
                if _is_ending():
                    raise
                answer = error
            if not self._link.gone:
                self._decide(point, answer, then)
        finally:
            if hold:
                self._transport.resume()

    # -- the stages

    def begin(self) -> None:
        """The headers are in."""
        self.run("parsed-headers", self._headers_known, self.request, hold=True)

    def _headers_known(self) -> None:
        if self.over:
            return
        head, request = self.head, self.request
        self._route = found = self._app.routes.find(request.method, request.path, head.headers.get("host"))
        if head.expects_continue and not self._welcome(found):
            return
        if head.length != 0:
            self._body.announced()
        if found is not None and found[0].chunk:
            self._transport.body_limit = None
            self._dispatch()

    def _welcome(self, found: tuple[Route, tuple[str | None, ...]] | None) -> bool:
        """Answer a client that asks before it sends its body (T13 to T15)."""
        if found is None:
            self._routed = True
            self._not_found()
            return False
        limit, size = self._transport.body_limit, self.head.length or 0
        if not found[0].suppress_100 and (found[0].chunk or limit is None or size <= limit):
            self.continue_100()
        return True

    def body(self, data: bytes, last: bool) -> None:
        """Take a piece of the body."""
        if self.over:
            return
        if self.head.length == 0 and not self._app.profile.empty_last:
            self.completed(data)
        else:
            self._body.take(data, last)

    def chunk_route(self) -> Route | None:
        """Give the route where it takes the body piece by piece."""
        found = self._route
        return found[0] if found is not None and found[0].chunk else None

    def run_chunk(self, data: bytes, last: bool, then: Callable[[bytes, bool], None]) -> None:
        """Run body-chunk for one piece, while the client is held (Wookie 39)."""
        bounds = (0, len(data)) if self._app.profile.empty_last else ()
        self.run("body-chunk", lambda: then(data, last), self.request, data, *bounds, last, hold=True)

    def run_callback(
        self, callback: ChunkCallback, data: bytes, last: bool, then: Callable[[], None]
    ) -> None:
        """Call what a chunk route gave to `with_chunking`; the client is held while it waits."""
        try:
            answer: Any = callback(data, last)
        except BaseException as error:  # noqa: BLE001  # it is a part of the route
            self._route_failed(error)
            return
        if answer is not None and must_await(answer):
            self.hold()
            self._link.spawn(self._callback_later(answer, then))
        else:
            then()

    async def _callback_later(self, pending: Awaitable[Any], then: Callable[[], None]) -> None:
        try:
            await pending
        except BaseException as error:  # as above
            if _is_ending():
                raise
            self._route_failed(error)
        else:
            if not self.over:
                then()
        finally:
            self.release()

    def completed(self, body: bytes) -> None:
        """The body is through; a route that waited for it runs (Wookie 6)."""
        self.request.body = body
        self.run("body-complete", self._dispatch, self.request)

    def _dispatch(self) -> None:
        if not self._routed and not self.over:
            self._routed = True
            self.run("pre-route", self._run_route, self.request, self.response)

    def _run_route(self) -> None:
        """Run the route, or the next ones as long as they pass the request on."""
        while not self.over:
            found = self._route
            if found is None:
                self._not_found()
                return
            route, groups = found
            self.tell(STAGE, route.told)
            try:
                answer = route.call(self.request, self.response, *groups)
            except NextRoute:
                self._pass_on(route)
                continue
            except BaseException as error:  # noqa: BLE001  # whatever it is, it is this request's
                self._route_failed(error)
                return
            if answer is not None and must_await(answer):
                self._link.spawn(self._route_later(route, answer))
            else:
                self._returned(route)
            return

    async def _route_later(self, route: Route, pending: Awaitable[Any]) -> None:
        try:
            await pending
        except NextRoute:
            self._pass_on(route)
            self._run_route()
        except BaseException as error:  # as above
            if _is_ending():
                raise
            self._route_failed(error)
        else:
            self._returned(route)

    def _pass_on(self, route: Route) -> None:
        self._passed.append(route)
        self.request.callback = None
        request = self.request
        self._route = self._app.routes.find(
            request.method, request.path, self.head.headers.get("host"), self._passed
        )

    def _returned(self, route: Route) -> None:
        if self.claimed and route.chunk:
            self._body.unwanted()
        if not self.over:
            self.run("post-route", self._part, self.request, self.response)

    def _part(self) -> None:
        """Cut the ties of a request that is through, so that it goes without the garbage collector's help.

        Nobody waits for post-route (Wookie 20): what follows it is this alone.
        """
        if self._started and self.stream is None and self._taken is None:
            self.request.part()
            del self.response

    def _not_found(self) -> None:
        """Answer 404, through response-started and without post-route (Wookie 4)."""
        if not self.claimed:
            text = f"Nothing answers {self.request.method} {self.request.target}\n"
            self.send(messages.Response(text, status=404), None, text, None)

    # -- failures

    def _route_failed(self, error: BaseException) -> None:
        """Take down what the route could not finish (Wookie 35)."""
        if self._app.profile.answers_errors:
            self._app.mount.note(error, point="route", connection=self._link.connection)
        else:
            self._app.mount.sink(error, point="route", connection=self._link.connection)
        self._failed("route", error)

    def _failed(self, point: str, error: BaseException) -> None:
        """Destroy the request: in silence, or with a 500 where nothing has been sent (Wookie 29, 30, 32)."""
        starting = point == "response-started" and not self._started
        if self._dropped or (self.over and not starting):
            return
        unsent = not self.claimed or starting
        self._differs(on_failure(self._app.profile, point, error, unsent=unsent))
        if not unsent:
            self._end()
            self.tell(STAGE, f"destroyed by {point}, after its response")
        elif self._app.profile.answers_errors:
            self._answer_500(point, error)
        else:
            self._drop(point)

    def _end(self) -> None:
        """Let no stage begin any more."""
        self.over = True
        self._abandon()

    def _abandon(self) -> None:
        if self._taken is not None or self.head.length != 0:
            self._body.abandon()

    def _drop(self, point: str) -> None:
        self._end()
        self._dropped = self.claimed = True
        self.head.keep_alive = True  # the client is left hanging on a connection that can still be used (D1)
        self.tell(STAGE, f"dropped without an answer: {point} failed")
        self._transport.drop()

    def _answer_500(self, point: str, error: BaseException) -> None:
        self._abandon()
        text = f"{type(error).__name__}: {error}\n"
        answer = messages.Response(text, status=500)
        if point == "response-started":  # whose hooks must not run again
            self.over = True
            self._respond(answer)
            return
        self.send(answer, None, text, None)
        self.over = True

    def refused(self, status: int, text: str) -> None:
        """Answer a request that cannot be read on: too large, too slow, or broken."""
        if self._started:
            self._transport.close()
        elif not self.claimed:
            self._abandon()
            self._routed = True
            self.send(messages.Response(text, status=status), None, text, None)

    def lost(self) -> None:
        """The client has gone; hooks and routes run to their ends, and nothing follows them."""
        self._end()
        self.drained()

    def _differs(self, text: str) -> None:
        """Say where Wookie would do something else, unless it would not."""
        if text:
            self.tell(STAGE, text)


def _is_ending() -> bool:
    """Whether this task is being cancelled, rather than something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
