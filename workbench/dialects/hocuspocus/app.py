"""The application: what `Workbench("hocuspocus")` serves, and what it offers beside the hooks."""

from __future__ import annotations

__all__ = ["OPTIONS", "VERSION", "Hocuspocus"]

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.context import Context
from workbench.dialects.counters import LateCounters
from workbench.dialects.hocuspocus.answers import WELCOME, HttpAnswer, UpgradeSocket
from workbench.dialects.hocuspocus.direct import DirectConnection
from workbench.dialects.hocuspocus.document import Document
from workbench.dialects.hocuspocus.documents import Documents
from workbench.dialects.hocuspocus.errors import UnsavedDocuments, is_nothing
from workbench.dialects.hocuspocus.extensions.database import Database
from workbench.dialects.hocuspocus.link import HocuspocusLink
from workbench.dialects.hocuspocus.offers import commands, example
from workbench.dialects.hocuspocus.payloads import (
    ConfigurePayload,
    ConnectionConfig,
    DestroyPayload,
    ListenPayload,
    RequestPayload,
    UpgradePayload,
)
from workbench.dialects.hocuspocus.points import ALIASES, HOOKS
from workbench.dialects.hocuspocus.recovery import Recovery
from workbench.dialects.hocuspocus.reports import Reports
from workbench.dialects.hocuspocus.settings import SETTINGS, Settings
from workbench.dialects.hocuspocus.units import Units
from workbench.dialects.reports import DocumentReport
from workbench.engine.awaiting import must_await
from workbench.engine.errors import OnlyTried, WorkbenchError, near
from workbench.engine.rehearsal import refuse, rehearsing
from workbench.engine.views import ConnectionPlans
from workbench.server.errors import NotRunning
from workbench.server.links import Handshake
from workbench.server.messages import Headers, Query, Request, Response
from workbench.trace.connections import NO_CONNECTION
from workbench.trace.failures import call_of

VERSION = "4.7.0"
"""Of the Hocuspocus server whose behaviour this is."""

OPTIONS: Mapping[str, str] = {
    **SETTINGS,
    "extensions": "extensions to begin with: objects or mappings with functions named like the hooks",
    "database": "URL of the database that keeps documents; None: none. A SQLite file named after the bench",
    "recovery": "folder for what no store took when the server stopped; hocuspocus-unsaved by default",
}

_LAST_TRY = 4.0  # seconds for the stores of a server that stops
_LAST_WORDS = 1.0  # seconds for onDestroy
_PATIENCE = 10.0  # seconds that listen() waits for onListen


class Hocuspocus:
    """One Hocuspocus server; hooks know it as `instance`.

    Attributes
    ----------
    mount
        Where it lives on the bench.
    settings
        As configured.
    keys
        What the board calls each hook here.
    links
        The open sockets.
    registry
        The documents in memory.
    plans
        The chains for events without a connection.
    recovery
        What no store took.
    spawned
        How many things were begun beside others, so that whoever began one can let it take its first step.
    unsaved
        What the last stop left unsaved; None for nothing.
    units
        Extensions and configurations.
    """

    public = frozenset(
        {
            "close_connections",
            "configure",
            "document",
            "documents",
            "flush_pending_stores",
            "get_connections_count",
            "get_documents_count",
            "listen",
            "open_direct_connection",
            "settings",
        }
    )
    needs: frozenset[str] = frozenset()

    def __init__(self, mount: Mount, options: Mapping[str, Any]) -> None:
        self.mount = mount
        self.keys = {hook: mount.key(hook) for hook in HOOKS}
        self.settings = Settings().changed({name: options[name] for name in SETTINGS if name in options})
        self.links: set[HocuspocusLink] = set()
        self.plans = mount.plans_for(NO_CONNECTION)
        self.unsaved: UnsavedDocuments | None = None
        self.recovery = Recovery(lambda: Path(options.get("recovery") or "hocuspocus-unsaved") / mount.name)
        self.registry = Documents(self)
        self._reports = Reports(self)
        self.units = Units(mount)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._to_configure = 1
        self._listening: Future[None] | None = None
        self.spawned = 0
        self._tasks: set[asyncio.Task[None]] = set()
        database = Database(options.get("database"), name=lambda: mount.name)
        kept = () if options.get("database", "") is None else (database,)
        self.units.begin([*kept, *(options.get("extensions") or ())])

    # What people call -------------------------------------------------------------------------------

    def configure(self, configuration: Mapping[str, Any] | None = None, /, **values: Any) -> Hocuspocus:
        """Configure: hooks by their names in either spelling, `extensions`, and settings.

        Parameters
        ----------
        configuration, values
            The same in either form. Configuring again adds a second configuration (3).

        Raises
        ------
        WorkbenchError
            For a name that is neither, with the near ones.
        """
        given = {**(configuration or {}), **values}
        hooks = {name: given.pop(name) for name in list(given) if name in HOOKS or name in ALIASES}
        extensions = given.pop("extensions", None) or ()
        for name in given:
            if name not in SETTINGS:
                known = [*HOOKS, *SETTINGS, "extensions"]
                raise WorkbenchError(f"Hocuspocus has no hook or setting {name!r}{near(name, known)}")
        self.settings = self.settings.changed(given)
        self.units.configure(extensions, hooks)
        self._to_configure += 1
        if self._loop is not None:
            self.post(lambda: self.spawn(self._configured(), "onConfigure"))
        return self

    def listen(self, port: int | None = None, callback: Callable[..., Any] | None = None) -> Any:
        """Start the server and give the bench, as `server.listen()` does.

        Parameters
        ----------
        port
            None: as before, at first any that is free.
        callback
            One more hook for onListen.

        Raises
        ------
        Exception
            What a hook at onListen raised; the port stays open all the same.
        """
        if callback is not None:
            self.units.add_extension({"onListen": callback, "extension_name": "listen"})
        listening = self._listening = Future() if self.mount.port is None else None
        bench = self.mount.serve(port)
        if listening is not None:
            listening.result(_PATIENCE)
        return bench

    def document(self, name: str) -> Document | None:
        """Give a document that is in memory; None for any other. Touch it on the bench's loop only."""
        return self.registry.loaded.get(name)

    def documents(self) -> Sequence[DocumentReport]:
        """List the documents in memory and those that could not be loaded, as the panel shows them."""
        return self._reports.all()

    def get_documents_count(self) -> int:
        """Count the documents in memory."""
        return len(self.registry.loaded)

    def get_connections_count(self) -> int:
        """Count sockets with a document, and direct connections."""
        documents = list(self.registry.loaded.values())
        sockets = {one.socket_id for document in documents for one in list(document.connections)}
        return len(sockets) + sum(document.direct_connections_count for document in documents)

    def close_connections(self, name: str | None = None) -> None:
        """Close the connections of a document, or of all; the sockets stay (60)."""
        self.post(self.registry.close_connections, name)

    def flush_pending_stores(self) -> None:
        """Run all stores that wait for their debounce."""
        self.post(self.registry.flush)

    def open_direct_connection(
        self, name: str, context: Mapping[str, Any] | None = None
    ) -> Coroutine[Any, Any, DirectConnection]:
        """Open a document without a client; to be awaited, on any loop (68).

        Parameters
        ----------
        name
            The document's.
        context
            What onChange and onStoreDocument are told.

        Raises
        ------
        DocumentRefused
            For a blank name.
        """
        return self.on_loop(self._open(name, Context(context or {})))

    async def _open(self, name: str, context: Context) -> DirectConnection:
        self._meet()
        about = {
            "instance": self,
            "request_headers": Headers(),
            "request_parameters": Query(),
            "socket_id": str(uuid.uuid4()),
        }
        config = ConnectionConfig(is_authenticated=True)
        document = await self.load(name, context=context, config=config, about=about, plans=self.plans)
        return DirectConnection(self, document, context)

    # What the server asks ---------------------------------------------------------------------------

    def request(self, request: Request) -> Response | Awaitable[Response]:
        """Answer HTTP: what a hook says, else a welcome (70)."""
        return self._answer(request)

    async def _answer(self, request: Request) -> Response:
        self._meet()
        await self._configured()
        data = RequestPayload(request, HttpAnswer(), self)
        try:
            answer = await self.run("onRequest", data, self.plans)
        except Response as response:
            return response
        except Exception as error:  # noqa: BLE001  # the original ends here, and the client waits for ever
            if is_nothing(error) and data.response.answered:
                return data.response.response()
            self.escaped(error, "onRequest")
            return Response("Internal Server Error", status=500)
        if isinstance(answer, Response):
            return answer
        if data.response.answered:
            late = WorkbenchError(
                "A hook answered without reject(), so the default answered too; the first counts"
            )
            self.noted(late, "onRequest")
            return data.response.response()
        return Response(WELCOME, headers={"content-type": "text/plain"})

    async def upgrade(self, request: Request, handshake: Handshake) -> None:
        """Let onUpgrade look at a request for a WebSocket, and open it."""
        self._meet()
        await self._configured()
        counters = LateCounters()
        number = self.mount.connections.opened("hocuspocus", request.target, request.remote_address, counters)
        link = HocuspocusLink(self, request, number, counters)
        socket = UpgradeSocket(handshake)
        refusal = await self._ask_upgrade(link, UpgradePayload(request, socket, b"", self))
        if socket.taken:
            self.mount.connections.closed(number, None, "handed over")
        elif refusal is not None:
            self.mount.connections.closed(number, None, f"refused with {refusal.status}")
            handshake.reject(refusal)
        elif handshake.accept(link) is None:
            self.mount.connections.closed(number, None, "not a valid WebSocket request")

    async def _ask_upgrade(self, link: HocuspocusLink, data: UpgradePayload) -> Response | None:
        try:
            answer = await self.run("onUpgrade", data, link.plans)
        except Response as response:
            return response
        except Exception as error:  # noqa: BLE001  # the original ends here
            if is_nothing(error):
                return Response("Forbidden", status=403)
            self.escaped(error, "onUpgrade", link.connection)
            return Response("Internal Server Error", status=500)
        return answer if isinstance(answer, Response) else None

    @property
    def socket_path(self) -> str:
        """Where clients connect; documents are named in the frames."""
        return self.mount.path

    def example(self, bench: str) -> str:
        """Give a cell with a first hook; `bench` is the variable to use."""
        return example(bench, self.keys["onAuthenticate"])

    def commands(self, url: str, ws_url: str, *, token: bool = False) -> list[tuple[str, str]]:
        """Give commands that talk to this application from a terminal or another program."""
        return commands(url, ws_url, token=token)

    def start(self) -> None:
        """Begin with onConfigure and, where a port is open, onListen; called on the loop."""
        self._meet()
        self.spawn(self._listened(), "onListen")

    async def _listened(self) -> None:
        listening, self._listening = self._listening, None
        try:
            await self._listen()
        except Exception as error:
            if listening is None:
                raise
            self.noted(error, "onListen")
            listening.set_exception(error)
        else:
            if listening is not None:
                listening.set_result(None)

    async def _listen(self) -> None:
        await self._configured()
        port = self.mount.port
        if port is None:  # under a foreign server, which says nothing of its ports
            return
        await self.run("onListen", ListenPayload(self.settings, self, port), self.plans)

    def stop(self) -> Awaitable[None]:
        """Store what is not stored, name and keep what cannot be, and run onDestroy (48)."""
        return self._finish()

    async def _finish(self) -> None:
        self.unsaved = await self.registry.finish(_LAST_TRY)
        if self.unsaved is not None:
            self.mount.sink(self.unsaved, point=self.keys["onStoreDocument"])
        try:
            await asyncio.wait_for(self.run("onDestroy", DestroyPayload(self), self.plans), _LAST_WORDS)
        except Exception as error:  # noqa: BLE001  # the server ends whatever a hook does
            self.escaped(error, "onDestroy")
        for task in list(self._tasks):
            task.cancel()
        self._loop = None

    def farewell(self) -> str:
        """Say what the last stop left unsaved; empty for nothing."""
        return "" if self.unsaved is None else str(self.unsaved)

    async def _configured(self) -> None:
        """Run onConfigure for each configuration that is new; errors are told, and the rest goes on."""
        while self._to_configure:
            self._to_configure -= 1
            try:
                await self.run("onConfigure", ConfigurePayload(self.settings, self, VERSION), self.plans)
            except Exception as error:  # noqa: BLE001  # the original's process ends here
                self.escaped(error, "onConfigure")

    # The loop ---------------------------------------------------------------------------------------

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that serves it; raises `NotRunning` where there is none."""
        refuse("Work on a live document")
        return self.mount.loop if self._loop is None else self._loop

    @property
    def running_loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop that serves it; None where there is none, and for a draft that is only tried."""
        return None if self._loop is None or self._loop.is_closed() or rehearsing() else self._loop

    def _meet(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self.registry = Documents(self)

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop: at once when on it, else in order; dropped where there is no loop."""
        loop = self.running_loop
        if loop is None:
            return
        try:
            here = asyncio.get_running_loop() is loop
        except RuntimeError:
            here = False
        if here:
            function(*args)
        else:
            loop.call_soon_threadsafe(function, *args)

    async def on_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Await work that belongs to the bench's loop, on whatever loop this is."""
        try:
            loop = self.loop
        except (NotRunning, OnlyTried):
            work.close()
            raise
        if asyncio.get_running_loop() is loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    def spawn(
        self, work: Coroutine[Any, Any, Any], hook: str, connection: int = NO_CONNECTION
    ) -> asyncio.Task[None]:
        """Run something beside everything else; what it raises is told."""
        self.spawned += 1
        task = self.loop.create_task(self._contained(work, hook, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _contained(self, work: Awaitable[Any], hook: str, connection: int) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  # the original's process ends with it
            self.escaped(error, hook, connection)

    # Hooks ------------------------------------------------------------------------------------------

    def wants(self, hook: str, plans: ConnectionPlans) -> bool:
        """Whether any unit waits for a hook, so that its payload has to be made."""
        return bool(plans.plan(self.keys[hook]).hooks)

    async def run(self, hook: str, data: Any, plans: ConnectionPlans) -> Any:
        """Run the units of a hook, one after the other, and give what they came to (4, 5)."""
        plan = plans.plan(self.keys[hook])
        answer = plan.fire(plans.connection, data)
        if must_await(answer):
            try:
                answer = await answer
            except asyncio.CancelledError as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise  # the server stops
                raise WorkbenchError(f"a hook at {hook} waited for something that was cancelled") from error
            finally:
                self._mark(hook, plan.revision)
        return answer

    def fire(self, hook: str, data: Any, plans: ConnectionPlans) -> None:
        """Run the units of a hook that nobody waits for; plain functions at once."""
        plan = plans.plan(self.keys[hook])
        try:
            pending = plan.fire(plans.connection, data)
        except Exception as error:  # noqa: BLE001  # the original's process ends with it
            self.escaped(error, hook, plans.connection)
            return
        if must_await(pending):
            self.spawn(pending, hook, plans.connection)

    def _mark(self, hook: str, revision: int) -> None:
        """Say that a dispatch finished on its revision while the board moved on (6)."""
        now = self.mount.board.revision
        if now != revision:
            self.moment("stage", f"{hook} finished on revision {revision}; the board is at {now}")

    async def load(
        self,
        name: str,
        *,
        context: Context,
        config: ConnectionConfig,
        about: Mapping[str, Any],
        plans: ConnectionPlans,
    ) -> Document:
        """Give a document, loaded if need be; see `Documents.load`."""
        return await self.registry.load(name, context=context, config=config, about=about, plans=plans)

    def one_left(self, document: Document) -> None:
        """Hear that a connection has left a document."""
        self.registry.one_left(document)

    def __repr__(self) -> str:
        return f"<Hocuspocus of the bench {self.mount.name}>"

    # Telling ----------------------------------------------------------------------------------------

    def escaped(self, error: BaseException, hook: str, connection: int = NO_CONNECTION) -> None:
        """Hand over an error that would have ended the original's process."""
        self.mount.sink(error, point=self.keys.get(hook, hook), connection=connection)

    def noted(self, error: BaseException, hook: str, connection: int = NO_CONNECTION) -> None:
        """Put an error into the trace that the original logs."""
        self.mount.note(error, point=self.keys.get(hook, hook), connection=connection)

    def refused(self, error: BaseException, name: str, connection: int) -> None:
        """Put a denial into the trace, unless a hook's call shows it already."""
        del name
        if call_of(error)[0] < 0:
            self.noted(error, "onLoadDocument", connection)

    def moment(self, kind: str, words: str, *, connection: int = NO_CONNECTION) -> None:
        """Note something that happened and is no hook call."""
        self.mount.recorder.moment(kind, words, connection=connection)
