"""What tests of the bench share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from workbench import Workbench

# a loaded machine is no failure of the code
settings.register_profile("workbench", deadline=None)
settings.load_profile("workbench")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: Playwright keeps a loop in the main thread once it has started."""
    items.sort(key=lambda item: "tests/ui/" in item.nodeid)


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Give a crossws bench with echo and shout, stopped at the end."""
    made = Workbench("crossws", name="chat")

    @made.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    @made.hook("message")
    def shout(_: Any, message: Any) -> None:
        message.raw_data = message.text().upper()

    yield made
    made.stop()
