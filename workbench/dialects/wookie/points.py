"""The seven hook points of Wookie."""

from __future__ import annotations

__all__ = ["POINTS", "point_for"]

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.dialects.wookie.objects import Request, Response, Socket
from workbench.dialects.wookie.profiles import Profile
from workbench.dialects.wookie.shadows import shadow_of
from workbench.engine.points import Point, Policy

_TOGETHER = Policy("gather", failure="destroy")
_SHOWN = 200
"""Bytes of a piece of body that a snapshot shows."""

_REQUEST = frozenset(
    {
        "method",
        "url",
        "target",
        "path",
        "query",
        "headers",
        "remote_address",
        "data",
        "body",
        "socket",
        "response",
    }
)
_SOCKET = frozenset({"connection", "remote_address", "closed", "data"})
_RESPONSE = frozenset({"request", "headers", "finished"})


def _of_request(request: Request) -> dict[str, object]:
    return {"request": {"method": request.method, "path": request.target, "data": request.data}}


def _of_both(request: Request, response: Response) -> dict[str, object]:
    return {**_of_request(request), "response": {"headers": dict(response.headers.items())}}


def _of_chunk(request: Request, chunk: bytes, *_: object) -> dict[str, object]:
    return {**_of_request(request), "chunk": {"size": len(chunk), "begins": bytes(chunk[:_SHOWN])}}


def _of_start(
    response: Response, request: Request, status: int, headers: Any, body: Any
) -> dict[str, object]:
    sent = dict(headers) if isinstance(headers, Mapping) else headers
    return {**_of_both(request, response), "status": status, "headers": sent, "body": _beginning(body)}


def _of_socket(socket: Socket) -> dict[str, object]:
    return {"socket": {"remote_address": socket.remote_address, "data": socket.data}}


def _beginning(body: Any) -> Any:
    return body[:_SHOWN] if isinstance(body, str | bytes) else body


POINTS = (
    Point(
        "connect",
        ("socket",),
        _TOGETHER,
        "Once per connection, before anything is read from it; what the client sends waits.",
        snapshot=_of_socket,
        members=_SOCKET,
    ),
    Point(
        "parsed-headers",
        ("request",),
        _TOGETHER,
        "The headers of a request are complete; its body waits.",
        alias="parsed_headers",
        snapshot=_of_request,
        members=_REQUEST,
        shadow=shadow_of,
    ),
    Point(
        "body-chunk",
        ("request", "chunk", "last"),
        _TOGETHER,
        "For each piece of body, whatever the framing; the final one, and only it, is the last.",
        alias="body_chunk",
        snapshot=_of_chunk,
        members=_REQUEST,
        shadow=shadow_of,
    ),
    Point(
        "body-complete",
        ("request",),
        _TOGETHER,
        "The whole request is in, with or without a body; the route waits.",
        alias="body_complete",
        snapshot=_of_request,
        members=_REQUEST,
        shadow=shadow_of,
    ),
    Point(
        "pre-route",
        ("request", "response"),
        _TOGETHER,
        "Before the route runs, also where no route was found; the place to let nobody in.",
        alias="pre_route",
        snapshot=_of_both,
        members=_REQUEST,
        shadow=shadow_of,
    ),
    Point(
        "post-route",
        ("request", "response"),
        _TOGETHER,
        "After the route has returned, whether or not it has answered; nobody waits for it.",
        alias="post_route",
        snapshot=_of_both,
        members=_REQUEST,
        shadow=shadow_of,
    ),
    Point(
        "response-started",
        ("response", "request", "status", "headers", "body"),
        _TOGETHER,
        "Before the first byte of any response; response.headers may still be changed.",
        alias="response_started",
        snapshot=_of_start,
        members=_RESPONSE,
        shadow=shadow_of,
    ),
)


def point_for(point: Point, profile: Profile) -> Point:
    """Give a point its form in one generation: body-chunk hooks have other arguments in each.

    Parameters
    ----------
    point
        As it is on the board.
    profile
        The generation.

    """
    return replace(point, parameters=profile.chunk_arguments)
