/** The text of a hook: CodeMirror once it is loaded, a plain text area where it cannot be. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { editorModule, type EditorModule, type TextEditor } from "../../core/editor-module.js";
import type { SourceData } from "../../core/source-data.js";
import { useStore } from "../context.js";

export interface Reach {
  current: Pick<TextEditor, "go" | "focus"> | null;
}

interface AreaProps {
  data: SourceData;
  /** How the panel reaches into the text; set while there is one. */
  reach: Reach;
  /** Id of the hint that tells how to leave it. */
  hint: string;
}

export function CodeArea(props: AreaProps) {
  const store = useStore();
  const loaded = useSignal<EditorModule | string | null>(null);
  useEffect(() => {
    editorModule(store.host, store.channel).then(
      (module) => (loaded.value = module),
      (error: unknown) => (loaded.value = error instanceof Error ? error.message : String(error)),
    );
  }, []);
  if (loaded.value === null) return <p class="note" role="status">Loading the editor…</p>;
  if (typeof loaded.value === "string") return <Plain {...props} reason={loaded.value} />;
  return <Coloured {...props} module={loaded.value} />;
}

const labelOf = ({ name, editable }: SourceData) => `Source of ${name}${editable ? "" : ", read only"}`;

function Coloured({ data, reach, hint, module }: AreaProps & { module: EditorModule }) {
  const { sources } = useStore();
  const box = useRef<HTMLDivElement>(null);
  const fresh = useRef(true);
  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    const editor = module.create({ parent, text: sources.text.peek(), firstLine: data.first_line, label: labelOf(data), hint, readOnly: !data.editable, onText: (text) => sources.type(text) });
    reach.current = editor;
    if (fresh.current) editor.focus();
    fresh.current = false;
    const following = [
      // Read where it is written, at once: a text that was drawn a moment ago must not overwrite what was typed since.
      effect(() => editor.set(sources.text.value)),
      effect(() => editor.mark(sources.said.value?.verdict?.problems ?? [])),
      effect(() => editor.number(sources.data.value?.first_line ?? 1)),
    ];
    return () => {
      for (const stop of following) stop();
      reach.current = null;
      editor.destroy();
    };
  }, [data.editable]);
  return <div class="ed py" ref={box} />;
}

function Plain({ data, reach, hint, reason }: AreaProps & { reason: string }) {
  const { sources } = useStore();
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const go = (line: number) => {
      const at = sources.text.value.split("\n").slice(0, line - 1).reduce((n, text) => n + text.length + 1, 0);
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
    };
    reach.current = { go, focus: () => area.current?.focus() };
    area.current?.focus();
    return () => (reach.current = null);
  }, []);
  return (
    <>
      <textarea ref={area} class="ed plain" aria-label={labelOf(data)} aria-describedby={hint} spellcheck={false} readOnly={!data.editable} value={sources.text.value} onInput={(event) => sources.type(event.currentTarget.value)} />
      <p class="note">A plain text field: {reason}.</p>
    </>
  );
}
