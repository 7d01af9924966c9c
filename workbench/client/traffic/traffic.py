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
from workbench.watching import Watchers

if TYPE_CHECKING:
    import pandas as pd

State = Literal["starting", "running", "done", "stopped", "refused", "failed"]

CLIENTS: Final = range(1, 501)
_LONGEST: Final = 3600.0
_FASTEST: Final = 1_000_000.0
_UNMEASURED: Final = 500.0
"""Messages a second that hooks will do with, where nobody has measured."""


class TrafficError(WorkbenchError):
    """Traffic that cannot be made as it was asked for; the sentence says why."""


@dataclass(repr=False)
class Report:
    """What came of a run, or has come so far.

    Attributes
    ----------
    python
        The line that makes the same traffic.
    template, pattern, clients, rate, seconds, seed
        As it was asked for.
    state
        ``starting``, ``running``, ``done``, ``stopped``, ``refused`` or ``failed``, and `reason` in words:
        why it ended so, what the bench told those that it refused, what was in the way.
    figures
        The newest: sent, answered, late, refused, waiting, p50_ms, p95_ms, p99_ms, ceiling, seconds; the
        ceiling None where it was not measured.
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

    def __repr__(self) -> str:
        asked = f"{self.template} of {self.clients} clients, {self.rate:g} a second for {self.seconds:g} s"
        why = f": {self.reason.rstrip('.')}" if self.reason else ""
        return f"<traffic {self.state}{why}; {asked} ({self.pattern})\n {self._came()}>"

    def _came(self) -> str:
        """Say what came of it so far, in the words of the figures."""
        if not self.figures:
            return "nothing sent yet"
        counts = [f"{self.sent:,} sent", f"{self.answered:,} answered"]
        counts += [f"{self.figures[name]:,} {name}" for name in _TROUBLE if self.figures.get(name)]
        times = [
            f"{name[:-3]} {value:.1f} ms"
            for name in ("p50_ms", "p95_ms", "p99_ms")
            if (value := self.figures.get(name)) is not None
        ]
        said = ", ".join(counts) + ("; " + ", ".join(times) if times else "")
        ceiling = self.figures.get("ceiling")
        return said + (f"; the kernel can take {ceiling:,.0f} a second" if ceiling else "")

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


_TROUBLE: Final = ("late", "refused", "waiting")


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
    in_the_way
        Says which faults and breakpoints step into the traffic; empty where none does.
    """

    def __init__(
        self,
        addresses: Callable[[], tuple[str, str] | None],
        headers: Callable[[], Mapping[str, str]],
        templates: Callable[[], Mapping[str, Mapping[str, Any]]],
        spoken: Callable[[], str],
        in_the_way: Callable[[], str],
    ) -> None:
        self._addresses = addresses
        self._headers = headers
        self._templates = templates
        self._spoken = spoken
        self._in_the_way = in_the_way
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._watchers = Watchers()
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

        What the kernel can take is measured first, with as many messages of the same clients as it takes to
        know, for half a second at most; a rate above four fifths of that is refused, since it would leave
        nothing for the person. While a fault is armed or a breakpoint set, which would act on the
        measurement too, nothing is measured, and at most 500 a second may be asked for.

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
        disturbed = self._in_the_way()
        if disturbed and rate > _UNMEASURED:
            raise TrafficError(
                f"{rate:g} a second may starve the kernel, and what it can take is not measured while "
                f"{disturbed}; ask for {_UNMEASURED:g} at most, or take that away first."
            ).about("rate")
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
            "late_ms": late_ms, "measure": not disturbed,
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
        if words := {"refused": _refusal, "done": _remarks}.get(said["state"]):
            report.reason = words(report, said, self._in_the_way())
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
        return self._watchers.add(changed)

    def _changed(self) -> None:
        self._watchers.tell()

    def _template(self, name: str | None) -> tuple[str, Mapping[str, Any]]:
        known = self._templates()
        if not known:
            raise TrafficError("The dialects of this bench have no templates for traffic.")
        name = next(iter(known)) if name is None else name
        if name not in known:
            raise TrafficError(f"There is no template {name!r}{near(str(name), known)}").about("template")
        return name, known[name]


def _refusal(report: Report, said: Mapping[str, Any], in_the_way: str) -> str:
    """Say why a run did not begin."""
    first = f"the first was told: {said['why']}."
    if said["reason"] == "door":
        return f"No client was let in{f', while {in_the_way}' if in_the_way else ''}; {first}"
    if said["silent"] and said["why"]:
        return f"No message was accepted; {first}"
    ceiling = said["ceiling"]
    return (
        f"{report.rate:g} a second would starve the kernel: with these hooks it got through {ceiling:g} a "
        f"second{' and answered none' if said['silent'] else ''}; ask for {ceiling * 0.8:.0f} at most."
    )


def _remarks(report: Report, said: Mapping[str, Any], in_the_way: str) -> str:
    """Say what there is to know of a run that is done."""
    away, sentences = said["turned_away"], []
    refused = said["refused"] - away
    parts = [f"{away} of {report.clients} clients were not let in"] if away else []
    parts += [f"{refused} of {said['sent']} messages were refused"] if refused else []
    if parts:
        sentences.append(f"{' and '.join(parts)}; the first was told: {said['why']}.")
    if said["waiting"] and in_the_way:
        sentences.append(f"{said['waiting']} messages are not answered, while {in_the_way}.")
    if said["ceiling"] is None:
        sentences.append("The ceiling was not measured, as faults and breakpoints act on a measurement too.")
    return " ".join(sentences)


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
