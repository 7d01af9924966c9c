"""The live bench in a notebook's output: an anywidget whose comm carries the command channel.

Widget state is saved into notebooks, so it holds nothing but names and the bundle's hash: no token, no
payload. All else travels as custom messages. Those arrive on whichever thread the kernel likes (the main one,
or a subshell's while a cell runs), and frames leave from the thread of `scheduling.shared_scheduler`.
"""

from __future__ import annotations

__all__ = ["PAGES", "BenchWidget", "widget_of"]

import threading
import weakref
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

import anywidget
import traitlets

from workbench.widgets import bundle, protocol
from workbench.widgets.channel import ChannelSession
from workbench.widgets.protocol import CHANNEL_PATH, Message
from workbench.widgets.scheduling import Scheduler, shared_scheduler

if TYPE_CHECKING:
    from workbench.bench import Workbench

PAGES: Final = 16
"""Pages that one comm serves; one more takes the place of the one that was silent for longest."""

_PAGE_KEY: Final = 64


class BenchWidget(anywidget.AnyWidget):
    """A view of one bench.

    Parameters
    ----------
    bench
        The bench to show.
    panel
        ``bench`` for all of it, or the name of one panel.
    scheduler
        Where frames are built; None: the thread that all widgets share.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    panel = traitlets.Unicode("bench").tag(sync=True)
    bench_id = traitlets.Unicode().tag(sync=True)
    bench_name = traitlets.Unicode().tag(sync=True)
    bundle = traitlets.Unicode().tag(sync=True)

    def __init__(self, bench: Workbench, *, panel: str = "bench", scheduler: Scheduler | None = None) -> None:
        self._bench = bench
        self._scheduler = scheduler or shared_scheduler()
        self._sessions: OrderedDict[str, ChannelSession] = OrderedDict()
        self._guard = threading.RLock()
        super().__init__(panel=panel, bench_id=bench.id, bench_name=bench.name, bundle=bundle.content_hash())
        self.on_msg(self._received)

    @traitlets.default("_esm")
    def _loader(self) -> str:
        return bundle.loader()

    @property
    def pages(self) -> tuple[str, ...]:
        """Keys of the pages that are being served."""
        return tuple(self._sessions)

    def close(self) -> None:
        """End all sessions and the comm."""
        for session in tuple(self._sessions.values()):
            session.close()
        self._sessions.clear()
        super().close()

    def _received(self, _widget: object, message: object, _buffers: object) -> None:
        page = message.get("page", "") if isinstance(message, dict) else ""
        if not isinstance(page, str) or len(page) > _PAGE_KEY:
            self._post("", protocol.refused(None, self._bench.revision, '"page" is a text of at most 64.'))
        elif isinstance(message, dict) and message.get("op") in protocol.COMM_OPS:
            self._post(page, self._answered(message))
        else:
            self._session(page).receive(message)

    def _answered(self, message: Message) -> Message:
        """Answer what only a kernel can give: the module's text, and the way to the side socket."""
        try:
            checked = protocol.read(message, protocol.COMM_OPS)
            return self._module(checked) if checked["op"] == "module" else self._grant()
        except (protocol.Malformed, bundle.NotBuilt, _NoServer) as refusal:
            return protocol.refused(protocol.identifier(message), self._bench.revision, str(refusal))

    def _module(self, message: Message) -> Message:
        name = message.get("file", bundle.FILES[0])
        return {
            "op": "module",
            "file": name,
            "hash": bundle.content_hash(name),
            "text": bundle.text(name),
        }

    def _grant(self) -> Message:
        bench = self._bench
        if not bench.running:
            raise _NoServer("The bench is stopped, so there is no side socket; start it first.")
        return {
            "op": "grant",
            "host": bench.host,
            "port": bench.port,
            "path": CHANNEL_PATH,
            "token": bench.token,
        }

    def _session(self, page: str) -> ChannelSession:
        with self._guard:
            session = self._sessions.get(page)
            if session is None or session.closed:
                session = ChannelSession(
                    self._bench, partial(self._post, page), self._scheduler, trusted=True
                )
                self._sessions[page] = session
                self._make_room()
            self._sessions.move_to_end(page)
            return session

    def _make_room(self) -> None:
        while len(self._sessions) > PAGES:
            _, oldest = self._sessions.popitem(last=False)
            oldest.bye("Too many pages show this bench; reload this one to go on.")

    def _post(self, page: str, message: Message) -> None:
        self.send({**message, "page": page} if page else message)


class _NoServer(Exception):
    """There is nothing to grant."""


_widgets: weakref.WeakKeyDictionary[Workbench, BenchWidget] = weakref.WeakKeyDictionary()
_widgets_lock = threading.Lock()


def widget_of(bench: Workbench) -> BenchWidget:
    """Return the one widget of a bench: displayed twice, it has two views.

    Raises
    ------
    NotBuilt
        When the front end's files are not there.
    """
    with _widgets_lock:
        widget = _widgets.get(bench)
        if widget is None or widget.comm is None:
            widget = _widgets[bench] = BenchWidget(bench)
        return widget
