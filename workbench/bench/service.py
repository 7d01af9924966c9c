"""A bench's server over its life: started, announced, replaced by a newer bench of its name, stopped."""

from __future__ import annotations

__all__ = ["Service"]

import atexit
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from workbench.bench.cells import running_shell
from workbench.bench.registry import benches
from workbench.bench.settings import with_token
from workbench.dialects.base import Parting
from workbench.discovery import Announcement, announced_elsewhere, current_kernel_id
from workbench.naming import slug
from workbench.server.errors import PortInUse, ServerError
from workbench.server.options import ServerOptions
from workbench.server.server import HookServer

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.server.links import Application
    from workbench.trace.output import Capture

State = Literal["stopped", "ready", "live", "failed"]

_changing = threading.RLock()
"""Starting is one at a time in a process, since it may stop another bench and take its port."""


class Service:
    """Starts and stops the server of one bench.

    Parameters
    ----------
    bench
        The bench; asked for its name, trace and mounts.
    application
        What is served.
    options
        The server options given to the bench.
    """

    def __init__(self, bench: Workbench, application: Application, options: ServerOptions) -> None:
        self._bench = bench
        self._application = application
        self._given = options
        self._server: HookServer | None = None
        self._capture: Capture | None = None
        self._announcement: Announcement | None = None
        self._failure: str | None = None
        self._ended = "Not started yet"
        self.settled_slug: str | None = None

    # -- what faces ask

    @property
    def server(self) -> HookServer | None:
        """The server while it runs."""
        server = self._server
        return server if server is not None and server.running else None

    @property
    def given(self) -> ServerOptions:
        """The options that people gave, in which a port that nobody asked for is 0."""
        return self._given

    @property
    def options(self) -> ServerOptions:
        """The options of the run, or those that the next one begins with."""
        return self._given if self._server is None else self._server.options

    def client_headers(self) -> dict[str, str]:
        """Give what a client must send along: the token, where the server asks for one."""
        token = self.options.token
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    @property
    def state(self) -> tuple[State, str]:
        """What the server does, and why, in words for people."""
        server = self.server
        if server is None:
            return self._idle_state()
        open_now = self._bench.trace.registry.open
        if open_now:
            return "live", f"{open_now} client{'' if open_now == 1 else 's'} connected"
        return "ready", f"Listens on {server.url}"

    def _idle_state(self) -> tuple[State, str]:
        if self._failure is not None:
            return "failed", self._failure
        if self._server is not None:
            return "failed", "The server's thread has ended; start the bench again"
        return "stopped", self._ended

    # -- changing it

    def start(self, changes: dict[str, Any]) -> None:
        """Begin to listen, or listen as told from now on; returns when it does.

        Parameters
        ----------
        changes
            Server options for this run and the next ones.

        Raises
        ------
        PortInUse
            Names who holds the port.
        ServerError
            When it cannot listen for another reason.
        """
        with _changing:
            wanted = self._given.changed(**with_token(changes))  # refused before anything is stopped
            if self.server is not None:
                if not self._differs(changes):
                    return
                self.stop("Started anew with other options")
            before, self._given = self._given, wanted
            try:
                self._begin(self._make_way(explicit="port" in changes))
            except PortInUse:  # worth another try, once the port is free
                raise
            except ServerError:  # what cannot work must not be in the way of the next start
                self._given = before
                raise

    def _differs(self, changes: dict[str, Any]) -> bool:
        now = self.options
        port = self._server.port if self._server is not None else None
        for name, value in changes.items():
            if name == "port" and value in (0, port):
                continue
            if name == "token" and isinstance(value, bool) and value is (now.token is not None):
                continue
            if getattr(now, name) != value:
                return True
        return False

    def _make_way(self, *, explicit: bool) -> list[int]:
        """Stop an older bench of the name and say which ports to try, the best first."""
        name = self._bench.name
        wanted = [self._given.port]
        if not explicit and not self._given.port:
            wanted = [port for port in (benches.last_port(name),) if port] + [0]
        for older in benches.running:
            if older is not self._bench and older.name == name:
                older.serving.stop("Replaced by a newer bench of the same name")
        return wanted

    def _begin(self, ports: list[int]) -> None:
        self._failure = None
        try:
            server = self._listen(ports)
        except ServerError as error:
            self._failure = str(error)
            self._announce()
            raise
        self._bench.hosting.on(server.loop)
        if self._capture is not None:  # of a server whose thread died
            self._capture.stop()
        self._capture = self._bench.trace.capture_output(tee=running_shell() is None)
        benches.hold(self._bench)
        benches.remember_port(self._bench.name, server.port or 0)
        self._announce()

    def _listen(self, ports: list[int]) -> HookServer:
        for port in ports:
            server = self._server = self._make(port)  # known before it listens: an interrupt cannot lose it
            try:
                return server.start()
            except PortInUse as error:
                self._server = None
                if port == ports[-1]:
                    raise _told(error) from None
            except BaseException:
                self._server = None
                server.stop()
                raise
        raise AssertionError  # there is always a port to try

    def _make(self, port: int) -> HookServer:
        return HookServer(
            self._application,
            self._given.changed(port=port),
            self._bench.name,
            report=self.report,
            ended=self._bench.stop_applications,
        )

    def stop(self, reason: str = "Stopped") -> None:
        """Close clients with 1001 and free the port; nothing happens when it is stopped already.

        Parameters
        ----------
        reason
            What the bench's state then says.
        """
        with _changing:
            server, self._server = self._server, None
            capture, self._capture = self._capture, None
        if server is None:
            return
        self._ended = reason
        try:
            server.stop()
        finally:  # also where the wait for the last client is interrupted
            if capture is not None:
                capture.stop()
            benches.release(self._bench)
            self._say_farewell()
            self._announce()

    def _say_farewell(self) -> None:
        """Pass on what applications have to say at the end, such as what nobody has stored."""
        for mount in self._bench.mounts.values():
            words = mount.app.farewell() if isinstance(mount.app, Parting) else ""
            if words:
                self._ended = f"{self._ended}. {words}"
                print(words)  # noqa: T201 - whoever stops the bench reads it there

    def report(self, error: BaseException, what: str) -> None:
        """Take an error that neither a link nor a handler took care of."""
        self._bench.take_failure(error, point=what)

    # -- discovery

    @property
    def id(self) -> str:
        """``<kernel id>.<slug>``; empty outside a kernel."""
        announcement = self._announced()
        return announcement.id if announcement is not None else ""

    @property
    def slug(self) -> str:
        """The bench's name as it stands in its id, different from that of benches of other names."""
        if self.settled_slug is None:
            self.settled_slug = benches.distinct(slug(self._bench.name), self._bench)
        return self.settled_slug

    def _announced(self) -> Announcement | None:
        if self._announcement is None:
            kernel = current_kernel_id()
            if kernel is not None:
                self._announcement = Announcement(kernel, self.slug)
        return self._announcement

    def _announce(self) -> None:
        """Write the discovery file; a disk that is full or read-only must not keep a bench from running."""
        announcement = self._announced()
        if announcement is None:
            return
        state, reason = self.state
        bench = self._bench
        with suppress(OSError):
            announcement.write(
                name=bench.name,
                dialect=bench.dialect,
                host=bench.host,
                port=bench.port or 0,
                token=bench.token,
                state=state,
                reason=reason,
                url=bench.url,
            )

    def retire(self) -> None:
        """Stop and take the announcement away: the process ends."""
        self.stop("The kernel has ended")
        if self._announcement is not None:
            self._announcement.remove()


def _told(error: PortInUse) -> PortInUse:
    """Say which bench holds the port, where it is one."""
    for bench in benches.running:
        if bench.port == error.port:
            return PortInUse(error.host, error.port, f"the bench {bench.name!r} of this process")
    other = announced_elsewhere(error.port)
    if other is None:
        return error
    holder = f"the bench {other.get('name')!r} of another kernel (process {other.get('pid')})"
    return PortInUse(error.host, error.port, holder)


_made_in = os.getpid()


def _retire_all(all_benches: Callable[[], list[Workbench]] = benches.all) -> None:
    if os.getpid() != _made_in:
        return  # a fork ends; the benches are its parent's
    for bench in {id(bench): bench for bench in (*benches.running, *all_benches())}.values():
        bench.serving.retire()


atexit.register(_retire_all)
