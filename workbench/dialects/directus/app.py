"""The application: what `Workbench("directus")` serves, and what it offers beside the hooks."""

from __future__ import annotations

__all__ = ["DirectusApp"]

import asyncio
import logging
import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from workbench.dialects.base import Mount
from workbench.dialects.context import Context
from workbench.dialects.directus.accounts import Accounts, Rights
from workbench.dialects.directus.auth import Authentication
from workbench.dialects.directus.client import Client
from workbench.dialects.directus.documented import Differences
from workbench.dialects.directus.errors import WebSocketError, for_socket, is_directus_error
from workbench.dialects.directus.events import Emitter
from workbench.dialects.directus.extensions import Embedding, Extensions, Registrar
from workbench.dialects.directus.families import Families
from workbench.dialects.directus.handlers import Handlers
from workbench.dialects.directus.http import Pipeline
from workbench.dialects.directus.items import Change, ItemsService
from workbench.dialects.directus.limits import Heartbeat, RateLimit
from workbench.dialects.directus.points import ACTION, FILTER, INIT, SCHEDULE
from workbench.dialects.directus.private import PrivateEmitter
from workbench.dialects.directus.rest import Rest
from workbench.dialects.directus.schema import Schema
from workbench.dialects.directus.services import make_services
from workbench.dialects.directus.settings import STARTER_TOKEN, STARTER_USERS, Settings
from workbench.dialects.directus.starting import Startup
from workbench.dialects.directus.subscriptions import Subscriptions
from workbench.dialects.directus.upgrade import PATH, Upgrade
from workbench.dialects.directus.wire import dump
from workbench.dialects.reports import NamedChain
from workbench.server.links import Handshake
from workbench.server.messages import Request, Response
from workbench.store import Database
from workbench.trace.connections import NO_CONNECTION
from workbench.trace.failures import call_of
from workbench.trace.moments import SENT, STAGE

_F = TypeVar("_F", bound=Callable[..., Any])

LOGGER = logging.getLogger("workbench.directus")
"""What extensions get as ``logger``."""


class DirectusApp:
    """One Directus server.

    Parameters
    ----------
    mount
        Where it lives on the bench.
    options
        Its own options; see `settings.OPTIONS`.

    Attributes
    ----------
    settings
        The options, checked.
    schema
        All collections.
    clients
        The clients that are signed in; a live set.
    """

    public = frozenset(
        {
            "action",
            "clients",
            "embed",
            "extension",
            "filter",
            "follow",
            "init",
            "items",
            "schedule",
            "services",
            "subscriptions",
        }
    )
    needs = frozenset({"bare-close"})

    def __init__(self, mount: Mount, options: Mapping[str, Any]) -> None:
        self.mount = mount
        self.settings = settings = Settings.of(options)
        self.schema = Schema(settings.collections)
        self.rights = Rights(settings.rights)
        self.clients: set[Client] = set()
        self.database_of_items = _database(self, settings.database)
        accounts = Accounts(self.database_of_items, settings.roles, settings.users)
        self.emitter = Emitter(mount, self.default_context, lambda: tuple(self.schema))
        self.documented = Differences(self)
        self.heartbeat = (
            Heartbeat(self.clients, settings.heartbeat_period, lambda: mount.loop)
            if settings.heartbeat
            else None
        )
        self.rate_limit = (
            None if settings.rate_limit is None else RateLimit(settings.rate_limit, settings.rate_period)
        )
        self.auth = Authentication(
            accounts,
            self.emitter,
            self.context,
            secret=settings.secret,
            access_seconds=settings.access_token_ttl,
            refresh_seconds=settings.refresh_token_ttl,
        )
        self._subscriptions = Subscriptions(self.service_for, self.emitter, self._fail)
        self.handlers = Handlers(
            self.service_for, self._subscriptions, self.answer, self._fail, pings=settings.heartbeat
        )
        self.private = PrivateEmitter(lambda work: self.run(self._guarded(work)))
        self._services = make_services(self)
        self.extensions = Extensions(self)
        self._families = Families(mount, self.emitter, self.schema)
        self._startup = Startup(self, accounts)
        self._pipeline = Pipeline(self, Rest(self).answer)
        self._upgrade = Upgrade(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._startup.load(settings.extensions)

    # What the server asks -------------------------------------------------------------------------

    def start(self) -> None:
        """Begin: tables, init hooks, schedules; on the loop."""
        self._startup.begin()

    def request(self, request: Request) -> Awaitable[Response]:
        """Answer plain HTTP."""
        return self._answer(request)

    async def _answer(self, request: Request) -> Response:
        await self._startup.ready()
        return await self._pipeline.answer(request)

    def upgrade(self, request: Request, handshake: Handshake) -> Awaitable[None]:
        """Answer a request for a WebSocket."""
        return self._open(request, handshake)

    async def _open(self, request: Request, handshake: Handshake) -> None:
        await self._startup.ready()
        await self._upgrade.answer(request, handshake)

    @property
    def socket_path(self) -> str:
        """Where clients of the realtime server connect; the user that a bench begins with is signed in."""
        sign_in = f"?access_token={STARTER_TOKEN}" if self.settings.users is STARTER_USERS else ""
        return f"{self._prefix}{PATH}{sign_in}"

    def example(self, bench: str) -> str:
        """Give a cell with a first hook, a filter of the first collection; `bench` is the variable to use."""
        collection = next(iter(self.schema), "messages")
        return (
            f'@{bench}.filter("{collection}.items.create")\n'
            "def watch(payload):\n    print(payload)\n    return payload"
        )

    def commands(self, url: str, ws_url: str, *, token: bool = False) -> list[tuple[str, str]]:
        """Give commands that talk to this application from a terminal or another program.

        Parameters
        ----------
        url, ws_url
            Where it is.
        token
            Whether the bench asks clients for its own token: the commands have BENCH in its place.
        """
        path = self._prefix
        query = "?token=BENCH" if token else ""
        joined = f"{query}&access_token=TOKEN" if query else "?access_token=TOKEN"
        return [
            ("wscat", f"wscat -c '{ws_url}{path}{PATH}{joined}'"),
            ("curl", f"curl '{url}{path}/items/{next(iter(self.schema), 'messages')}{joined}'"),
            ("SDK", f'createDirectus("{url}{path}").with(staticToken("TOKEN")).with(realtime())'),
        ]

    def stop(self) -> None:
        """Let go of timers and of what still runs; the database stays."""
        self._startup.end()
        self._upgrade.end()
        if self.heartbeat is not None:
            self.heartbeat.stop()
        for task in list(self._tasks):
            task.cancel()

    def chains(self) -> Sequence[NamedChain]:
        """List the chains of the events that there are, for the panels."""
        return self._families.chains()

    def chain(self, name: str) -> NamedChain:
        """Give the chain of an event by kind and event: ``filter websocket.message``."""
        return self._families.chain(name)

    # What the bench shows -------------------------------------------------------------------------

    @property
    def _prefix(self) -> str:
        return "" if self.mount.path == "/" else self.mount.path

    def registrar(self, kind: str) -> Registrar:
        """Give what registers hooks of a kind."""
        return Registrar(self, kind)

    @property
    def filter(self) -> Registrar:
        """Register filters: ``bench.filter("websocket.message", function)``, or as a decorator."""
        return self.registrar(FILTER)

    @property
    def action(self) -> Registrar:
        """Register actions, as `filter` does filters."""
        return self.registrar(ACTION)

    @property
    def init(self) -> Registrar:
        """Register steps of the start: ``bench.init("app.before", function)``."""
        return self.registrar(INIT)

    @property
    def schedule(self) -> Registrar:
        """Register what runs at times: ``bench.schedule("*/5 * * * *", function)``."""
        return self.registrar(SCHEDULE)

    def embed(self, position: str, code: str | Callable[[], str]) -> None:
        """Put HTML into the page at ``/admin``; see `Register.embed`."""
        self.extensions.add(Embedding(position, code))

    def extension(self, function: _F) -> _F:
        """Let an extension register its hooks; see `Extensions.add`. Also as a decorator."""
        self.extensions.add(function)
        return function

    @property
    def follow(self) -> str:
        """``system``, or ``documentation`` where that differs; may be set while clients are served."""
        return self.settings.follow

    @follow.setter
    def follow(self, follow: str) -> None:
        self.settings = replace(self.settings, follow=follow)

    @property
    def services(self) -> Context:
        """``WebSocketService`` and ``ItemsService``, as extensions get them."""
        return self._services

    def items(self, collection: str, *, accountability: Mapping[str, Any] | None = None) -> ItemsService:
        """Give the items of a collection; without accountability as the system may use them."""
        return ItemsService(self, collection, accountability=accountability)

    @property
    def subscriptions(self) -> list[dict[str, Any]]:
        """Who subscribes to what now: client, user, collection, event, item, uid, query."""
        return [
            {
                "client": one.client.uid,
                "user": one.client.accountability.get("user"),
                "collection": one.collection,
                "event": one.event,
                "item": one.item,
                "uid": one.uid,
                "query": one.query,
            }
            for one in self._subscriptions.of()
        ]

    # What extensions get --------------------------------------------------------------------------

    @property
    def extension_context(self) -> Context:
        """The second argument of an extension in Directus."""
        return Context(
            services=self._services,
            env=self.settings.env,
            database=self.database_of_items,
            emitter=self.private,
            logger=LOGGER,
            get_schema=self.get_schema,
        )

    async def get_schema(self) -> Schema:
        """Give all collections, as `getSchema` does."""
        return self.schema

    def default_context(self) -> Context:
        """Make the context of events that have none of their own (R13)."""
        return Context(database=self.database_of_items, schema=None, accountability=None)

    def context(self, accountability: Mapping[str, Any] | None) -> Context:
        """Make the context of events of a request or an item (R5)."""
        who = None if accountability is None else Context(accountability)
        return Context(database=self.database_of_items, schema=self.schema, accountability=who)

    # What services and links use ------------------------------------------------------------------

    async def database(self) -> Database:
        """Give the database, its tables made."""
        await self._startup.tables()
        return self.database_of_items

    def service_for(self, collection: str, client: Client) -> ItemsService:
        """Give the items of a collection as a client may use them now (R86)."""
        return ItemsService(
            self, collection, accountability=client.accountability, connection=client.connection
        )

    def written(self, text: str, connection: int) -> None:
        """Note that something was written."""
        self.moment(text, connection)

    def moment(self, text: str, connection: int = NO_CONNECTION, data: str | None = None) -> None:
        """Note a step of the system, with the event whose story it belongs to."""
        self.mount.recorder.moment(STAGE, text, connection=connection, data=data)

    def answered(self, text: str, connection: int = NO_CONNECTION, data: str | None = None) -> None:
        """Note that a client has its answer, a message or a response."""
        self.mount.recorder.moment(SENT, text, connection=connection, data=data)

    def changed(self, change: Change) -> None:
        """Tell the subscribers of a change, beside everything else."""
        self.run(self._subscriptions.tell(change))

    def answer(self, client: Client, text: str) -> None:
        """Send a client the answer to a message."""
        self.answered("client answered", client.connection, text)
        client.send(text)

    def fail(
        self,
        client: Client,
        error: BaseException,
        kind: str,
        uid: Any,
        point: str = "filter websocket.message",
    ) -> None:
        """Tell a client of an error, or nobody but the trace (R4)."""
        message = for_socket(error, kind, uid)
        if message is None:
            hook, kind = call_of(error)[1], type(error).__name__
            what = f"{hook} raised {kind}" if hook else f"{kind} was raised"
            self.moment(
                f"no answer for the client: {what}, and only a DirectusError is told", client.connection
            )
            self.fault(error, point, client.connection)
        else:
            self.answer(client, dump(message))

    def _fail(self, client: Client, error: BaseException, kind: str, uid: Any) -> None:
        self.fail(client, error, kind, uid, "action websocket.message")

    def fault(self, error: BaseException, point: str, connection: int) -> None:
        """Hand over an error that no client hears of; those that clients may see are no faults."""
        if not is_directus_error(error) and not isinstance(error, WebSocketError):
            self.mount.sink(error, point=self.mount.key(point), connection=connection)

    def emit_action(
        self,
        event: str,
        meta: Mapping[str, Any],
        connection: int = NO_CONNECTION,
        context: Context | None = None,
    ) -> None:
        """Emit an action where nobody could take its error (R11)."""
        try:
            self.emitter.action((event,), meta, context, connection)
        except Exception as error:  # noqa: BLE001 - what it is about has happened already
            self.fault(error, f"action {event}", connection)

    def forget(self, client: Client) -> None:
        """Let go of a client that is leaving (R64, R85)."""
        self.clients.discard(client)
        self._subscriptions.drop(client)
        if self.rate_limit is not None:
            self.rate_limit.forget(client)
        self.heartbeat_check()

    def heartbeat_check(self) -> None:
        """Look whether pings are needed."""
        if self.heartbeat is not None:
            self.heartbeat.check()

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something beside everything else, until it ends or the server stops."""
        task = self.mount.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - nobody waits for it
            self.fault(error, "emitter", NO_CONNECTION)

    def inside(self, path: str) -> str:
        """Give the path within the mount."""
        mounted = self.mount.path
        return path if mounted == "/" else path.removeprefix(mounted) or "/"


def _database(app: DirectusApp, url: str | None) -> Database:
    """Open the database; without a URL a SQLite file that goes with the application."""
    if url is not None:
        return Database(url)
    folder = tempfile.mkdtemp(prefix="workbench-directus-")
    database = Database(f"sqlite:///{Path(folder) / 'data.db'}")
    weakref.finalize(app, _remove, database, folder)
    return database


def _remove(database: Database, folder: str) -> None:
    database.engine.dispose()
    shutil.rmtree(folder, ignore_errors=True)
