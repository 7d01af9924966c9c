"""What workbench.trace.output promises."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from workbench.trace import output
from workbench.trace.output import OutputProxy, Printed, capture


class Here:
    """Says what a test wants as the call that runs here."""

    def __init__(self) -> None:
        self.call: tuple[int, int] | None = None

    def __call__(self) -> tuple[int, int] | None:
        """The call."""
        return self.call


@pytest.fixture
def here() -> Here:
    """Nobody runs."""
    return Here()


@pytest.fixture(autouse=True)
def streams() -> Iterator[None]:
    """Leave the streams as they were, whatever a test does."""
    before = sys.stdout, sys.stderr
    yield
    sys.stdout, sys.stderr = before
    output._captures.clear()


def _texts(printed: Printed) -> list[tuple[int, int, str, str]]:
    return [(line.dispatch, line.position, line.stream, line.text) for line in printed.lines()]


def test_a_hooks_print_is_kept_with_its_call(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    """Inside a call text goes to the call, outside where it always went; both streams."""
    printed = Printed()
    started = capture(here, printed)
    print("outside")
    here.call = (7, 2)
    print("inside", 1)
    print("also", file=sys.stderr)
    here.call = None
    print("outside again", file=sys.stderr)
    started.stop()

    assert _texts(printed) == [(7, 2, "stdout", "inside 1\n"), (7, 2, "stderr", "also\n")]
    assert capsys.readouterr() == ("outside\n", "outside again\n")


def test_calls_that_print_in_turns_keep_their_own_text(here: Here) -> None:
    """Waiting hooks that go on in turns do not mix their text."""
    printed = Printed()
    started = capture(here, printed)
    for dispatch in (1, 2, 1, 2):
        here.call = (dispatch, 0)
        print("piece", dispatch)
    started.stop()

    assert [line.text for line in printed.lines(1)] == ["piece 1\npiece 1\n"]
    assert [line.text for line in printed.lines(2)] == ["piece 2\npiece 2\n"]


def test_the_streams_come_back_with_the_last_stop() -> None:
    """Captures are counted; stopping twice counts once."""
    before = sys.stdout, sys.stderr
    one = capture(Here(), Printed())
    proxy = sys.stdout
    other = capture(Here(), Printed())
    assert sys.stdout is proxy

    one.stop()
    one.stop()
    assert sys.stdout is proxy
    other.stop()
    assert (sys.stdout, sys.stderr) == before


def test_each_bench_gets_its_own_text() -> None:
    """With two benches, the one whose hook runs gets it."""
    here, there = Here(), Here()
    mine, theirs = Printed(), Printed()
    captures = [capture(here, mine), capture(there, theirs)]
    there.call = (3, 0)
    print("theirs")
    for one in captures:
        one.stop()

    assert (len(mine), len(theirs)) == (0, 1)


def test_text_may_go_both_ways(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    """With tee, a server on a terminal shows what its hooks print."""
    printed = Printed()
    started = capture(here, printed, tee=True)
    here.call = (1, 0)
    sys.stdout.writelines(["a", "b\n"])
    started.stop()

    assert _texts(printed) == [(1, 0, "stdout", "ab\n")]
    assert capsys.readouterr().out == "ab\n"


def test_others_stand_ins_are_respected(here: Here) -> None:
    """Whoever replaced a stream since keeps it; a stand-in put back later passes everything through."""
    original = sys.stdout
    started = capture(here, Printed())
    proxy = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()) as theirs:
        started.stop()
        assert sys.stdout is theirs
    assert sys.stdout is proxy

    here.call = (1, 0)
    print("nobody keeps this")
    again = capture(Here(), Printed())
    assert sys.stdout is proxy
    again.stop()
    assert sys.stdout is original


def test_a_stream_put_in_place_meanwhile_is_wrapped_by_the_next(here: Here) -> None:
    """A bench that starts under a redirection captures there, and gives that stream back."""
    first = capture(Here(), Printed())
    with contextlib.redirect_stdout(io.StringIO()) as theirs:
        printed = Printed()
        second = capture(here, printed)
        here.call = (1, 0)
        print("kept")
        here.call = None
        print("theirs")
        first.stop()
        second.stop()
        assert sys.stdout is theirs

    assert theirs.getvalue() == "theirs\n"
    assert _texts(printed) == [(1, 0, "stdout", "kept\n")]


def test_no_stream_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pythonw there is no stdout at all."""
    monkeypatch.setattr(sys, "stdout", None)
    capture(Here(), Printed()).stop()
    assert sys.stdout is None


class Stream(io.StringIO):
    """A stream with an attribute of its own, as ipykernel's has."""

    parent_header: Any = None


def test_a_stand_in_is_the_stream_in_all_else() -> None:
    """Attributes, class, iteration, context and deletion are the wrapped stream's."""
    stream = Stream("a\nb\n")
    proxy = OutputProxy(stream, "stdout")

    proxy.parent_header = {"id": 1}
    assert stream.parent_header == {"id": 1}
    del proxy.parent_header
    assert proxy.parent_header is None
    assert isinstance(proxy, Stream)
    assert list(proxy) == ["a\n", "b\n"]
    assert repr(proxy).startswith("<stdout with hooks' text kept apart, of <")
    with proxy as entered:
        assert entered is proxy
    assert stream.closed


def test_ipykernels_stream_can_be_stood_in_for() -> None:
    """Its class is the one that ipykernel looks for."""
    from ipykernel import iostream

    stream = iostream.OutStream.__new__(iostream.OutStream)
    assert isinstance(OutputProxy(stream, "stdout"), iostream.OutStream)
    stream.write = lambda _: 1  # type: ignore[method-assign,assignment]
    stream.close = lambda: None  # type: ignore[method-assign]


def test_a_write_that_somebody_puts_in_place_stays_on_the_stand_in(here: Here) -> None:
    """IPython wraps the present `write` while a cell runs: it must not meet itself."""
    stream, printed = Stream(), Printed()
    sys.stdout = stream
    started = capture(here, printed)
    proxy: Any = sys.stdout
    present, seen = proxy.write, []

    def write(text: str) -> int:
        seen.append(text)
        written: int = present(text)
        return written

    proxy.write = write
    print("cell", file=proxy)
    here.call = (1, 0)
    print("hook", file=proxy)
    here.call = None
    del proxy.write
    print("after", file=proxy)
    started.stop()

    assert stream.getvalue() == "cell\nafter\n"
    assert "".join(seen) == "cell\nhook\n"
    assert [line.text for line in printed.lines()] == ["hook\n"]


IN_A_KERNEL = """
import sys, threading
from workbench.trace.output import Printed, capture
calls = {}  # thread -> the call that runs in it
printed = Printed()
started = capture(lambda: calls.get(threading.get_ident()), printed)
def serve():
    calls[threading.get_ident()] = (7, 0)
    print("from a hook")
"""


def test_in_a_kernel_no_cell_shows_what_a_hook_prints() -> None:
    """A hook's text is kept while cells run in the same kernel, and their output stays theirs."""
    from jupyter_client import manager

    kernel, client = manager.start_new_kernel(kernel_name="python3")
    shown: list[str] = []

    def run(code: str) -> None:
        client.execute_interactive(
            code, timeout=30, output_hook=lambda message: shown.append(message["content"].get("text", ""))
        )

    try:
        run(IN_A_KERNEL)
        run("thread = threading.Thread(target=serve); thread.start(); thread.join(); print('from a cell')")
        run("started.stop(); print(type(sys.stdout).__name__, printed.lines()[0].text)")
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)

    assert "".join(shown) == "from a cell\nOutStream from a hook\n\n"


def test_the_number_of_calls_is_bounded() -> None:
    """The oldest calls' text goes, and is counted."""
    printed = Printed(calls=2)
    for dispatch in range(3):
        printed.write(dispatch, 0, "stdout", "x")
    assert [line.dispatch for line in printed.lines()] == [1, 2]
    assert printed.dropped == 1

    printed.clear()
    assert (len(printed), printed.dropped) == (0, 0)


def test_memory_is_bounded() -> None:
    """Long texts push older calls out; one call's text is cut with a note."""
    printed = Printed(memory=40_000)
    for dispatch in range(10):
        for _ in range(5):
            printed.write(dispatch, 0, "stdout", "x" * 5000)

    assert len(printed) == 2
    assert printed.lines()[-1].text == "x" * 16384 + "... (cut: 8616 more characters)\n"
