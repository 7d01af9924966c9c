"""The benches of this process, by name."""

from __future__ import annotations

__all__ = ["Benches", "benches"]

import itertools
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.bench import Workbench


class Benches(Mapping[str, "Workbench"]):
    """A live view of the benches: those that run, and those that somebody still holds.

    Of several benches of one name the running one is shown, else the newest. Running ones are kept alive
    here; a stopped bench goes when its last holder lets go of it.
    """

    def __init__(self) -> None:
        self._known: list[weakref.ref[Workbench]] = []
        self._running: list[Workbench] = []
        self._ports: dict[str, int] = {}
        self._lock = threading.RLock()

    def add(self, bench: Workbench) -> None:
        """Make a bench known."""
        with self._lock:
            self._known = [held for held in self._known if held() is not None]
            self._known.append(weakref.ref(bench))

    def hold(self, bench: Workbench) -> None:
        """Keep a bench alive: it runs."""
        with self._lock:
            if bench not in self._running:
                self._running.append(bench)

    def release(self, bench: Workbench) -> None:
        """No longer keep it alive: it has stopped."""
        with self._lock:
            if bench in self._running:
                self._running.remove(bench)

    def remember_port(self, name: str, port: int) -> None:
        """Note on which port benches of a name are expected."""
        self._ports[name] = port

    def last_port(self, name: str) -> int | None:
        """Give the port on which a bench of that name listened last, or None."""
        return self._ports.get(name)

    def distinct(self, slug: str, bench: Workbench) -> str:
        """Give a slug that no bench of another name has: two names may differ in what slugs leave out."""
        others = [other for other in self.all() if other is not bench and other.name != bench.name]
        taken = {other.serving.settled_slug for other in others}
        numbers = (f"{slug}-{number}" for number in itertools.count(2))
        return slug if slug not in taken else next(free for free in numbers if free not in taken)

    @property
    def running(self) -> list[Workbench]:
        """Those that run, in the order in which they were started; a copy."""
        with self._lock:
            return list(self._running)

    def all(self) -> list[Workbench]:
        """Every bench that is alive, in the order in which they were made."""
        with self._lock:
            return [bench for held in self._known if (bench := held()) is not None]

    def _by_name(self) -> dict[str, Workbench]:
        by_name = {bench.name: bench for bench in self.all()}
        by_name.update({bench.name: bench for bench in self.running})
        return by_name

    def __getitem__(self, name: str) -> Workbench:
        return self._by_name()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name())

    def __len__(self) -> int:
        return len(self._by_name())

    def __repr__(self) -> str:
        rows = [f"{bench.name!r}: {bench.state[0]}" for bench in self._by_name().values()]
        return "<benches " + (", ".join(rows) or "none") + ">"


benches = Benches()
"""The one register of this process."""
