"""Directus: 5,000 raw sockets subscribed to one collection, each of which hears of each create once."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.dialects.directus.test_subscriptions import fan_out  # noqa: E402 - found by the line above
from workbench.testing import free_port  # noqa: E402

SUBSCRIBERS, CREATES = 5_000, 10
SPARE = 100  # descriptors for everything else


def serve(port: int) -> subprocess.Popen[str]:
    """Serve the bench; returns when it listens."""
    command = [
        sys.executable,
        "-m",
        "workbench.cli",
        "serve",
        str(Path(__file__).with_name("subscribers_bench.py")),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def main() -> None:
    """Print how many messages a second reach the subscribers."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # handed on to the server
    if hard != resource.RLIM_INFINITY and hard < SUBSCRIBERS + SPARE:
        print(f"skipped: {SUBSCRIBERS} sockets need as many file descriptors, {hard} are allowed")
        return
    port = free_port()
    process = serve(port)
    try:
        begun = time.perf_counter()
        heard = asyncio.run(fan_out(port, SUBSCRIBERS, CREATES))
        took = time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(30)
    expected = Counter(f"message {number}" for number in range(CREATES))
    wrong = sum(one != expected for one in heard)
    what = f"subscribers that heard of each of {CREATES} creates once"
    print(f"{what} | {len(heard) - wrong} | {SUBSCRIBERS} | - | all")
    print(f"messages a second, sign-in included | {SUBSCRIBERS * CREATES / took:,.0f} | - | - | -")


if __name__ == "__main__":
    main()
