"""A bench under a flood from clients in memory, and the page's answers to scrolling and filtering."""

from __future__ import annotations

__all__ = ["FILTERS", "FLOOD", "MEGABYTE", "FloodedPage"]

import json
from typing import Any

from playwright.sync_api import expect

from tests.ui.lab import LabPage
from tests.ui.panel import Panel

MEGABYTE = 1024 * 1024

FLOOD = """
import asyncio, json, threading
from workbench.testing.memory import MemoryClient

sent, heard, seconds = 0, 0, 0.0

async def flood(count, rate):
    global sent, heard, seconds
    sockets = [await MemoryClient(bench._application).connect("/") for _ in range(8)]
    loop = asyncio.get_running_loop()
    begun, done = loop.time(), 0
    while done < count:
        due = min(int((loop.time() - begun) * rate), done + rate // 50, count)
        for number in range(done, due):
            sockets[number % 8].send("hello")
        done = due
        await asyncio.sleep(0.002)
        heard += sum(len(socket.received()) for socket in sockets)
    await asyncio.sleep(0.2)
    heard += sum(len(socket.received()) for socket in sockets)
    sent += count
    seconds = loop.time() - begun - 0.2

def begin(count, rate):
    global flooding
    flooding = threading.Thread(target=lambda: bench.run(flood(count, rate), timeout=None))
    flooding.start()

def figures():
    recorder = bench.trace.recorder
    print(json.dumps({"sent": sent, "heard": heard, "seconds": seconds, "events": recorder.events,
        "messages": recorder.totals.points["message"].calls,
        "kept": bench.trace.kept, "dropped": bench.trace.dropped}))

def end():
    flooding.join()
    figures()

def counts(queries):
    from workbench.widgets.filtering import read_query
    found = {}
    for query in queries:
        first, second = read_query(query).as_pandas("bench").splitlines()
        exec(first, globals())
        found[query] = len(eval(second))
    print(json.dumps(found))
"""
"""Begins a flood in the bench's own thread, ends it, and says what came of it."""

FILTERS = ("connection=c3", "point=message and not changed", "hook=shout", "duration>1ms", "dispatch<=1000")

_NOTING = """
() => {
    window.notedFrames = [];
    window.WebSocket = class extends WebSocket {
        constructor(...args) {
            super(...args);
            this.addEventListener('message', ({ data }) => {
                const view = /^{"op":"frame","view":"([a-z]+)"/.exec(data);
                if (view) window.notedFrames.push([performance.now() / 1000, view[1], data.length]);
            });
        }
    };
}
"""

_RUN = """
code => new Promise((resolve, reject) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const running = kernel.requestExecute({ code, store_history: false });
    let printed = '';
    running.onIOPub = ({ header, content }) => {
        if (header.msg_type === 'stream') printed += content.text;
    };
    running.done.then(({ content }) => content.status === 'ok' ? resolve(printed) : reject(content.evalue));
})
"""

_WHEN = """
([selector, act, done, within]) => new Promise((resolve, reject) => {
    const panel = document.querySelector(selector);
    const begun = performance.now();
    const scope = { panel, list: panel.querySelector('.body.scroll') };
    const holds = new Function('panel', 'list', `return ${done}`);
    new Function('panel', 'list', act)(panel, scope.list);
    const look = () => {
        if (holds(panel, scope.list)) resolve(performance.now() - begun);
        else if (performance.now() - begun > within) reject(new Error(`not within ${within} ms: ${done}; `
            + panel.querySelector('.pf').textContent));
        else requestAnimationFrame(look);
    };
    look();
})
"""


class FloodedPage:
    """A notebook with a bench that is flooded.

    Parameters
    ----------
    lab
        The page; its first cell shows a bench.
    """

    EVENTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .hook-workbench [data-panel=events]"

    def __init__(self, lab: LabPage) -> None:
        self.lab = lab
        self._cdp = lab.context.new_cdp_session(lab.page)
        self._cdp.send("Performance.enable")
        lab.page.evaluate(_NOTING)

    def open(self) -> Panel:
        """Run the bench's cell and wait until the widget is connected."""
        self.lab.run_cell(0)
        self.run(FLOOD)
        return Panel(self.lab).ready()

    def run(self, code: str) -> Any:
        """Run code in the kernel, without a cell that would scroll the widget away; return what it prints."""
        printed = self.lab.page.evaluate(_RUN, code)
        return json.loads(printed) if printed else None

    def heap(self) -> int:
        """Bytes that the page's JavaScript holds after its garbage is collected."""
        for _ in range(3):
            self._cdp.send("HeapProfiler.collectGarbage")
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        return int(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize"))

    def time(self, act: str, done: str, within: int = 10_000) -> float:
        """Do something in the page and wait until something holds; return the milliseconds between.

        Parameters
        ----------
        act, done
            JavaScript with `panel`, the events panel, and `list`, what scrolls in it.
        within
            Milliseconds after which it has failed.
        """
        return float(self.lab.page.evaluate(_WHEN, [self.EVENTS, act, done, within]))

    def scroll_to(self, share: float) -> float:
        """Scroll to a place of the whole list, and wait for the rows that belong there; in ms."""
        at = f"Math.round((list.scrollHeight - list.clientHeight) * {share})"
        first = "panel.querySelector('tr[data-dispatch]')"
        act = f"const old = {first}.dataset.dispatch; list.scrollTop = {at}; panel.dataset.old = old"
        return self.time(
            act,
            f"{first}.dataset.dispatch !== panel.dataset.old && {first}.closest('table').ariaBusy !== 'true'",
        )

    def filter(self, query: str, matching: int) -> float:
        """Type a filter and wait until the foot says how many match; in ms, less the pause after typing."""
        field = "panel.querySelector('[aria-label=\"Filter events\"]')"
        act = (
            f"const field = {field}; field.focus(); field.value = {json.dumps(query)};"
            "field.dispatchEvent(new Event('input', { bubbles: true }));"
            "field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))"
        )
        said = f"of {matching:,}".replace(",", "\u202f")
        rest = " that match" if query else ""
        return self.time(act, f"panel.querySelector('.pf').textContent.includes({json.dumps(said + rest)})")

    @property
    def rows(self) -> list[int]:
        """Numbers of the events in sight."""
        return [int(number) for number in self.lab.page.eval_on_selector_all(
            f"{self.EVENTS} tr[data-dispatch]", "rows => rows.map(row => row.dataset.dispatch)")]  # fmt: skip

    def frames(self) -> list[tuple[float, str, int]]:
        """When frames came, in seconds of the page's clock, of which view, and how long they were."""
        return [(at, view, size) for at, view, size in self.lab.page.evaluate("window.notedFrames")]

    def wait_for_total(self, events: int) -> None:
        """Wait until the foot of the list says so many events."""
        said = f"of {events:,}".replace(",", "\u202f")
        expect(self.lab.page.locator(f"{self.EVENTS} .pf")).to_contain_text(said)
