"""A Hocuspocus bench as a file: settings, extensions with state, configurations, hooks attached apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.saving import asked, notebook
from workbench.testing.provider import Provider

NOTEBOOK = '''
from workbench import Workbench
from workbench.dialects.hocuspocus import reject
from workbench.dialects.hocuspocus.extensions import Database, Logger

bench = Workbench("hocuspocus", name="notes", database=None, debounce=0.1)

KEPT = {}
PEOPLE = {"ada": "owner", "eva": "guest"}


def fetch(data):
    return KEPT.get(data.document_name)


def store(data, content):
    KEPT[data.document_name] = content


class Roles:
    """Gives each token its role."""

    priority = 200
    extension_name = "roles"

    def __init__(self, roles):
        self.roles = roles
        self.asked = 0

    async def on_authenticate(self, *, token, connection_config):
        self.asked += 1
        if token not in self.roles:
            reject(reason=f"nobody is called {token}")
        connection_config.read_only = self.roles[token] == "guest"
        return {"role": self.roles[token]}

    def on_stateless(self, data):
        if data.payload == "asked":
            data.connection.send_stateless(f"asked {self.asked}")


bench.configure(extensions=[Roles(PEOPLE), Database(fetch=fetch, store=store)], timeout=5.0)


def first_line(data):
    if data.document.is_empty("text"):
        data.document.get_text("text").insert(0, f"This is {data.document_name}. ")


def answer(data):
    if data.request.path == "/kept":
        data.response.end(",".join(sorted(KEPT)))
        reject()


bench.configure(onLoadDocument=first_line, onRequest=answer)


@bench.hook("onStateless", priority=300)
def role(data):
    if data.payload == "role":
        data.connection.send_stateless(data.connection.context.role)


@bench.hook("on_stateless")
def never(data):
    data.connection.send_stateless("never")


bench.chain("onStateless").enable("never", False)
'''


def ask(port: int) -> dict[str, Any]:
    """Edit as the owner, read as a guest, be refused as a stranger."""
    url = f"ws://127.0.0.1:{port}/"
    with Provider(url, "plan", token="ada") as ada, Provider(url, "plan", token="eva") as eva:
        ada.insert(0, "Hear! ")
        ada.settle()
        eva.wait(lambda: "Hear" in eva.text)
        for payload in ("role", "asked"):
            ada.send_stateless(payload)
        ada.wait(lambda: len(ada.stateless) == 2)
        seen = (eva.text, eva.read_only, ada.read_only, sorted(ada.stateless))
    with Provider(url, "plan", token="zoe") as zoe:
        denied = (zoe.state, zoe.reason)
    with Provider(url, "plan", token="ada") as again:
        text = again.text
    kept = httpx.get(f"http://127.0.0.1:{port}/kept").text
    return {"seen": seen, "denied": denied, "again": text, "kept": kept}


def test_the_file_answers_what_the_bench_answers(tmp_path: Path) -> None:
    """By `workbench serve` and by uvicorn: roles, content, stores and messages of two clients."""
    bench, served, uvicorn = asked(notebook(tmp_path, NOTEBOOK), tmp_path, ask)
    assert bench == served == uvicorn
    assert bench["seen"] == ("Hear! This is plan. ", True, False, ["asked 2", "owner"])
    assert bench["denied"] == ("denied", "nobody is called zoe")
    assert bench["kept"] == "plan"


def test_the_file_reads_as_people_write(tmp_path: Path) -> None:
    """Each call of `configure` is one again, and an extension is one object."""
    text = notebook(tmp_path, NOTEBOOK).save(tmp_path / "app.py").read_text(encoding="utf-8")
    assert 'bench = Workbench("hocuspocus", name="notes", database=None, debounce=0.1, timeout=5.0)' in text
    assert "bench.configure(extensions=[Roles(PEOPLE), Database(fetch=fetch, store=store)])" in text
    assert "bench.configure(onLoadDocument=first_line, onRequest=answer)" in text
    assert 'bench.chain("onStateless").attach(role, priority=300)' in text
    assert "KEPT = {}" in text.splitlines()
