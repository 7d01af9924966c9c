"""Discovery files, beyond what a real kernel's tests see."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from workbench.discovery import Announcement, announced_elsewhere, current_kernel_id


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give Jupyter a runtime folder of the test's own, not yet made."""
    folder = tmp_path / "runtime"
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder


def test_a_file_is_the_owners_and_whole(runtime: Path) -> None:
    """Mode 0600 in a folder of mode 0700, written in one step, with no draft left behind."""
    announcement = Announcement("k-1", "chat")

    announcement.write(name="Chat", token="secret", state="ready")
    announcement.write(name="Chat", token="secret", state="stopped")

    assert [path.name for path in runtime.iterdir()] == ["workbench-k-1.chat.json"]
    assert stat.S_IMODE(announcement.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(runtime.stat().st_mode) == 0o700
    assert json.loads(announcement.path.read_text()) == {
        "version": 1,
        "id": "k-1.chat",
        "kernel": "k-1",
        "pid": os.getpid(),
        "name": "Chat",
        "token": "secret",
        "state": "stopped",
    }
    announcement.remove()
    announcement.remove()
    assert list(runtime.iterdir()) == []


def test_others_are_found_by_port_and_only_while_they_live() -> None:
    """Not our own, not the stopped, not the dead, not what is no announcement."""
    announcement = Announcement("k-2", "far")
    announcement.write(name="far", port=21_000, state="ready")
    assert announced_elsewhere(21_000) is None

    def rewrite(**facts: object) -> None:
        announcement.path.write_text(json.dumps({"port": 21_000, "name": "far", **facts}), encoding="utf-8")

    rewrite(pid=os.getppid(), state="ready")
    assert (announced_elsewhere(21_000) or {})["name"] == "far"
    assert announced_elsewhere(21_001) is None
    rewrite(pid=os.getppid(), state="stopped")
    assert announced_elsewhere(21_000) is None
    rewrite(pid="x", state="ready")
    assert announced_elsewhere(21_000) is None
    announcement.path.write_text("[]", encoding="utf-8")
    assert announced_elsewhere(21_000) is None


def test_a_program_that_is_no_kernel_has_no_kernel_id() -> None:
    """Whether ipykernel happens to be imported or not."""
    import ipykernel.connect

    assert ipykernel.connect
    assert current_kernel_id() is None
