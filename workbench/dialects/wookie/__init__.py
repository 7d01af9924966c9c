"""Wookie: the life of an HTTP request as seven hook points, whose hooks may make it wait or end it.

=========================================  ==============================================================
Wookie                                     here
=========================================  ==============================================================
`(add-hook :pre-route f :name)`            `bench.add_hook("pre-route", f, "name")`
`(remove-hook :pre-route :name)`           `bench.remove_hook("pre-route", "name")`
`(clear-hooks)`                            `bench.clear_hooks()`
`(make-future)`, `(finish future)`         `make_future()`, `finish(future)`; or an ``async def``
`(signal-error future t)`                  `signal_error(future, True)`
`(setf (request-data req) user)`           `request_data(req, user)`, or `req.data = user`
`(send-response res :status 401 :body x)`  `send_response(res, status=401, body=x)`, `res.send_response(...)`
`(defroute (:get "/x/(.*)") (req res) f)`  `@bench.route("GET", "/x/(.*)")` over ``def f(req, res, rest)``
`(with-chunking req (data last) f)`        `with_chunking(req, f)`
`:connect` ... `:response-started`         `connect` ... `response-started`
=========================================  ==============================================================
"""

from __future__ import annotations

__all__ = [
    "DIALECT",
    "BadRoute",
    "Future",
    "FutureFinished",
    "NextRoute",
    "Request",
    "Response",
    "ResponseAlreadySent",
    "ResponseNotStarted",
    "ResponseStream",
    "RouteNotFound",
    "Signalled",
    "Socket",
    "Wookie",
    "WookieError",
    "finish",
    "finish_response",
    "make_future",
    "next_route",
    "request_data",
    "send_100_continue",
    "send_response",
    "signal_error",
    "start_response",
    "with_chunking",
]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.base import Mount, Ready
from workbench.dialects.wookie.app import OPTIONS, WookieApp
from workbench.dialects.wookie.errors import (
    BadRoute,
    FutureFinished,
    ResponseAlreadySent,
    ResponseNotStarted,
    RouteNotFound,
    Signalled,
    WookieError,
)
from workbench.dialects.wookie.futures import Future, finish, make_future, signal_error
from workbench.dialects.wookie.objects import Request, Response, ResponseStream, Socket
from workbench.dialects.wookie.points import POINTS
from workbench.dialects.wookie.ready import READY
from workbench.dialects.wookie.routes import NextRoute, next_route
from workbench.dialects.wookie.words import (
    finish_response,
    request_data,
    send_100_continue,
    send_response,
    start_response,
    with_chunking,
)
from workbench.dialects.wookie.written import WookieWritten
from workbench.engine.points import Point


class Wookie:
    """The dialect, as the bench knows it."""

    name = "wookie"
    points: tuple[Point, ...] = POINTS
    open_names = False
    ready: tuple[Ready, ...] = READY
    options: Mapping[str, str] = OPTIONS
    written = WookieWritten

    def application(self, mount: Mount, options: dict[str, Any]) -> WookieApp:
        """Make the application of a mount."""
        return WookieApp(mount, options)


DIALECT = Wookie()
