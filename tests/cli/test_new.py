"""`workbench new hook` writes a hook that runs, and never overwrites one."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.cli.new import KINDS, new_hook
from workbench.dialects.context import Context


def function(path: Path) -> Any:
    """Load the function that a file defines under its own name."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, path.stem)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_of_each_kind_runs(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints where it runs; an around hook goes inwards once."""
    hook = function(new_hook("log-runtime", tmp_path, kind=kind))
    went: list[int] = []

    async def inwards() -> None:
        went.append(1)

    context = Context(path="messages", method="find", result="the result", error="the error")
    asyncio.run(hook(context, inwards) if kind == "around" else hook(context))

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "wrote hooks/log_runtime.py"
    assert lines[1].startswith("Running hook log_runtime on messages.find")
    assert went == ([1] if kind == "around" else [])


def run(*words: str) -> int:
    """Run the command line in this process."""
    return main(["new", "hook", *words])


def test_the_seeds_line_writes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the folder hooks of the working directory."""
    monkeypatch.chdir(tmp_path)

    assert run("log-runtime", "--dialect", "feathers") == 0
    assert "async def log_runtime(context, next):" in (tmp_path / "hooks" / "log_runtime.py").read_text()
    assert capsys.readouterr().out == "wrote hooks/log_runtime.py\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["log-runtime"], "hooks/log_runtime.py is there already"),
        (["../up"], "A hook has a name such as log-runtime"),
        (["class"], "A hook has a name such as log-runtime"),
        ([""], "A hook has a name such as log-runtime"),
        (["x", "--dialect", "fethers"], "did you mean 'feathers'?"),
        (["x", "--type", "besides"], "invalid choice: 'besides'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    words: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And what is there stays as it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "log_runtime.py").write_text("mine")

    assert run(*words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert (tmp_path / "hooks" / "log_runtime.py").read_text() == "mine"
    assert len(list((tmp_path / "hooks").iterdir())) == 1


def test_what_is_to_be_written_is_asked_for_by_its_word(capsys: pytest.CaptureFixture[str]) -> None:
    """`workbench new hook NAME`, as one types it."""
    assert main(["new"]) == 2
    assert "the following arguments are required: hook, NAME" in capsys.readouterr().err


def test_a_folder_that_can_not_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file called hooks is in its way."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hooks").write_text("a file")

    assert run("x") == 2
    assert "hooks is there already" in capsys.readouterr().err
