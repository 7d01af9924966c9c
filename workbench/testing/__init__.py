"""The kit that users' tests and our own share: free ports, a fake clock, recorded calls, short-lived servers.

Nothing in here needs a test framework. Memory clients, which need no sockets at all, are in
``workbench.server.memory``; what the lessons use is in ``workbench.testing.lesson``.
"""

from __future__ import annotations

from workbench.testing.calls import Call, CapturedCalls
from workbench.testing.clock import FakeClock
from workbench.testing.ports import free_port
from workbench.testing.scheduler import FakeScheduler
from workbench.testing.serving import serving

__all__ = ["Call", "CapturedCalls", "FakeClock", "FakeScheduler", "free_port", "serving"]
