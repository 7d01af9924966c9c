/** The bench's name, state and address; commands to copy; Stop and Start; and the row of figures below. */
import { useRef, useState } from "preact/hooks";
import { count, duration, plural, rate } from "../core/format.js";
import type { HeaderData } from "../core/protocol.js";
import type { Standing } from "../core/store.js";
import { useLayout, useStore } from "./context.js";
import { Icon } from "./icons.js";
import type { IconName } from "./icon-shapes.js";
import { Keys } from "./KeyList.js";
import { CopyButton, IconButton, P95, Popover, Segments } from "./parts.js";

const STATES: Record<Standing, readonly [word: string, icon: IconName, tone: string]> = {
  connecting: ["Connecting", "s-off", "off"],
  ready: ["Ready", "s-live", ""],
  live: ["Live", "s-live", ""],
  stopped: ["Stopped", "s-off", "off"],
  failed: ["Not started", "s-bad", "bad"],
  lost: ["Reconnecting", "s-warn", "off"],
  gone: ["Kernel gone", "s-bad", "bad"],
};

export function Header() {
  const store = useStore();
  const header = store.header.value;
  const narrow = useLayout() === "narrow";
  const [word, icon, tone] = STATES[store.standing.value];
  return (
    <div class="hd">
      <span class={`state ${tone}`}>
        <Icon name={icon} as="" />
        {word}
      </span>
      <span class="name el">{header?.name ?? "bench"}</span>
      {header ? <span class="tag">{header.dialect}</span> : null}
      {header?.ws_url && !narrow ? <Address header={header} /> : null}
      <span class="sp" />
      {narrow && header?.port ? <span class="addr">:{header.port}</span> : null}
      {narrow && header ? <CopyMenu header={header} /> : null}
      {narrow ? null : <Path />}
      <StartStop narrow={narrow} />
      <Keys />
    </div>
  );
}

function Address({ header }: { header: HeaderData }) {
  const layout = useLayout();
  return (
    <>
      <span class="vr" />
      <span class="addr el">{header.address ?? header.ws_url}</span>
      {layout === "wide" ? <CopyGroup header={header} /> : <CopyMenu header={header} />}
    </>
  );
}

function copies(header: HeaderData): [string, string][] {
  const url: [string, string][] = header.ws_url ? [["URL", header.address ?? header.ws_url]] : [];
  return [...url, ...header.commands.filter(([label]) => label !== "URL")];
}

function CopyGroup({ header }: { header: HeaderData }) {
  return (
    <>
      <span class="mut">Copy</span>
      <span class="seg" role="group" aria-label="Copy a client command">
        {copies(header).slice(0, 5).map(([label, text]) => (
          <CopyButton class="" text={text} label={`Copy ${label}: ${text}`}>
            {label}
          </CopyButton>
        ))}
      </span>
    </>
  );
}

function CopyMenu({ header }: { header: HeaderData }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button type="button" ref={button} class="btn line" aria-expanded={open} onClick={() => setOpen(!open)}>
        Copy
        <Icon name="i-down" small />
      </button>
      {open ? (
        <Popover anchor={() => button.current} class="menu" label="Copy a client command" onClose={() => setOpen(false)}>
          <ul>
            {copies(header).map(([label, text]) => (
              <li>
                <CopyButton class="btn mi" text={text} label={`Copy ${label}`}>
                  {label} <code class="el mut">{text}</code>
                </CopyButton>
              </li>
            ))}
          </ul>
        </Popover>
      ) : null}
    </>
  );
}

/** Which way the edits take, and its round trip. */
function Path() {
  const store = useStore();
  const link = store.link.value;
  if (link.phase !== "open") return null;
  const trip = store.round.trip.value;
  return (
    <span class="fig el">
      edits by{" "}
      <b>
        {link.label}
        {trip === null ? "" : ` ${duration(trip * 1e6)}`}
      </b>
    </span>
  );
}

function StartStop({ narrow }: { narrow: boolean }) {
  const store = useStore();
  const [busy, setBusy] = useState(false);
  const standing = store.standing.value;
  const running = standing === "ready" || standing === "live";
  const can = running || standing === "stopped" || standing === "failed";
  const act = async () => {
    setBusy(true);
    await store.server(running ? "stop" : "start");
    setBusy(false);
  };
  const label = running ? "Stop" : "Start";
  const icon = running ? "i-stop" : "i-play";
  if (narrow) return <IconButton icon={icon} label={label} disabled={!can || busy} onClick={() => void act()} />;
  return (
    <button type="button" class="btn line" disabled={!can || busy} onClick={() => void act()}>
      <Icon name={icon} />
      {label}
    </button>
  );
}

export function Toolbar({ onHistory }: { onHistory: () => void }) {
  const store = useStore();
  const header = store.header.value;
  const layout = useLayout();
  const narrow = layout === "narrow";
  const small = narrow || layout === "stack";
  const off = !store.editable.value;
  const mac = typeof navigator !== "undefined" && navigator.userAgent.includes("Mac");
  const undoKey = mac ? "⌘Z" : "Ctrl+Z";
  return (
    <div class="hd two" role="toolbar" aria-label="Bench">
      <ToolButton icon="i-undo" label="Undo" hint={undoKey} small={small} disabled={off || !header?.can_undo} onClick={() => void store.edits.undo()} />
      <ToolButton icon="i-redo" label="Redo" hint={`Shift+${undoKey}`} small={small} disabled={off || !header?.can_redo} onClick={() => void store.edits.redo()} />
      {narrow ? null : <span class="vr" />}
      <button type="button" class="btn" title="Show the history" onClick={onHistory}>
        {narrow ? "Rev" : "Revision"} <b>{header?.revision ?? "–"}</b>
      </button>
      {narrow ? null : <span class="vr" />}
      <Segments
        label="View"
        value={store.paused.value ? "paused" : "live"}
        options={[["live", "Live"], ["paused", store.paused.value && store.news.value ? `Paused +${count(store.news.value)}` : "Pause view"]] as const}
        onPick={(value) => store.pauseView(value === "paused")}
      />
      <span class="sp" />
      <Figures />
    </div>
  );
}

function ToolButton({ icon, label, hint, small, disabled, onClick }: { icon: IconName; label: string; hint: string; small: boolean; disabled: boolean; onClick: () => void }) {
  if (small) return <IconButton icon={icon} label={label} disabled={disabled} onClick={onClick} />;
  return (
    <button type="button" class="btn" disabled={disabled} title={`${label} (${hint})`} onClick={onClick}>
      <Icon name={icon} />
      {label}
    </button>
  );
}

function Figures() {
  const store = useStore();
  const header = store.header.value;
  const layout = useLayout();
  if (!header) return null;
  const slow = store.round.slowHz.value;
  const p95 = <span class="fig"><P95 ns={header.p95_ns} of={`the newest events (at most ${count(header.recent)} of each hook point)`} /></span>;
  if (layout === "narrow") return <><span class="fig"><b>{rate(header.rate)}</b>/s</span>{header.events ? p95 : null}<span class="fig"><b>{count(header.dropped)}</b> dropped</span></>;
  return (
    <>
      {slow ? <span class="fig" title="This page paints slower than events come">view at <b>{slow} Hz</b>, nothing lost</span> : null}
      {header.events ? <span class="fig"><b>{rate(header.rate)}</b>{layout === "wide" ? " events/s" : "/s"}</span> : <span class="fig"><b>0</b> events</span>}
      {header.events ? p95 : null}
      <span class="fig"><b>{count(header.clients)}</b> {header.clients === 1 ? "client" : "clients"}</span>
      {header.events ? <span class="fig last"><b>{count(header.kept)}</b> kept, <b>{count(header.dropped)}</b> dropped</span> : null}
      {header.errors ? <span class="errc fig last" title={plural(header.errors, "hook call") + " raised"}><Icon name="o-raised" as="" />{count(header.errors)}</span> : null}
    </>
  );
}
