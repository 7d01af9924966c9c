"""What workbench.dialects.feathers.alone promises."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.support import in_a_loop
from workbench.dialects.feathers import feathers
from workbench.dialects.feathers.alone import Alone
from workbench.server.errors import NotRunning


class One:
    """A service of one method."""

    async def get(self, id_: Any) -> Any:
        """Give the id."""
        return {"id": id_}


@in_a_loop
async def test_an_application_alone_serves_calls_where_they_are_awaited() -> None:
    """With hooks of its own, and nothing traced."""
    app = feathers()
    app.use("one", One())
    seen: list[str] = []
    app.hooks({"before": {"get": [lambda context: seen.append(context.path)]}})

    assert await app.service("one").get(7) == {"id": 7}
    assert seen == ["one"]


@in_a_loop
async def test_the_same_path_twice_takes_the_last() -> None:
    """R68: without transports."""
    app = feathers()
    app.use("one", One())
    app.use("one", One())

    assert list(app.services) == ["one"]


def test_there_is_nothing_to_serve_on() -> None:
    """Its ground says so, and logs what nobody takes care of."""
    ground = Alone()

    with pytest.raises(NotRunning):
        _ = ground.loop
    with pytest.raises(NotRunning, match="nothing listens on 80"):
        ground.serve(80)


def test_errors_that_nobody_takes_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Loudly, or where the system swallows them, for those who look."""
    ground = Alone()
    posted: list[int] = []
    with caplog.at_level(logging.DEBUG):
        ground.sink(ValueError("lost"), point="setup")
        ground.note(ValueError("swallowed"), point="notes created")
    ground.post(posted.append, 1)

    assert [record.levelname for record in caplog.records if "feathers" in record.name] == ["ERROR", "DEBUG"]
    assert posted == [1]
    assert (ground.author(), ground.key("method")) == ("api", "method")
    assert ground.plans_for(1) is not None
