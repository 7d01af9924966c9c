"""A server in its own thread and loop: it answers while a cell runs, and survives one that is interrupted."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import ctypes
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from workbench.server import ports, switching
from workbench.server.door import Door
from workbench.server.errors import NotRunning, StartFailed
from workbench.server.host import FINISH, Host, log_error
from workbench.server.http import HttpConnection
from workbench.server.links import Application
from workbench.server.loops import new_loop
from workbench.server.options import ServerOptions

__all__ = ["HookServer"]

T = TypeVar("T")
_GLANCE = 0.01  # seconds between looks at whether the last client has gone
_LOOK = 0.05  # seconds to watch a thread that may be busy
_ENDING = 2  # turns of the loop until a connection that was cut has heard of it, through TLS
_GRACE = 0.5  # seconds that a loop gets on top of the stop timeout before its thread is given up


class HookServer:
    """Serves an application on a TCP port.

    Parameters
    ----------
    application
        What is served; `serve_handler(handler)` makes one of a `Handler`.
    options
        See `ServerOptions`.
    name
        Shown in thread names and messages.
    report
        Called on the loop with each error that nobody handled, and where it happened; by default it is
        logged.
    ended
        Called on the loop once the clients are gone, before it ends: the last chance to let go of what runs
        there. What it returns to be awaited gets six seconds.

    """

    def __init__(
        self,
        application: Application,
        options: ServerOptions | None = None,
        name: str = "server",
        *,
        report: Callable[[BaseException, str], None] = log_error,
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        self.application = application
        self.options = options or ServerOptions()
        self.name = name
        self.report = report
        self.ended = ended
        self._run: _Run | None = None
        self._lock = threading.RLock()

    def start(self) -> HookServer:
        """Begin to serve; returns when it listens, at once when it does already.

        Raises `PortInUse` or `StartFailed`.
        """
        with self._lock:
            if self._run is None:
                listener = ports.listen(self.options.host, self.options.port)
                run = _Run(self, listener)
                run.begin()
                self._run = run
        return self

    def stop(self) -> None:
        """Close clients with 1001, free the port and end the thread, within `stop_timeout`; stopped: nothing.

        A hook that holds up the loop is given up: its port is freed and its connections are cut all the same.
        """
        with self._lock:
            run, self._run = self._run, None
        if run is not None:
            run.end()

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._run is not None and self._run.thread.is_alive()

    @property
    def host(self) -> str:
        """The address that it was asked to listen on."""
        return self.options.host

    @property
    def port(self) -> int | None:
        """The port that it listens on; None when stopped."""
        return self._run.port if self._run is not None else None

    @property
    def url(self) -> str | None:
        """Where a browser finds it; None when stopped."""
        scheme = "https" if self.options.certificate else "http"
        return None if self.port is None else f"{scheme}://{self._address()}:{self.port}"

    @property
    def ws_url(self) -> str | None:
        """Where a WebSocket client finds it; None when stopped."""
        return None if self.url is None else "ws" + self.url.removeprefix("http")

    def _address(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104
        return f"[{host}]" if ":" in host else host

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which everything happens. Raises `NotRunning`."""
        return self._running().loop

    def _running(self) -> _Run:
        run = self._run
        if run is None:
            raise NotRunning(f"{self.name} does not run: call start() first.")
        return run

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop: in order, from any thread; at once when on the loop already.

        Raises `NotRunning`. What the function raises goes to `report`.
        """
        self._running().post(function, *args)

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the loop, from any thread; raises `NotRunning`."""
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._running().loop)
        except (NotRunning, RuntimeError):
            coroutine.close()
            raise NotRunning(f"{self.name} does not run: call start() first.") from None


class _Run:
    """One run of a server, from start to stop."""

    def __init__(self, server: HookServer, listener: socket.socket) -> None:
        self.server = server
        self.listener = listener
        self.port: int = listener.getsockname()[1]
        self.host = Host(server.application, server.options, server.report)
        self.loop = new_loop()
        self.thread = threading.Thread(target=self._serve, name=f"workbench {server.name}", daemon=True)
        self.connections: set[HttpConnection] = set()
        self._started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.wanted_end = asyncio.Event()
        self.finishing = False

    # the caller's thread

    def begin(self) -> None:
        switching.hold()
        self.thread.start()
        try:
            self._started.result()
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        try:
            self._end()
        finally:
            switching.release()

    def _end(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed itself
            self.loop.call_soon_threadsafe(self._begin_end)
        if threading.current_thread() is self.thread:
            return  # a hook stops its own server: it ends when the hook returns
        self.thread.join(self.server.options.stop_timeout + _GRACE)
        if self.finishing:
            self.thread.join(FINISH)
        if self.thread.is_alive():
            self._give_up()

    def _give_up(self) -> None:
        """The loop does not turn: cut the sockets from here, and break whatever holds the thread."""
        _shut(self.listener)
        for connection in [*self.connections, *self.host.websockets]:
            _shut(getattr(connection, "transport", None) or getattr(connection, "_raw", None))
        self.server.report(
            TimeoutError(
                f"{self.server.name} was stopped while a hook held up its loop; the hook is cut off."
            ),
            "stop",
        )
        ident = self.thread.ident or 0
        if _is_computing(ident):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(SystemExit))
            self.thread.join(_GRACE)

    def post(self, function: Callable[..., object], *args: Any) -> None:
        if threading.current_thread() is self.thread:
            self._call(function, *args)
            return
        try:
            self.loop.call_soon_threadsafe(self._call, function, *args)
        except RuntimeError:
            raise NotRunning(f"{self.server.name} does not run: call start() first.") from None

    # the server's thread

    def _call(self, function: Callable[..., object], *args: Any) -> None:
        try:
            function(*args)
        except BaseException as error:  # noqa: BLE001  # a posted call must not end the server
            self.host.report(error, getattr(function, "__qualname__", repr(function)))

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(self._loop_error)
        main = self.loop.create_task(self._main())
        while not main.done():
            try:
                self.loop.run_until_complete(main)
            except BaseException as error:  # noqa: BLE001  # SystemExit out of a hook ends run_until_complete
                if main.done():
                    break
                self.host.report(error, "The server's loop")
        if not self._started.done():
            cause = None if main.cancelled() else main.exception()
            self._started.set_exception(cause or StartFailed(f"{self.server.name} could not be started."))
        self._clean_up()

    def _clean_up(self) -> None:
        """Leave nothing pending behind, whatever hooks left."""
        try:
            tasks = asyncio.all_tasks(self.loop)
            for task in tasks:
                task.cancel()
            if tasks:
                self.loop.run_until_complete(asyncio.wait(tasks, timeout=_GRACE))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        except BaseException as error:  # noqa: BLE001
            self.host.report(error, "stop")
        finally:
            asyncio.set_event_loop(None)
            self.loop.close()
            self.listener.close()

    def _loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG002
        error = context.get("exception") or RuntimeError(context.get("message", "error"))
        self.host.report(error, str(context.get("message", "The server's loop")))

    def _begin_end(self) -> None:
        self.host.stopping = True
        self.wanted_end.set()

    async def _main(self) -> None:
        """Let clients in until told to end, then let them go; those that stay are cut off."""
        door = Door(self.listener, self._connection, _tls(self.server.options), self.host.report)
        try:
            self._started.set_result(None)
            await self.wanted_end.wait()
            await door.close()
            for websocket in list(self.host.websockets):
                websocket.close(1001)
            for connection in list(self.connections):
                connection.shutdown()
            await self._wait_for_clients(self.server.options.stop_timeout)
        finally:
            await self._cut_off()
        await self._finish()

    def _connection(self) -> HttpConnection:
        return HttpConnection(self.host, self.connections)

    async def _wait_for_clients(self, seconds: float) -> None:
        end = self.loop.time() + seconds
        while (self.host.websockets or self.connections) and self.loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(_GLANCE)

    async def _cut_off(self) -> None:
        for websocket in list(self.host.websockets):
            websocket.terminate()
        for connection in list(self.connections):
            connection.abort()
        for transport in self.host.handed_over:
            transport.abort()
        for _ in range(_ENDING):
            await asyncio.sleep(0)

    async def _finish(self) -> None:
        """Let the application put away what it has, within its time."""

        def ended() -> object:
            rest = self.server.ended()
            self.finishing = isinstance(rest, Awaitable)
            return rest

        await self.host.finish(ended)


def _tls(options: ServerOptions) -> ssl.SSLContext | None:
    if options.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    return context


def _is_computing(ident: int) -> bool:
    """Whether a thread uses the processor.

    One that sleeps could not be broken; trying would only weigh on every other thread until it wakes.
    """
    try:
        clock = time.pthread_getcpuclockid(ident)
        before = time.clock_gettime(clock)
        time.sleep(_LOOK)
        return time.clock_gettime(clock) - before > _LOOK / 20
    except (AttributeError, OSError):  # not everywhere
        return True


def _shut(thing: Any) -> None:
    """Shut a socket, from whatever thread, without a word."""
    try:
        found = thing if isinstance(thing, socket.socket) else thing.get_extra_info("socket")
        duplicate = socket.socket(fileno=socket.dup(found.fileno()))
        duplicate.shutdown(socket.SHUT_RDWR)
        duplicate.close()
        if isinstance(thing, socket.socket):
            thing.close()
    except (OSError, AttributeError, ValueError):
        pass
