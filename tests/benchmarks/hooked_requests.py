"""Requests over real sockets: Wookie with a plain hook at each of its seven points, traced.

The peers are a bare uvicorn (httptools, asyncio) with an ASGI application of two sends and a bare tornado,
both without any hook; the answer is the same few bytes everywhere. Keep-alive connections, one request in
flight on each. The client is a process of its own that reads answers of a known length, and says so when it
was what limited the figure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import selectors
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.echo import BUSY, PATIENCE, free_port, told

CLIENTS = 32
SECONDS = 1.0
ROUNDS = 5
BODY = b"hello"
TYPE = "text/plain"
POINTS = (
    "connect",
    "parsed-headers",
    "body-chunk",
    "body-complete",
    "pre-route",
    "post-route",
    "response-started",
)
REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


# -- the client


def answer(link: socket.socket) -> bytes:
    """One answer, whole."""
    link.sendall(REQUEST)
    got = b""
    while not got.endswith(b"\r\n\r\n" + BODY):
        piece = link.recv(4096)
        if not piece:
            raise SystemExit(f"the connection ended after {got!r}")
        got += piece
    if not got.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"not the answer: {got!r}")
    return got


def load(port: int, seconds: float) -> tuple[float, float]:
    """Keep one request in flight on each connection.

    Returns
    -------
    float
        Answers a second.
    float
        The client's own share of a processor: near 1, it would be the client that was measured.
    """
    ready = selectors.DefaultSelector()
    links = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(CLIENTS)]
    missing = {}
    for link in links:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = len(answer(link))
        link.setblocking(False)
        ready.register(link, selectors.EVENT_READ)
        missing[link] = size
        link.send(REQUEST)
    done, begun, own = 0, time.perf_counter(), time.process_time()
    while missing:
        readable = ready.select(PATIENCE)
        if not readable:
            raise SystemExit(f"the server on port {port} went silent")
        for key, _ in readable:
            link = key.fileobj  # type: ignore[assignment]
            missing[link] -= len(link.recv(65536))
            if missing[link] == 0:
                done += 1
                if time.perf_counter() < begun + seconds:
                    missing[link] = size
                    link.send(REQUEST)
                else:  # nothing is in flight on it any more
                    del missing[link]
    spent = time.perf_counter() - begun
    for link in links:
        link.close()
    return done / spent, (time.process_time() - own) / spent


# -- the servers


def wookie(port: int) -> None:
    """Ours, until standard input ends."""
    from workbench import Workbench

    bench: Any = Workbench("wookie", name="requests")
    bench.route("GET", "/hello")(
        lambda _request, response: response.send_response(body=BODY, headers={"content-type": TYPE})
    )
    for point in POINTS:
        bench.add_hook(point, lambda *_: None)
    bench.start(port=port)
    print("listening", flush=True)
    sys.stdin.read()
    bench.stop()


def uvicorn(port: int) -> None:
    """A bare uvicorn."""
    import uvicorn

    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", TYPE.encode()), (b"content-length", b"%d" % len(BODY))],
    }

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": BODY})

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print("listening", flush=True)

    Server(
        uvicorn.Config(
            application, port=port, loop="asyncio", http="httptools", lifespan="off", log_level="critical"
        )
    ).run()


def tornado(port: int) -> None:
    """A bare tornado."""
    import tornado.web

    logging.disable(logging.CRITICAL)

    class Hello(tornado.web.RequestHandler):
        def get(self) -> None:
            self.set_header("Content-Type", TYPE)
            self.write(BODY)

    async def serve() -> None:
        tornado.web.Application([("/hello", Hello)]).listen(port, "127.0.0.1")
        print("listening", flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


SERVERS = {"wookie": wookie, "uvicorn": uvicorn, "tornado": tornado}


# -- the comparison


def measured(port: int, seconds: float) -> float:
    """Run the client in a process of its own."""
    command = [sys.executable, __file__, "--load", str(port), "--seconds", str(seconds)]
    rate, busy = json.loads(subprocess.check_output(command, text=True))
    if busy > BUSY:
        print(f"the client was busy {busy:.0%} of the time: the figure of {rate:,.0f}/s is too low")
    return float(rate)


def compare(seconds: float, rounds: int) -> dict[str, float]:
    """Measure all servers in turns; return the medians."""
    processes, ports = [], {}
    figures: dict[str, list[float]] = {name: [] for name in SERVERS}
    try:
        for name in SERVERS:
            ports[name] = port = free_port()
            process = subprocess.Popen(
                [sys.executable, __file__, "--serve", name, "--port", str(port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            processes.append(process)
            if (line := told(process.stdout)) != "listening":
                raise SystemExit(f"{name} said {line!r}")
        for turn in range(rounds + 1):
            for name, port in ports.items():
                rate = measured(port, seconds)
                if turn:  # the first one warms up
                    figures[name].append(rate)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return {name: statistics.median(values) for name, values in figures.items()}


def main(seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    """Print the rows of the table."""
    found = compare(seconds, rounds)
    ours = found["wookie"]
    for peer, budget in (("uvicorn", ">= 0.8x"), ("tornado", ">= 3x")):
        rate = found[peer]
        print(
            f"requests, seven plain hooks, traced | {ours:,.0f}/s | "
            f"bare {peer} {rate:,.0f}/s | {ours / rate:.2f}x | {budget}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=tuple(SERVERS))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--load", type=int, metavar="PORT")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if options.serve:
        SERVERS[options.serve](options.port)
    elif options.load:
        print(json.dumps(load(options.load, options.seconds)))
    else:
        main(options.seconds, options.rounds)
