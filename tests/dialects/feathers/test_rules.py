"""What workbench.dialects.feathers.rules promises; the order of things is driven from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import in_a_loop
from workbench.dialects.feathers import feathers


class One:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    async def get(self, id_: Any) -> Any:
        """Give the id, or fail."""
        self.calls += 1
        if id_ == "bad":
            raise ValueError("lost")
        return {"id": id_}


def an_app(**hooks: Any) -> tuple[Any, One]:
    """Make an application with a service that has these hooks."""
    app, one = feathers(), One()
    app.use("one", one)
    app.service("one").hooks(hooks)
    return app.service("one"), one


@in_a_loop
async def test_deleting_a_result_enables_the_method_again() -> None:
    """R17."""

    def set_it(context: Any) -> None:
        context.result = 1

    def take_it(context: Any) -> None:
        del context.result

    skipped, one = an_app(before={"get": [set_it]})
    assert (await skipped.get(1), one.calls) == (1, 0)
    again, one = an_app(before={"get": [set_it, take_it]})
    assert (await again.get(1), one.calls) == ({"id": 1}, 1)


@in_a_loop
async def test_deleting_the_error_swallows_it_without_a_result() -> None:
    """R32."""

    def forget(context: Any) -> None:
        del context.error

    service, _ = an_app(error={"get": [forget]})

    assert await service.get("bad") is None


@in_a_loop
async def test_a_second_layer_keeps_the_original_of_the_first() -> None:
    """R30, R33: an error hook's own error is known to the next layer; one after a result is new."""
    seen: list[Any] = []

    def bad(_context: Any) -> None:
        raise ValueError("after")

    def again(context: Any) -> None:
        seen.append(context.original.get("result"))
        raise ValueError("again")

    def look(context: Any) -> None:
        seen.append((str(context.error), context.original.get("result"), context.get("result")))

    service, _ = an_app(after={"get": [bad]}, error={"get": [again], "all": [look]})
    with pytest.raises(ValueError, match="again"):
        await service.get(1)

    assert seen == [{"id": 1}, ("again", {"id": 1}, None)]


@in_a_loop
async def test_the_type_of_a_hook_that_raised_stays() -> None:
    """R36: an around hook's except block may read it."""
    seen: list[str] = []

    async def around(context: Any, following: Any) -> None:
        seen.append(context.type)
        try:
            await following()
        except ValueError:
            seen.append(context.type)
            context.result = "rescued"

    def bad(_context: Any) -> None:
        raise ValueError("bad")

    service, _ = an_app(around={"get": [around]}, before={"get": [bad]})

    assert await service.get(1) == "rescued"
    assert seen == ["around", "before"]


@in_a_loop
async def test_what_is_returned_is_merged_only_where_it_is_an_object() -> None:
    """R19, R20: texts and numbers mean nothing, and neither does what an around hook returns."""

    async def around(_context: Any, following: Any) -> dict[str, int]:
        await following()
        return {"result": 0}

    service, _ = an_app(
        around={"get": [around]},
        before={"get": [lambda _context: "text", lambda context: context]},
        after={"get": [lambda _context: {"result": {"merged": 1}, "extra": 2}]},
    )

    assert await service.get(1) == {"merged": 1}
