"""Documents: updates a second, and memory per document, beside Hocuspocus on Node.

Eight clients write one document, each with a window of updates in flight; an update counts when its
acknowledgement is there. Every update goes to all eight, so the broadcasts are paid too. Then many documents
are opened and filled, and the growth of each server's resident memory is divided by their number. Both
servers run one plain onChange hook; ours is traced.
"""

from __future__ import annotations

import argparse
import gc
import json
import selectors
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pycrdt import Doc, Text

from tests.benchmarks.echo import connect, free_port, started, told
from workbench.dialects.hocuspocus import wire
from workbench.dialects.hocuspocus.wire import Frames

HERE = Path(__file__).resolve().parent
CLIENTS = 8
WINDOW = 16
DOCUMENTS = 400
LETTERS = 2_000
SECONDS = 2.0
ROUNDS = 3
APPLIED = b"\x08\x01"


# -- the client


def masked(payload: bytes) -> bytes:
    """One binary frame as clients send it; a mask of zeros is as good as any here."""
    size = len(payload)
    head = bytes((0x82, 0x80 | size)) if size < 126 else struct.pack("!BBH", 0x82, 0x80 | 126, size)
    return head + bytes(4) + payload


def edits(client: int, count: int) -> list[bytes]:
    """Make the updates of somebody who types."""
    document: Doc[Text] = Doc(client_id=client)
    made: list[bytes] = []
    document.observe(lambda event: made.append(event.update))
    text = document.get("text", type=Text)
    for number in range(count):
        text.insert(number, "x")
    return made


class Writer:
    """A client that keeps updates in flight and counts acknowledgements."""

    def __init__(self, port: int, name: str, number: int, updates: list[bytes]) -> None:
        frames = Frames(name)
        self.socket: socket.socket = connect(port)
        self.frames = [masked(frames.sync(wire.UPDATE, update)) for update in updates]
        self.acknowledged = self.sent = 0
        self._rest = b""
        self._applied = wire.text(name) + APPLIED
        self.socket.sendall(masked(frames.token(f"client-{number}")))
        self.socket.sendall(masked(frames.sync(wire.STEP_1, b"\0")))
        heard = 0
        while heard < 3:  # authenticated, step 1, step 2
            heard += self.take(self.socket.recv(65536))
        self.acknowledged = 0

    def send(self, count: int) -> None:
        """Send the next updates."""
        self.socket.sendall(b"".join(self.frames[self.sent : self.sent + count]))
        self.sent += count

    def take(self, data: bytes) -> int:
        """Count the frames in what came, and the acknowledgements among them."""
        if not data:
            raise SystemExit("the server ended the connection")
        data = self._rest + data
        position = count = 0
        while position + 2 <= len(data):
            size, head = data[position + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[position + 2 : position + 4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(data[position + 2 : position + 10], "big"), 10
            end = position + head + size
            if end > len(data):
                break
            if size == len(self._applied) and data[position + head : end] == self._applied:
                self.acknowledged += 1
            position = end
            count += 1
        self._rest = data[position:]
        return count


def load(port: int, seconds: float) -> float:
    """Write one document for a while; acknowledged updates a second."""
    name, most = f"load-{time.monotonic_ns()}", 40_000
    updates = [edits(1000 + number, most) for number in range(CLIENTS)]
    writers = [Writer(port, name, number, mine) for number, mine in enumerate(updates)]
    ready = selectors.DefaultSelector()
    for writer in writers:
        writer.socket.setblocking(True)
        ready.register(writer.socket, selectors.EVENT_READ, writer)
        writer.send(WINDOW)
    begun = time.perf_counter()
    while time.perf_counter() < begun + seconds:
        for key, _ in ready.select(5):
            writer = key.data
            before = writer.acknowledged
            writer.take(writer.socket.recv(262144))
            if free := writer.acknowledged - before:
                writer.send(free)
    spent = time.perf_counter() - begun
    done = sum(writer.acknowledged for writer in writers)
    for writer in writers:
        writer.socket.close()
    return done / spent


def fill(port: int) -> list[Writer]:
    """Open many documents, each with a text; they stay while the clients do."""
    document: Doc[Text] = Doc(client_id=7)
    document.get("text", type=Text).insert(0, "lorem ipsum " * (LETTERS // 12))
    whole = document.get_update()
    writers = []
    for number in range(DOCUMENTS):
        writer = Writer(port, f"document-{number}", number, [whole])
        writer.send(1)
        while not writer.acknowledged:
            writer.take(writer.socket.recv(65536))
        writers.append(writer)
    return writers


# -- our server


changes = 0


def count_changes() -> None:
    """Count, as the peer does."""
    global changes  # noqa: PLW0603 - what a hook in a notebook would do
    changes += 1


def serve(port: int) -> None:
    """Run the bench; each line on standard input but "stop" is answered by the bytes it occupies."""
    import psutil

    from workbench import Workbench

    bench: Any = Workbench("hocuspocus", name="documents", database=None, debounce=600, max_debounce=600)
    bench.chain("onChange").attach(count_changes)
    bench.start(port=port)
    print("listening", flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            break
        gc.collect()
        print(psutil.Process().memory_info().rss, flush=True)
    bench.stop()


# -- the comparison


def node() -> list[str]:
    """The peer's command."""
    found = shutil.which("node")
    if found is None:
        raise SystemExit("documents is skipped: it needs Node for its peer, and there is none")
    folder = HERE / "node"
    if not (folder / "node_modules" / "@hocuspocus").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--prefix", str(folder)], check=True)
    return [found, "--expose-gc", str(folder / "documents.mjs")]


def memory(process: subprocess.Popen[str]) -> int:
    """Ask a server how much memory it occupies."""
    if process.stdin is None:
        raise SystemExit("no standard input")
    process.stdin.write("memory\n")
    process.stdin.flush()
    return int(told(process.stdout))


def per_document(port: int, process: subprocess.Popen[str]) -> float:
    """Bytes that a document costs."""
    before = memory(process)
    writers = fill(port)
    grown = memory(process) - before
    for writer in writers:
        writer.socket.close()
    return grown / DOCUMENTS


def measured(port: int, seconds: float) -> float:
    """Run the client in a process of its own."""
    command = [sys.executable, __file__, "--load", str(port), "--seconds", str(seconds)]
    return float(json.loads(subprocess.check_output(command, text=True)))


def main(seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    """Print the rows of the table."""
    our_port = free_port()
    ours = started([sys.executable, __file__, "--serve", str(our_port)])
    node_port = free_port()
    theirs = started([*node(), str(node_port)])
    try:
        sizes = per_document(our_port, ours), per_document(node_port, theirs)
        rates: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds + 1):
            found = measured(our_port, seconds), measured(node_port, seconds)
            if turn:  # the first one warms up
                for kept, rate in zip(rates, found, strict=True):
                    kept.append(rate)
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()
    mine, peer = (statistics.median(kept) for kept in rates)
    what = f"documents, {CLIENTS} clients on one, {WINDOW} updates in flight each"
    print(f"{what} | {mine:,.0f}/s | Hocuspocus on Node {peer:,.0f}/s | {mine / peer:.2f}x | >= 1x")
    what = f"documents, memory of each of {DOCUMENTS} with {LETTERS:,} letters and a client"
    print(
        f"{what} | {sizes[0] / 1024:,.1f} KiB | Hocuspocus on Node {sizes[1] / 1024:,.1f} KiB | "
        f"{sizes[1] / sizes[0]:.2f}x | >= 1x"
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
