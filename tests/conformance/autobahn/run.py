"""Runs Autobahn's fuzzing client against an echo server of ours and counts its verdicts.

    python tests/conformance/autobahn/run.py [--cases 1.*,2.*] [--report FOLDER] [--python PYTHON2.7]

Groups 1 to 7 and 10 by default, without compression; `--deflate` runs 12 and 13 instead. Autobahn needs
Python 2.7: one that pyenv has, or that `--python` names. Its environment is made once, in the user's cache
folder. The exit status is 1 when any case is FAILED, UNCLEAN or WRONG CODE, 2 when Autobahn cannot be run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from workbench.server import HookServer, ServerOptions, WebSocketFailure, WebSocketTransport, serve_handler
from workbench.server.links import Handshake
from workbench.server.messages import Request, Response

PLAIN = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
COMPRESSED = ["12.*", "13.*"]
BAD = ("FAILED", "UNCLEAN", "WRONG CODE", "FAILED BY CLIENT")
LIMIT = 64 * 1024 * 1024


class Echo:
    """A link that sends back what comes."""

    def opened(self, transport: WebSocketTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    def message(self, data: str | bytes) -> None:
        """Send it back."""
        self.transport.send(data)

    def ping(self, data: bytes) -> None:
        """Nothing: the server has answered."""

    def pong(self, data: bytes) -> None:
        """Nothing."""

    def failed(self, error: WebSocketFailure) -> None:
        """Nothing: that is what the fuzzer is for."""

    def close_received(self, code: int, reason: str) -> None:
        """Nothing."""

    def closed(self, code: int, reason: str) -> None:
        """Nothing."""

    def drained(self) -> None:
        """Nothing."""


class EchoHandler:
    """Every path is an echo."""

    def request(self, request: Request) -> Response:
        """Answer something."""
        return Response(f"echo at {request.path}")

    def upgrade(self, request: Request, handshake: Handshake) -> None:  # noqa: ARG002
        """Open an echo."""
        handshake.accept(Echo())


def main() -> int:
    """Run, print the counts, give the exit status."""
    arguments = _arguments()
    try:
        wstest = environment(arguments.python)
    except (OSError, subprocess.CalledProcessError, LookupError) as error:
        print(f"Autobahn cannot be run: {error}", file=sys.stderr)
        return 2
    cases = COMPRESSED if arguments.deflate else PLAIN
    if arguments.cases:
        cases = arguments.cases.split(",")
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(arguments.report or scratch)
        return verdict(run(wstest, cases, report, deflate=arguments.deflate))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", help="patterns of cases, with commas")
    parser.add_argument("--report", help="folder to leave Autobahn's report in")
    parser.add_argument("--python", help="a Python 2.7")
    parser.add_argument("--deflate", action="store_true", help="groups 12 and 13, with compression on")
    return parser.parse_args()


def environment(python: str | None) -> Path:
    """Give the path of wstest, in an environment made on first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hook-workbench" / "autobahn"
    wstest = cache / "bin" / "wstest"
    if not wstest.exists():
        python = python or find_python()
        maker = cache.with_name("autobahn-maker")
        subprocess.run([sys.executable, "-m", "venv", str(maker)], check=True)
        _quietly(maker / "bin" / "pip", "install", "virtualenv==20.15.1")
        _quietly(maker / "bin" / "virtualenv", "--python", python, str(cache))
        _quietly(cache / "bin" / "pip", "install", "autobahntestsuite")
    return wstest


def find_python() -> str:
    """Find a Python 2.7; raises `LookupError`."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [*sorted(root.glob("versions/2.7.*/bin/python2.7")), shutil.which("python2.7")]
    for candidate in candidates:
        if candidate:
            return str(candidate)
    raise LookupError("no Python 2.7 found; install one with `pyenv install 2.7.18` or name it with --python")


def _quietly(program: Path, *arguments: str) -> None:
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{program.name} {arguments[0]} failed:\n{done.stdout}{done.stderr}")


def run(wstest: Path, cases: list[str], report: Path, *, deflate: bool) -> dict[str, Any]:
    """Run the fuzzer against a server of ours; give its index of verdicts."""
    options = ServerOptions(max_message=LIMIT, deflate=deflate, idle_timeout=None)
    server = HookServer(serve_handler(EchoHandler()), options, "autobahn").start()
    specification = {
        "outdir": str(report),
        "servers": [{"agent": "workbench", "url": server.ws_url}],
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    report.mkdir(parents=True, exist_ok=True)
    plan = report / "fuzzingclient.json"
    plan.write_text(json.dumps(specification))
    try:
        _quietly(wstest, "--mode", "fuzzingclient", "--spec", str(plan))
    finally:
        server.stop()
    index: dict[str, Any] = json.loads((report / "index.json").read_text())
    return dict(index["workbench"])


def verdict(index: dict[str, Any]) -> int:
    """Print the counts and the bad cases; give the exit status."""
    bad = {
        case: (entry["behavior"], entry["behaviorClose"])
        for case, entry in index.items()
        if entry["behavior"] in BAD or entry["behaviorClose"] in BAD
    }
    for what in ("behavior", "behaviorClose"):
        counts = Counter(entry[what] for entry in index.values())
        print(f"{what}:", ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    for case, verdicts in sorted(bad.items()):
        print("bad:", case, *verdicts)
    print(f"{len(index)} cases, {len(bad)} bad")
    return 1 if bad or not index else 0


if __name__ == "__main__":
    sys.exit(main())
