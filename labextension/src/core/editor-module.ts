/** The text editor is a module of its own, loaded when somebody first edits. */
import type { Channel } from "./channel.js";
import type { Host } from "./host.js";
import { importText } from "./import-text.js";

/** What one editor of a hook's source can do; it is a module of its own, since most readers never edit. */
export interface TextEditor {
  /** Show another text; what has not changed keeps cursor and undo. */
  set(text: string): void;
  /** Mark lines (of the text, from 1) as wrong. */
  mark(problems: readonly { line: number | null; column: number | null; message: string }[]): void;
  /** Count lines from here. */
  number(firstLine: number): void;
  /** Put the cursor there and show it. */
  go(line: number, column?: number | null): void;
  focus(): void;
  destroy(): void;
}

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  /** The number that the first line is shown with. */
  firstLine: number;
  /** What it is called for who cannot see it, and the id of the hint that tells how to leave it. */
  label: string;
  hint: string;
  readOnly: boolean;
  onText(text: string): void;
}

export interface EditorModule {
  create(options: EditorOptions): TextEditor;
}

let loading: Promise<EditorModule> | null = null;

/** The module, loaded once per page: what the host has of it, else its text as the bench sends it. */
export function editorModule(host: Host, channel: Channel): Promise<EditorModule> {
  loading ??= (host.editor?.() ?? fromBench(channel)).catch((error: unknown) => {
    loading = null; // to be tried again by whoever edits next
    throw error;
  });
  return loading;
}

async function fromBench(channel: Channel): Promise<EditorModule> {
  const ask = () => channel.request({ op: "module", file: "editor.js" });
  const answer = await ask().catch(ask); // once more, since a better connection may just have taken the place of the one that was asked
  return (await importText((answer.data as { text: string }).text)) as EditorModule;
}
