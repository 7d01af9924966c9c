"""Echo over real sockets: 32 clients, five hooks on every message.

Ours runs the hooks in the bench's server thread, traced and not; the peer is crossws on Node with the same
five hooks and no trace. Three cases: hooks that only look, with a window of 16 messages in flight on each
connection and with one (then system calls are most of it), and hooks that write into the peer's context, so
that every event is a changed one.

One client process drives all servers, in turns, in one run; medians count. The client only counts bytes, so
that it is never what limits the figure, and says so when it was.
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
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
CLIENTS = 32
CASES = (("plain", 16), ("context", 16), ("plain", 1))
PAYLOAD = b"x" * 64
SECONDS = 1.0
ROUNDS = 5
BUSY = 0.9
PATIENCE = 10.0
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


def load(port: int, seconds: float, in_flight: int) -> tuple[float, float]:
    """Keep some messages in flight on each connection.

    Returns
    -------
    float
        Echoes a second.
    float
        The client's own share of a processor: near 1, it would be the client that was measured.
    """
    window, size = masked(PAYLOAD) * in_flight, len(plain(PAYLOAD)) * in_flight
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
        answers = ready.select(PATIENCE)
        if not answers:
            raise SystemExit(f"the server on port {port} went silent")
        for key, _ in answers:
            link = key.fileobj  # type: ignore[assignment]
            missing[link] -= len(link.recv(65536))
            if missing[link] == 0:
                done += in_flight
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


seen = 0


def count() -> None:
    """Count the messages."""
    global seen  # noqa: PLW0603 - what a hook in a notebook would do
    seen += 1


def command(_peer: Any, message: Any) -> None:
    """Look for a command."""
    message.text().startswith("/")


def words(_peer: Any, message: Any) -> None:
    """Look for a word."""
    message.text().find("darn")


def known(peer: Any) -> None:
    """Look who it is."""
    peer.id  # noqa: B018


def echo(peer: Any, message: Any) -> None:
    """Answer."""
    peer.send(message.text())


def note_seen(peer: Any) -> None:
    """Count this peer's messages."""
    peer.context["seen"] = peer.context.get("seen", 0) + 1


def note_size(peer: Any, message: Any) -> None:
    """Write down how long the message is."""
    peer.context["size"] = len(message.text())


def note_odd(peer: Any) -> None:
    """Write down whether the count is odd."""
    peer.context["odd"] = peer.context["seen"] % 2 == 1


def note_long(peer: Any) -> None:
    """Write down whether the message is long."""
    peer.context["long"] = peer.context["size"] > 1000


HOOKS: dict[str, tuple[Callable[..., Any], ...]] = {
    "plain": (count, command, words, known, echo),
    "context": (note_seen, note_size, note_odd, note_long, echo),
}


def serve(port: int, hooks: str) -> None:
    """Run the bench; "on", "off" and "stop" come on standard input, each is answered by a line."""
    from workbench import Workbench

    bench = Workbench("crossws", name="echo")
    for hook in HOOKS[hooks]:
        bench.chain("message").attach(hook)
    bench.start(port=port)
    print("listening", flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "stop":
            break
        (bench.trace.on if word == "on" else bench.trace.off)()
        print(word, flush=True)
    bench.stop()


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


def measured(port: int, seconds: float, window: int) -> float:
    """Run the client in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--load",
        str(port),
        "--seconds",
        str(seconds),
        "--window",
        str(window),
    ]
    rate, busy = json.loads(subprocess.check_output(command, text=True))
    if busy > BUSY:
        print(f"the client was busy {busy:.0%} of the time: the figure of {rate:,.0f}/s is too low")
    return float(rate)


def node() -> list[str]:
    """The peer's command; its packages are installed where they are not."""
    folder = HERE / "node"
    found = shutil.which("node")
    if found is None:
        raise SystemExit("echo is skipped: it needs Node for its peer, and there is none")
    if not (folder / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--prefix", str(folder)], check=True)
    return [found, str(folder / "echo.mjs")]


def compare(hooks: str, window: int, seconds: float, rounds: int) -> dict[str, float]:
    """Measure ours traced and untraced and the peer, in turns; return the medians."""
    our_port = free_port()
    ours = started([sys.executable, __file__, "--serve", str(our_port), "--hooks", hooks])
    node_port = free_port()
    theirs = started([*node(), str(node_port), hooks])
    figures: dict[str, list[float]] = {"traced": [], "node": [], "untraced": []}
    try:
        for turn in range(rounds + 1):
            say(ours, "on")
            found = [measured(our_port, seconds, window), measured(node_port, seconds, window)]
            say(ours, "off")
            found.append(measured(our_port, seconds, window))
            if turn:  # the first one warms up
                for name, value in zip(figures, found, strict=True):
                    figures[name].append(value)
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()
    return {name: statistics.median(values) for name, values in figures.items()}


def main(seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    """Print the rows of the table."""
    for hooks, window in CASES:
        found = compare(hooks, window, seconds, rounds)
        traced, untraced, peer = (found[name] for name in ("traced", "untraced", "node"))
        what = f"echo, five {'changing' if hooks == 'context' else 'looking'} hooks, {window} in flight"
        rival = f"crossws on Node {peer:,.0f}/s"
        print(f"{what}, traced | {traced:,.0f}/s | {rival} | {traced / peer:.2f}x | >= 1.3x")
        print(f"{what}, untraced | {untraced:,.0f}/s | {rival} | {untraced / peer:.2f}x | -")
        cost = f"{1 - traced / untraced:.0%}"
        print(f"{what}, cost of tracing | {traced:,.0f}/s | untraced {untraced:,.0f}/s | {cost} | <= 25 %")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, metavar="PORT")
    parser.add_argument("--load", type=int, metavar="PORT")
    parser.add_argument("--hooks", choices=tuple(HOOKS), default="plain")
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.hooks)
    elif options.load:
        print(json.dumps(load(options.load, options.seconds, options.window)))
    else:
        main(options.seconds, options.rounds)
