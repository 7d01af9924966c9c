/** The text editor for a hook's source: CodeMirror, with what Python needs. Colours and sizes are the style sheet's. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import type { EditorOptions, TextEditor } from "../core/editor-module.js";
import { differing } from "../core/text.js";
import { colours } from "./colours.js";
import { marking, marked } from "./marks.js";

/** Set on what the bench wrote, which is not told back to it. */
const given = Annotation.define<boolean>();

const numbers = new Compartment();
const numbered = (first: number) => lineNumbers({ formatNumber: (line) => String(line + first - 1) });

export function create(options: EditorOptions): TextEditor {
  const view = new EditorView({ parent: options.parent, state: EditorState.create({ doc: options.text, extensions: extensions(options) }) });
  return {
    set: (text) => rewrite(view, text),
    number: (first) => view.dispatch({ effects: numbers.reconfigure(numbered(first)) }),
    mark: (problems) => view.dispatch({ effects: marked.of(problems) }),
    go: (line, column) => go(view, line, column ?? 1),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function extensions({ firstLine, label, hint, readOnly, onText }: EditorOptions): Extension[] {
  return [
    numbers.of(numbered(firstLine)),
    marking,
    highlightSpecialChars(), // a source can hide as much as a payload can
    history(),
    indentOnInput(),
    bracketMatching(),
    pythonLanguage,
    indentUnit.of("    "),
    syntaxHighlighting(colours),
    // Tab indents; after Escape it moves on, as the hint says.
    keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...historyKeymap, indentWithTab]),
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": hint, tabindex: "0", ...(readOnly ? { "aria-readonly": "true" } : {}) }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.every((one) => one.annotation(given))) onText(update.state.doc.toString());
    }),
  ];
}

/** Only what differs is replaced, so that cursor and scrolling stay where they were. */
function rewrite(view: EditorView, text: string): void {
  const before = view.state.doc.toString();
  if (before === text) return;
  const { head, gone, come } = differing(before, text);
  view.dispatch({ changes: { from: head.length, to: head.length + gone.length, insert: come }, annotations: given.of(true) });
}

function go(view: EditorView, line: number, column: number): void {
  const { doc } = view.state;
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const anchor = Math.min(found.from + Math.max(column - 1, 0), found.to);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}
