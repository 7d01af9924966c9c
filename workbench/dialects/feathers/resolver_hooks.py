"""The hooks that run resolvers, and what of a result goes to clients."""

from __future__ import annotations

__all__ = ["external_form", "resolve_data", "resolve_external", "resolve_query", "resolve_result"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from workbench.dialects.context import Context
from workbench.dialects.feathers.resolvers import Resolver
from workbench.engine.errors import WorkbenchError

Hook = Callable[..., Awaitable[Any]]
Next = Callable[[], Awaitable[Any]]


class _ExternalDict(dict[str, Any]):
    """A result that knows what clients get of it, wherever it ends up."""

    external: Any


class _ExternalList(list[Any]):
    """A list of results, as above."""

    external: Any


def resolve_query(*resolvers: Resolver) -> Hook:
    """Make a hook, around or before, that resolves `params.query`."""

    async def resolve_query(context: Any, next: Next | None = None) -> None:  # noqa: A002  # Feathers' name
        query = await _run(resolvers, context.params.get("query") or {}, context, None)
        context.params = Context(context.params, query=query)
        if next is not None:
            await next()

    return resolve_query


def resolve_data(*resolvers: Resolver) -> Hook:
    """Make a hook, around or before, that resolves the data, or each entry of a list of data."""

    async def resolve_data(context: Any, next: Next | None = None) -> None:  # noqa: A002  # Feathers' name
        data = context.get("data")
        if data is not None:
            context.data = await _each(resolvers, data, context, {"original_context": context})
        if next is not None:
            await next()

    return resolve_data


def resolve_result(*resolvers: Resolver) -> Hook:
    """Make an around hook that resolves the result, each of a list, or the data of a page.

    A `$select` of the query says which members are resolved; where it names a virtual one, the service is
    asked for all of them.
    """
    virtual = frozenset[str]().union(*(resolver.virtual_names for resolver in resolvers))

    async def resolve_result(context: Any, next: Next | None = None) -> None:  # noqa: A002  # Feathers' name
        inwards = _around(next, "resolve_result")
        query = dict(context.params.get("query") or {})
        wanted, selected = query.pop("$resolve", None), query.get("$select")
        if isinstance(selected, list) and not virtual.isdisjoint(filter(_is_text, selected)):
            del query["$select"]
        status = {"original_context": context, **(context.params.get("resolve") or {})}
        status["properties"] = wanted or selected
        context.params = Context(context.params, query=query, resolve=status)
        await inwards()
        status = context.params.get("resolve") or {}
        page = _page(context)
        if page is None:
            context.result = await _each(resolvers, context.get("result"), context, status)
        else:
            page["data"] = await _each(resolvers, page["data"], context, status)

    return resolve_result


def resolve_external(*resolvers: Resolver) -> Hook:
    """Make an around hook that sets `dispatch`, which clients get in place of the result.

    Parameters
    ----------
    *resolvers
        What changes the result for clients. Results of other services inside of it, which have such a form of
        their own, are replaced by theirs in any case.
    """

    async def resolve_external(context: Any, next: Next | None = None) -> None:  # noqa: A002  # Feathers' name
        await _around(next, "resolve_external")()
        result = context.get("result")
        if result is None:
            return
        if hasattr(result, "external"):
            context.dispatch = result.external
            return
        status = context.params.get("resolve") or {}
        page = _page(context)
        told = result if page is None else page["data"]
        if isinstance(told, list):
            marked: Any = list(
                await asyncio.gather(*(_marked(resolvers, one, context, status) for one in told))
            )
        else:
            marked = await _marked(resolvers, told, context, status)
        external = external_form(marked)
        if page is not None:
            marked, external = {**page, "data": marked}, {**page, "data": external}
        context.result = _mark(marked, external)
        context.dispatch = external

    return resolve_external


def external_form(value: Any) -> Any:
    """Give what clients get of a value: what `resolve_external` made of it, or of the entries of a list."""
    if hasattr(value, "external"):
        return value.external
    return [external_form(one) for one in value] if isinstance(value, list) else value


async def _marked(
    resolvers: tuple[Resolver, ...], value: Any, context: Any, status: Mapping[str, Any]
) -> Any:
    if hasattr(value, "external"):
        return value
    resolved = await _run(resolvers, value, context, status)
    if isinstance(resolved, Mapping):
        resolved = {name: external_form(part) for name, part in resolved.items()}
    return _mark(value, resolved)


def _mark(value: Any, external: Any) -> Any:
    """Give the same value with its external form; a text or a number has none but itself."""
    marked = _ExternalDict(value) if isinstance(value, dict) else value
    marked = _ExternalList(value) if isinstance(value, list) else marked
    if isinstance(marked, _ExternalDict | _ExternalList):
        marked.external = external
    return marked


async def _each(resolvers: tuple[Resolver, ...], data: Any, context: Any, status: Mapping[str, Any]) -> Any:
    if isinstance(data, list):
        return list(await asyncio.gather(*(_run(resolvers, one, context, status) for one in data)))
    return await _run(resolvers, data, context, status)


async def _run(
    resolvers: tuple[Resolver, ...], data: Any, context: Any, status: Mapping[str, Any] | None
) -> Any:
    for resolver in resolvers:
        data = await resolver.resolve(data, context, status)
    return data


def _page(context: Any) -> Any:
    """Give the result where it is a page of `find`."""
    result = context.get("result")
    paged = context.method == "find" and isinstance(result, Mapping) and bool(result.get("data"))
    return result if paged else None


def _around(next_: Next | None, name: str) -> Next:
    if next_ is None:
        raise WorkbenchError(f"The hook {name} has to be an around hook")
    return next_


def _is_text(value: object) -> bool:
    return isinstance(value, str)
