"""Validation has the outcome of Ajv, and its hooks put it where Feathers does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.dialects.context import Context
from workbench.dialects.feathers.errors import BadRequest
from workbench.dialects.feathers.schema import (
    Validator,
    get_data_validator,
    get_validator,
    query_syntax,
    validate_data,
    validate_query,
)
from workbench.engine.errors import WorkbenchError

MESSAGE = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string"}, "likes": {"type": "number", "default": 0}},
}


def test_every_outcome_is_that_of_ajv() -> None:
    """`ajv.json` has what Ajv 8 made of 106 pieces of data: results, and errors to the last member."""
    recorded = json.loads((Path(__file__).parent / "ajv.json").read_text(encoding="utf-8"))
    for case in recorded["cases"]:
        schema = recorded["schemas"][case["schema"]]
        validator = Validator(schema, coerce=case["coerce"], defaults=case["defaults"])
        try:
            outcome: Any = {"ok": validator(case["data"])}
        except BadRequest as error:
            outcome = {"message": error.message, "errors": error.data}

        assert json.dumps(outcome, sort_keys=True) == json.dumps(case["outcome"], sort_keys=True), case[
            "data"
        ]


def test_what_came_is_not_changed() -> None:
    """The result is a copy."""
    given: dict[str, Any] = {"text": "a"}

    assert Validator(MESSAGE)(given) == {"text": "a", "likes": 0}
    assert given == {"text": "a"}


@pytest.mark.parametrize(("format_", "text"), [("email", "nobody"), ("date", "yesterday"), ("ipv4", "1.2.3")])
def test_formats_are_checked(format_: str, text: str) -> None:
    """With Ajv's sentence."""
    with pytest.raises(BadRequest) as refused:
        Validator({"type": "string", "format": format_})(text)

    assert refused.value.data[0]["message"] == f'must match format "{format_}"'
    assert refused.value.data[0]["params"] == {"format": format_}


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [(5, "is an object, not int"), ({"type": "strnig"}, "does not hold together at type")],
)
def test_what_is_no_schema_is_refused(schema: Any, sentence: str) -> None:
    """When it is compiled."""
    with pytest.raises(WorkbenchError, match=sentence):
        get_validator(schema)


def test_patch_requires_nothing_and_completes_nothing() -> None:
    """Else a patch would reset what it does not name."""
    validators = get_data_validator(MESSAGE)

    assert (
        validators["create"]({"text": "a"})
        == validators["update"]({"text": "a"})
        == {"text": "a", "likes": 0}
    )
    assert validators["patch"]({}) == {}


def test_each_method_may_have_its_own_schema() -> None:
    """Under its name."""
    patch = {"type": "object", "properties": {"likes": {"type": "number", "default": 1}}}
    validators = get_data_validator({"create": MESSAGE, "patch": patch})

    assert validators["patch"]({}) == {"likes": 1}
    with pytest.raises(BadRequest):
        validators["update"]({})


def test_members_of_a_query_may_have_more_operators() -> None:
    """By `extensions`."""
    syntax = query_syntax({"text": {"type": "string"}}, {"text": {"$like": {"type": "string"}}})
    validator = Validator({"type": "object", "properties": syntax})

    assert validator({"text": {"$like": "a"}}) == {"text": {"$like": "a"}}
    with pytest.raises(BadRequest):
        validator({"text": {"$ilike": "a"}})


def run(hook: Any, context: Context, next_: Any = None) -> Context:
    """Run a hook on a context."""
    asyncio.run(hook(context, next_))
    return context


QUERY = {
    "type": "object",
    "additionalProperties": False,
    "properties": query_syntax({"likes": {"type": "number"}}),
}


def test_a_query_is_coerced_in_new_params() -> None:
    """The former params stay as they were."""
    params = Context(query={"likes": {"$gt": "5"}}, provider="rest")

    context = run(validate_query(QUERY), Context(params=params))

    assert context.params == {"query": {"likes": {"$gt": 5}}, "provider": "rest"}
    assert context.params.provider == "rest"
    assert params["query"] == {"likes": {"$gt": "5"}}


def test_a_query_that_does_not_fit_is_a_bad_request() -> None:
    """With the list of errors as its data."""
    with pytest.raises(BadRequest, match="validation failed") as refused:
        run(validate_query(QUERY), Context(params=Context(query={"name": "a"})))

    assert refused.value.to_json()["data"][0]["params"] == {"additionalProperty": "name"}


def test_data_is_checked_one_by_one() -> None:
    """Where it is a list."""
    hook = validate_data(MESSAGE)

    assert run(hook, Context(method="create", data=[{"text": "a"}])).data == [{"text": "a", "likes": 0}]
    with pytest.raises(BadRequest):
        run(hook, Context(method="create", data=[{"text": "a"}, {}]))


def test_checks_go_by_the_method() -> None:
    """A method without a check is let through."""
    hook = validate_data(get_data_validator(MESSAGE))

    assert run(hook, Context(method="patch", data={})).data == {}
    assert run(hook, Context(method="shout", data=5)).data == 5
    with pytest.raises(BadRequest):
        run(hook, Context(method="update", data={}))


def test_any_function_may_check_and_hooks_may_stand_around() -> None:
    """Also an `async def`; next is called once the check has passed."""
    calls: list[str] = []

    async def check(given: Any) -> Any:
        calls.append("check")
        return {**given, "checked": True}

    async def inwards() -> None:
        calls.append("next")

    context = run(validate_data(check), Context(method="create", data={}), inwards)
    run(validate_query(check), context.__class__(params=Context()), inwards)

    assert context.data == {"checked": True}
    assert calls == ["check", "next"] * 2
