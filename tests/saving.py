"""A bench and the file that it is saved as, asked the same things: here, by `serve` and by uvicorn."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from workbench import Workbench
from workbench.cli.load import benches_in, load
from workbench.testing import free_port, serving

T = TypeVar("T")
_PATIENCE = 30.0


def notebook(folder: Path, text: str) -> Workbench:
    """Write a notebook's cells as a file, run it and give its bench."""
    path = folder / "notebook.py"
    path.write_text(text, encoding="utf-8")
    return benches_in(load(path), path, None)[0]


def asked(bench: Workbench, folder: Path, ask: Callable[[int], T]) -> tuple[T, T, T]:
    """Ask the bench, then its file as `workbench serve` and as uvicorn run it; each server begins anew."""
    path = bench.save(folder / "app.py")
    with serving(bench):
        first = ask(bench.port or 0)
    with process(folder, "workbench.cli", "serve", str(path)) as port:
        second = ask(port)
    with process(
        folder, "uvicorn", "app:asgi", "--ws", "websockets-sansio", "--log-level", "warning"
    ) as port:
        third = ask(port)
    return first, second, third


@contextmanager
def process(folder: Path, module: str, *words: str) -> Iterator[int]:
    """Run a server on a file, until the end of the block."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words, "--port", str(port)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_PATIENCE)
        finally:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(process.communicate()[0])
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")
