"""How `dev.py` runs the steps of a job: tracks side by side, each step's output whole."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).resolve().parents[1] / "dev.py"
# A step that starts something and ends it when it is interrupted, as pytest does with its fixtures.
SLEEPER = """
import pathlib, time
file = pathlib.Path({file!r})
try:
    print('asleep', flush=True)
    file.write_text('begun')
    time.sleep(60)
finally:
    file.write_text('ended what it had started')
"""
WAITS = "import pathlib, sys, time\nwhile not pathlib.Path({file!r}).exists(): time.sleep(0.02)\n"


@pytest.fixture(name="dev", scope="module")
def _dev() -> ModuleType:
    """Import `dev.py`, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("dev", DEV)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python(program: str) -> list[str]:
    """Return the command that runs a program."""
    return [sys.executable, "-c", program]


def run(dev: ModuleType, *tracks: list[tuple[str, str]]) -> int:
    """Run tracks of small programs."""
    return int(dev.side_by_side(*[[(name, python(program)) for name, program in track] for track in tracks]))


def test_what_a_step_prints_is_whole(dev: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    """Two steps that print by turns are shown one after the other, each between lines with its name."""
    says = "import sys, time\nfor _ in range(5): print('{0}', flush=True); time.sleep(0.02)\n"
    says += "print('!', file=sys.stderr)"
    assert run(dev, [("one", says.format("1"))], [("two", says.format("2"))]) == 0
    printed = capfd.readouterr().out
    for name, number in (("one", "1"), ("two", "2")):
        assert f"\n=== {name}\n" + f"{number}\n" * 5 + f"!\n=== {name}: passed in " in printed


def test_a_long_step_is_named_while_it_runs(
    dev: ModuleType, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every minute says which steps still run, and for how long they have."""
    monkeypatch.setattr(dev, "MINUTE", 0.2)
    assert run(dev, [("quick", ""), ("slow", "import time; time.sleep(0.6)")]) == 0
    assert "... still running: slow (0 s)\n" in capfd.readouterr().out


def test_the_first_failure_ends_the_other_tracks(
    dev: ModuleType, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its status is the job's; later steps do not begin, and one that runs is interrupted and cleans up."""
    file = tmp_path / "cleaned"
    fails = WAITS.format(file=str(file)) + "print('a reason'); sys.exit(3)"
    sleeper = SLEEPER.format(file=str(file))
    assert run(dev, [("bad", fails), ("later", "")], [("long", sleeper), ("much later", "")]) == 3
    printed = capfd.readouterr().out
    assert "=== bad\na reason\n=== bad: FAILED in " in printed
    assert "=== long\nasleep\n" in printed
    assert "=== long: stopped in " in printed
    assert "later" not in printed
    assert file.read_text() == "ended what it had started"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_the_job_ends_its_steps(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C, a supervisor's time limit and a closed terminal: each track is interrupted and cleans up."""
    files = [tmp_path / "one", tmp_path / "two"]
    tracks = [[("sleeper", python(SLEEPER.format(file=str(file))))] for file in files]
    program = f"import dev; dev.stop_when_told(); print(dev.side_by_side(*{tracks!r}))"
    job = subprocess.Popen(python(program), cwd=DEV.parent, stdout=subprocess.PIPE, text=True)
    while not all(file.exists() for file in files):
        time.sleep(0.02)
    job.send_signal(number)
    printed, _ = job.communicate(timeout=40)
    assert printed.endswith("\n130\n")
    assert [file.read_text() for file in files] == ["ended what it had started"] * 2
