"""Arguments, and the one place where errors become a line and an exit code."""

from __future__ import annotations

__all__ = ["EXIT_USAGE", "main"]

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from workbench import __version__
from workbench.cli.errors import CommandError
from workbench.cli.new import KINDS, new_hook
from workbench.engine.errors import Told, near

EXIT_USAGE = 2
"""Exit code of every mistake that is the user's to mend."""

_LAST_PORT = 65_535
_COMMANDS = ("demo", "lab", "new", "serve")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message}. See `{self.prog} --help`.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after the program's name; None takes those of this process.

    Returns
    -------
    int
        0, or 2 after a mistake that has been named on stderr; ``demo --headless`` also has 1.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except CommandError as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        return 130  # what shells report of a program that SIGINT ended
    except Told as error:
        return _failed(str(error))


def _run(arguments: Sequence[str]) -> int:
    if arguments and not arguments[0].startswith("-") and arguments[0] not in _COMMANDS:
        raise CommandError(f"There is no command {arguments[0]!r}{near(arguments[0], _COMMANDS)}")
    parsed = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = parsed.run
    return run(parsed)


def _failed(sentence: str) -> int:
    line = " ".join(sentence.split())
    sys.stderr.write(f"workbench: {line}\n")
    sys.stderr.flush()
    return EXIT_USAGE


def _parser() -> _Parser:
    parser = _Parser(prog="workbench", description="A live hook server, in Jupyter or on its own.")
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(required=True, metavar="{" + ",".join(_COMMANDS) + "}")
    _add_demo(commands.add_parser("demo", help="open JupyterLab on the tour"))
    _add_lab(commands.add_parser("lab", help="open JupyterLab in this folder"))
    _add_new(commands.add_parser("new", help="write a file to start from"))
    _add_serve(commands.add_parser("serve", help="serve the benches of a file, without Jupyter"))
    return parser


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.description = "Open JupyterLab on a copy of the tour, in the folder workbench-demo."
    parser.add_argument(
        "--headless", action="store_true", help="run the tour in a real kernel and print what it shows"
    )
    _add_lab_options(parser)
    parser.set_defaults(run=_demo)


def _add_lab(parser: argparse.ArgumentParser) -> None:
    parser.description = "Open JupyterLab in this folder, with the workbench's side bar on."
    _add_lab_options(parser)
    parser.set_defaults(run=_lab)


def _add_lab_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, help="port of JupyterLab (default: the first free from 8888)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write hooks/NAME.py, a hook to start from; nothing that is there is overwritten."
    parser.add_argument("thing", metavar="hook", choices=["hook"], help="what to write: a hook")
    parser.add_argument("name", metavar="NAME", help="name of the hook, such as log-runtime")
    parser.add_argument("--dialect", default="feathers", help="whose hook it is (default: feathers)")
    parser.add_argument("--type", choices=KINDS, default="around", help="where it stands (default: around)")
    parser.set_defaults(run=_new)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.description = "Serve the benches that a file defines at module level, or the one named."
    parser.add_argument("target", metavar="FILE.py[:name]", help="the file, and the variable of one bench")
    parser.add_argument("--host", help="address to listen on (default: the bench's own, or 127.0.0.1)")
    parser.add_argument(
        "--port",
        type=_port,
        help="port of the first bench, the next takes the next one (default: the bench's own, or any free)",
    )
    parser.set_defaults(run=_serve)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_LAST_PORT}, not {text!r}")
    return int(text)


def _demo(parsed: argparse.Namespace) -> int:
    from workbench.cli.demo import open_tour, run_headless

    if parsed.headless:
        return run_headless()
    return open_tour(Path.cwd(), _lab_options(parsed))


def _lab(parsed: argparse.Namespace) -> int:
    from workbench.cli.demo import open_lab

    return open_lab(_lab_options(parsed))


def _lab_options(parsed: argparse.Namespace) -> list[str]:
    options = [] if parsed.port is None else [f"--port={parsed.port}", "--ServerApp.port_retries=0"]
    return [*options, "--no-browser"] if parsed.no_browser else options


def _new(parsed: argparse.Namespace) -> int:
    new_hook(parsed.name, Path.cwd(), dialect=parsed.dialect, kind=parsed.type)
    return 0


def _serve(parsed: argparse.Namespace) -> int:
    from workbench.cli.serve import serve

    return serve(parsed.target, host=parsed.host, port=parsed.port)
