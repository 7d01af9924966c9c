/** Every gesture as the Python line that does the same; what was undone is greyed. */
import { useRef } from "preact/hooks";
import { clock } from "../core/format.js";
import type { HistoryEntry } from "../core/protocol.js";
import type { BenchStore } from "../core/store.js";
import { useStore } from "./context.js";
import { Awaited } from "./Empty.js";
import { Icon } from "./icons.js";
import { CopyButton, PanelHead, Python } from "./parts.js";
import { SaveButton } from "./Save.js";

const FRAMES = [
  ["trace.calls", "# one row per hook call"],
  ["trace.dispatches", "# one row per event"],
  ['trace.summary(by="hook")', "# p50 to p99, max"],
] as const;

/** The lines that give the data, as they run in the bench's notebook, and what each gives. */
function frames(store: BenchStore): [string, string][] {
  const bench = store.header.value?.spoken ?? "bench";
  return FRAMES.map(([member, note]) => [`${bench}.${member}`.padEnd(bench.length + 26), note]);
}

/** A line that is too long for the panel is broken in itself, not behind the blanks that it begins with. */
function indented(code: string): string {
  return code.replace(/^ +/gm, (blanks) => "\u00a0".repeat(blanks.length));
}

export function History() {
  const store = useStore();
  const entries = store.history.value?.entries ?? [];
  return (
    <section class="pn history" aria-label="In Python" data-panel="history">
      <PanelHead title="In Python">
        <span class="mut rmk">{entries.length ? "every gesture as its line" : store.history.value ? "the same data, as DataFrames" : ""}</span>
        <SaveButton />
        <IntoCell text={store.host.insertCell ? "New cell" : "Copy as cell"} code={async () => (await store.edits.cell()) || frames(store).map((line) => line.join("")).join("\n")} />
      </PanelHead>
      <div class="body scroll" tabIndex={0} role="region" aria-label="Lines of Python">
        <Awaited view="history">
          {entries.length ? <Entries entries={entries} cursor={store.history.value?.cursor ?? 0} /> : null}
          <Frames />
        </Awaited>
      </div>
      <MarkForm />
    </section>
  );
}

/** Python into a new cell where a notebook is at hand, else onto the clipboard. */
function IntoCell({ text, code }: { text: string; code: () => Promise<string> }) {
  const store = useStore();
  const { insertCell } = store.host;
  const insert = async () => store.say(insertCell?.(await code()) ? "Put into a new cell" : "No notebook is open to put a cell into");
  if (insertCell)
    return (
      <button type="button" class="btn" title={`${text}: put into the notebook`} onClick={() => void insert()}>
        <Icon name="i-plus" />
        {text}
      </button>
    );
  return (
    <CopyButton text={code} label={`${text}: copy`}>
      <Icon name="i-copy" />
      {text}
    </CopyButton>
  );
}

function Entries({ entries, cursor }: { entries: readonly HistoryEntry[]; cursor: number }) {
  return (
    <ol class="lg" reversed>
      {entries.map((entry) => {
        const now = entry.number === cursor;
        return (
          <li key={entry.number} class={`${now ? "now" : ""}${entry.undone ? " undone" : ""}${entry.mark === null ? "" : " mark"}`} {...(now ? { "aria-current": "true" } : {})}>
            <span class="r">{entry.revision}</span>
            <div>
              <div class="py">{entry.undone ? <span class="vh">undone: </span> : null}<Python code={indented(entry.python)} class="" /></div>
              <div class="who">{clock(entry.time)}, {entry.author}{entry.undone ? ", undone" : ""}</div>
              {entry.mark === null ? null : <MarkTools mark={entry.mark} />}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function MarkTools({ mark }: { mark: string }) {
  const store = useStore();
  return (
    <div class="mtools" role="group" aria-label={`Mark ${mark}`}>
      <button type="button" class="btn line" disabled={!store.editable.value} title={`Make all chains what they were at ${mark}; one edit, undo takes it back`} onClick={() => void store.edits.returnTo(mark)}>
        Return here
      </button>
      <IntoCell text="Cell up to here" code={() => store.edits.cell({ until: mark })} />
      <IntoCell text="Cell from here on" code={() => store.edits.cell({ since: mark })} />
    </div>
  );
}

function MarkForm() {
  const store = useStore();
  const input = useRef<HTMLInputElement>(null);
  const mark = async (event: Event) => {
    event.preventDefault();
    const name = input.current?.value.trim() ?? "";
    if (name && (await store.edits.mark(name)) && input.current) input.current.value = "";
  };
  return (
    <form class="pf" onSubmit={(event) => void mark(event)}>
      <input ref={input} class="field" maxLength={200} aria-label="Name of a mark" placeholder="before lunch" />
      <button type="submit" class="btn line" disabled={!store.editable.value}>Mark</button>
    </form>
  );
}

function Frames() {
  const store = useStore();
  return (
    <pre class="py frames">
      {frames(store).map(([line, note]) => <div key={note}><Python code={line} class="" /><span class="c">{note}</span></div>)}
    </pre>
  );
}
