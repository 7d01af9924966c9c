"""A bench of each dialect to walk through: its cells, and what there is to see and to do in it."""

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

FEATHERS = Walked(
    dialect="feathers",
    cell="""
import asyncio
import httpx
from workbench import Workbench

bench = Workbench("feathers", name="messages")

class Messages:
    async def create(self, data, params):
        await asyncio.sleep(0.01)
        return {**data, "id": 1}

async def require_login(context):
    await asyncio.sleep(0.01)
    context.params["user"] = {"id": 17}

def shout(context):
    context.data = {**context.data, "text": context.data["text"].upper()}

def greet(context):
    context.data = {**context.data, "text": f"hello {context.data['text']}"}

def add_profile(context):
    context.result = {**context.result, "author": "guest-17"}

async def forgotten(context, next):
    await next()

bench.use("messages", Messages())
bench.hooks({"before": {"all": [require_login]}})
bench.hooks({"teardown": [forgotten]})
bench.service("messages").hooks({"before": {"create": [shout, greet]}, "after": {"create": [add_profile]}})
bench.start()
bench
""",
    chain=("require_login", "shout", "greet", "messages.create", "add_profile"),
    shape=("onion", "each around the rest"),
    point="messages.create",
    ready=("log_runtime", "method"),
    why=("greet", "2nd attached"),
    moved=("greet", "shout"),
    shut=("forgotten", "messages.create", "another hook point"),
    changes=("shout", "data.text", '"ADA"'),
    told="hello ADA",
    without="hello ada",
    held=("shout", "ada", "grace"),
    edited=('"GRACE"', "hello GRACE"),
    saw=True,
    traffic="create",
    client="""
async with httpx.AsyncClient(trust_env=False) as client:
    answer = await client.post(f"{bench.url}/messages", json={"text": "ada"}, timeout=60)
print(answer.text)
""",
)

DIRECTUS = Walked(
    dialect="directus",
    cell="""
import asyncio
from workbench import Workbench

bench = Workbench("directus", name="items", database="sqlite://")

@bench.filter("messages.items.create")
async def moderate(payload):
    await asyncio.sleep(0.01)

@bench.filter("messages.items.create")
def shout(payload):
    return {**payload, "text": payload["text"].upper()}

@bench.action("messages.items.create")
async def post_to_chat(meta):
    await asyncio.sleep(0.05)

@bench.action("messages.items.delete")
def forgotten(meta):
    pass

bench.start()
bench
""",
    chain=("moderate", "shout"),
    shape=("fold", "results: replace"),
    point="filter messages.items.create",
    ready=("trim_text", "filter"),
    why=("shout", "2nd attached"),
    moved=("shout", "moderate"),
    shut=("shout", "action messages.items.create", "another hook point"),
    changes=("shout", "payload.text", '"ADA"'),
    told='"text":"ADA"',
    without='"text":"ada"',
    held=("shout", "ada", "grace"),
    edited=('"GRACE"', '"text":"GRACE"'),
    traffic="create items",
    message='{"type": "items", "collection": "messages", "action": "create", "data": {"text": "ada"}}',
)

WOOKIE = Walked(
    dialect="wookie",
    cell="""
import asyncio
import httpx
from workbench import Workbench

bench = Workbench("wookie", name="gateway")

@bench.hook("pre-route")
async def check_token(request, response):
    await asyncio.sleep(0.01)

@bench.hook("pre-route")
async def load_profile(request, response):
    await asyncio.sleep(0.03)
    request.data = {"user": request.query.get("user", "nobody").title()}

@bench.hook("response-started")
def stamp(response):
    response.headers["X-Stamp"] = "walk"

@bench.hook("body-chunk")
def forgotten(request, chunk):
    pass

@bench.route("GET", "/")
def page(request, response):
    response.send_response(body=f"hello {(request.data or {'user': 'nobody'})['user']}")

bench.start()
bench
""",
    chain=("check_token", "load_profile"),
    shape=("gather", "awaited together"),
    point="pre-route",
    ready=("log", "pre-route"),
    why=("load_profile", "2nd attached"),
    moved=("load_profile", "check_token"),
    shut=("check_token", "body-chunk", "calls its hooks with (request, chunk, last)"),
    changes=("load_profile", "request.data", '{"user": "Ada"}'),
    told="hello Ada",
    without="hello nobody",
    held=("load_profile", "null", '"held"'),
    edited=('{"user": "Ada"}', "hello Ada"),
    traffic="requests",
    client="""
async with httpx.AsyncClient(trust_env=False) as client:
    answer = await client.get(f"{bench.url}/?user=ada", timeout=60)
print(answer.text)
""",
)

WALKED = {
    "crossws": CROSSWS,
    "hocuspocus": HOCUSPOCUS,
    "feathers": FEATHERS,
    "directus": DIRECTUS,
    "wookie": WOOKIE,
}
"""Benches by dialect."""
