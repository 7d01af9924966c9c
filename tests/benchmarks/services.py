"""Feathers beside Feathers on Node: `find` over REST with four hooks, and a ten-hook call in process.

REST: 32 connections, one request at a time on each, against the bench's server (traced, and not) and against
koa, in turns, in one run; medians count. Ten records, as on a page, and a thousand, which a trace could take
far longer to copy than a server takes to send. In process: the same ten hooks, which do nothing, awaited one
call after the other on the loop of the caller.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
CLIENTS = 32
SECONDS = 1.0
ROUNDS = 5
BUSY = 0.9
PATIENCE = 10.0
PORT_RANGE = range(21_003, 29_000, 7)
REQUEST = "GET /{}?$limit=10 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n"
RECORDS = [{"id": number, "text": f"message {number}", "read": number % 2 == 0} for number in range(1_000)]
SERVICES = {"messages": RECORDS[:10], "archive": RECORDS}
Next = Callable[[], Awaitable[Any]]


# -- the client


def connect(port: int, path: str) -> tuple[socket.socket, int]:
    """Open a connection, and learn from a first request how long an answer is."""
    link = socket.create_connection(("127.0.0.1", port), timeout=10)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(REQUEST.format(path).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += link.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:])
    length = int(fields["content-length"])
    while len(body) < length:
        body += link.recv(65536)
    if not head.startswith(b"HTTP/1.1 200") or json.loads(body) != SERVICES[path]:
        raise SystemExit(f"not what find gives: {answer[:300]!r}")
    return link, len(head) + 4 + length


def load(port: int, path: str, seconds: float) -> tuple[float, float]:
    """Keep one request in flight on each connection.

    Returns
    -------
    float
        Answers a second.
    float
        The client's own share of a processor: near 1, it would be the client that was measured.
    """
    ready = selectors.DefaultSelector()
    links = [connect(port, path) for _ in range(CLIENTS)]
    request = REQUEST.format(path).encode()
    missing = dict(links)
    sizes = dict(links)
    for opened in sizes:
        opened.setblocking(False)
        ready.register(opened, selectors.EVENT_READ)
        opened.send(request)
    done, begun, own = 0, time.perf_counter(), time.process_time()
    while missing:
        answers = ready.select(PATIENCE)
        if not answers:
            raise SystemExit(f"the server on port {port} went silent")
        for key, _ in answers:
            link = key.fileobj
            assert isinstance(link, socket.socket)
            missing[link] -= len(link.recv(65536))
            if missing[link] == 0:
                done += 1
                if time.perf_counter() < begun + seconds:
                    missing[link] = sizes[link]
                    link.send(request)
                else:
                    del missing[link]
    spent = time.perf_counter() - begun
    for opened in sizes:
        opened.close()
    return done / spent, (time.process_time() - own) / spent


# -- our side


class Messages:
    """The service of both sides."""

    def __init__(self, path: str) -> None:
        self._records = SERVICES[path]

    async def find(self) -> list[dict[str, Any]]:
        """Give the records."""
        return self._records


async def around(context: Any, following: Next) -> None:
    """Note when it began."""
    context.params["started"] = 1
    await following()


async def check(context: Any) -> None:
    """Look at the query."""
    context.params["checked"] = "$limit" in context.params["query"]


async def look(context: Any) -> None:
    """Count the records."""
    context.params["seen"] = len(context.result)


async def stamp(context: Any) -> None:
    """Leave a mark."""
    context.params["stamped"] = True


async def outer(_context: Any, following: Next) -> None:
    """Do nothing around the rest."""
    await following()


async def step(_context: Any) -> None:
    """Do nothing."""


def serve(port: int) -> None:
    """Run the bench; "on", "off" and "stop" come on standard input, each is answered by a line."""
    from workbench import Workbench

    bench = Workbench("feathers", name="services")
    for path in SERVICES:
        bench.use(path, Messages(path))
        bench.service(path).hooks(
            {
                "around": {"all": [around]},
                "before": {"find": [check]},
                "after": {"all": [look], "find": [stamp]},
            }
        )
    bench.start(port=port)
    print("listening", flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "stop":
            break
        (bench.trace.on if word == "on" else bench.trace.off)()
        print(word, flush=True)
    bench.stop()


async def calls(seconds: float, *, traced: bool) -> float:
    """Count ten-hook calls a second on this loop."""
    from workbench import Workbench

    bench = Workbench("feathers", name="calls")
    bench.use("messages", Messages("messages"))
    service = bench.service("messages")
    service.hooks(
        {"around": {"all": [outer] * 2}, "before": {"all": [step] * 4}, "after": {"all": [step] * 4}}
    )
    if not traced:
        bench.trace.off()
    for _ in range(2_000):
        await service.find({"query": {}})
    done, begun = 0, time.perf_counter()
    while time.perf_counter() < begun + seconds:
        for _ in range(100):
            await service.find({"query": {}})
        done += 100
    return done / (time.perf_counter() - begun)


# -- the comparison


def free_port() -> int:
    """A port below those that the client's own connections are given."""
    for port in PORT_RANGE:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit("no free port")


def started(arguments: list[str]) -> subprocess.Popen[str]:
    """Start a server and wait until it listens."""
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = told(process.stdout)
    if line != "listening":
        raise SystemExit(f"{arguments[0]} said {line!r}")
    return process


def told(stream: IO[str] | None) -> str:
    """Read one line."""
    return stream.readline().strip() if stream is not None else ""


def say(process: subprocess.Popen[str], word: str) -> None:
    """Give our server a command and wait for its answer."""
    if process.stdin is None:
        raise SystemExit("no standard input")
    process.stdin.write(word + "\n")
    process.stdin.flush()
    told(process.stdout)


def measured(port: int, path: str, seconds: float) -> float:
    """Run the client in a process of its own."""
    command = [sys.executable, __file__, "--load", str(port), "--path", path, "--seconds", str(seconds)]
    rate, busy = json.loads(subprocess.check_output(command, text=True))
    if busy > BUSY:
        print(f"the client was busy {busy:.0%} of the time: the figure of {rate:,.0f}/s is too low")
    return float(rate)


def node() -> list[str]:
    """The peer's command; its packages are installed where they are not."""
    folder = HERE / "node"
    found = shutil.which("node")
    if found is None:
        raise SystemExit("services is skipped: it needs Node for its peer, and there is none")
    if not (folder / "node_modules" / "@feathersjs").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--prefix", str(folder)], check=True)
    return [found, str(folder / "feathers.mjs")]


def over_rest(path: str, seconds: float, rounds: int) -> dict[str, float]:
    """Measure ours traced and untraced and the peer, in turns; return the medians."""
    our_port = free_port()
    ours = started([sys.executable, __file__, "--serve", str(our_port)])
    node_port = free_port()
    theirs = started([*node(), str(node_port)])
    figures: dict[str, list[float]] = {"traced": [], "node": [], "untraced": []}
    try:
        for turn in range(rounds + 1):
            say(ours, "on")
            found = [measured(our_port, path, seconds), measured(node_port, path, seconds)]
            say(ours, "off")
            found.append(measured(our_port, path, seconds))
            if turn:  # the first one warms up
                for name, value in zip(figures, found, strict=True):
                    figures[name].append(value)
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()
    return {name: statistics.median(values) for name, values in figures.items()}


def in_process(seconds: float, rounds: int) -> dict[str, float]:
    """Time ten-hook calls of both, in turns; return the medians."""
    figures: dict[str, list[float]] = {"traced": [], "node": [], "untraced": []}
    for _ in range(rounds):
        for name in ("traced", "untraced"):
            command = [sys.executable, __file__, "--calls", name, "--seconds", str(seconds)]
            figures[name].append(float(subprocess.check_output(command, text=True)))
        figures["node"].append(float(subprocess.check_output([*node(), "calls", str(seconds)], text=True)))
    return {name: statistics.median(values) for name, values in figures.items()}


def main(seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    """Print the rows of the table."""
    for path, records in SERVICES.items():
        found = over_rest(path, seconds, rounds)
        peer = found["node"]
        for name in ("traced", "untraced"):
            what = f"find of {len(records):,} records over REST, four hooks, {name}"
            budget = ">= 1x" if (path, name) == ("messages", "traced") else "-"
            rival = f"Feathers on koa {peer:,.0f}/s | {found[name] / peer:.2f}x"
            print(f"{what} | {found[name]:,.0f}/s | {rival} | {budget}")
    found = in_process(seconds, rounds)
    peer = found["node"]
    for name in ("traced", "untraced"):
        ratio = f"{found[name] / peer:.2f}x"
        rival = f"Feathers on Node {peer:,.0f}/s"
        print(f"call with ten hooks, {name} | {found[name]:,.0f}/s | {rival} | {ratio} | -")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, metavar="PORT")
    parser.add_argument("--load", type=int, metavar="PORT")
    parser.add_argument("--path", choices=SERVICES, default="messages")
    parser.add_argument("--calls", choices=("traced", "untraced"))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    elif options.load:
        print(json.dumps(load(options.load, options.path, options.seconds)))
    elif options.calls:
        print(asyncio.run(calls(options.seconds, traced=options.calls == "traced")))
    else:
        main(options.seconds, options.rounds)
