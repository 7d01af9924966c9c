"""``workbench serve``: the benches of a file on consecutive ports, until a signal."""

from __future__ import annotations

__all__ = ["serve"]

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.cli.errors import CommandError
from workbench.cli.load import benches_in, load, split_target

if TYPE_CHECKING:
    from workbench.bench import Workbench

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LAST_PORT = 65_535


def serve(target: str, *, host: str | None = None, port: int | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    target
        ``FILE.py`` or ``FILE.py:name``.
    host
        Address to listen on; None leaves it to each bench.
    port
        Port of the first bench, the next ones take the next ports; 0 takes any free, None leaves it to each.

    Returns
    -------
    int
        0, once every bench has stopped.
    """
    with _signals() as asked_to_stop:
        path, name = split_target(target)
        benches = benches_in(load(path), path, name)
        _check_ports(benches, port)
        try:
            for place, bench in enumerate(benches):
                _start(bench, _where(host, port, place))
                _announce(bench)
            asked_to_stop.wait()
        finally:
            for bench in reversed(benches):
                bench.stop()
    return 0


def _start(bench: Workbench, where: dict[str, Any]) -> None:
    from workbench.server.errors import PortInUse

    try:
        bench.start(**where)
    except PortInUse as error:  # whoever reads it here has no Python to write
        raise PortInUse(error.host, error.port, error.holder, free="--port 0") from None


def _check_ports(benches: Sequence[Workbench], port: int | None) -> None:
    last = (port or 0) + len(benches) - 1
    if last > _LAST_PORT:
        raise CommandError(
            f"{len(benches)} benches do not fit from port {port} on: the last port is {_LAST_PORT}."
        )


def _where(host: str | None, port: int | None, place: int) -> dict[str, Any]:
    where: dict[str, Any] = {} if host is None else {"host": host}
    if port is not None:
        where["port"] = port + place if port else 0
    return where


def _announce(bench: Workbench) -> None:
    sys.stdout.write(f"serving {bench.name} ({bench.dialect}) on {bench.url}\n")
    sys.stdout.flush()


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """Turn the first signal into an event; a second one ends the process the hard way."""
    asked_to_stop = threading.Event()

    def ask(number: int, frame: object) -> None:
        del frame
        asked_to_stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield asked_to_stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
