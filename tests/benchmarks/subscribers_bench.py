"""The bench that `subscribers.py` serves in a process of its own."""

from __future__ import annotations

from tests.dialects.directus.support import OPTIONS
from workbench import Workbench

fanout = Workbench("directus", **{**OPTIONS, "heartbeat": False})
