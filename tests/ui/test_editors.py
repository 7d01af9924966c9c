"""Two browsers with a text editor on one document: the page comes from the bench, through Jupyter's proxy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.jupyter.process import JupyterProcess

NODE_PARTS = Path(__file__).parents[1] / "conformance" / "hocuspocus"
PAGE = """<!doctype html><meta charset="utf-8"><title>notes</title>
<div id="editor"></div><script src="./editor.js"></script>"""
CELL = """
from pathlib import Path
from workbench import Response, Workbench

pages = {pages!r}
bench = Workbench("hocuspocus", name="editors", database=None)

@bench.hook("onRequest")
def page(data):
    found = pages.get(data.request.path)
    if found is not None:
        kind, file = found
        raise Response(Path(file).read_bytes(), headers={{"content-type": kind}})

bench.start()
print(bench.id)
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Bundle the page's script; path, content type and file of both."""
    folder = tmp_path_factory.mktemp("page")
    bundle, html = folder / "editor.js", folder / "page.html"
    esbuild = NODE_PARTS / "node_modules" / ".bin" / "esbuild"
    command = [
        str(esbuild),
        "editor.mjs",
        "--bundle",
        "--format=iife",
        f"--outfile={bundle}",
        "--log-level=error",
    ]
    subprocess.run(command, cwd=NODE_PARTS, check=True)
    html.write_text(PAGE)
    return {"/page": ("text/html", str(html)), "/editor.js": ("text/javascript", str(bundle))}


def served(jupyter: JupyterProcess, kernel: str, pages: dict[str, tuple[str, str]]) -> str:
    """Run the bench in a kernel; its id."""
    said: list[str] = []

    def hear(message: dict[str, object]) -> None:
        content = message["content"]
        assert isinstance(content, dict)
        said.append(str(content.get("text") or content.get("traceback") or ""))

    with jupyter.client(kernel) as client:
        client.execute_interactive(CELL.format(pages=pages), output_hook=hear, timeout=60)
    return "".join(said).strip()


def opened(browser: Browser, jupyter: JupyterProcess, bench: str) -> Page:
    """Open the page in a browser context of its own."""
    page = browser.new_context().new_page()
    answer = page.goto(f"{jupyter.url}workbench/servers/{bench}/page?doc=plan&token={jupyter.token}")
    assert answer is not None
    assert answer.status == 200
    assert "sandbox" not in (answer.header_value("content-security-policy") or "")
    page.wait_for_selector("body[data-synced]", timeout=20_000)
    return page


def test_two_browsers_edit_one_document(
    jupyterlab: JupyterProcess, browser: Browser, pages: dict[str, tuple[str, str]]
) -> None:
    """Both type at once, and both see the same text in the end."""
    kernel = jupyterlab.start_kernel()
    bench = served(jupyterlab, kernel, pages)
    both = [opened(browser, jupyterlab, bench) for _ in range(2)]
    for page, words in zip(both, ("first writes here ", "and the second too "), strict=True):
        page.locator(".cm-content").click()
        page.keyboard.type(words, delay=5)
    length = len("first writes here and the second too ")
    for page in both:
        page.wait_for_function(f"window.editor.text().length === {length}")
    texts = [page.evaluate("window.editor.text()") for page in both]
    assert texts[0] == texts[1]
    assert sorted(texts[0]) == sorted("first writes here and the second too ")
    for page in both:
        page.context.close()
    jupyterlab.end_kernel(kernel)
