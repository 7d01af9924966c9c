"""Echo over real sockets: 32 clients, five hooks on every message.

Ours runs the hooks in the bench's server thread, once traced and once not; the peer is crossws on Node with
the same five hooks and no trace. One client process drives all of them, in turns, in one run; medians count.
The client only counts bytes (it keeps a window of messages in flight on each connection), so that it is never
what limits the figure.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import selectors
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
CLIENTS = 32
WINDOW = 16
PAYLOAD = b"x" * 64
SECONDS = 1.5
ROUNDS = 5
BUSY = 0.9
PORT_RANGE = range(21_000, 29_000, 7)
REQUEST = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)


# -- the client


def masked(payload: bytes) -> bytes:
    """One text frame as clients send it; a mask of zeros is as good as any here."""
    return struct.pack("!BB", 0x81, 0x80 | len(payload)) + bytes(4) + payload


def plain(payload: bytes) -> bytes:
    """The same frame as servers send it."""
    return struct.pack("!BB", 0x81, len(payload)) + payload


def connect(port: int) -> socket.socket:
    """Open a WebSocket connection by hand."""
    link = socket.create_connection(("127.0.0.1", port), timeout=10)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    link.sendall(REQUEST.format(port=port, key=key).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += link.recv(4096)
    if not head.startswith(b"HTTP/1.1 101"):
        raise SystemExit(f"no upgrade: {head[:200]!r}")
    return link


def check(link: socket.socket) -> None:
    """One message comes back as it was."""
    link.sendall(masked(b"is it an echo?"))
    expected = plain(b"is it an echo?")
    got = b""
    while len(got) < len(expected):
        got += link.recv(4096)
    if got != expected:
        raise SystemExit(f"not an echo: {got!r}")


def load(port: int, seconds: float) -> tuple[float, float]:
    """Keep a window of messages in flight on each connection.

    Returns
    -------
    float
        Echoes a second.
    float
        The client's own share of a processor: near 1, it would be the client that was measured.
    """
    window, size = masked(PAYLOAD) * WINDOW, len(plain(PAYLOAD)) * WINDOW
    ready = selectors.DefaultSelector()
    links = [connect(port) for _ in range(CLIENTS)]
    missing = {}
    for link in links:
        check(link)
        link.setblocking(False)
        ready.register(link, selectors.EVENT_READ)
        missing[link] = size
        link.send(window)
    done, begun, own = 0, time.perf_counter(), time.process_time()
    while missing:
        for key, _ in ready.select(1):
            link = key.fileobj  # type: ignore[assignment]
            missing[link] -= len(link.recv(65536))
            if missing[link] == 0:
                done += WINDOW
                if time.perf_counter() < begun + seconds:
                    missing[link] = size
                    link.send(window)
                else:  # nothing is in flight on it any more
                    del missing[link]
    spent = time.perf_counter() - begun
    for link in links:
        link.close()
    return done / spent, (time.process_time() - own) / spent


# -- our server


def serve(port: int) -> None:
    """Run the bench; "on", "off" and "stop" come on standard input, each is answered by a line."""
    from workbench import Workbench

    bench = Workbench("crossws", name="echo")

    @bench.hook("message")
    def count(peer: Any) -> None:
        peer.context["seen"] = peer.context.get("seen", 0) + 1

    @bench.hook("message")
    def measure(peer: Any, message: Any) -> None:
        peer.context["size"] = len(message.text())

    @bench.hook("message")
    def odd(peer: Any) -> None:
        peer.context["odd"] = peer.context["seen"] % 2 == 1

    @bench.hook("message")
    def long(peer: Any) -> None:
        peer.context["long"] = peer.context["size"] > 1000

    @bench.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    bench.start(port=port)
    print("listening", flush=True)
    for line in sys.stdin:
        command = line.strip()
        if command == "stop":
            break
        (bench.trace.on if command == "on" else bench.trace.off)()
        print(command, bench.trace.kept, flush=True)
    bench.stop()


# -- the comparison


def free_port() -> int:
    """A port below those that the client's own connections are given."""
    for port in PORT_RANGE:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit("no free port")


def started(command: list[str]) -> subprocess.Popen[str]:
    """Start a server and wait until it listens."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = told(process.stdout)
    if line != "listening":
        raise SystemExit(f"{command[0]} said {line!r}")
    return process


def told(stream: IO[str] | None) -> str:
    """Read one line."""
    return stream.readline().strip() if stream is not None else ""


def say(process: subprocess.Popen[str], command: str) -> None:
    """Give our server a command and wait for its answer."""
    if process.stdin is None:
        raise SystemExit("no standard input")
    process.stdin.write(command + "\n")
    process.stdin.flush()
    told(process.stdout)


def measured(port: int, seconds: float) -> float:
    """Run the client in a process of its own."""
    command = [sys.executable, __file__, "--load", str(port), "--seconds", str(seconds)]
    rate, busy = json.loads(subprocess.check_output(command, text=True))
    if busy > BUSY:
        print(f"the client was busy {busy:.0%} of the time: the figure for port {port} is too low")
    return float(rate)


def node() -> list[str]:
    """The peer's command; its packages are installed where they are not."""
    folder = HERE / "node"
    if not (folder / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--prefix", str(folder)], check=True)
    return [shutil.which("node") or "node", str(folder / "echo.mjs")]


def compare(seconds: float, rounds: int) -> dict[str, float]:
    """Measure all three in turns; return the medians."""
    our_port = free_port()
    ours = started([sys.executable, __file__, "--serve", str(our_port)])
    node_port = free_port()
    theirs = started([*node(), str(node_port)])
    figures: dict[str, list[float]] = {"traced": [], "untraced": [], "node": []}
    try:
        for turn in range(rounds + 1):
            say(ours, "on")
            traced = measured(our_port, seconds)
            peer = measured(node_port, seconds)
            say(ours, "off")
            untraced = measured(our_port, seconds)
            if turn:  # the first one warms up
                for name, value in zip(figures, (traced, untraced, peer), strict=True):
                    figures[name].append(value)
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()
    return {name: statistics.median(values) for name, values in figures.items()}


def main(seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    """Print the rows of the table."""
    found = compare(seconds, rounds)
    traced, untraced, peer = (found[name] for name in ("traced", "untraced", "node"))
    cost = 1 - traced / untraced
    print(
        f"echo, five hooks traced, 32 clients | {traced:,.0f}/s | crossws on Node {peer:,.0f}/s | "
        f"{traced / peer:.2f}x | >= 1.3x"
    )
    print(
        f"echo, five hooks untraced, 32 clients | {untraced:,.0f}/s | crossws on Node {peer:,.0f}/s | "
        f"{untraced / peer:.2f}x | -"
    )
    print(
        f"cost of tracing on that echo | {traced:,.0f}/s | untraced {untraced:,.0f}/s | {cost:.0%} | <= 25 %"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, metavar="PORT")
    parser.add_argument("--load", type=int, metavar="PORT")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    elif options.load:
        print(json.dumps(load(options.load, options.seconds)))
    else:
        main(options.seconds, options.rounds)
