/** The sidebar: running benches over all kernels, each with its state, the reason for it, and what can be done. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ServerRow } from "../core/diagnose.js";
import { count, plural, rate } from "../core/format.js";
import { Icon } from "../panels/icons.js";
import type { IconName } from "../panels/icon-shapes.js";
import { Popover } from "../panels/parts.js";
import { DIALECTS, type KernelGroup, type Servers } from "./servers.js";

export interface SidebarActions {
  open(row: ServerRow): void;
  create(dialect: string): void;
}

interface SidebarProps {
  servers: Servers;
  actions: SidebarActions;
}

const MARKS: Record<string, readonly [IconName, string]> = {
  live: ["s-live", "st-live"],
  ready: ["s-live", "st-live"],
  starting: ["s-off", "st-off"],
  busy: ["s-warn", "st-warn"],
  stopped: ["s-off", "st-off"],
  failed: ["s-bad", "st-bad"],
};

export function Sidebar({ servers, actions }: SidebarProps) {
  useEffect(() => servers.look(), [servers]);
  const rows = servers.rows.value;
  const groups = servers.groups.value;
  return (
    <aside class="wb-side" aria-label="Hook benches" lang="en">
      <div class="ph">
        <h3>Hook benches</h3>
        <span class="sp" />
        <button type="button" class="btn ic" aria-label="Refresh" title="Refresh" onClick={() => void servers.refresh()}>
          <Icon name="i-restart" />
        </button>
        <New off={servers.busy.value} create={actions.create} />
      </div>
      <div class="flt" role="search">
        <label class="in">
          <Icon name="i-search" small />
          <input type="search" aria-label="Filter benches" placeholder="name, dialect or port" spellcheck={false} onInput={(event) => (servers.filter.value = event.currentTarget.value)} />
        </label>
      </div>
      {servers.trouble.value ? <div class="ban amber" role="alert"><Icon name="s-warn" as="" /><span>{servers.trouble.value}</span></div> : null}
      <div class="body scroll">
        <ul aria-label="Kernels and their benches">
          {groups.map((group) => <Kernel key={group.kernel} group={group} servers={servers} actions={actions} />)}
        </ul>
        {rows.length === 0 && !servers.trouble.value ? <Empty /> : null}
        {rows.length > 0 && groups.length === 0 ? <p class="note">No bench matches “{servers.filter.value}”.</p> : null}
      </div>
      <div class="pf"><span class="mut fs1">{summary(rows)}</span></div>
    </aside>
  );
}

/** Which hook system the bench speaks is asked first: it cannot be changed later. */
function New({ off, create }: { off: boolean; create: SidebarActions["create"] }) {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => (open.value = false);
  return (
    <>
      <button ref={button} type="button" class="btn pri" disabled={off} aria-haspopup="menu" aria-expanded={open.value} title="Start a bench in the kernel of the open notebook, or in a new one" onClick={() => (open.value = !open.value)}>
        <Icon name="i-plus" />
        New
      </button>
      {open.value ? (
        <Popover anchor={() => button.current} class="menu" label="Which hook system" onClose={close}>
          <ul>
            {DIALECTS.map((dialect) => <li key={dialect}><button type="button" class="btn mi" onClick={() => (close(), create(dialect))}>{dialect}</button></li>)}
          </ul>
        </Popover>
      ) : null}
    </>
  );
}

function summary(rows: readonly ServerRow[]): string {
  const kernels = new Set(rows.map((row) => row.kernel)).size;
  const live = rows.filter((row) => row.state === "live" || row.state === "ready").length;
  return `${plural(rows.length, "bench", "benches")} in ${plural(kernels, "kernel")}; ${count(live)} live`;
}

function Empty() {
  return (
    <div class="note">
      <p>No bench runs in any kernel of this Jupyter server.</p>
      <p>Press New, or run <code>Workbench("crossws").start()</code> in a cell.</p>
    </div>
  );
}

function Kernel({ group, servers, actions }: { group: KernelGroup } & SidebarProps) {
  const open = useSignal(true);
  return (
    <li>
      <div class="kr">
        <button type="button" class="btn ic" aria-expanded={open.value} aria-label={`${open.value ? "Fold" : "Show"} ${group.label}`} onClick={() => (open.value = !open.value)}>
          <Icon name={open.value ? "i-down" : "i-right"} small />
        </button>
        <Icon name="i-book" />
        <span class="el" title={group.rows[0]?.notebook ?? group.kernel}>{group.label}</span>
        <span class="sp" />
        <span class="mut fs1">{group.state}</span>
      </div>
      {open.value ? <ul>{group.rows.map((row) => <BenchRow key={row.id} row={row} servers={servers} actions={actions} />)}</ul> : null}
    </li>
  );
}

function BenchRow({ row, servers, actions }: { row: ServerRow } & SidebarProps) {
  const [icon, tone] = MARKS[row.state] ?? ["s-off", "st-off"];
  const stopped = row.state === "stopped" || row.state === "failed";
  const running = !stopped && row.state !== "starting";
  return (
    <li class="bn" onDblClick={() => actions.open(row)}>
      <div class="l">
        <Icon name={icon} as={`sd ${tone}`} />
        <b class="el">{row.name}</b>
        <span class="tag">{row.dialect}</span>
        <span class="acts">
          {stopped ? <Act icon="i-play" label={`Start ${row.name}`} off={servers.busy.value} act={() => void servers.start(row.id)} /> : null}
          {running ? <Act icon="i-stop" label={`Stop ${row.name}`} off={servers.busy.value} act={() => void servers.stop(row.id)} /> : null}
          {row.state === "starting" ? null : <Act icon="i-open" label={`Open ${row.name}`} act={() => actions.open(row)} />}
        </span>
      </div>
      <div class="m">
        <span>{row.state}</span>
        {row.port && running ? <span class="code">:{row.port}</span> : null}
        {running && row.rate !== null ? <span>{rate(row.rate)}/s</span> : null}
        {running && row.clients !== null ? <span>{plural(row.clients, "client")}</span> : null}
        {row.errors ? <span class="errc" title={plural(row.errors, "error")}><Icon name="o-raised" as="" />{count(row.errors)}</span> : null}
      </div>
      {row.reason && row.state !== "live" && row.state !== "ready" ? <div class="why">{row.reason}</div> : null}
    </li>
  );
}

function Act({ icon, label, off, act }: { icon: IconName; label: string; off?: boolean; act: () => void }) {
  return (
    <button type="button" class="btn ic" aria-label={label} title={label} disabled={off ?? false} onClick={act}>
      <Icon name={icon} />
    </button>
  );
}
