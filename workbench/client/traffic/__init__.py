"""Simulated clients: real connections from a process of their own, so that they never hold the kernel.

``schedule`` says when messages go out, ``players`` how clients speak, ``worker`` is the process, and
``traffic`` what people call.
"""

from __future__ import annotations

from workbench.client.traffic.traffic import Report, Traffic, TrafficError

__all__ = ["Report", "Traffic", "TrafficError"]
