/** Lines that the bench found wrong: a cross beside the line, a tint behind it, a wave under the place. */
import { RangeSet, StateEffect, StateField, type EditorState, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, gutter, GutterMarker, type DecorationSet } from "@codemirror/view";
import type { Problem } from "../core/source-data.js";

export const marked = StateEffect.define<readonly Problem[]>();

interface Marks {
  text: DecorationSet;
  beside: RangeSet<GutterMarker>;
}

class Cross extends GutterMarker {
  constructor(readonly message: string) {
    super();
  }

  override eq(other: Cross): boolean {
    return other.message === this.message;
  }

  override toDOM(): Node {
    const cross = document.createElement("span");
    cross.textContent = "✕";
    cross.title = this.message;
    return cross;
  }
}

const none: Marks = { text: Decoration.none, beside: RangeSet.empty };

const field = StateField.define<Marks>({
  create: () => none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(marked)) return marksOf(transaction.state, effect.value);
    return transaction.docChanged ? { text: marks.text.map(transaction.changes), beside: marks.beside.map(transaction.changes) } : marks;
  },
  provide: (self) => EditorView.decorations.from(self, (marks) => marks.text),
});

function marksOf({ doc }: EditorState, problems: readonly Problem[]): Marks {
  const text: Range<Decoration>[] = [];
  const beside: Range<GutterMarker>[] = [];
  for (const { line, column, message } of problems) {
    if (line === null || line < 1 || line > doc.lines) continue;
    const { from, to, text: written } = doc.line(line);
    const indent = written.length - written.trimStart().length;
    const at = from + (column !== null && column - 1 < written.length ? Math.max(column - 1, indent) : indent);
    text.push(Decoration.line({ class: "bad" }).range(from));
    if (at < to) text.push(Decoration.mark({ class: "wrong" }).range(at, to));
    beside.push(new Cross(message).range(from));
  }
  return { text: Decoration.set(text, true), beside: RangeSet.of(beside, true) };
}

const blank = new (class extends GutterMarker {
  override toDOM(): Node {
    return document.createTextNode("✕");
  }
})();

export const marking: Extension = [field, gutter({ class: "cm-crosses", markers: (view) => view.state.field(field).beside, initialSpacer: () => blank })];
