"""Ten thousand creates over Socket.IO reach fifty subscribers, each of them once and in order."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from workbench import Workbench
from workbench.dialects.feathers import MemoryService

CREATES, SUBSCRIBERS = 10_000, 50

pytestmark = [pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(300)]


def test_no_event_is_lost() -> None:
    """Half a million events arrive, whatever the writer's pace."""
    bench = Workbench("feathers", name="crowd")
    bench.use("messages", MemoryService())
    bench.on("connection", lambda connection: bench.channel("everybody").join(connection))
    bench.publish(lambda _data, _context: bench.channel("everybody"))
    bench.start()
    try:
        done = subprocess.run(
            [
                "node",
                str(Path(__file__).parent / "crowd.mjs"),
                str(bench.url),
                str(CREATES),
                str(SUBSCRIBERS),
            ],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
    finally:
        bench.stop()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(told["written"], "ms until written,", told["took"], "ms until heard")

    assert told["counts"] == [CREATES] * SUBSCRIBERS
    assert told["inOrder"] == SUBSCRIBERS
