import { describe, expect, test } from "vitest";
import type { EditorOptions, TextEditor } from "../src/core/editor-module.js";
import { create } from "../src/editor/index.js";
import { fullState } from "../dev/fake.js";
import { mounted, until } from "./helpers.js";

const TEXT = "def echo(peer, message):\n    peer.send(message.text())\n";

function made(more: Partial<EditorOptions> = {}): { editor: TextEditor; box: HTMLElement; written: string[]; lines: () => string[]; numbers: () => string[] } {
  const box = document.createElement("div");
  document.body.append(box);
  const written: string[] = [];
  const editor = create({ parent: box, text: TEXT, firstLine: 12, label: "Source of echo", hint: "hint", readOnly: false, onText: (text) => written.push(text), ...more });
  const texts = (selector: string) => [...box.querySelectorAll(selector)].map((e) => e.textContent!);
  // The first of the numbers only keeps the width.
  return { editor, box, written, lines: () => texts(".cm-line"), numbers: () => texts(".cm-lineNumbers .cm-gutterElement").slice(1) };
}

describe("the text editor", () => {
  test("counts lines as their file does, and goes on counting when the text has moved there", () => {
    const { editor, numbers } = made();
    expect(numbers()).toEqual(["12", "13", "14"]);
    editor.number(40);
    expect(numbers()).toEqual(["40", "41", "42"]);
  });

  test("says what it is, and how it is left", () => {
    const content = made({ readOnly: true }).box.querySelector(".cm-content")!;
    expect(["role", "aria-label", "aria-describedby", "aria-readonly"].map((name) => content.getAttribute(name))).toEqual(["textbox", "Source of echo", "hint", "true"]);
  });

  test("a text that it was given is not told back", () => {
    const { editor, lines, written } = made();
    editor.set(TEXT.replace("text()", "text().upper()"));
    expect(lines()[1]).toContain("upper()");
    expect(written).toEqual([]);
  });

  test("a wrong line has a cross beside it and a wave from its place on, until it is right", () => {
    const { editor, box } = made();
    editor.mark([{ line: 2, column: 10, message: "what is send?" }, { line: 99, column: 1, message: "beyond the end" }, { line: null, column: null, message: "nowhere" }]);
    expect(box.querySelector(".cm-line.bad")!.textContent).toContain("peer.send");
    expect(box.querySelector(".wrong")!.textContent).toBe("send(message.text())");
    expect([...box.querySelectorAll<HTMLElement>(".cm-crosses [title]")].map((e) => e.title)).toEqual(["what is send?"]);
    editor.mark([]);
    expect(box.querySelector(".bad, .wrong, .cm-crosses [title]")).toBeNull();
  });

  test("Python is coloured by the classes of all Python on the bench, and what is invisible is shown", () => {
    const { box } = made({ text: 'async def f(x):  # here\n    return "a\u202eb", 1\n' });
    expect([...box.querySelectorAll(".k")].map((e) => e.textContent)).toEqual(["async", "def", "return"]);
    expect([".f", ".c", ".m"].map((kind) => box.querySelector(kind)!.textContent)).toEqual(["f", "# here", "1"]);
    expect(box.querySelector(".cm-specialChar")!.getAttribute("title")).toContain("right-to-left override");
  });
});

test("where it cannot be loaded a plain text field does the same work", async () => {
  const { root, store, press, grip } = await mounted(fullState(), "bench", { editor: () => Promise.reject(new Error("the page allows no modules")) });
  grip("clean_words").focus();
  await press("e");
  await until(() => root.querySelector("textarea.ed"));
  const area = root.querySelector<HTMLTextAreaElement>("textarea.ed")!;
  expect(root.querySelector(".source")!.textContent).toContain("A plain text field: the page allows no modules.");
  area.value = area.value.replace("in WORDS:", "in WORDS");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  await press("Enter", { ctrlKey: true });
  expect(store.sources.said.value!.tone).toBe("bad");
  root.querySelector<HTMLElement>(".wrongs button")!.click();
  expect(document.activeElement).toBe(area);
  expect(area.value.slice(area.selectionStart)).toMatch(/^ {4}for word in WORDS\n/);
});
