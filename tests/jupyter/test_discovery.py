"""Reading the kernels' announcements: what is believed, what is not, what is tidied away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.discovery import Announcement as Written
from workbench.jupyter.discovery import read_announcement, read_announcements, split_id

KERNEL = "11111111-2222-3333-4444-555555555555"
ID = f"{KERNEL}.chat"
FACTS: dict[str, Any] = {
    "version": 1,
    "id": ID,
    "name": "chat",
    "dialect": "crossws",
    "kernel": KERNEL,
    "pid": os.getpid(),
    "host": "127.0.0.1",
    "port": 20001,
    "token": "secret",
    "state": "live",
    "reason": "",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a discovery file, correct but for the facts it is given."""

    def file(server_id: str = ID, **facts: Any) -> Path:
        path = tmp_path / f"workbench-{server_id}.json"
        path.write_text(json.dumps({**FACTS, **facts}))
        path.chmod(0o600)
        return path

    return file


def test_a_correct_file_is_read(write: Write, tmp_path: Path) -> None:
    """All facts of a private file of a living process come through, and the token stays out of the repr."""
    write()
    found = read_announcement(tmp_path, ID)
    assert found is not None
    assert (found.name, found.port, found.authority) == ("chat", 20001, "127.0.0.1:20001")
    assert found.token == "secret"
    assert "secret" not in repr(found)


def test_what_a_kernel_writes_is_what_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Writer and reader agree on names, format and mode."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    written = Written(KERNEL, "my-chat")
    facts = {"dialect": "crossws", "host": "127.0.0.1", "port": 20002, "token": "t", "state": "live"}
    written.write(name="My Chat", reason="", url="", **facts)
    (found,) = read_announcements(tmp_path)
    assert (found.id, found.name, found.kernel) == (written.id, "My Chat", KERNEL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"id": f"{KERNEL}.other"},
        {"kernel": "another"},
        {"host": "192.0.2.1"},
        {"host": "example.org"},
        {"host": None},
        {"port": "20001"},
        {"port": 70000},
        {"port": True},
        {"pid": 0},
        {"pid": "1"},
    ],
)
def test_a_file_with_a_wrong_fact_is_not_believed(
    write: Write, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """A wrong version, id, kernel, host, port or process means there is no such bench."""
    write(**wrong)
    assert read_announcement(tmp_path, ID) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost", "127.0.0.2", "::1", "::"])
def test_every_address_of_this_machine_is_connected_to_on_the_loopback(
    write: Write, tmp_path: Path, host: str
) -> None:
    """A bench bound to all addresses is reached on the loopback one."""
    write(host=host)
    found = read_announcement(tmp_path, ID)
    assert found is not None
    assert found.host in {"127.0.0.1", "127.0.0.2", "::1"}


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_file_that_others_may_touch_is_not_believed(write: Write, tmp_path: Path, mode: int) -> None:
    """Only mode 0600 counts."""
    write().chmod(mode)
    assert read_announcement(tmp_path, ID) is None


def test_a_link_is_not_followed(write: Write, tmp_path: Path) -> None:
    """A symbolic link in the runtime directory reads nothing."""
    real = write().rename(tmp_path / "elsewhere.json")
    (tmp_path / f"workbench-{ID}.json").symlink_to(real)
    assert read_announcement(tmp_path, ID) is None


def test_a_pipe_does_not_hang_the_reader(tmp_path: Path) -> None:
    """A named pipe under a discovery file's name is passed over at once."""
    os.mkfifo(tmp_path / f"workbench-{ID}.json", 0o600)
    assert read_announcements(tmp_path) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "x" * 70_000])
def test_a_file_that_is_no_announcement_is_passed_over(write: Write, tmp_path: Path, text: str) -> None:
    """Broken, foreign or huge content reads as nothing."""
    path = write()
    path.write_text(text)
    assert read_announcement(tmp_path, ID) is None


@pytest.mark.parametrize(
    "server_id", ["", "x", "../../etc/passwd", f"{KERNEL}.a/b", f"{KERNEL}.", ".chat", "a.b.c"]
)
def test_an_id_of_another_shape_names_no_file(tmp_path: Path, server_id: str) -> None:
    """Ids cannot lead out of the directory."""
    assert split_id(server_id) is None
    assert read_announcement(tmp_path, server_id) is None


def test_the_file_of_a_dead_process_is_removed(write: Write, tmp_path: Path) -> None:
    """What a killed kernel left behind goes with the first look."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    path = write(pid=process.pid)
    assert read_announcement(tmp_path, ID) is None
    assert not path.exists()


def test_a_process_that_only_inherited_the_number_does_not_count(write: Write, tmp_path: Path) -> None:
    """A file older than the process of its number was written by another, dead one."""
    path = write()
    long_ago = time.time() - 10 * 365 * 86400
    os.utime(path, (long_ago, long_ago))
    assert read_announcement(tmp_path, ID) is None
    assert not path.exists()
