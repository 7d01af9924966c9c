"""Traffic as people call it: a run of simulated clients, and what came of it."""

from __future__ import annotations

__all__ = ["CLIENTS", "Report", "Traffic", "TrafficError"]

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from workbench.client.traffic.schedule import PATTERNS
from workbench.engine.errors import WorkbenchError, near

if TYPE_CHECKING:
    import pandas as pd

State = Literal["starting", "running", "done", "stopped", "refused", "failed"]

CLIENTS: Final = range(1, 501)
_LONGEST: Final = 3600.0
_FASTEST: Final = 1_000_000.0


class TrafficError(WorkbenchError):
    """Traffic that cannot be made as it was asked for; the sentence says why."""


@dataclass
class Report:
    """What came of a run, or has come so far.

    Attributes
    ----------
    python
        The line that makes the same traffic.
    template, pattern, clients, rate, seconds, seed
        As it was asked for.
    state
        ``starting``, ``running``, ``done``, ``stopped``, ``refused`` or ``failed``, and `reason` in words.
    figures
        The newest: sent, answered, late, refused, waiting, p50_ms, p95_ms, p99_ms, ceiling, seconds.
    """

    python: str
    template: str
    pattern: str
    clients: int
    rate: float
    seconds: float
    seed: int
    state: State = "starting"
    reason: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def __getattr__(self, name: str) -> Any:
        """Give a figure by its name: ``report.answered``; 0 before there is any."""
        if name in _FIGURES:
            return self.figures.get(name, 0)
        raise AttributeError(f"A traffic report has no {name!r}{near(name, _FIGURES)}")

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in ("starting", "running")

    @property
    def frame(self) -> pd.DataFrame:
        """One row each fifth of a second: seconds, and the figures as they stood then."""
        import pandas as pd

        return pd.DataFrame(self.history, columns=["seconds", *_FIGURES])


_FIGURES: Final = (
    "sent", "answered", "late", "refused", "waiting", "p50_ms", "p95_ms", "p99_ms", "ceiling",
)  # fmt: skip


class Traffic:
    """Makes traffic for one bench; ``bench.traffic``.

    Parameters
    ----------
    addresses
        Gives the ``http://`` and ``ws://`` addresses to talk to; None while the bench is stopped.
    headers
        Gives the request headers, such as the bench's own token.
    templates
        Gives the templates of the bench's dialects by name, the first one being the usual.
    spoken
        Gives the name of the bench in printed Python lines.
    """

    def __init__(
        self,
        addresses: Callable[[], tuple[str, str] | None],
        headers: Callable[[], Mapping[str, str]],
        templates: Callable[[], Mapping[str, Mapping[str, Any]]],
        spoken: Callable[[], str],
    ) -> None:
        self._addresses = addresses
        self._headers = headers
        self._templates = templates
        self._spoken = spoken
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._watchers: list[Callable[[], object]] = []
        self.report: Report | None = None
        """Of the newest run; None before there was one."""

    @property
    def templates(self) -> dict[str, Mapping[str, Any]]:
        """What may be sent, by name."""
        return dict(self._templates())

    def run(
        self,
        template: str | None = None,
        *,
        clients: int = 10,
        rate: float = 50.0,
        pattern: str = "constant",
        seconds: float = 5.0,
        seed: int = 0,
        late_ms: float = 1000.0,
        wait: bool = True,
    ) -> Report:
        """Let simulated clients talk to the bench, from a process of their own.

        What the kernel can take is measured first, for half a second with the same clients; a rate above
        four fifths of that is refused, since it would leave nothing for the person.

        Parameters
        ----------
        template
            Name of what they send; None: the first of `templates`.
        clients
            1 to 500.
        rate
            Messages a second over all clients; of a ramp, at its end.
        pattern
            ``constant``, ``poisson``, ``burst`` (a second's worth at once) or ``ramp`` (from nothing).
        seconds
            After which it stops by itself; an hour at most.
        seed
            The same seed gives the same times.
        late_ms
            From when on an answer counts as late, in milliseconds.
        wait
            False: come back at once; the report fills up meanwhile.

        Raises
        ------
        TrafficError
            For what cannot be run, with what the kernel can take where the rate is too high; when there is
            traffic already, or the bench is stopped.
        """
        _check(clients, rate, pattern, seconds, seed, late_ms)
        name, chosen = self._template(template)
        addresses = self._addresses()
        if addresses is None:
            raise TrafficError("The bench is stopped, so nobody can connect; start it first.")
        url, ws_url = addresses
        report = Report(
            _line(self._spoken(), name, clients, rate, pattern, seconds, seed, late_ms),
            name, pattern, clients, rate, seconds, seed,
        )  # fmt: skip
        plan = {
            "url": url, "ws_url": ws_url, "headers": dict(self._headers()), "template": dict(chosen),
            "clients": clients, "rate": rate, "pattern": pattern, "seconds": seconds, "seed": seed,
            "late_ms": late_ms,
        }  # fmt: skip
        thread = self._begin(report, plan)
        if wait:
            try:
                thread.join()
            except KeyboardInterrupt:
                self.stop()
                raise
            if report.state in ("refused", "failed"):
                raise TrafficError(report.reason)
        return report

    def _begin(self, report: Report, plan: dict[str, Any]) -> threading.Thread:
        with self._lock:
            if self._process is not None:
                raise TrafficError("There is traffic already; stop it first: bench.traffic.stop().")
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "workbench.client.traffic.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.report = report
        assert process.stdin is not None  # noqa: S101 - asked for above
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.flush()
        thread = threading.Thread(
            target=self._follow, args=(process, report), name="workbench traffic", daemon=True
        )
        thread.start()
        return thread

    def _follow(self, process: subprocess.Popen[str], report: Report) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for in `_begin`
        assert process.stderr is not None  # noqa: S101 - as well
        for line in process.stdout:
            self._take(report, json.loads(line))
        errors = process.stderr.read()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()  # type: ignore[union-attr]  # asked for, each
        if not report.over:
            report.state = "failed" if process.returncode else "stopped"
            report.reason = errors.strip().rpartition("\n")[2] or "The clients' process ended."
        with self._lock:
            self._process = None
        self._changed()

    def _take(self, report: Report, said: dict[str, Any]) -> None:
        report.figures = {name: said.get(name, 0) for name in _FIGURES}
        report.history.append({"seconds": said.get("seconds", 0.0), **report.figures})
        if said["state"] == "refused":
            report.reason = _refusal(report.rate, said)
        if not report.over:
            report.state = said["state"]
        self._changed()

    def stop(self) -> None:
        """Stop the run; nothing happens when there is none."""
        with self._lock:
            process = self._process
        if process is not None and process.stdin is not None:
            report = self.report
            if report is not None and not report.over:
                report.state, report.reason = "stopped", "Stopped"
            process.terminate()

    def subscribe(self, changed: Callable[[], object]) -> Callable[[], None]:
        """Have a function called after every change, on whichever thread; returns what ends it."""
        self._watchers.append(changed)

        def unsubscribe() -> None:
            if changed in self._watchers:
                self._watchers.remove(changed)

        return unsubscribe

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def _template(self, name: str | None) -> tuple[str, Mapping[str, Any]]:
        known = self._templates()
        if not known:
            raise TrafficError("The dialects of this bench have no templates for traffic.")
        name = next(iter(known)) if name is None else name
        if name not in known:
            raise TrafficError(f"There is no template {name!r}{near(str(name), known)}").about("template")
        return name, known[name]


def _refusal(rate: float, said: Mapping[str, Any]) -> str:
    if said["reason"] != "rate":
        return "No client was let in: the bench refused every one of them."
    ceiling = said["ceiling"]
    return (
        f"{rate:g} a second would starve the kernel: with these hooks it got through {ceiling:g} a second; "
        f"ask for {ceiling * 0.8:.0f} at most."
    )


def _check(clients: int, rate: float, pattern: str, seconds: float, seed: int, late_ms: float) -> None:
    if not isinstance(clients, int) or isinstance(clients, bool) or clients not in CLIENTS:
        raise TrafficError(f"clients is a whole number from 1 to 500, not {clients!r}.").about("clients")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TrafficError(f"seed is a whole number, not {seed!r}.").about("seed")
    if pattern not in PATTERNS:
        raise TrafficError(f"There is no pattern {pattern!r}{near(str(pattern), PATTERNS)}").about("pattern")
    for name, value, most in (
        ("rate", rate, _FASTEST), ("seconds", seconds, _LONGEST), ("late_ms", late_ms, 3_600_000.0),
    ):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            text = f"{name} is a number above 0 and up to {most:.0f}, not {value!r}."
            raise TrafficError(text).about(name)


def _line(
    spoken: str,
    template: str,
    clients: int,
    rate: float,
    pattern: str,
    seconds: float,
    seed: int,
    late_ms: float,
) -> str:
    """Spell the line that makes the same traffic."""
    late = f", late_ms={late_ms:g}" if late_ms != 1000.0 else ""  # noqa: PLR2004 - the default
    return (
        f"{spoken}.traffic.run({json.dumps(template)}, clients={clients}, rate={rate:g}, "
        f"pattern={json.dumps(pattern)}, seconds={seconds:g}, seed={seed}{late})"
    )
