"""A hook system small enough to see through: an onion in lanes, a fan, a fold, and documents.

The panels are tried on it in every shape. `GET /messages/create` runs the onion of that service and method,
`GET /fan` the fan.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.dialects.base import Mount, Ready
from workbench.dialects.context import Context
from workbench.dialects.reports import DocumentReport, Lane, NamedChain
from workbench.engine.hooks import Kind
from workbench.engine.points import Point, Policy
from workbench.server.links import Handshake
from workbench.server.messages import Request, Response

SERVICES = {"messages": ("find", "create"), "users": ("find",)}
KINDS: tuple[Kind, ...] = ("error", "around", "before", "after")


def _of_context(context: Context, *_: object) -> dict[str, object]:
    return {"data": context.get("data"), "result": context.get("result")}


def _of_request(request: Context) -> dict[str, object]:
    return {"request": dict(request)}


def _stand_in(first: Context, *rest: Any) -> tuple[Any, ...]:
    return (Context(first), *rest)


POINTS = (
    Point(
        "service",
        ("context", "next"),
        Policy("onion"),
        "Around each call of a service.",
        snapshot=_of_context,
        shadow=_stand_in,
    ),
    Point(
        "pre-route",
        ("request",),
        Policy("gather", failure="destroy"),
        "Before a request is routed.",
        alias="pre_route",
        snapshot=_of_request,
        shadow=_stand_in,
    ),
    Point("changed", ("document",), Policy("fold"), "After a document changed."),
)


def lanes(service: str, method: str) -> tuple[Lane, ...]:
    """List the lanes of a method in the order in which a call enters them."""
    levels = [("app", "all"), ("app", method), (service, "all"), (service, method)]
    return tuple(
        Lane(
            f"{owner} {kind} {which}",
            f"{owner} · {kind} · {which}",
            kind,
            "the application gives its own" if (owner, which) == ("app", method) else None,
        )
        for owner, which in levels
        for kind in KINDS
    )


class ToyApp:
    """The application of a mount."""

    public = frozenset({"calls", "saved"})
    needs: frozenset[str] = frozenset()

    def __init__(self, mount: Mount) -> None:
        self.mount = mount
        self.calls = 0
        self.saved: list[DocumentReport] = []

    def chains(self) -> Sequence[NamedChain]:
        """One for each method of each service."""
        return [
            NamedChain(
                f"{service}.{method}",
                self.mount.key("service"),
                lanes(service, method),
                f"All that runs for {service}.{method}.",
                core=f"{service}.{method}",
            )
            for service, methods in SERVICES.items()
            for method in methods
        ]

    def documents(self) -> Sequence[DocumentReport]:
        """Give what a test has put here."""
        return self.saved

    @property
    def socket_path(self) -> None:
        """Offer no WebSocket."""

    def example(self, bench: str) -> str:
        """Give a first hook."""
        return f'@{bench}.hook("changed")\ndef watch(document):\n    print(document)'

    def commands(self, url: str, ws_url: str, *, token: bool = False) -> list[tuple[str, str]]:
        """Offer one."""
        del ws_url, token
        return [("curl", f"curl {url}/messages/create")]

    async def request(self, request: Request) -> Response:
        """Run the chain that the path names."""
        self.calls += 1
        parts = request.path.strip("/").split("/")
        if parts == ["fan"]:
            return await self._fan(request)
        service, method = parts if len(parts) == len(("service", "method")) else ("messages", "find")
        context = Context(data={"text": request.query.get("text") or "hello"}, method=method)
        names = tuple(lane.name for lane in lanes(service, method))
        plan = self.mount.board.plan(self.mount.key("service"), lanes=names)
        await _done(plan.fire(-1, context, self._core))
        return Response.json({"result": context.get("result")})

    async def _core(self, context: Context) -> Any:
        await asyncio.sleep(0.002)
        context["result"] = {"id": self.calls, **context["data"]}
        return context["result"]

    async def _fan(self, request: Request) -> Response:
        plan = self.mount.board.plan(self.mount.key("pre-route"))
        await _done(plan.fire(-1, Context(path=request.path)))
        return Response.json({"at": time.time()})

    def upgrade(self, request: Request, handshake: Handshake) -> None:
        """Refuse WebSockets."""
        del request
        handshake.reject(Response("no sockets here\n", status=404))

    def stop(self) -> None:
        """Nothing runs on."""


async def _done(outcome: Any) -> Any:
    return await outcome if inspect.isawaitable(outcome) else outcome


def trim(context: Context) -> None:
    """Cut the spaces around the text."""
    context["data"]["text"] = context["data"]["text"].strip()


class Toy:
    """The dialect."""

    name = "toy"
    points = POINTS
    open_names = False
    ready = (Ready("trim", "service", trim, "Cuts the spaces around the text."),)
    options: Mapping[str, str] = {}

    def application(self, mount: Mount, options: dict[str, Any]) -> ToyApp:
        """Make the application of a mount."""
        del options
        return ToyApp(mount)


DIALECT = Toy()
