/** First run: three starters, commands to paste, and where the first message goes. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { PaletteHook } from "../core/chain-data.js";
import type { ViewName } from "../core/protocol.js";
import { useConsolePlace, useStore } from "./context.js";
import { Icon } from "./icons.js";
import { CopyButton, Python } from "./parts.js";

const STARTERS = 3;

export function Starters() {
  const store = useStore();
  const ready = useSignal<readonly PaletteHook[]>([]);
  const editable = store.editable.value;
  useEffect(() => {
    if (editable) store.edits.palette(null).then((p) => (ready.value = p.hooks.filter((hook) => hook.source === "ready" && hook.fits)), () => {});
  }, [editable]);
  return (
    <>
      <div class="note lead">No hooks yet. Add one of these:</div>
      {ready.value.slice(0, STARTERS).map((starter) => (
        <div class="start" key={`${starter.name}@${starter.point}`}>
          <div>
            <span class="hn">{starter.name}</span> <span class="mut fs1">at {starter.point}</span>
            <div class="mut fs1">{starter.doc}</div>
          </div>
          <button type="button" class="btn line" aria-label={`Add ${starter.name}`} disabled={!editable} onClick={() => void store.edits.attach(starter)}>
            <Icon name="i-plus" />
            Add
          </button>
        </div>
      ))}
      <InACell />
    </>
  );
}

/** A hook as a person writes it in a cell; the dialect says which, so that it works as it stands. */
function InACell() {
  const store = useStore();
  const code = store.header.value?.example;
  if (!code) return null;
  return (
    <div class="incell">
      <div class="row">
        <b>or write one in a cell</b>
        <span class="sp" />
        {store.host.insertCell ? (
          <button type="button" class="btn" onClick={() => store.host.insertCell?.(code)}>
            <Icon name="i-plus" />
            New cell
          </button>
        ) : (
          <CopyButton text={code} label="Copy this cell" class="btn">
            <Icon name="i-copy" />
            Copy
          </CopyButton>
        )}
      </div>
      <pre class="trb py">{code.split("\n").map((line, i) => <>{i ? "\n" : ""}<Python code={line} class="" /></>)}</pre>
      <div class="mut fs1">Running the cell again replaces the hook in place.</div>
    </div>
  );
}

/** Above the events as long as none has happened: what to paste into a terminal. */
export function Commands() {
  const store = useStore();
  const header = store.header.value;
  const place = useConsolePlace();
  if (!header) return null;
  return (
    <section aria-label="Start here" class="commands">
      <div class="ph">
        <h3>The server is ready</h3>
        <span class="mut">{header.socket_path === null || !place ? "paste into a terminal:" : `send a message ${place}, or paste:`}</span>
      </div>
      {header.commands.slice(0, 3).map(([label, text]) => (
        <Paste key={label} label={label} text={text} />
      ))}
    </section>
  );
}

/** A command to copy. */
export function Paste({ label, text }: { label: string; text: string }) {
  return (
    <div class="cp">
      <span class="mut">{label}</span>
      <code title={text}>{text}</code>
      <CopyButton text={text} label={`Copy the ${label} command`} class="btn ic" />
    </div>
  );
}

/** What a panel shows, once it is known: until the first frame of its view has come, nothing can be said of the bench. */
export function Awaited({ view, children }: { view: ViewName; children: ComponentChildren }) {
  const store = useStore();
  if (store.arrived.value.has(view)) return <>{children}</>;
  const connecting = store.standing.value === "connecting" || store.link.value.phase === "open";
  return (
    <div class="empty">
      <h4>{connecting ? "Connecting to the bench" : "Not connected to the bench"}</h4>
      <span>{connecting ? "This panel fills as soon as it answers." : "Nothing has come from it yet; the line at the top says why."}</span>
    </div>
  );
}

export function NothingYet() {
  const store = useStore();
  const place = useConsolePlace();
  const becomes = "each event will be a row here, with what every hook did and how long it took.";
  if (store.console.path === null || !place)
    return (
      <div class="empty">
        <h4>Nothing has happened yet</h4>
        <span>
          Paste a command from above into a terminal
          {store.console.path === null ? "" : <>, or run <code>{store.header.value?.spoken ?? "bench"}.console</code> in a cell and press Send there</>}: {becomes}
        </span>
      </div>
    );
  return (
    <div class="empty">
      <h4>Nothing has happened yet</h4>
      <span>
        Press <b class="ink">Send</b> {place}: the connection is open, and {becomes}
      </span>
      {place.endsWith("below") ? <svg width="16" height="34" viewBox="0 0 16 34" class="i down" aria-hidden="true"><path d="M8 1v30M3 26l5 5 5-5" /></svg> : null}
    </div>
  );
}
