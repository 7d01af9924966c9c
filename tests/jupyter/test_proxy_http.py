"""HTTP through the proxy: nothing added, nothing lost, bounded memory, and a sentence where it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from tests.jupyter.conftest import KERNEL, Address, FakeKernels
from tests.jupyter.standin import StandIn


async def ask(jp_fetch: Any, bench: str, path: str, **options: Any) -> HTTPResponse:
    """Ask through the proxy; error statuses are answers too, redirects are not followed."""
    usual = {"raise_error": False, "follow_redirects": False, "allow_nonstandard_methods": True}
    answer: HTTPResponse = await jp_fetch("workbench", "servers", bench, path, **{**usual, **options})
    return answer


def request_of(jupyter: Address, bench: str, path: str, *, method: str = "GET", extra: str = "") -> bytes:
    """Write a request by hand, where a client library would tidy it."""
    head = f"{method} {jupyter.path(bench, path)} HTTP/1.1\r\nHost: localhost\r\n"
    return f"{head}Authorization: token {jupyter.token}\r\nConnection: close\r\n{extra}\r\n".encode()


def words(answer: HTTPResponse) -> tuple[str, str]:
    """Return reason and sentence of an error's body."""
    body = json.loads(answer.body)
    assert set(body) == {"status", "reason", "message"}
    assert body["status"] == answer.code
    return body["reason"], body["message"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_arrives_with_its_body(jp_fetch: Any, bench: str, method: str) -> None:
    """Method, path, query and the length of the body are what the client sent."""
    answer = await ask(jp_fetch, bench, "some/path", method=method, body=b"12345", params={"q": "a b"})
    assert json.loads(answer.body) == {"method": method, "uri": "/some/path?q=a+b", "length": 5}


async def test_head_keeps_the_length_and_has_no_body(jp_fetch: Any, bench: str) -> None:
    """HEAD answers like GET without a body."""
    answer = await ask(jp_fetch, bench, "x", method="HEAD")
    assert (answer.code, answer.headers["Content-Length"], answer.body) == (200, "1234", b"")


async def test_the_raw_path_reaches_the_hook_as_it_was_escaped(jupyter: Address, bench: str) -> None:
    """Escapes are neither added nor resolved on the way."""
    answer = await jupyter.raw(request_of(jupyter, bench, "/a%2Fb%20c//d/../%E2%82%AC?x=%31"))
    assert b'"uri": "/a%2Fb%20c//d/../%E2%82%AC?x=%31"' in answer


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_chunked_upload_arrives_whole(jupyter: Address, bench: str, method: str) -> None:
    """A body of unknown length streams through, also for methods that seldom have one."""
    request = request_of(jupyter, bench, "/x", method=method, extra="Transfer-Encoding: chunked\r\n")
    answer = await jupyter.raw(request + (b"3e8\r\n" + b"x" * 1000 + b"\r\n") * 5 + b"0\r\n\r\n")
    assert b'"length": 5000' in answer


async def test_a_large_upload_and_a_large_download_pass(jp_fetch: Any, bench: str) -> None:
    """Beyond Jupyter's own body limit of the download client, and without a limit of the proxy's."""
    megabytes = 24

    async def produce(write: Callable[[bytes], Any]) -> None:
        for _ in range(megabytes):
            await write(b"x" * 2**20)

    answer = await ask(jp_fetch, bench, "upload", method="POST", body_producer=produce)
    assert json.loads(answer.body)["length"] == megabytes * 2**20
    pieces: list[int] = []
    size = str(megabytes * 2**20)
    answer = await ask(
        jp_fetch,
        bench,
        "big",
        params={"size": size},
        streaming_callback=lambda piece: pieces.append(len(piece)),
    )
    assert sum(pieces) == megabytes * 2**20
    assert max(pieces) <= 2**20


async def test_an_answer_streams_while_it_is_made(jupyter: Address, bench: str, hook_server: StandIn) -> None:
    """The first line is in the browser before the hook has made the last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", jupyter.port)
    writer.write(request_of(jupyter, bench, "/stream"))
    assert b"first\n" in await asyncio.wait_for(reader.readuntil(b"first\n"), 20)
    hook_server.gate.set()
    assert b"last\n" in await asyncio.wait_for(reader.readuntil(b"last\n"), 20)
    writer.close()


async def test_redirects_are_passed_on_and_stay_inside_the_bench(
    jp_fetch: Any, jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """The proxy follows none; a path gets the prefix, another site is left as it is."""
    answer = await ask(jp_fetch, bench, "redirect")
    assert answer.code == 302
    assert answer.headers["Location"] == jupyter.path(bench, "/elsewhere?x=1")
    answer = await ask(jp_fetch, bench, "redirect-out")
    assert (answer.code, answer.headers["Location"]) == (307, "https://example.org/away")
    assert len(hook_server.requests) == 2


async def test_without_the_last_slash_one_is_sent_there(jp_fetch: Any, jupyter: Address, bench: str) -> None:
    """Relative links of a bench's pages need it."""
    answer = await jp_fetch("workbench", "servers", bench, raise_error=False, follow_redirects=False)
    assert answer.code == 302
    assert answer.headers["Location"].partition("?")[0] == jupyter.path(bench, "/")


async def test_an_answers_headers_pass_but_for_those_that_would_act_on_jupyter(
    jp_fetch: Any, bench: str
) -> None:
    """Repeated headers stay repeated; cookies, site data and service workers of a hook do not pass."""
    answer = await ask(jp_fetch, bench, "cookies")
    assert answer.headers.get_list("X-Twice") == ["one", "two"]
    assert not {"Clear-Site-Data", "Service-Worker-Allowed"} & set(answer.headers)
    assert not any(line.startswith("session=") for line in answer.headers.get_list("Set-Cookie"))
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


async def test_status_and_reason_phrase_are_the_hooks(jp_fetch: Any, bench: str) -> None:
    """Also where they are unusual."""
    answer = await ask(jp_fetch, bench, "teapot")
    assert (answer.code, answer.reason, answer.body) == (418, "Short and stout", b"teapot")


async def test_an_answer_is_not_compressed_on_the_way(jp_fetch: Any, bench: str) -> None:
    """Jupyter compresses its own answers; a hook's bytes are the hook's."""
    answer = await ask(jp_fetch, bench, "x", headers={"Accept-Encoding": "gzip"}, decompress_response=False)
    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.body)["method"] == "GET"


async def test_an_early_answer_reaches_a_client_that_is_still_sending(jp_fetch: Any, bench: str) -> None:
    """A hook may say 413 before it has read the body."""
    answer = await ask(jp_fetch, bench, "early", method="POST", body=b"x" * 2**21)
    assert (answer.code, answer.body) == (413, b"too much")


async def test_a_broken_off_answer_is_broken_off_for_the_browser_too(jupyter: Address, bench: str) -> None:
    """Half an answer must not look like a whole one."""
    answer = await jupyter.raw(request_of(jupyter, bench, "/cut"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n")


async def test_a_browser_that_leaves_is_seen_to_leave(
    jupyter: Address, bench: str, hook_server: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing the browser's connection closes the hook server's, without an error in the log."""
    reader, writer = await asyncio.open_connection("127.0.0.1", jupyter.port)
    writer.write(request_of(jupyter, bench, "/stream"))
    await asyncio.wait_for(reader.readuntil(b"first\n"), 20)
    writer.close()
    await writer.wait_closed()
    assert await asyncio.to_thread(hook_server.left.wait, 20)
    hook_server.gate.set()
    assert [entry for entry in caplog.records if entry.levelname == "ERROR"] == []


async def test_a_server_that_is_gone_gives_502(
    jp_fetch: Any, announce: Callable[..., str], kernels: FakeKernels, closed_port: int
) -> None:
    """One sentence says so and what to do."""
    del kernels
    bench = announce(port=closed_port)
    answer = await ask(jp_fetch, bench, "x")
    assert answer.code == 502
    said = f"'chat' does not answer on port {closed_port}; start it again."
    assert words(answer) == ("unreachable", said)


async def test_a_server_that_says_nothing_gives_504(
    jp_fetch: Any, jp_serverapp: Any, bench: str, hook_server: StandIn
) -> None:
    """The limit is the administrator's."""
    jp_serverapp.web_app.settings["workbench_settings"].answer_seconds = 0.1
    answer = await ask(jp_fetch, bench, "never")
    hook_server.gate.set()
    assert answer.code == 504
    assert words(answer)[0] == "silent"


@pytest.mark.parametrize(
    "server_id",
    [f"{KERNEL}.other", "99999999-2222-3333-4444-555555555555.chat", "x.y", "..%2f..%2fetc.passwd"],
)
async def test_an_unknown_bench_gives_404(jupyter: Address, bench: str, server_id: str) -> None:
    """Unknown names, foreign kernels and attempts to leave the directory alike."""
    del bench
    answer = await jupyter.raw(request_of(jupyter, server_id, "/x"))
    assert answer.startswith(b"HTTP/1.1 404 ")


async def test_a_kernel_that_died_gives_404(jp_fetch: Any, bench: str, kernels: FakeKernels) -> None:
    """The file may still lie there; the kernel is what counts."""
    kernels.alive.clear()
    answer = await ask(jp_fetch, bench, "x")
    assert answer.code == 404
    assert words(answer)[0] == "not_found"


async def test_only_the_benchs_own_paths_get_its_token(
    jp_fetch: Any, bench: str, hook_server: StandIn
) -> None:
    """The Bearer token of the command channel is added below /_workbench/ and nowhere else."""
    answer = await ask(jp_fetch, bench, "_workbench/status")
    assert json.loads(answer.body)["clients"] == 3
    await ask(jp_fetch, bench, "x/_workbench/status")
    await ask(jp_fetch, bench, "_workbenchy")
    tokens = [headers.get("Authorization") for _, _, headers in hook_server.requests]
    assert tokens == [f"Bearer {hook_server.token}", None, None]


async def test_proxied_traffic_counts_as_activity_and_a_list_does_not(
    jp_fetch: Any, jp_serverapp: Any, bench: str
) -> None:
    """The idle culler must neither kill a used server nor be kept from an abandoned one by a panel."""
    settings = jp_serverapp.web_app.settings
    before = settings.get("api_last_activity")
    await jp_fetch("workbench", "api", "servers")
    await jp_fetch("workbench", "api", "version")
    assert settings.get("api_last_activity") == before
    await ask(jp_fetch, bench, "x")
    assert settings.get("api_last_activity") != before
