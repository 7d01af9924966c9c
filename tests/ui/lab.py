"""A notebook in a real JupyterLab in a real browser, as a test sees it."""

from __future__ import annotations

__all__ = ["AXE", "KERNEL", "LabPage", "Notebook", "describe"]

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page

from tests.jupyter.process import JupyterProcess

AXE = Path(__file__).resolve().parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = Path(__file__).parent / "shots"
_WAIT = 30_000
_RESTORED = "window.jupyterapp && window.jupyterapp.restored.then(() => true)"
KERNEL = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
# Only what is wrong crosses to the test: all that axe looked at takes longer than the looking.
_AXE_RUN = "selector => axe.run(selector, {resultTypes: ['violations']}).then(found => found.violations)"
# What the browser logs and no page of ours causes.
_HARMLESS = (
    "favicon.ico",
    "/api/me",
    "translation",
    "service-worker",
    "the server responded with a status of 404",
)

Notebook = Sequence[str]
"""The code cells of a notebook."""


class LabPage:
    """One browser page with one notebook open in JupyterLab.

    Parameters
    ----------
    browser
        The running browser; the page gets a context of its own.
    server
        The running JupyterLab.
    cells
        Code cells of the notebook that is opened.
    size
        Width and height of the window, in CSS pixels.
    place
        Where the application shows notebooks; Notebook 7 does so at ``notebooks``.

    Attributes
    ----------
    page
        Playwright's page.
    errors
        What went wrong in the page so far: errors on the console and uncaught ones.
    """

    def __init__(
        self,
        browser: Browser,
        server: JupyterProcess,
        cells: Notebook,
        *,
        size: tuple[int, int] = (1280, 900),
        place: str = "lab/tree",
        **context: Any,
    ) -> None:
        self.name = f"{uuid.uuid4().hex[:8]}.ipynb"
        self.server = server
        self.place = place
        self.errors: list[str] = []
        self._write(cells)
        server.start_session(self.name)  # the kernel comes up while the page does
        viewport: Any = {"width": size[0], "height": size[1]}
        self.context: BrowserContext = browser.new_context(viewport=viewport, **context)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(_WAIT)
        self.page.on("console", self._note)
        self.page.on("pageerror", self._uncaught)
        self.open()

    def _write(self, cells: Notebook) -> None:
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.server.root / self.name)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            text = f"{message.text} ({message.location.get('url', '')})"
            if not any(part in text for part in _HARMLESS):
                self.errors.append(text)

    def _uncaught(self, error: Error) -> None:
        frames = (error.stack or "").splitlines()[1:]
        # Notebook 7.6 fails in its own list of shortcuts while it loads, with or without a bench.
        if (
            self.place != "notebooks"
            or not frames
            or any("/static/notebook/" not in f for f in frames if "http" in f)
        ):
            self.errors.append(f"uncaught: {error}")

    def open(self) -> None:
        """Open the notebook and wait until its kernel is idle."""
        self.page.goto(f"{self.server.url}{self.place}/{self.name}?reset&token={self.server.token}")
        self.page.wait_for_function(_RESTORED, timeout=_WAIT)
        self.page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
        self.idle()

    def close(self) -> None:
        """Shut the notebook's kernel down and close the page."""
        kernel = self.page.evaluate(f"{KERNEL}?.id ?? null")
        self.context.close()
        if kernel:
            self.server.end_kernel(kernel)

    @property
    def kernel(self) -> str:
        """Id of the notebook's kernel."""
        return str(self.page.evaluate(f"{KERNEL}.id"))

    @property
    def notebook(self) -> Locator:
        """The visible notebook."""
        return self.page.locator(".jp-NotebookPanel:visible")

    def idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(f"{KERNEL}?.status === 'idle'", timeout=_WAIT)

    def busy(self) -> None:
        """Wait until the kernel runs a cell."""
        self.page.wait_for_function(f"{KERNEL}?.status === 'busy'", timeout=_WAIT)

    def interrupt(self) -> None:
        """End the cell that runs, which has not ended yet, and wait until the kernel has nothing to do."""
        assert self.page.evaluate(f"{KERNEL}.status") == "busy"
        status, _, _ = self.server.request("POST", f"api/kernels/{self.kernel}/interrupt")
        assert status == 204
        self.idle()

    def start_cell(self, index: int) -> None:
        """Run a cell by JupyterLab's own command, without waiting for it.

        The active cell is set first: a click inside a widget makes the widget's cell the active one.
        """
        self.page.evaluate(
            """index => {
                const app = window.jupyterapp;
                app.shell.currentWidget.content.activeCellIndex = index;
                app.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def run_cell(self, index: int) -> None:
        """Run a cell and wait until it has ended; an error in it fails the test."""
        ended = self.page.evaluate(
            """([index, wait]) => {
                const app = window.jupyterapp;
                app.shell.currentWidget.content.activeCellIndex = index;
                const ended = app.commands.execute('notebook:run-cell').then(() => true);
                return Promise.race([ended, new Promise(done => setTimeout(() => done(false), wait))]);
            }""",
            [index, _WAIT],
        )
        assert ended, f"Cell {index} did not end within {_WAIT / 1000:g} s"
        failed = self.page.evaluate(
            """index => {
                const outputs = window.jupyterapp.shell.currentWidget.content.widgets[index].model.outputs;
                const found = outputs.toJSON().find(output => output.output_type === 'error');
                return found ? `${found.ename}: ${found.evalue}` : null;
            }""",
            index,
        )
        assert failed is None, f"Cell {index} failed: {failed}"

    def run_all(self) -> None:
        """Run all cells, one after the other."""
        for index in range(
            self.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")
        ):
            self.run_cell(index)

    def printed(self, index: int) -> str:
        """Return what a cell printed."""
        return str(
            self.page.evaluate(
                """index => {
                    const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
                    const outputs = cell.model.outputs.toJSON();
                    return outputs.filter(one => one.output_type === 'stream').map(one => one.text).join('');
                }""",
                index,
            )
        )

    def shot(self, name: str) -> Path:
        """Take a screenshot into `tests/ui/shots`; returns its path."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def axe(self, selector: str) -> list[dict[str, Any]]:
        """Look for what keeps people from using a part of the page.

        Parameters
        ----------
        selector
            CSS selector of the part; JupyterLab around it is not ours to judge.

        Returns
        -------
        list of dict
            The violations that axe-core finds; `describe` makes text of them.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        violations: list[dict[str, Any]] = self.page.evaluate(_AXE_RUN, selector)
        return violations


def describe(violations: list[dict[str, Any]]) -> str:
    """Make readable text of what axe found."""
    lines = []
    for violation in violations:
        nodes = [json.dumps(node["target"]) + " " + node["html"][:160] for node in violation["nodes"][:4]]
        lines.append(
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n  " + "\n  ".join(nodes)
        )
    return "\n".join(lines)
