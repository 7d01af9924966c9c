"""The command line, as a person runs it: in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from workbench import __version__
from workbench.cli.demo import copy_tour, notebooks_folder
from workbench.testing import free_port

ECHO = """
from workbench import Workbench

main = Workbench("crossws")

@main.hook("message")
def echo(peer, message):
    print("heard", message.text())
    peer.send(message.text())
"""


def command(*words: str) -> list[str]:
    """Give the words of a process that runs the command line."""
    return [sys.executable, "-W", "error", "-m", "workbench.cli", *words]


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*words), cwd=folder, capture_output=True, text=True, timeout=50, check=False
    )


@contextmanager
def serving(*words: str, folder: Path, lines: int = 1) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run `serve` and give the process with its first lines; it is killed if it should outlive the block."""
    process = subprocess.Popen(
        command("serve", *words), cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield process, [process.stdout.readline().rstrip() for _ in range(lines)]
    finally:
        process.kill()
        process.communicate()


def write(folder: Path, text: str, name: str = "app.py") -> Path:
    """Write a file to serve."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# -- serve


def test_a_bench_is_served_and_stops_on_sigterm(tmp_path: Path) -> None:
    """One line says where, clients are answered, SIGTERM ends it cleanly, and what hooks print is seen."""
    write(tmp_path, ECHO)
    port = free_port()

    with serving("app.py", "--port", str(port), folder=tmp_path) as (process, (line,)):
        with connect(f"ws://127.0.0.1:{port}") as client:
            client.send("hello")
            assert client.recv(timeout=20) == "hello"
            process.send_signal(signal.SIGTERM)
            assert list(client) == []
            assert client.close_code == 1001
        out, err = process.communicate(timeout=10)

    assert line == f"serving main (crossws) on http://127.0.0.1:{port}"
    assert (process.returncode, out, err) == (0, "heard hello\n", "")


def test_sigint_stops_too(tmp_path: Path) -> None:
    """Ctrl+C is no error and shows no traceback."""
    write(tmp_path, ECHO)

    with serving("app.py", folder=tmp_path) as (process, _):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (0, "", "")


def test_several_benches_take_consecutive_ports_in_the_order_of_the_file(tmp_path: Path) -> None:
    """The first on P, the next on P+1; a second name for a bench does not serve it twice."""
    text = """
        from workbench import Workbench
        zebra = Workbench("crossws", idle_timeout=3)
        ant = Workbench("crossws", name="the ant")
        again = zebra
        if __name__ == "__main__":
            raise SystemExit("not served")
    """
    write(tmp_path, textwrap.dedent(text))
    port = free_port(2)

    with serving("app.py", "--port", str(port), folder=tmp_path, lines=2) as (_, lines):
        assert lines == [
            f"serving zebra (crossws) on http://127.0.0.1:{port}",
            f"serving the ant (crossws) on http://127.0.0.1:{port + 1}",
        ]


def test_one_bench_can_be_chosen(tmp_path: Path) -> None:
    """By its variable, after a colon."""
    write(tmp_path, 'from workbench import Workbench\na = Workbench("crossws")\nb = Workbench("crossws")\n')
    port = free_port()

    with serving("app.py:b", "--port", str(port), folder=tmp_path) as (process, (line,)):
        assert line == f"serving b (crossws) on http://127.0.0.1:{port}"
        process.terminate()
        assert process.communicate(timeout=10)[0] == ""


def test_the_benchs_own_host_and_port_hold_where_none_is_given(tmp_path: Path) -> None:
    """Options in the file are what the file's author wants."""
    port = free_port()
    write(
        tmp_path,
        f'from workbench import Workbench\nb = Workbench("crossws", port={port}, host="localhost")\n',
    )

    with serving("app.py", folder=tmp_path) as (_, (line,)):
        assert line == f"serving b (crossws) on http://localhost:{port}"


def test_the_files_folder_is_on_the_import_path(tmp_path: Path) -> None:
    """As for any program that Python runs."""
    write(tmp_path, "NAME = 'borrowed'\n", "neighbour.py")
    write(
        tmp_path,
        "import neighbour\nfrom workbench import Workbench\nb = Workbench('crossws', neighbour.NAME)\n",
    )

    with serving(str(tmp_path / "app.py"), folder=Path.cwd()) as (_, (line,)):
        assert line.startswith("serving borrowed (crossws) on http://127.0.0.1:")


def test_a_hooks_error_is_logged_and_the_server_goes_on(tmp_path: Path) -> None:
    """The terminal shows the user's frames."""
    write(
        tmp_path, ECHO.replace('print("heard", message.text())', "assert message.text() != 'bad', 'bad text'")
    )

    with serving("app.py", folder=tmp_path) as (process, (line,)):
        with connect(line.split()[-1].replace("http", "ws", 1)) as client:
            client.send("bad")
            client.send("good")
            assert client.recv(timeout=20) == "good"
        process.terminate()
        err = process.communicate(timeout=10)[1]

    assert "AssertionError: bad text at message" in err
    assert 'app.py", line 8, in echo' in err
    assert process.returncode == 0


# -- mistakes: one line, exit code 2


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (None, ["serve", "missing.py"], "There is no file missing.py; expected FILE.py or FILE.py:name."),
        (None, ["serve", "."], "is a folder; name the Python file"),
        (
            "x = 1\n",
            ["serve", "app.py"],
            'app.py defines no bench; expected a line such as bench = Workbench("crossws").',
        ),
        (ECHO, ["serve", "app.py:mian"], "app.py defines no bench 'mian'; did you mean 'main'?"),
        (ECHO, ["serve", "app.py:"], "A bench's variable is expected after the colon of 'app.py:'."),
        (ECHO, ["serve", "app.py", "--port", "http"], "a port is a number from 0 to 65535, not 'http'"),
        (ECHO, ["serve", "app.py", "--port", "65536"], "not '65536'"),
        (ECHO, ["serve", "app.py", "--port", "-1"], "a port is a number"),
        (ECHO, ["serve", "app.py", "--host", "no such host"], "no such host"),
        (ECHO, ["serve"], "the following arguments are required: FILE.py[:name]"),
        (ECHO, ["serve", "app.py", "--prot", "1"], "unrecognized arguments"),
        ("def (:\n", ["serve", "app.py"], "app.py:1: SyntaxError: invalid syntax: def (:"),
        (
            "\nif True:\nx = 1\n",
            ["serve", "app.py"],
            "app.py:3: IndentationError: expected an in",
        ),
        ("x = '\0'\n", ["serve", "app.py"], "app.py"),
        ("import math\n\nmath.sqrt(-1)\n", ["serve", "app.py"], "app.py:3: ValueError: "),
        ("import nowhere_at_all\n", ["serve", "app.py"], "app.py:1: ModuleNotFoundError: No module named"),
        ("def f():\n    raise KeyError\nf()\n", ["serve", "app.py"], "app.py:2: KeyError"),
        ("import sys\nsys.exit(3)\n", ["serve", "app.py"], "app.py:2: the file ends itself by sys.exit(3)."),
        (
            'from workbench import Workbench\nb = Workbench("crosws")\n',
            ["serve", "app.py"],
            "app.py:2: UnknownDialect: There is no dialect 'crosws'; did you mean 'crossws'?",
        ),
        (None, ["sreve"], "There is no command 'sreve'; did you mean 'serve'?"),
        (None, [], "the following arguments are required"),
        (None, ["lab", "--port", "x"], "a port is a number"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    tmp_path: Path, text: str | None, words: list[str], expected: str
) -> None:
    """Never a traceback, never half a page of usage."""
    if text is not None:
        write(tmp_path, text)

    done = run(*words, folder=tmp_path)

    assert expected in done.stderr
    assert done.stderr.startswith("workbench: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert done.returncode == 2


def test_a_taken_port_names_its_holder(tmp_path: Path) -> None:
    """And the benches that were up already are stopped again."""
    write(tmp_path, 'from workbench import Workbench\na = Workbench("crossws")\nb = Workbench("crossws")\n')
    port = free_port(2)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port + 1))
        listener.listen()
        done = run("serve", "app.py", "--port", str(port), folder=tmp_path)

    assert done.stdout == f"serving a (crossws) on http://127.0.0.1:{port}\n"
    assert f"Port {port + 1} on 127.0.0.1 is in use already by python" in done.stderr
    assert f"(process {os.getpid()})" in done.stderr
    assert done.stderr.endswith("ask for another port (--port 0 takes any that is free).\n")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 2


def test_more_benches_than_ports_is_said(tmp_path: Path) -> None:
    """The last port is the last port."""
    write(tmp_path, 'from workbench import Workbench\na = Workbench("crossws")\nb = Workbench("crossws")\n')

    done = run("serve", "app.py", "--port", "65535", folder=tmp_path)

    assert "2 benches do not fit from port 65535 on" in done.stderr
    assert done.returncode == 2


# -- the rest


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    """On stdout, exit code 0."""
    done = run("--version", folder=tmp_path)

    assert (done.stdout, done.stderr, done.returncode) == (f"workbench {__version__}\n", "", 0)


def test_help_lists_the_commands(tmp_path: Path) -> None:
    """Each with a line of its own."""
    done = run("--help", folder=tmp_path)

    assert done.returncode == 0
    assert all(word in done.stdout for word in ("demo", "lab", "serve"))


def test_the_tour_is_copied_once_and_never_overwritten(tmp_path: Path) -> None:
    """The reader's copy is the reader's; the installed one stays as it is."""
    shipped = (notebooks_folder() / "tour.ipynb").read_bytes()

    copy = copy_tour(tmp_path)
    assert copy == tmp_path / "workbench-demo" / "tour.ipynb"
    assert copy.read_bytes() == shipped
    copy.write_text("mine", encoding="utf-8")
    assert copy_tour(tmp_path).read_text(encoding="utf-8") == "mine"
    assert (notebooks_folder() / "tour.ipynb").read_bytes() == shipped


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file in the way of the folder is a user's mistake like any other."""
    (tmp_path / "workbench-demo").write_text("in the way", encoding="utf-8")

    done = run("demo", "--no-browser", folder=tmp_path)

    assert "The tour cannot be copied to" in done.stderr
    assert done.returncode == 2


@pytest.mark.slow
def test_the_demo_opens_jupyterlab_on_the_tour(tmp_path: Path) -> None:
    """JupyterLab takes the process's place and prints the address of the reader's copy."""
    port = free_port()
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_ALLOW_INSECURE_WRITES": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "demo", "--no-browser", "--port", str(port)],
        cwd=tmp_path,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert process.stderr is not None
    try:
        wanted = f"http://127.0.0.1:{port}/lab/tree/tour.ipynb"
        log = []
        for line in process.stderr:
            log.append(line)
            if wanted in line:
                break
        else:
            pytest.fail("".join(log))
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert (tmp_path / "workbench-demo" / "tour.ipynb").exists()


@pytest.mark.slow
def test_the_headless_demo_prints_the_frames(tmp_path: Path) -> None:
    """The tour runs in a real kernel, without an error, and its DataFrames are printed."""
    done = run("demo", "--headless", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "message.raw_data" in done.stdout
    assert "duration_ns" in done.stdout
    assert "Traceback" not in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
