"""The REST interface below ``/workbench/api/``. Thin: reads the request, asks `Servers`, writes JSON."""

from __future__ import annotations

__all__ = ["ServerHandler", "ServersHandler", "StartHandler", "VersionHandler"]

import json
from typing import Any

from tornado.web import authenticated

import workbench
from workbench.jupyter.base import WorkbenchHandler
from workbench.jupyter.errors import BadRequest
from workbench.jupyter.wishes import parse_wanted

_CHANNEL_VERSION = 1


class _ApiHandler(WorkbenchHandler):
    def answer(self, value: object, status: int = 200) -> None:
        """Answer with JSON; the list is a JSON list, so tornado's own rule for dictionaries does not do."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value))

    def json_body(self) -> Any:
        """Read the body; raises `BadRequest` where it is no JSON."""
        try:
            return json.loads(self.request.body or b"null")
        except ValueError as error:
            raise BadRequest("The body of the request is not JSON.") from error


class ServersHandler(_ApiHandler):
    """All benches: list them, start another. Listing is what panels do by themselves: no activity."""

    @authenticated
    async def get(self) -> None:
        """Answer the list."""
        await self.require("read")
        self.answer(await self.servers.list())

    @authenticated
    async def post(self) -> None:
        """Start a bench: 201 when it runs, 202 while it waits for its kernel."""
        await self.require("execute")
        self.note_activity()
        status, described = await self.servers.start(parse_wanted(self.json_body()))
        self.set_header("Location", f"{self.base_url}workbench/api/servers/{described['id']}")
        self.answer(described, status)


class ServerHandler(_ApiHandler):
    """One bench: describe it, stop it."""

    @authenticated
    async def get(self, server_id: str) -> None:
        """Answer one entry of the list."""
        await self.require("read")
        self.answer(await self.servers.describe(server_id))

    @authenticated
    async def delete(self, server_id: str) -> None:
        """Stop the bench; 204 when it has, also where it had before."""
        await self.require("execute")
        self.note_activity()
        await self.servers.stop(server_id)
        self.set_status(204)
        self.finish()


class StartHandler(_ApiHandler):
    """Start a bench that was stopped."""

    @authenticated
    async def post(self, server_id: str) -> None:
        """Start it on its old port: 200, or 202 while it waits for its kernel."""
        await self.require("execute")
        self.note_activity()
        status, described = await self.servers.start_again(server_id)
        self.answer(described, status)


class VersionHandler(_ApiHandler):
    """Which version answers; the front end asks first and says so when the two do not fit."""

    @authenticated
    async def get(self) -> None:
        """Answer the versions of the package and of the command channel."""
        await self.require("read")
        self.answer({"version": workbench.__version__, "channel": _CHANNEL_VERSION})
