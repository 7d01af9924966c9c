/** Clients beside one another, so that fan-out is visible; below them the composer. */
import { useRef, useState } from "preact/hooks";
import { closeWords } from "../core/closecodes.js";
import { MOST_CLIENTS } from "../core/console.js";
import { duration, second, stamp } from "../core/format.js";
import type { ConsoleClient, ConsoleLine } from "../core/protocol.js";
import { capped, visible } from "../core/text.js";
import { Composer } from "./Composer.js";
import { useStore } from "./context.js";
import { Awaited, Paste } from "./Empty.js";
import { Icon } from "./icons.js";
import { IconButton, PanelHead, Popover } from "./parts.js";

type Shown = ConsoleClient & { page: boolean };

export function ConsolePanel() {
  const store = useStore();
  const clients = store.console.clients.value;
  const outside = Math.max(0, (store.header.value?.clients ?? 0) - clients.filter((c) => c.state === "open").length);
  return (
    <section class="pn console" aria-label="Console" data-panel="console">
      <PanelHead title="Console">
        {outside ? <span class="mut el">also connected: {outside} from outside</span> : null}
        <span class="sp" />
        <AddClient full={clients.length >= MOST_CLIENTS} />
      </PanelHead>
      <div class="cols">
        {clients.map((c) => <Column key={c.id} client={c} />)}
        {clients.length === 0 ? <Awaited view="console"><NoClient /></Awaited> : null}
      </div>
      {clients.length || store.console.path !== null ? <Composer /> : null}
    </section>
  );
}

/** The next step, where nobody is connected. */
function NoClient() {
  const store = useStore();
  const header = store.header.value;
  if (!header || header.socket_path !== null) return <p class="note">No client yet. Add one: it is connected by the bench itself, inside the kernel.</p>;
  const commands = header.commands.filter(([label]) => label.startsWith("curl")).slice(0, 2);
  return (
    <div class="note">
      <p>A {header.dialect} server has no plain WebSocket to write to from here. {commands.length ? "Send it a request from a terminal:" : "Start it, and send it a request."}</p>
      {commands.map(([label, text]) => <Paste key={label} label={label} text={text} />)}
    </div>
  );
}

const DOTS: Record<string, readonly ["s-live" | "s-off" | "s-warn" | "s-bad", string]> = {
  open: ["s-live", "st-live"],
  connecting: ["s-off", "st-off"],
  closed: ["s-off", "st-off"],
  refused: ["s-bad", "st-bad"],
  failed: ["s-bad", "st-bad"],
};

function Column({ client }: { client: Shown }) {
  const store = useStore();
  const [icon, tone] = DOTS[client.state] ?? ["s-off", "st-off"];
  const active = store.console.active.value?.id === client.id;
  const open = client.state === "open" || client.state === "connecting";
  return (
    <div class={`cl${active ? " act" : ""}`}>
      <header onClick={() => store.console.choose(client.id)}>
        <Icon name={icon} as={`sd ${tone}`} />
        <button type="button" class="lnk plain" aria-pressed={active} title={`Write as ${client.id}`} onClick={() => store.console.choose(client.id)}>
          <b>{client.id}</b>
        </button>
        <span>{client.state}</span>
        {client.path && client.path !== "/" ? <span class="el path" title={client.path}>{client.path}</span> : null}
        <span class="sp" />
        <span class="el way">{client.page ? "Jupyter’s proxy" : "loopback"}{client.rtt_ns ? ` ${duration(client.rtt_ns)}` : ""}</span>
        {open ? (
          <IconButton icon="i-x" label={`Close ${client.id}`} onClick={() => void store.console.close(client.id)} />
        ) : (
          <IconButton icon="i-restart" label={`Connect ${client.id} again`} onClick={() => void store.console.reopen(client)} />
        )}
      </header>
      <Log client={client} />
    </div>
  );
}

/** Newest below, in sight unless the reader has scrolled up. */
function Log({ client }: { client: Shown }) {
  const box = useRef<HTMLDivElement | null>(null);
  const stuck = useRef(true);
  const onScroll = () => {
    const b = box.current;
    if (b) stuck.current = b.scrollHeight - b.scrollTop - b.clientHeight < 24;
  };
  const keep = (element: HTMLDivElement | null) => {
    box.current = element;
    if (element && stuck.current) element.scrollTop = element.scrollHeight;
  };
  return (
    <div class="body scroll" role="log" aria-label={client.id} tabIndex={0} ref={keep} onScroll={onScroll}>
      {client.lines.length === 0 && client.state === "open" && !client.page ? <Note text="connected by the bench itself, inside the kernel; no network needed" /> : null}
      {client.lines.map((line, i) => <Line key={`${line.time}:${i}`} line={line} />)}
      {client.code !== null ? (
        <div class="msg">
          <span /><span class="d">·</span>
          <span class="sys"><b class="ink">{closeWords(client.code)}</b>{client.reason ? `: ${visible(client.reason)}` : ""}</span>
        </div>
      ) : null}
    </div>
  );
}

function Note({ text }: { text: string }) {
  return (
    <div class="msg">
      <span /><span class="d">·</span>
      <span class="sys">{text}</span>
    </div>
  );
}

const ARROWS = { out: ["→", "sent"], in: ["←", "received"], note: ["·", "note"] } as const;

function Line({ line }: { line: ConsoleLine }) {
  const [sign, word] = ARROWS[line.direction];
  const text = visible(capped(line.text, 2000));
  return (
    <div class={`msg${line.direction === "out" ? " out" : ""}`}>
      <time title={stamp(line.time)}>{second(line.time)}</time>
      <span class="d" role="img" aria-label={word}>{sign}</span>
      <span class={line.direction === "note" ? "sys" : ""}>{line.binary ? <span class="tag">bytes</span> : null}{text}</span>
    </div>
  );
}

function AddClient({ full }: { full: boolean }) {
  const store = useStore();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const path = useRef<HTMLInputElement>(null);
  const add = (from: "kernel" | "page") => {
    setOpen(false);
    const at = path.current?.value || "/";
    void store.console.open(at.startsWith("/") ? at : `/${at}`, from);
  };
  return (
    <>
      <button type="button" class="btn line" ref={button} aria-expanded={open} disabled={full || !store.editable.value} title={full ? `${MOST_CLIENTS} clients are the most` : "Open one more client"} onClick={() => setOpen(!open)}>
        <Icon name="i-plus" />
        Client
      </button>
      {open ? (
        <Popover anchor={() => button.current} label="Open a client" onClose={() => setOpen(false)}>
          <form class="addc" onSubmit={(event) => { event.preventDefault(); add("kernel"); }}>
            <label>Path <input ref={path} class="field code" defaultValue={store.console.path ?? "/"} spellcheck={false} /></label>
            <button type="submit" class="btn line">Inside the kernel<span class="mut fs1">loopback, works everywhere</span></button>
            {store.host.clientUrl ? (
              <button type="button" class="btn line" onClick={() => add("page")}>From this page<span class="mut fs1">through Jupyter’s proxy</span></button>
            ) : null}
          </form>
        </Popover>
      ) : null}
    </>
  );
}
