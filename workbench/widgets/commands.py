"""What a face may have done: edits of the board, questions, console clients, starting and stopping.

Every refusal is one sentence for the person at the page. The messages have passed `protocol.read` before they
come here.
"""

from __future__ import annotations

__all__ = ["Commands", "Refusal"]

import base64
import binascii
import inspect
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal

from workbench.bench.wrapping import wrapping
from workbench.client import ConsoleError
from workbench.engine.edits import free_name
from workbench.engine.errors import WorkbenchError
from workbench.engine.hooks import Hook, Origin
from workbench.server.errors import ServerError
from workbench.widgets.editing import editing, keeping
from workbench.widgets.named import all_chains
from workbench.widgets.palette import lane_of, palette, resolve
from workbench.widgets.places import places
from workbench.widgets.protocol import Message
from workbench.widgets.saving import saving
from workbench.widgets.text import visible
from workbench.widgets.views import build
from workbench.widgets.views.chain import placing

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.dialects.reports import NamedChain
    from workbench.engine.journal import JournalEntry

_CONNECTIONS: Final = 100
"""Newest connections among which a face lets people choose."""

_SPOKEN_ERRORS: Final = (WorkbenchError, ServerError, ConsoleError)


Later = Callable[[Message, str | None, object], None]


class Refusal(Exception):
    """A command that cannot be done; the face shows the sentence, beside the field that it is about.

    Parameters
    ----------
    sentence
        For people.
    field
        Name of the member that it is about; empty where it is about none alone.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Commands:
    """The commands of one face.

    Parameters
    ----------
    bench
        What they act on.
    later
        Called with a message, None or the reason why it failed, and data, once another thread has carried it
        out.
    """

    def __init__(self, bench: Workbench, *, later: Later) -> None:
        self._bench = bench
        self._later = later
        self._made: set[int] = set()

    def edit(self, edit: Message, seen: int | None, author: str) -> str | None:
        """Apply an edit at once.

        Parameters
        ----------
        edit
            Checked, by kind.
        seen
            Revision that the face had before it; None: not checked. Its own edits since then count as seen:
            who is quicker than their answers is not in his own way.
        author
            ``widget``, ``lab`` or ``page``.

        Returns
        -------
        str or None
            The Python line that does the same.

        Raises
        ------
        Refusal
            When it does not fit the board.
        """
        return self._journalled(lambda: self._apply(edit, self._known(seen), author), author)

    def undo(self, author: str) -> str | None:
        """Undo the newest edit; parameters and result as `edit`."""
        return self._turned("undo", author)

    def redo(self, author: str) -> str | None:
        """Redo what was undone last; parameters and result as `edit`."""
        return self._turned("redo", author)

    def ask(self, message: Message) -> object:
        """Answer a question.

        Raises
        ------
        Refusal
            When what it is about does not exist.
        """
        return _spoken(lambda: _QUESTIONS[message["what"]](self._bench, message))

    def client(self, message: Message) -> object:
        """Open, use, close or clear a console client.

        Raises
        ------
        Refusal
            When the console cannot do that.
        """
        return _spoken(lambda: self._client(message))

    def trying(
        self, action: Callable[[Workbench, Message, str], str | None], message: Message, author: str
    ) -> str | None:
        """Arm, hold, let go or make traffic; the Python line that does the same, as `edit` gives it.

        Raises
        ------
        Refusal
            When that cannot be done.
        """
        said: list[str | None] = []
        noted = self._journalled(lambda: said.append(action(self._bench, message, author)), author)
        return said[0] or noted

    def server(self, message: Message) -> None:
        """Start or stop the server, in a thread of its own: a server cannot wait for itself.

        Stopping is answered beforehand, since the side socket goes with the server.
        """
        if message["do"] == "stop":
            self._later(message, None, None)
            self._beside(message, self._bench.stop, answered=True)
        else:
            self._beside(message, self._start)

    def _start(self) -> None:
        self._bench.start()

    def source(self, message: Message) -> None:
        """Do what the source editor asks for, in a thread of its own: a draft is tried, which takes time."""
        self._beside(message, lambda: editing(self._bench, message))

    def keep(self, message: Message) -> object:
        """Keep a draft of the source editor.

        Raises
        ------
        Refusal
            When it cannot be kept.
        """
        return _spoken(lambda: keeping(self._bench, message))

    def save(self, message: Message) -> None:
        """Write the bench into a file, in a thread of its own: sources are read, and the disk may be slow."""
        self._beside(message, lambda: saving(self._bench, message))

    def _beside(self, message: Message, action: Callable[[], object], *, answered: bool = False) -> None:
        """Carry something out in another thread, and answer then."""

        def run() -> None:
            try:
                data = action()
            except Exception as error:  # noqa: BLE001 - whatever it is, the person at the page is told
                self._later(message, _sentence(error), None)
            else:
                if not answered:
                    self._later(message, None, data)

        threading.Thread(
            target=run, name=f"workbench {message.get('do', message['op'])}", daemon=True
        ).start()

    def _known(self, seen: int | None) -> int | None:
        """Go on from what a face saw over what it has made itself directly after it."""
        if seen is None:
            return None
        self._made = {made for made in self._made if made > seen}
        while seen + 1 in self._made:
            seen += 1
        return seen

    def _apply(self, edit: Message, seen: int | None, author: str) -> object:
        return self._bench.board.apply(self._complete(edit, author), author=author, seen=seen)

    def _complete(self, edit: Message, author: str) -> Message:
        """Put functions in the place of the names by which a face knows them, and what it left out."""
        if edit["kind"] == "move":
            return self._moved(edit)
        if edit["kind"] == "set_scope":
            return self._scoped(edit)
        if edit["kind"] == "wrap":
            hook = self._bench.board.resolve(edit["hook"])
            return {**wrapping(self._bench.board, hook, author), "hook": hook.id}
        if edit["kind"] not in ("attach", "replace"):
            return edit
        board = self._bench.board
        attaching = edit["kind"] == "attach"
        if attaching and edit["point"] in all_chains(self._bench):
            return self._into_chain(edit, all_chains(self._bench)[edit["point"]])
        point = board.point(edit["point"]).name if attaching else board.resolve(edit["hook"]).point
        name, function = resolve(self._bench, edit, point)
        given = {**edit, "function": function}
        if attaching:
            given |= {
                "point": point,
                "name": free_name(board.state, point, name),
                "origin": Origin("ready" if "ready" in edit else "widget"),
                "lane": edit.get("lane") or lane_of(self._bench, edit, point),
            }
        return given

    def _moved(self, edit: Message) -> Message:
        """Say what a hook becomes in the list that it is moved to."""
        if edit.get("lane") is None:
            return edit
        hook = self._bench.board.resolve(edit["hook"])
        chains = all_chains(self._bench).values()
        lanes = [one for chain in chains if chain.point == hook.point for one in chain.lanes]
        lane = next((one for one in lanes if one.name == edit["lane"]), None)
        if lane is None:
            return edit
        if lane.shut is not None:
            raise Refusal(f"Nothing can be moved to {lane.label}: {lane.shut}")
        return {**edit, "kind_of_hook": lane.kind}

    def _scoped(self, edit: Message) -> Message:
        """Keep the part of the scope that is not spoken of; refuse shadows that would have effects."""
        hook = self._bench.board.resolve(edit["hook"])
        point = self._bench.board.point(hook.point)
        if edit.get("shadow") and point.shadow is None:
            raise Refusal(
                f"{hook.name} cannot be a shadow: {point.title} has no stand-ins for its arguments, "
                "so what the hook does would still have an effect."
            )
        return {"connections": hook.scope.connections, "shadow": hook.scope.shadow, **edit}

    def _into_chain(self, edit: Message, chain: NamedChain) -> Message:
        """Put a function into the list of a named chain that is meant, or is usual."""
        name, function = resolve(self._bench, edit, chain.point)
        wanted = edit.get("lane") or chain.usual
        lane = next((one for one in chain.lanes if one.name == wanted), chain.lanes[-1])
        return {
            **edit,
            "point": chain.point,
            "function": function,
            "name": free_name(self._bench.board.state, chain.point, name),
            "origin": Origin("ready" if "ready" in edit else "widget"),
            "lane": lane.name,
            "kind_of_hook": lane.kind,
        }

    def _turned(self, way: Literal["undo", "redo"], author: str) -> str | None:
        board = self._bench.board

        def turn() -> None:
            if getattr(board, way)(author) is None:
                raise Refusal(f"There is nothing to {way}.")

        self._journalled(turn, author)
        return f"{board.spoken}.{way}()"

    def _journalled(self, change: Callable[[], object], author: str) -> str | None:
        before, revision = self._newest(author), self._bench.board.revision
        _spoken(change)
        newest = self._newest(author)  # others may have edited in between
        if newest is None or newest is before:
            return None
        if newest.revision > revision:  # marks, faults and breakpoints make none
            self._made.add(newest.revision)
        return newest.python

    def _newest(self, author: str) -> JournalEntry | None:
        return next((entry for entry in reversed(self._bench.board.journal) if entry.author == author), None)

    def _client(self, message: Message) -> object:
        console, do = self._bench.console, message["do"]
        if do == "open":
            opened = console.open(
                message.get("path", "/"),
                client=message.get("client"),
                protocols=tuple(message.get("protocols", ())),
            )
            return {"client": opened.name}
        name = message.get("client")
        if name is None:
            raise Refusal(f'"{do}" needs "client", the name of one of the console\'s clients.')
        if do == "send":
            console.send(name, _payload(message))
        elif do == "close":
            console.close(name, message.get("code", 1000), message.get("reason", ""))
        else:
            console.clear(name)
        return None


def _spoken(action: Callable[[], object]) -> object:
    try:
        return action()
    except _SPOKEN_ERRORS as error:
        raise Refusal(_sentence(error), getattr(error, "argument", "")) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, _SPOKEN_ERRORS):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _payload(message: Message) -> str | bytes:
    if ("data" in message) == ("binary" in message):
        raise Refusal('"send" needs "data" (a text) or "binary" (base64), and not both.')
    if "data" in message:
        text: str = message["data"]
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise Refusal("The text holds half a surrogate pair, which no text frame can carry.")
        return text
    try:
        return base64.b64decode(message["binary"], validate=True)
    except (binascii.Error, ValueError):
        raise Refusal('"binary" is not base64.') from None


# questions ----------------------------------------------------------------------------------------


def _palette(bench: Workbench, message: Message) -> object:
    return palette(bench, message.get("point"))


def _event(bench: Workbench, message: Message) -> object:
    if "dispatch" not in message:
        raise Refusal('"event" needs "dispatch", the number of an event.')
    return build("inspector", bench, {"dispatch": message["dispatch"]})


def _why(bench: Workbench, message: Message) -> object:
    hook = _hook(bench, message)
    return {"hook": hook.id, "name": hook.name, "point": hook.point, **placing(bench, hook)}


def _source(bench: Workbench, message: Message) -> object:
    hook = _hook(bench, message)
    text, reason = _text_of(hook)
    origin = hook.origin
    return {
        "hook": hook.id,
        "name": hook.name,
        "text": text,
        "reason": reason,
        "file": origin.file,
        "line": origin.line,
        "cell": origin.cell,
    }


def _hook(bench: Workbench, message: Message) -> Hook:
    if "hook" not in message:
        raise Refusal(f'"{message["what"]}" needs "hook", the id of a hook.')
    for guest in bench.board.guests():
        if guest.id == message["hook"]:
            return guest
    return bench.board.resolve(message["hook"])


def _text_of(hook: Hook) -> tuple[str | None, str | None]:
    try:
        return visible(inspect.getsource(hook.function)), None
    except (OSError, TypeError):
        return None, f"The source of {hook.name} is not at hand: it was not written in a cell or a file."


def _cell(bench: Workbench, message: Message) -> object:
    lines = bench.board.lines(until=message.get("until"), since=message.get("since"))
    return {"text": "\n".join(lines)}


def _places(bench: Workbench, _message: Message) -> object:
    return places(bench)


def _connections(bench: Workbench, _message: Message) -> object:
    """List the newest connections that are open."""
    there = [row for row in bench.trace.registry.rows() if not row.closed][-_CONNECTIONS:]
    return {
        "connections": [
            {
                "connection": row.index,
                "path": visible(row.path, 100),
                "remote": visible(row.remote, 100),
                "opened": row.opened // 1_000_000,
            }
            for row in reversed(there)
        ],
        "open": bench.trace.registry.open,
    }


_QUESTIONS: Final[Mapping[str, Callable[[Workbench, Message], object]]] = {
    "palette": _palette,
    "event": _event,
    "why": _why,
    "source": _source,
    "cell": _cell,
    "connections": _connections,
    "places": _places,
}
