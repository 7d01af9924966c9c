"""Benches to walk through: their cells, and what there is to see and to do in them."""

from __future__ import annotations

__all__ = ["WALKED", "Walked"]

from dataclasses import dataclass


@dataclass(frozen=True)
class Walked:
    """What a walk needs to know of a dialect's bench.

    Attributes
    ----------
    dialect, cell
        Its name; a cell that makes a bench of it, and shows it.
    chain
        Names on the cards of the point that the walk is about, in the order of running.
    shape
        Class of that point's list, and words that say how it runs.
    point
        Title of the point, as faults, breakpoints and events name it.
    ready
        A ready-made hook, and the point that it is attached at.
    why
        A hook, and words of the reason why it stands where it does.
    moved
        A hook that can be moved above another one.
    shut
        A hook, the point that it cannot go to, and words of the reason.
    changes
        A hook that changes a field, the field, and what is there then, where a client said `ada`.
    told, without
        What that client hears; and with this hook switched off.
    held
        A hook to hold the event before; what to replace by what in the payload.
    edited
        What the inspector says of the field after that, and what the client hears.
    traffic
        What simulated clients send.
    saw
        Whether the events of the point say what clients saw.
    document
        The document that the client writes to.
    message
        What the console sends; empty where a cell is the client.
    client
        A cell that is a client.
    """

    dialect: str
    cell: str
    chain: tuple[str, ...]
    shape: tuple[str, str]
    point: str
    ready: tuple[str, str]
    why: tuple[str, str]
    moved: tuple[str, str]
    shut: tuple[str, str, str]
    changes: tuple[str, str, str]
    told: str
    without: str
    held: tuple[str, str, str]
    edited: tuple[str, str]
    traffic: str
    message: str = ""
    client: str = ""
    saw: bool = False
    document: str = ""


CROSSWS = Walked(
    dialect="crossws",
    cell="""
from workbench import Workbench

bench = Workbench("crossws", name="chat")

@bench.hook("message")
def shout(peer, message):
    message.raw_data = message.text().upper()

@bench.hook("message")
def echo(peer, message):
    peer.send(message.text())

@bench.hook("drain")
def forgotten(peer):
    pass

bench.start()
bench
""",
    chain=("shout", "echo"),
    shape=("fold", "one after the other"),
    point="message",
    ready=("count_messages", "message"),
    why=("echo", "2nd attached"),
    moved=("echo", "shout"),
    shut=("shout", "drain", "calls its hooks with (peer)"),
    changes=("shout", "message.raw_data", '"ADA"'),
    told="ADA",
    without="ada",
    held=("shout", "ada", "grace"),
    edited=('"GRACE"', "GRACE"),
    saw=True,
    traffic="messages",
    message="ada",
)

HOCUSPOCUS = Walked(
    dialect="hocuspocus",
    cell="""
import asyncio
from workbench import Workbench
from workbench.testing.provider import Provider

bench = Workbench("hocuspocus", name="notes", database=None, debounce=60, max_debounce=120)

@bench.hook("onAuthenticate")
def admit(data):
    return {"user": data.token}

@bench.hook("onChange")
def note_author(data):
    data.context["author"] = data.context["user"].title()

@bench.hook("onChange")
async def index(data):
    await asyncio.sleep(0.01)

@bench.hook("onStateless")
def forgotten(data):
    pass

bench.start()
direct = await bench.open_direct_connection("notes")
bench
""",
    chain=("note_author", "index"),
    shape=("fold", "one after the other"),
    point="onChange",
    ready=("log_change", "onChange"),
    why=("index", "priority 100"),
    moved=("index", "note_author"),
    shut=("index", "onStateless", "another hook point"),
    changes=("note_author", "context.author", '"Ada"'),
    told="hello",
    without="hello",
    held=("note_author", "ada", "grace"),
    edited=('"Grace"', "hello"),
    document="notes",
    traffic="edits of one document",
    client="""
ada = Provider(bench.ws_url, "notes", token="ada")
ada.insert(0, "hello")
ada.settle()
print(ada.text)
ada.close()
""",
)

WALKED = {"crossws": CROSSWS, "hocuspocus": HOCUSPOCUS}
"""Benches by dialect."""
