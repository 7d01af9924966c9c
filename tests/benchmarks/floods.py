"""A bench under a flood: what watching it costs, how a million events scroll and filter, what the page holds.

The peer of recording with the bench open is the same flood with nobody watching; the peer of a filter is the
line of pandas that selects the same.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.widgets.support import bench_with, echo, shout  # noqa: E402 - found by the line above
from tests.widgets.test_side import EDITS, edited_under_load  # noqa: E402
from workbench import Workbench  # noqa: E402
from workbench.widgets.filtering import read_query  # noqa: E402
from workbench.widgets.views import build  # noqa: E402

MILLION = 1_000_000
ROUNDS = 20
QUERIES = ("hook=shout", "duration>5ms", "changed", "connection=c3 and work>1us", "error~Timeout")
VIEWS = ("header", "chain", "events", "timeline", "stats", "lints")


def spread(taken: Sequence[float]) -> str:
    """Median and 99th percentile of some milliseconds."""
    ordered = sorted(taken)
    return f"p50 {statistics.median(ordered):.1f} ms, p99 {ordered[int(0.99 * (len(ordered) - 1))]:.1f} ms"


def timed(function: Callable[[], object]) -> float:
    """How many milliseconds a call takes."""
    begun = time.perf_counter()
    function()
    return (time.perf_counter() - begun) * 1000


def filled() -> Workbench:
    """Make a bench with a million events, two hooks each."""
    bench = bench_with(shout, echo)
    bench.trace.snapshots.limit(0)
    peer = SimpleNamespace(send=lambda _: None)
    message = SimpleNamespace(text=lambda: "hi", raw_data="hi")
    bench.chain("message").remove("shout")
    bench.chain("message").attach(lambda _peer, _message: None, name="shout")
    fire = bench.board.plan("message").fire
    for number in range(MILLION):
        fire(number % 32 + 1, peer, message)
    if bench.trace.kept != MILLION:
        raise SystemExit(f"{bench.trace.kept:,} of a million events were kept")
    return bench


def by_pandas(bench: Workbench, query: str) -> None:
    """Select as the line does that the panel offers to copy."""
    spoken = read_query(query)
    assert spoken is not None
    first, second = spoken.as_pandas("bench").splitlines()
    space: dict[str, object] = {"bench": bench}
    exec(first, space)
    eval(second, space)


def kernel(bench: Workbench) -> None:
    """Print what the kernel's answers cost, without carrier and page."""
    for query in QUERIES:
        first = timed(partial(build, "events", bench, {"query": query, "rank": 10}))
        params = {"query": query, "before": MILLION, "limit": 70}
        later = [
            timed(partial(build, "events", bench, {**params, "rank": number * 40_000}))
            for number in range(ROUNDS)
        ]
        peer = timed(partial(by_pandas, bench, query))
        ours = f"first {first:.0f} ms, then {spread(later)}"
        print(f"filter {query} | {ours} | pandas {peer:.0f} ms | {first / peer:.2f}x | <= 200 ms")
    for view in VIEWS:
        build(view, bench, {})
        taken = [timed(partial(build, view, bench, {})) for _ in range(ROUNDS)]
        print(f"a frame of {view} at a million events | {spread(taken)} | - | - | <= 200 ms")


def edits() -> None:
    """Print what became of twenty edits a second while clients talk."""
    begun = time.perf_counter()
    with redirect_stdout(StringIO()):  # the hooks print
        sent, heard, answers, bench = asyncio.run(edited_under_load())
    seconds = time.perf_counter() - begun
    made = sum(answer["op"] == "answer" for answer in answers)
    counted = bench.trace.recorder.totals.points["message"].calls
    ours = f"{made} made, {made / seconds:.0f} a second; {sent:,} messages, {sent - len(heard)} lost, "
    print(f"{EDITS} edits under load | {ours}{sent - counted} not counted | - | - | none lost")


def page() -> None:
    """Print what a real page does, where there is a browser and the front end is built."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("page | skipped: Playwright is not installed | - | - | -")
        return
    from tests.ui.conftest import BUILT, OPTIONS, chromium, jupyter

    if not BUILT.exists():
        print("page | skipped: the front end is not built | - | - | -")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter(Path(folder), "lab", OPTIONS) as process,
        sync_playwright() as playwright,
    ):
        browser = chromium(playwright)
        in_lab(browser, process)
        browser.close()


def in_lab(browser: object, process: object) -> None:
    """Flood a bench in JupyterLab, scroll, filter, and weigh the page."""
    from tests.ui.flood import FILTERS, MEGABYTE, FloodedPage
    from tests.ui.lab import LabPage
    from tests.ui.panel import BENCH

    lab = LabPage(browser, process, [BENCH], size=(1400, 1000))  # type: ignore[arg-type]
    flooded = FloodedPage(lab)
    idle = flooded.heap()
    flooded.open()
    flooded.run("begin(500_000, 50_000)")
    watched = flooded.run("end()")
    frames = flooded.frames()
    lab.page.evaluate("document.querySelector('.hook-workbench').style.display = 'none'")
    flooded.run("begin(500_000, 50_000)")
    alone = flooded.run("end()")
    lab.page.evaluate("document.querySelector('.hook-workbench').style.display = ''")
    open_, shut = (500_000 / one["seconds"] for one in (watched, alone))
    ours = f"{open_:,.0f} events/s, {500_000 - watched['messages']} lost"
    print(f"page: recording | {ours} | nobody looks {shut:,.0f} | {open_ / shut:.2f}x | 50,000 events/s")
    seconds = frames[-1][0] - frames[0][0]
    weight = sum(size for *_, size in frames) / seconds / 1000
    weight = sum(size for *_, size in frames) / seconds / 1000
    print(f"page: frames | {len(frames) / seconds:.1f} a second, {weight:.0f} kB/s | - | - | <= 25 a second")
    flooded.wait_for_total(MILLION)
    scrolls = [flooded.scroll_to(share / 23 % 1) for share in range(5, 105)]
    print(f"page: scrolling a million events | {spread(scrolls)} | - | - | <= 200 ms")
    counts = flooded.run(f"counts({FILTERS!r})")
    filters = []
    for query, matching in [*counts.items()] * 5:
        lab.page.wait_for_timeout(400)  # faster than anybody filters; beyond 25 frames a second they wait
        filters.append(flooded.filter(query, matching))
    print(f"page: a filter over a million events | {spread(filters)} | - | - | <= 200 ms")
    flooded.filter("", MILLION)
    grown = (flooded.heap() - idle) / MEGABYTE
    print(f"page: growth of the heap over the idle notebook | {grown:.1f} MB | - | - | < 30 MB")
    lab.close()


def main() -> None:
    """Print the rows of the table."""
    kernel(filled())
    edits()
    page()


if __name__ == "__main__":
    main()
