"""A Wookie bench as a file: routes of all kinds, named and nameless hooks, misspelt points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.saving import asked, notebook

NOTEBOOK = """
import re
from workbench import Workbench
from workbench.dialects.wookie import next_route, request_data, send_response, with_chunking

bench = Workbench("wookie", name="web", profile="head", max_body_size=100, hosts="*")

VERSION = re.compile("v([0-9]+)", re.IGNORECASE)
visits = {}


def by(name):
    def sign(response):
        response.headers["X-By"] = response.headers.get("X-By", "") + name

    return sign


bench.add_hook("response-started", by("a"))
bench.add_hook("response-started", by("b"), "signed")
bench.add_hook("pre-rout", by("never"), "misspelt")


@bench.hook("pre-route")
async def known(request, response):
    request_data(request, request.query.get("user", "nobody"))


@bench.hook("pre-route")
def count(request, response):
    visits[request.path] = visits.get(request.path, 0) + 1


@bench.hook("pre-route")
def lock(request, response):
    send_response(response, status=423, body="locked")


bench.chain("pre-route").enable("lock", False)
bench.chain("pre-route").move("count", before="known")


@bench.route("GET", "/hello")
def hello(request, response):
    send_response(response, body=f"hello {request_data(request)} {visits[request.path]}")


@bench.route(("PUT", "DELETE"), "/items/([0-9]+)")
def item(request, response, number):
    send_response(response, body=f"{request.method} {number}")


bench.route("GET", "/literal.(x)", regex=False, case_sensitive=False)(
    lambda request, response: send_response(response, body="literal")
)


@bench.route("GET", "/v.*", priority=5)
def version(request, response):
    found = VERSION.search(request.path)
    if found is None:
        next_route()
    send_response(response, body=found.group(1))


@bench.route("GET", "/v.*", replace=False)
def other(request, response):
    send_response(response, body="no version")


@bench.route("POST", "/lines", chunk=True)
def lines(request, response):
    pieces = []

    def take(chunk, last):
        pieces.append(chunk)
        if last:
            send_response(response, body=str(b"".join(pieces).count(b"\\n")))

    with_chunking(request, take)


with bench.with_vhost("one.test"):
    bench.route("GET", "/host")(lambda request, response: send_response(response, body="one"))
"""


def ask(port: int) -> dict[str, Any]:
    """Ask for all routes."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        asked = {
            "hello": client.get("/hello"),
            "again": client.get("/hello?user=ada"),
            "put": client.put("/items/7"),
            "delete": client.delete("/items/8"),
            "letters": client.delete("/items/x"),
            "literal": client.get("/LITERAL.(X)"),
            "version": client.get("/V12"),
            "none": client.get("/vague"),
            "lines": client.post("/lines", content=b"a\nb\nc\n"),
            "host": client.get("/host", headers={"host": "one.test"}),
            "elsewhere": client.get("/host"),
            "large": client.put("/items/7", content=b"x" * 101),
        }
        return {name: (one.status_code, one.text, one.headers.get("x-by")) for name, one in asked.items()}


@pytest.mark.filterwarnings("ignore:Wookie has no hook point")
def test_the_file_answers_what_the_bench_answers(tmp_path: Path) -> None:
    """By `workbench serve` and by uvicorn: routes in the order of their table, hooks in that of theirs."""
    bench, served, uvicorn = asked(notebook(tmp_path, NOTEBOOK), tmp_path, ask)
    assert bench == served == uvicorn
    assert bench["again"] == (200, "hello ada 2", "ab")
    assert bench["none"][1] == "no version"
    assert bench["elsewhere"][0] == 404
    assert bench["large"][0] == 413


@pytest.mark.filterwarnings("ignore:Wookie has no hook point")
def test_the_file_reads_as_people_write(tmp_path: Path) -> None:
    """Options of a route only where they are not the usual ones; `add_hook` where a hook has no name."""
    lines = notebook(tmp_path, NOTEBOOK).save(tmp_path / "app.py").read_text(encoding="utf-8").splitlines()
    for line in (
        'bench = Workbench("wookie", name="web", profile="head", max_body_size=100, hosts="*")',
        'VERSION = re.compile("v([0-9]+)", re.IGNORECASE)',
        'bench.add_hook("response-started", by("a"))',
        'bench.chain("response-started").attach(by("b"), name="signed")',
        'bench.add_hook("pre-rout", by("never"), "misspelt")',
        'bench.chain("pre-route").enable("lock", False)',
        'bench.route("GET", "/hello")(hello)',
        'bench.route(["DELETE", "PUT"], "/items/([0-9]+)")(item)',
        'bench.route("GET", "/v.*", priority=5)(version)',
        'bench.route("POST", "/lines", chunk=True)(lines)',
    ):
        assert line in lines
