"""Saving from a face: beside the notebook, with what was left out, and never over another file unasked."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.widgets.support import Face, bench_with, echo, shout
from workbench import Workbench


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The kernel works in the folder of the notebook."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(bench: Workbench, file: str, **more: bool) -> dict[str, Any]:
    """Ask for a file and give the answer, which comes from another thread."""
    face = Face(bench)
    face.session.receive({"op": "save", "id": 7, "file": file, **more})
    end = time.monotonic() + 10
    while not (said := [one for one in face.said if one.get("id") == 7]) and time.monotonic() < end:
        time.sleep(0.01)
    return said[0]


def test_a_face_saves_a_file_beside_the_notebook(folder: Path) -> None:
    """The answer says where, and the line that does the same; what was written from here is written anew."""
    bench = bench_with(shout, echo)
    told = saved(bench, "app.py")["data"]
    assert told["written"]
    assert told["path"] == str(folder / "app.py")
    assert told["python"].endswith('.save("app.py")')
    assert "attach(shout)" in (folder / "app.py").read_text(encoding="utf-8")
    bench.chain("message").remove("shout")
    assert saved(bench, "app.py")["data"]["written"]
    assert "shout" not in (folder / "app.py").read_text(encoding="utf-8")


def test_a_file_of_somebody_elses_is_not_written_over_unasked(folder: Path) -> None:
    """Nor one that was saved from here and changed since."""
    bench = bench_with(echo)
    (folder / "mine.py").write_text("precious = 1\n", encoding="utf-8")
    told = saved(bench, "mine.py")["data"]
    assert (told["written"], told["exists"]) == (False, True)
    assert (folder / "mine.py").read_text(encoding="utf-8") == "precious = 1\n"
    told = saved(bench, "mine.py", over=True)["data"]
    assert told["written"]
    assert told["python"].endswith('.save("mine.py", over=True)')
    with (folder / "mine.py").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    assert saved(bench, "mine.py")["data"]["exists"]


def test_what_cannot_be_written_is_listed_first(folder: Path) -> None:
    """With hook and line; the file is written when that is to be left out."""
    bench = bench_with(echo)
    with socket.socket() as held:

        def keeper(peer: Any, message: Any) -> None:
            del peer, message
            held.fileno()

        bench.chain("message").attach(keeper)
        told = saved(bench, "app.py")["data"]
        assert not told["written"]
        assert not (folder / "app.py").exists()
        line = keeper.__code__.co_firstlineno
        assert told["left_out"] == [
            {
                "hook": "keeper",
                "what": "keeper closes over held, a live socket",
                "where": f"{__file__}, line {line}",
            }
        ]
        told = saved(bench, "app.py", leave_out=True)["data"]
        assert told["written"]
        assert told["python"].endswith('.save("app.py", leave_out=True)')
    assert "# left out: keeper" in (folder / "app.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["../app.py", "/tmp/app.py", "app.txt", "", "a\\b.py", "c:app.py", ".py", "..py"]
)
def test_only_a_python_file_beside_the_notebook_is_a_name(folder: Path, name: str) -> None:
    """No path leads out of the folder."""
    answer = saved(bench_with(echo), name)
    assert answer["op"] == "refused"
    assert "The name of a Python file beside the notebook is expected" in answer["reason"]
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    """In one sentence, as any error of the disk."""
    (folder / "app.py").mkdir()
    answer = saved(bench_with(echo), "app.py", over=True)
    assert answer["op"] == "refused"
    assert "cannot be written (Is a directory): save elsewhere." in answer["reason"]


def test_what_looks_like_a_secret_is_named(folder: Path) -> None:
    """The file is written all the same."""

    def knows(peer: Any, message: Any, token: str = "s3cret") -> None:
        del peer, message, token

    assert saved(bench_with(echo), "other.py")["data"]["secrets"] == []
    told = saved(bench_with(knows), "app.py")["data"]
    assert (told["written"], told["secrets"]) == (True, ["token"])
    assert "s3cret" in (folder / "app.py").read_text(encoding="utf-8")
