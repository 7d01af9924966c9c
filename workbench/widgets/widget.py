"""The live bench in a notebook's output: an anywidget whose comm carries the command channel.

Widget state is saved into notebooks, so it holds nothing but names and the bundle's hash: no token, no
payload. All else travels as custom messages. Those arrive on whichever thread the kernel likes (the main one,
or a subshell's while a cell runs), and frames leave from the thread of `scheduling.shared_scheduler`.
"""

from __future__ import annotations

__all__ = ["PAGES", "BenchWidget", "widget_of"]

import json
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
_BAD_PAGE: Final = f'"page" is a text of at most {_PAGE_KEY} characters.'


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
        self._bench: Workbench | None = bench
        self._gone = ""
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

    def release(self, reason: str) -> None:
        """Let go of the bench, so that its trace can go; pages are told why, now and whenever they ask."""
        with self._guard:
            sessions, self._sessions = self._sessions, OrderedDict()
            self._gone, self._bench = reason, None  # in this order: who finds no bench finds the reason
        for session in sessions.values():
            session.bye(reason)

    def close(self) -> None:
        """End all sessions and the comm."""
        self.release("The widget was closed; display the bench again.")
        super().close()

    def _received(self, _widget: object, message: object, _buffers: object) -> None:
        bench = self._bench
        page = message.get("page", "") if isinstance(message, dict) else ""
        if bench is None:
            self._refuse_released(message)
        elif not isinstance(page, str) or len(page) > _PAGE_KEY:
            self._post("", protocol.refused(None, bench.revision, _BAD_PAGE))
        elif isinstance(message, dict) and _of_the_comm(message):
            self._post(page, _answered(bench, message))
        elif (session := self._session(page)) is not None:
            session.receive(message)
        else:
            self._refuse_released(message)

    def _refuse_released(self, message: object) -> None:
        self._post("", protocol.refused(protocol.identifier(message), 0, self._gone))

    def _session(self, page: str) -> ChannelSession | None:
        """Give the session of a page; None once the bench is let go, as nobody would end it then."""
        with self._guard:
            bench = self._bench
            if bench is None:
                return None
            session = self._sessions.get(page)
            if session is None or session.closed:
                session = ChannelSession(bench, partial(self._post, page), self._scheduler, trusted=True)
                self._sessions[page] = session
                self._make_room()
            self._sessions.move_to_end(page)
            return session

    def _make_room(self) -> None:
        while len(self._sessions) > PAGES:
            _, oldest = self._sessions.popitem(last=False)
            oldest.bye("Too many pages show this bench; reload this one to go on.")

    def _post(self, page: str, message: Message) -> int:
        self.send({**message, "page": page} if page else message)
        return len(json.dumps(message["data"])) if message["op"] == "frame" else 0


def _of_the_comm(message: Message) -> bool:
    """Whether this is not for a session: a module asked for with an id is, as on the side socket."""
    op = message.get("op")
    return op in protocol.COMM_OPS and not (op == "module" and "id" in message)


def _answered(bench: Workbench, message: Message) -> Message:
    """Answer what only a kernel can give: the module's text, and the way to the side socket."""
    try:
        checked = protocol.read(message, protocol.COMM_OPS)
        return {"op": "module", **bundle.module(checked)} if checked["op"] == "module" else _grant(bench)
    except (protocol.Malformed, bundle.NotBuilt, _NoServer) as refusal:
        return protocol.refused(protocol.identifier(message), bench.revision, str(refusal))


def _grant(bench: Workbench) -> Message:
    if not bench.running:
        raise _NoServer("The bench is stopped, so there is no side socket; start it first.")
    way = {"host": bench.host, "port": bench.port, "path": CHANNEL_PATH, "token": bench.token}
    return {"op": "grant", **way}


class _NoServer(Exception):
    """There is nothing to grant."""


_widgets: weakref.WeakKeyDictionary[Workbench, dict[str, BenchWidget]] = weakref.WeakKeyDictionary()
_widgets_lock = threading.Lock()


def widget_of(bench: Workbench, panel: str = "bench") -> BenchWidget:
    """Return the one widget of a bench, or of one of its panels: displayed twice, it has two views.

    Benches of the same name that it has replaced let go of theirs.

    Raises
    ------
    NotBuilt
        When the front end's files are not there.
    """
    with _widgets_lock:
        _release_replaced(bench)
        mine = _widgets.setdefault(bench, {})
        widget = mine.get(panel)
        if widget is None or widget.comm is None:
            widget = mine[panel] = BenchWidget(bench, panel=panel)
        return widget


def _release_replaced(bench: Workbench) -> None:
    for other, widgets in list(_widgets.items()):
        if other is not bench and other.name == bench.name and not other.running:
            del _widgets[other]
            for widget in widgets.values():
                widget.release("A newer bench of this name has taken its place; run this cell again.")
