"""JupyterLab as a process of its own and Chromium without a screen, once for all tests here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.jupyter.process import JupyterProcess
from tests.ui.lab import LabPage

BUILT = Path(__file__).resolve().parents[2] / "workbench" / "labextension"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
OPTIONS = (
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
)

expect.set_options(timeout=20_000)  # what is met at once on an idle machine takes its time on a busy one


def pytest_report_header() -> str:
    """Say which browser the tests drive."""
    return f"browser: {CHROMIUM or 'Playwright own; this way has not been exercised'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(120))


@contextmanager
def jupyter(folder: Path, application: str, options: tuple[str, ...]) -> Iterator[JupyterProcess]:
    """Run an application of Jupyter's with the front end as it was built last in this checkout."""
    if not (BUILT / "package.json").exists():
        pytest.fail("The front end is not built; install the project first (python3 dev.py test does).")
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS))
    extensions = folder / "data" / "labextensions"
    extensions.mkdir(parents=True)
    (extensions / "hook-workbench").symlink_to(BUILT)
    with JupyterProcess(folder, application, options) as process:
        yield process


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """Run JupyterLab."""
    with jupyter(tmp_path_factory.mktemp("lab"), "lab", OPTIONS) as process:
        yield process


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright's driver."""
    with sync_playwright() as running:
        yield running


def chromium(playwright: Playwright) -> Browser:
    """Start the system's Chromium, or Playwright's own where there is none."""
    options: dict[str, Any] = {"args": FLAGS}
    if CHROMIUM is not None:
        options["executable_path"] = CHROMIUM
    return playwright.chromium.launch(**options)


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the browser."""
    running = chromium(playwright)
    yield running
    running.close()


@pytest.fixture
def lab(
    browser: Browser, jupyterlab: JupyterProcess, request: pytest.FixtureRequest
) -> Iterator[Callable[..., LabPage]]:
    """Return a function that opens a notebook with given cells; errors in the page fail the test."""
    pages: list[LabPage] = []

    def open_notebook(*cells: str, **options: Any) -> LabPage:
        pages.append(LabPage(browser, jupyterlab, cells, **options))
        return pages[-1]

    yield open_notebook
    for page in pages:
        page.shot(f"{request.node.name}".replace("/", "_"))
        page.close()
    assert [error for page in pages for error in page.errors] == []
