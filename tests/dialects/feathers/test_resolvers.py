"""Resolvers compute members at once, each with what it needs, and name those that failed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from workbench import NULL
from workbench.dialects.feathers.errors import BadRequest, NotFound
from workbench.dialects.feathers.resolvers import Resolver, resolve, virtual
from workbench.engine.errors import BadSignature


def run(resolver: Resolver, data: Any, status: Any = None) -> Any:
    """Resolve with a context that is a text."""
    return asyncio.run(resolver.resolve(data, "context", status))


def test_members_are_resolved_and_others_stay() -> None:
    """A null too."""
    resolver = resolve({"n": lambda value: value + 1, "sum": virtual(lambda obj: obj["n"] + obj["m"])})

    assert run(resolver, {"n": 1, "m": 2, "x": None}) == {"n": 2, "m": 2, "x": None, "sum": 3}


def test_a_function_takes_what_it_names() -> None:
    """Value, object, context and status, or fewer of them."""
    seen: list[Any] = []

    async def whole(value: Any, obj: Any, context: Any, status: Any) -> int:
        seen.append((value, obj, context, status["path"]))
        return 1

    assert run(resolve({"a": whole, "b": lambda: 2}), {"a": 0}) == {"a": 1, "b": 2}
    assert seen == [(0, {"a": 0}, "context", ["a"])]
    with pytest.raises(BadSignature):
        resolve({"a": lambda a, b, c, d, e: None})  # noqa: ARG005


def test_nothing_leaves_out_and_null_is_null() -> None:
    """None is "returned nothing"."""
    assert run(resolve({"password": lambda: None, "gone": lambda: NULL}), {"password": "x"}) == {"gone": None}


def test_only_wanted_members_are_resolved() -> None:
    """`properties` of the status says which."""
    resolver = resolve({"a": lambda: 1, "b": lambda: 2})

    assert run(resolver, {"c": 3, "d": 4}, {"properties": ["b", "c", "e"]}) == {"b": 2, "c": 3}


def test_all_are_resolved_at_once() -> None:
    """Two that wait for each other come to an end."""

    async def resolving() -> Any:
        first, second = asyncio.Event(), asyncio.Event()

        async def one() -> int:
            first.set()
            await second.wait()
            return 1

        async def two() -> int:
            await first.wait()
            second.set()
            return 2

        return await resolve({"one": one, "two": two}).resolve({}, None)

    assert asyncio.run(resolving()) == {"one": 1, "two": 2}


def test_each_failure_is_named() -> None:
    """In the data of one BadRequest; nothing but the message of a plain error."""

    def fails() -> None:
        raise NotFound("no user")

    def breaks() -> None:
        raise ValueError("boom")

    with pytest.raises(BadRequest) as failed:
        run(resolve({"user": fails, "n": breaks, "fine": lambda: 1}), {})

    assert failed.value.message == "Error resolving data"
    assert failed.value.data["user"]["className"] == "not-found"
    assert failed.value.data["n"] == {"message": "boom"}
    assert set(failed.value.data) == {"user", "n"}


def test_wanted_members_are_in_the_sentence() -> None:
    """With the two spaces that Feathers has there."""

    def breaks() -> None:
        raise ValueError("boom")

    with pytest.raises(BadRequest) as failed:
        run(resolve({"n": breaks}), {}, {"properties": ["n", "m"]})
    assert failed.value.message == "Error resolving data  n.m"


def test_circles_end() -> None:
    """A resolver that leads to itself gives nothing the second time."""
    resolver: Resolver

    async def user(_value: Any, _obj: Any, context: Any, status: Any) -> Any:
        return await resolver.resolve({"name": "a"}, context, status)

    resolver = resolve({"user": user})

    assert run(resolver, {}) == {"user": {"name": "a"}}


def test_a_converter_comes_first() -> None:
    """It changes the object, also where nothing else is resolved."""

    async def converter(obj: Any) -> Any:
        return {**obj, "converted": True}

    assert run(resolve({}, converter=converter), {"a": 1}) == {"a": 1, "converted": True}
    assert run(resolve({"a": lambda value: value}), "text") == "text"
