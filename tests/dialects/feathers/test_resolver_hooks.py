"""The hooks of resolvers put queries, data, results and dispatch where Feathers has them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from workbench.dialects.context import Context
from workbench.dialects.feathers.resolver_hooks import (
    external_form,
    resolve_data,
    resolve_external,
    resolve_query,
    resolve_result,
)
from workbench.dialects.feathers.resolvers import resolve, virtual
from workbench.engine.errors import WorkbenchError

TWICE = resolve({"n": lambda value: value and value * 2})
SAFE = resolve({"password": lambda: None})


def run(hook: Any, result: Any = None, **members: Any) -> Context:
    """Run a hook around a method that gives a result."""
    context = Context({"method": "get", "params": Context(query={}), **members})

    async def inwards() -> None:
        if result is not None:
            context.result = result

    asyncio.run(hook(context, inwards))
    return context


def test_a_query_is_resolved_in_new_params() -> None:
    """One resolver after the other."""
    params = Context(query={"n": 1}, provider="rest")

    assert run(resolve_query(TWICE, TWICE), params=params).params == {"query": {"n": 4}, "provider": "rest"}
    assert params.query == {"n": 1}


def test_data_is_resolved_where_there_is_some() -> None:
    """Each entry of a list."""
    assert run(resolve_data(TWICE), data={"n": 1}).data == {"n": 2}
    assert run(resolve_data(TWICE), data=[{"n": 1}, {"n": 2}]).data == [{"n": 2}, {"n": 4}]
    assert "data" not in run(resolve_data(TWICE))


@pytest.mark.parametrize("hook", [resolve_query(TWICE), resolve_data(TWICE)])
def test_these_two_may_also_stand_before(hook: Any) -> None:
    """Without a next."""
    asyncio.run(hook(Context(params=Context(), data={})))


@pytest.mark.parametrize("hook", [resolve_result(TWICE), resolve_external(TWICE)])
def test_the_others_have_to_stand_around(hook: Any) -> None:
    """They say so."""
    with pytest.raises(WorkbenchError, match="has to be an around hook"):
        asyncio.run(hook(Context(params=Context())))


def test_results_are_resolved_alone_in_lists_and_in_pages() -> None:
    """A page keeps its numbers."""
    page = {"total": 1, "data": [{"n": 1}]}

    assert run(resolve_result(TWICE), {"n": 1}).result == {"n": 2}
    assert run(resolve_result(TWICE), [{"n": 1}]).result == [{"n": 2}]
    assert run(resolve_result(TWICE), page, method="find").result == {"total": 1, "data": [{"n": 2}]}
    assert run(resolve_result(TWICE)).result is None


def test_a_selection_says_what_is_resolved() -> None:
    """A virtual member can be selected though the service has it not."""
    hook = resolve_result(resolve({"full": virtual(lambda obj: obj["a"] + obj["b"])}))
    selected = Context(query={"$select": ["full"], "x": 1})

    context = run(hook, {"a": "1", "b": "2", "id": 3}, params=selected)

    assert context.result == {"full": "12"}
    assert context.params.query == {"x": 1}
    assert run(hook, {"a": "1"}, params=Context(query={"$select": ["a"]})).params.query == {"$select": ["a"]}


def test_clients_get_the_external_form() -> None:
    """The result keeps everything; dispatch is what travels."""
    context = run(resolve_external(SAFE), {"id": 1, "password": "x"})

    assert context.result == {"id": 1, "password": "x"}
    assert context.dispatch == {"id": 1}


def test_lists_and_pages_have_external_forms_too() -> None:
    """Entry by entry."""
    records = [{"id": 1, "password": "x"}, {"id": 2}]

    assert run(resolve_external(SAFE), records).dispatch == [{"id": 1}, {"id": 2}]
    page = run(resolve_external(SAFE), {"total": 2, "data": records}, method="find")
    assert page.dispatch == {"total": 2, "data": [{"id": 1}, {"id": 2}]}
    assert page.result == {"total": 2, "data": records}


def test_the_external_form_goes_along_into_other_results() -> None:
    """A message with its author sends the author's own form."""
    users = run(resolve_external(SAFE), [{"id": 1, "password": "x"}])
    message = {"text": "a", "user": users.result[0], "all": users.result}

    context = run(resolve_external(), message)

    assert context.dispatch == {"text": "a", "user": {"id": 1}, "all": [{"id": 1}]}
    assert context.result["user"]["password"] == "x"
    assert external_form("text") == "text"


def test_a_form_is_made_once() -> None:
    """A second hook takes the first one's, and so does a list of such results."""
    inner = run(resolve_external(SAFE), {"id": 1, "password": "x"})
    other = resolve({"id": lambda: 2})

    assert run(resolve_external(other), inner.result).dispatch == {"id": 1}
    assert run(resolve_external(other), [inner.result]).dispatch == [{"id": 1}]
    assert "dispatch" not in run(resolve_external(other))
    assert run(resolve_external(), "text").dispatch == "text"
