/** Every gesture as the Python line that does the same; what was undone is greyed. */
import { clock } from "../core/format.js";
import type { HistoryEntry } from "../core/protocol.js";
import { useStore } from "./context.js";
import { Icon } from "./icons.js";
import { CopyButton, PanelHead, Python } from "./parts.js";

const FRAMES = [
  ["bench.trace.calls", "# one row per hook call"],
  ["bench.trace.dispatches", "# one row per event"],
  ['bench.trace.summary(by="hook")', "# p50 to p99, max"],
] as const;

/** The lines that rebuild the board, oldest first, without what was undone. */
export function asCell(entries: readonly HistoryEntry[]): string {
  return entries.filter((e) => !e.undone && e.python).sort((a, b) => a.revision - b.revision).map((e) => e.python).join("\n");
}

export function History() {
  const store = useStore();
  const entries = store.history.value?.entries ?? [];
  return (
    <section class="pn history" aria-label="In Python" data-panel="history">
      <PanelHead title="In Python">
        <span class="mut el">{entries.length ? "every gesture as its line" : "the same data, as DataFrames"}</span>
        <span class="sp" />
        <CopyAsCell entries={entries} />
      </PanelHead>
      <div class="body scroll" tabIndex={0} role="region" aria-label="Lines of Python">
        {entries.length ? <Entries entries={entries} cursor={store.history.value?.cursor ?? 0} /> : null}
        <Frames />
      </div>
    </section>
  );
}

function CopyAsCell({ entries }: { entries: readonly HistoryEntry[] }) {
  const store = useStore();
  const code = () => asCell(entries) || FRAMES.map(([line, note]) => line.padEnd(31) + note).join("\n");
  if (store.host.insertCell)
    return (
      <button type="button" class="btn" onClick={() => store.say(store.host.insertCell?.(code()) ? "Put into a new cell" : "No notebook is open to put a cell into")}>
        <Icon name="i-plus" />
        New cell
      </button>
    );
  return (
    <CopyButton text={code} label="Copy as cell">
      <Icon name="i-copy" />
      Copy as cell
    </CopyButton>
  );
}

function Entries({ entries, cursor }: { entries: readonly HistoryEntry[]; cursor: number }) {
  const now = entries.find((e) => e.revision === cursor) ?? entries.find((e) => !e.undone);
  return (
    <ol class="lg" reversed>
      {entries.map((entry) => (
        <li key={`${entry.revision}:${entry.python}`} class={`${entry === now ? "now" : ""}${entry.undone ? " undone" : ""}`} {...(entry === now ? { "aria-current": "true" } : {})}>
          <span class="r">{entry.revision}</span>
          <div>
            <div class="py">{entry.undone ? <span class="vh">undone: </span> : null}<Python code={entry.python} class="" /></div>
            <div class="who">{clock(entry.time)}, {entry.author}{entry.undone ? ", undone" : ""}</div>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Frames() {
  return (
    <pre class="py frames">
      {FRAMES.map(([line, note]) => <div><Python code={line.padEnd(31)} class="" /><span class="c">{note}</span></div>)}
    </pre>
  );
}
