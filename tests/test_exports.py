"""What the packages offer is what they say they offer."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import workbench

MODULES = sorted(found.name for found in pkgutil.walk_packages(workbench.__path__, "workbench."))


def test_every_listed_name_can_be_had() -> None:
    """Each lazy name leads to something, and `dir` shows it."""
    for name in workbench.__all__:
        assert getattr(workbench, name) is not None
        assert name in dir(workbench)


def test_the_lazy_table_the_list_and_the_types_agree() -> None:
    """A name added in one of the three places alone would be missing somewhere."""
    tree = ast.parse(Path(str(workbench.__file__)).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.name: str(node.module).removeprefix("workbench.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert typed == workbench._HOMES
    assert set(workbench.__all__) == {*typed, "load_ipython_extension"}


def test_public_names_are_listed_and_sorted() -> None:
    """Constants first, then classes, then functions, each in alphabetical order."""
    public = {name for name in vars(workbench) if not name.startswith("_")} - {"annotations"}
    modules = {name for name in public if isinstance(getattr(workbench, name), ModuleType)}
    helpers = {"TYPE_CHECKING", "Any", "import_module"}

    assert public - modules - helpers <= set(workbench.__all__)
    groups = [(not name.isupper(), not name[0].isupper(), name) for name in workbench.__all__]
    assert groups == sorted(groups)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'Workbenhc'"):
        _ = workbench.Workbenhc


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_list_is_true(name: str) -> None:
    """Every module says what is public, and has it."""
    if name.endswith("__main__"):
        return
    module = importlib.import_module(name)

    listed = getattr(module, "__all__", None)
    if listed is None:
        assert not _public_definitions(module), f"{name} has public names and no __all__"
        return
    assert len(listed) == len(set(listed))
    for public in listed:
        assert hasattr(module, public)


def _public_definitions(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
