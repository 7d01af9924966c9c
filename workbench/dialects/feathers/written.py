"""What of a Feathers application goes into a file: settings, services, hooks, publishers, listeners."""

from __future__ import annotations

__all__ = ["FeathersWritten"]

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from workbench.dialects.feathers.authentication.lookup import DEFAULT
from workbench.dialects.feathers.channels import Channel, Publishers
from workbench.dialects.feathers.context import ARGUMENTS
from workbench.dialects.feathers.emitter import Emitter
from workbench.dialects.feathers.lanes import APP, METHOD, SETUP, TEARDOWN, lane
from workbench.dialects.feathers.memory import MemoryService
from workbench.dialects.feathers.registration import KINDS
from workbench.dialects.feathers.service import Service
from workbench.dialects.writing import Call, Making, Step, Written, plain, step
from workbench.engine.edits import name_of
from workbench.engine.hooks import Hook


class FeathersWritten(Written):
    """A Feathers application."""

    def calls(self) -> Iterable[Call]:
        """Settings and services, then who hears of what, then hooks."""
        for name, value in self.app.settings.items():
            if name != DEFAULT:
                yield Call(f"the setting {name}", (step("set", name, value),))
        for service in self.app.services.values():
            yield from _services(service)
        for place, where, emitter in self._emitters():
            yield from _told(place, where, emitter)
        yield from self._hooks()

    def reach(self, value: object) -> tuple[Step, ...] | None:
        """Services and channels are reached by their names."""
        if isinstance(value, Service) and self.app.services.get(value.path) is value:
            return (step("service", value.path),)
        if isinstance(value, Channel) and (name := getattr(value, "name", None)) is not None:
            return (step("channel", name),)
        return super().reach(value)

    def making(self, value: object) -> Making | None:
        """Memory services begin as they began; what is known of authentication is in its settings."""
        if type(value) is MemoryService:
            return Making((), _memory(value))
        from workbench.dialects.feathers.authentication import (
            AuthenticationService,
            JWTStrategy,
            LocalStrategy,
        )

        if isinstance(value, AuthenticationService):
            key = () if value.config_key == "authentication" else (value.config_key,)
            return Making(
                (value.app, *key), {} if value.options is None else {"options": dict(value.options)}
            )
        return Making() if type(value) in (JWTStrategy, LocalStrategy) else None

    def skips(self, hook: Hook) -> bool:
        """What a service's setup attaches comes with it."""
        return hook.id in self.app.of_setup

    def _emitters(self) -> Iterator[tuple[tuple[Step, ...], str, Any]]:
        yield (), "the application", self.app
        for path, service in self.app.services.items():
            yield (step("service", path),), f"the service {path}", service

    # -- hooks -----------------------------------------------------------------------------------------

    def _hooks(self) -> Iterator[Call]:
        """One call for each level and form, of the hooks that such a call names as they are named."""
        left = [hook for hook in self.hooks(METHOD) if _usual(hook) and not self.skips(hook)]
        levels = [
            (APP, (), None),
            *(
                (service.level, (step("service", path),), service)
                for path, service in self.app.services.items()
            ),
        ]
        for level, place, service in levels:
            yield from _of_level(level, place, service, left)
        for point in (SETUP, TEARDOWN):
            hooks = [hook for hook in self.hooks(point) if _usual(hook) and not hook.lane]
            if hooks:
                given = {point: [hook.function for hook in hooks]}
                yield Call(
                    f"the hooks around {point}", (step("hooks", given),), tuple(map(plain, hooks)), apart=True
                )


def _services(service: Service) -> Iterator[Call]:
    target = service.target
    standard = {name for name in ARGUMENTS if callable(getattr(target, name, None))}
    more: dict[str, Any] = {}
    if service.exposed != standard:
        more["methods"] = [name for name in service.methods if name in service.exposed]
    if service.custom_events != tuple(getattr(target, "events", None) or ()):
        more["events"] = list(service.custom_events)
    yield Call(f"the service {service.path}", (Step("use", (service.path, target), more),))
    for name, strategy in getattr(target, "strategies", {}).items():
        registered = (step("service", service.path), step("register", name, strategy))
        yield Call(f"the strategy {name}", registered)


def _told(place: tuple[Step, ...], where: str, emitter: Emitter) -> Iterator[Call]:
    publishers: Publishers = emitter.publishers  # type: ignore[attr-defined]
    for event, publisher in publishers.given.items():
        given = (publisher,) if event is None else (event, publisher)
        yield Call(f"the publisher of {where}", (*place, step("publish", *given)))
    for event, listener, once in emitter.listening():
        yield Call(f"the listener of {where}", (*place, step("once" if once else "on", event, listener)))


def _usual(hook: Hook) -> bool:
    """Whether `hooks(...)` can attach it: it has the name of its function, and no priority."""
    return hook.name == name_of(hook.function) and not hook.priority


def _of_level(
    level: str, place: tuple[Step, ...], service: Service | None, left: list[Hook]
) -> Iterator[Call]:
    forms: tuple[tuple[str, ...], ...] = (KINDS,) if service is None else (KINDS, ("list",), ("map",))
    for names in forms:
        given: dict[str, Any] = {}
        taken: list[Hook] = []
        for hook in left:
            begins, _, scope = hook.lane.rpartition(".")
            name = begins.rpartition(".")[2]
            if name not in names or hook.lane != lane(level, name, scope):
                continue
            if hook.kind != (name if names == KINDS else "around"):
                continue
            if name == "map" and service is not None and scope not in service.methods:
                continue
            taken.append(hook)
            lists = given if name in ("list", "map") else given.setdefault(name, {})
            lists.setdefault(scope, []).append(hook.function)
        if taken:
            argument = given["all"] if names == ("list",) else given
            where = "the application" if service is None else f"the service {service.path}"
            hooks = tuple(replace(plain(hook), priority=0) for hook in taken)
            yield Call(f"the hooks of {where}", (*place, step("hooks", argument)), hooks, apart=True)


def _memory(value: MemoryService) -> dict[str, Any]:
    store, start = value.begun
    every = frozenset(("create", "patch", "remove"))
    options: dict[str, Any] = {"store": store} if store else {}
    if start != 1:
        options["start_id"] = start
    if value.id != "id":
        options["id"] = value.id
    if value.paginate is not None:
        options["paginate"] = dict(value.paginate)
    if value.multi:
        options["multi"] = True if value.multi == every else sorted(value.multi)
    if value.events:
        options["events"] = list(value.events)
    return options
