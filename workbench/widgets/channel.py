"""One face's conversation with a bench, whatever carries it.

A `ChannelSession` is given messages and gives messages; it knows neither sockets nor comms. Whatever arrives
is checked by `protocol.read` and answered: an edit is applied on arrival, in the thread that brought it, and
the views it touches are urged. No message makes a session raise.
"""

from __future__ import annotations

__all__ = ["EDITED_VIEWS", "ChannelSession"]

import base64
import hmac
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from workbench import __version__
from workbench.dialects.templates import messages_of
from workbench.widgets import protocol
from workbench.widgets.bundle import NotBuilt, module
from workbench.widgets.commands import Commands, Refusal
from workbench.widgets.pacing import Pacer
from workbench.widgets.protocol import Message
from workbench.widgets.scheduling import Scheduler
from workbench.widgets.trying import breakpoint_of, fault_of, traffic_of
from workbench.widgets.views import build, described_points

if TYPE_CHECKING:
    from workbench.bench import Workbench

EDITED_VIEWS: Final = ("chain", "history", "header", "source")
"""Views whose frame follows an edit at once."""

_CONSOLE_VIEWS: Final = ("console",)
_TRYING_VIEWS: Final = ("faults", "breakpoints", "header")
_TRAFFIC_VIEWS: Final = ("traffic",)

_log = logging.getLogger(__name__)


class ChannelSession:
    """A face: its watched views, and the commands it may give.

    Parameters
    ----------
    bench
        The bench it looks at.
    send
        Carries one message to the face and returns its size in bytes; called on the scheduler's thread and on
        those that call `receive`. Whatever it raises ends the session.
    scheduler
        Where frames are built.
    trusted
        Whether the carrier has shown the token already. If not, the first message must be a ``hello`` that
        does.
    refused
        Called once when the token was wrong or missing, after the refusal has been sent.
    """

    def __init__(
        self,
        bench: Workbench,
        send: Callable[[Message], int],
        scheduler: Scheduler,
        *,
        trusted: bool = False,
        refused: Callable[[], object] = lambda: None,
    ) -> None:
        self.bench = bench
        self.closed = False
        self._face = "widget"
        self._carrier = send
        self._scheduler = scheduler
        self._trusted = trusted
        self._refused = refused
        self._lock = threading.RLock()
        self._pacer = Pacer(lambda view, params: build(view, bench, params), self._send, scheduler)
        self._commands = Commands(bench, later=self._answer_later)
        self._unsubscribes = [
            bench.board.subscribe(lambda *_: self._pacer.urge(EDITED_VIEWS)),
            bench.console.subscribe(lambda: self._pacer.urge(_CONSOLE_VIEWS)),
            bench.interventions.subscribe(lambda: self._pacer.urge(_TRYING_VIEWS)),
            bench.traffic.subscribe(lambda: self._pacer.urge(_TRAFFIC_VIEWS)),
        ]

    @property
    def trusted(self) -> bool:
        """Whether the token has been shown."""
        return self._trusted

    @property
    def face(self) -> str:
        """What the face says it is: ``widget``, ``lab`` or ``page``."""
        return self._face

    def receive(self, message: object) -> None:
        """Take one message from the face, in whichever thread it came; never raises."""
        with self._lock:
            if self.closed:
                return
            try:
                self._take(protocol.read(message))
            except protocol.Malformed as malformed:
                self._refuse(protocol.identifier(message), str(malformed))
            except Refusal as refusal:
                self._refuse(protocol.identifier(message), str(refusal), refusal.field)
            except Exception as error:  # noqa: BLE001 - the session is the last fence before the carrier
                _log.exception("A message from a face failed")
                text = f"The bench could not do that: {type(error).__name__}: {error}"
                self._refuse(protocol.identifier(message), text)

    def malformed(self, reason: str) -> None:
        """Answer something that the carrier could not even decode."""
        self._refuse(None, reason)

    def bye(self, reason: str) -> None:
        """Say why the session ends, and end it."""
        if not self.closed:
            self._send({"op": "bye", "reason": reason})
            self.close()

    def close(self) -> None:
        """End the session: nothing is sent any more; the second time does nothing."""
        if self.closed:
            return
        self.closed = True
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        self._scheduler.call_soon(self._pacer.close)

    def _take(self, message: Message) -> None:
        op = message["op"]
        if op == "hello":
            self._hello(message)
        elif not self._trusted:
            self._turn_away('The channel asks for the token: "hello" with it comes first.')
        else:
            self._scheduler.call_soon(self._pacer.heard)
            getattr(self, f"_{op}")(message)  # one method per word of `protocol.OPS`

    def _hello(self, message: Message) -> None:
        if message["v"] != protocol.VERSION:
            raise Refusal(
                f"This bench speaks version {protocol.VERSION} of the channel, the page {message['v']}. "
                "Reload the page, or update hook-workbench where it is older."
            )
        if not self._trusted and not is_token(self.bench, message.get("token", "")):
            self._turn_away("The token is missing or wrong; display the bench again to get a valid one.")
            return
        self._trusted = True
        self._face = message.get("face", self._face)
        self._scheduler.call_soon(self._pacer.forget)
        self._send({"op": "welcome", "v": protocol.VERSION, "bench": _introduction(self.bench)})

    def _turn_away(self, reason: str) -> None:
        self._refuse(None, reason)
        self.close()
        self._refused()

    def _watch(self, message: Message) -> None:
        pace = message.get("pace", "visible")
        self._scheduler.call_soon(
            partial(self._pacer.watch, message["view"], message.get("params", {}), pace)
        )
        self._answer(message)

    def _unwatch(self, message: Message) -> None:
        self._scheduler.call_soon(partial(self._pacer.unwatch, message["view"]))
        self._answer(message)

    def _ack(self, message: Message) -> None:
        self._scheduler.call_soon(partial(self._pacer.ack, message["view"], message["frame"]))

    def _ping(self, message: Message) -> None:
        self._answer(message)

    def _edit(self, message: Message) -> None:
        self._answer(
            message, python=self._commands.edit(message["edit"], message.get("revision"), self._face)
        )

    def _undo(self, message: Message) -> None:
        self._answer(message, python=self._commands.undo(self._face))

    def _redo(self, message: Message) -> None:
        self._answer(message, python=self._commands.redo(self._face))

    def _ask(self, message: Message) -> None:
        self._answer(message, data=self._commands.ask(message))

    def _client(self, message: Message) -> None:
        self._answer(message, data=self._commands.client(message))

    def _fault(self, message: Message) -> None:
        self._answer(message, python=self._commands.trying(fault_of, message, self._face))

    def _breakpoint(self, message: Message) -> None:
        self._answer(message, python=self._commands.trying(breakpoint_of, message, self._face))

    def _traffic(self, message: Message) -> None:
        self._answer(message, python=self._commands.trying(traffic_of, message, self._face))

    def _source(self, message: Message) -> None:
        if message["do"] == "keep":
            self._answer(
                message, data=self._commands.keep(message)
            )  # at once: drafts are kept in their order
        else:
            self._commands.source(message)

    def _save(self, message: Message) -> None:
        self._commands.save(message)

    def _module(self, message: Message) -> None:
        try:
            self._answer(message, data=module(message))
        except NotBuilt as error:
            raise Refusal(str(error)) from error

    def _server(self, message: Message) -> None:
        self._commands.server(message)

    def _answer(self, message: Message, *, python: str | None = None, data: object = None) -> None:
        if "id" in message:
            self._send(protocol.answer(message["id"], self.bench.revision, python=python, data=data))

    def _answer_later(self, message: Message, failure: str | None, data: object) -> None:
        """Answer a command that another thread has carried out."""
        if failure is None:
            self._answer(message, data=data)
        else:
            self._refuse(message.get("id"), failure)
        self._pacer.urge(("header",))

    def _refuse(self, id: int | None, reason: str, field: str = "") -> None:  # noqa: A002
        self._send(protocol.refused(id, self.bench.revision, reason, field))

    def _send(self, message: Message) -> int:
        try:
            return self._carrier(message)
        except Exception:  # noqa: BLE001 - a carrier that is gone must not reach the editing thread
            _log.debug("A face is gone", exc_info=True)
            self.close()
            return 0


def is_token(bench: Workbench, offered: str) -> bool:
    """Compare a token with the bench's, in a time that tells nothing."""
    return hmac.compare_digest(offered.encode(errors="replace"), bench.token.encode())


def _introduction(bench: Workbench) -> dict[str, Any]:
    return {
        "id": bench.id,
        "name": bench.name,
        "dialect": bench.dialect,
        "version": __version__,
        "points": described_points(bench),
        "messages": [_offered(label, data) for label, data in messages_of(bench.dialect)],
    }


def _offered(label: str, data: str | bytes) -> dict[str, str]:
    """Give a message to try as the composer takes it: its label, kind and text."""
    if isinstance(data, bytes):
        return {"label": label, "kind": "base64", "text": base64.b64encode(data).decode()}
    return {"label": label, "kind": "json" if data.startswith(("{", "[")) else "text", "text": data}
