"""The ready-made hooks do what their line says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from workbench.dialects.feathers import MemoryService, MethodNotAllowed, feathers, ready


def call(
    hook: Any, method: str, *arguments: Any, store: Any = None, after: Callable[[Any], Any] | None = None
) -> Any:
    """Call a method of a service that has the hook; the context as it was left."""

    async def calling() -> Any:
        app = feathers()
        app.use("things", MemoryService(store=store))
        service = app.service("things")
        service.hooks([hook])
        if after is not None:
            after(service)
        context = service.create_context(method)
        return await getattr(service, method)(*arguments, context)

    return asyncio.run(calling())


def test_log_runtime_prints_the_duration(capsys: pytest.CaptureFixture[str]) -> None:
    """With method and path."""
    call(ready.log_runtime, "find", {})

    assert capsys.readouterr().out.startswith("Calling find on things took ")


def test_trim_text_trims_what_is_text() -> None:
    """Other data passes."""
    assert call(ready.trim_text, "create", {"text": "  a "}, {}).result == {"text": "a", "id": 1}
    assert call(ready.trim_text, "create", {"text": 5}, {}).result == {"text": 5, "id": 1}


def test_log_errors_prints_and_lets_go(capsys: pytest.CaptureFixture[str]) -> None:
    """The caller gets the same error."""
    with pytest.raises(Exception, match="No record found"):
        call(ready.log_errors, "get", 7, {})

    assert capsys.readouterr().out == "things.get: No record found for id '7'\n"


def test_stamp_marks_what_is_new() -> None:
    """And nothing else."""
    assert call(ready.stamp, "create", {"a": 1}, {}).result["createdAt"] > 1_700_000_000_000
    assert call(ready.stamp, "patch", 1, {"a": 1}, {}, store={1: {}}).result == {"id": 1, "a": 1}


def test_only_from_inside_refuses_clients() -> None:
    """Those have a provider."""
    with pytest.raises(MethodNotAllowed, match="Provider 'rest' can not call 'find'"):
        call(ready.only_from_inside, "find", {"provider": "rest"})
    assert call(ready.only_from_inside, "find", {}).result == []


def test_hide_password_hides_it_from_clients() -> None:
    """The result keeps it."""
    context = call(ready.hide_password, "create", {"password": "x"}, {})

    assert context.dispatch == {"id": 1}
    assert context.result == {"id": 1, "password": "x"}
    assert not call(ready.hide_password, "create", {}, {}).is_set("dispatch")


def test_no_event_keeps_quiet() -> None:
    """Listeners hear nothing."""
    heard: list[Any] = []

    call(ready.no_event, "create", {}, {}, after=lambda service: service.on("created", heard.append))

    assert heard == []


def test_slow_down_waits() -> None:
    """A fifth of a second."""
    start = time.perf_counter()
    call(ready.slow_down, "find", {})

    assert time.perf_counter() - start >= 0.2
