"""What workbench.dialects.feathers.context promises."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import in_a_loop
from workbench import Workbench
from workbench.dialects.context import Context
from workbench.dialects.feathers import feathers
from workbench.dialects.feathers.context import Called, HookContext, params_of
from workbench.engine.errors import WorkbenchError


class Notes:
    """Takes what there is."""

    async def patch(self, id_: Any, data: Any, params: Any) -> Any:
        """Give what arrived."""
        return [id_, data, dict(params)]


def a_context() -> Any:
    """Make one for a patch."""
    app = feathers()
    app.use("notes", Notes())
    context = app.service("notes").create_context("patch")
    context.arguments[:] = [1, {"a": 1}, Context(query={})]
    return context


def test_a_member_that_is_not_set_is_absent() -> None:
    """Which None is not (R17)."""
    context = a_context()

    with pytest.raises(AttributeError):
        _ = context.result
    context.result = None
    assert "result" in context
    del context.result
    assert "result" not in context
    assert context.get("result", 5) == 5
    with pytest.raises(KeyError):
        _ = context["result"]


def test_arguments_are_members() -> None:
    """R40, R41, R46: and assigning one changes the live list."""
    context = a_context()
    context.id = 2
    context["data"] = {"b": 1}
    context.params = {"query": {"c": 1}}

    assert context.arguments == [2, {"b": 1}, {"query": {"c": 1}}]
    assert context.params.query == {"c": 1}
    assert context["id"] == context.id == 2
    assert "id" in context
    find = HookContext(Called(None, None, "", "find", {"params": 0}), [None])
    assert "id" not in find
    with pytest.raises(AttributeError, match="there is no 'id' in this HookContext"):
        _ = find.id


def test_to_json_lists_own_and_inherited_members() -> None:
    """R44: which plain enumeration does not."""
    context = a_context()
    context.extra = 1

    assert list(context.to_json()) == [
        "app", "service", "path", "method", "type", "id", "data", "params", "arguments", "event", "extra",
    ]  # fmt: skip
    assert list(context) == ["event", "extra"]


def test_the_status_code_is_an_older_name() -> None:
    """Of http.status."""
    context = a_context()
    assert context.status_code is None
    context.status_code = 203

    assert context.http == {"status": 203}
    assert context["status_code"] == 203


def test_a_copy_is_shallow_and_contexts_are_told_apart() -> None:
    """R33, R43."""
    context = a_context()
    context.result = {"a": 1}
    twin = context.copy()

    assert twin != context
    assert hash(twin) != hash(context)
    assert twin.result is context.result
    assert (twin.type, twin.id, twin.path) == ("around", 1, "notes")
    assert repr(context) == "<notes.patch around: event, result>"


def test_params_are_a_mapping() -> None:
    """The same one where it is one that takes attributes already."""
    params = Context(a=1)

    assert params_of(params) is params
    assert params_of(None) == {}
    assert params_of({"a": 1}).a == 1
    with pytest.raises(WorkbenchError, match="params of a call are a mapping"):
        params_of(5)


@in_a_loop
async def test_assigning_a_read_only_member_is_noted() -> None:
    """R42: it succeeds, and the trace has it for the hook's dispatch."""
    bench = Workbench("feathers", name="lax")
    bench.use("notes", Notes())

    def meddle(context: Any) -> None:
        context.path = "other"

    bench.service("notes").hooks({"before": {"patch": [meddle]}})
    await bench.service("notes").patch(1, {})

    moment = bench.trace.moments.iloc[-1]
    assert moment["text"] == "assigned the read-only context.path"
    assert moment["dispatch"] == bench.trace.dispatches["dispatch"].iloc[-1]
    assert bench.trace.calls["outcome"].tolist() == ["changed"]


@pytest.mark.parametrize("member", ["app", "service", "path", "method", "type"])
def test_strict_contexts_refuse_it_in_the_hook_that_tries(member: str) -> None:
    """With `strict_context=True`; later hooks and the method do not run."""
    bench = Workbench("feathers", name=f"strict-{member}", strict_context=True)
    bench.use("notes", Notes())

    def meddle(context: Any) -> None:
        context[member] = "other"

    bench.service("notes").hooks({"before": {"patch": [meddle]}})

    @in_a_loop
    async def call() -> None:
        with pytest.raises(WorkbenchError, match=f"context.{member} is read-only"):
            await bench.service("notes").patch(1, {})

    call()
    assert bench.trace.calls["outcome"].tolist() == ["raised"]
