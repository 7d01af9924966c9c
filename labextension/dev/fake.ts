/** A bench that lives in the page: answers the command channel from fixtures, obeys edits, refuses what it is told to. */
import type { Connector, Link } from "../src/core/channel.js";
import { findHook, withCard, withEnabled, withMove, withoutHook } from "../src/core/chain-ops.js";
import type { DocumentsData } from "../src/core/documents-data.js";
import type { Host } from "../src/core/host.js";
import type { LintsData, StatsData, StoryData, TimelineData } from "../src/core/insight-data.js";
import type { BenchInfo, BreakpointsData, ChainData, ConsoleData, Edit, EventRow, EventsData, FaultsData, HeaderData, HistoryData, InspectorData, Message, TrafficData, ViewName } from "../src/core/protocol.js";
import type { Saved } from "../src/core/saving.js";
import type { PlaceData } from "../src/core/trying-data.js";
import { FakeSources } from "./fake-sources.js";
import * as fixtures from "./fixtures.js";
import * as more from "./view-fixtures.js";

export interface FakeState {
  bench: BenchInfo;
  header: HeaderData;
  chain: ChainData;
  rows: EventRow[];
  inspector: InspectorData | null;
  console: ConsoleData;
  history: HistoryData;
  timeline: TimelineData;
  story: StoryData | null;
  stats: StatsData;
  lints: LintsData;
  documents: DocumentsData;
  /** What cannot be written when the bench is saved, and the files that are there. */
  saving: { left_out: Saved["left_out"]; files: string[]; secrets: string[] };
  /** What the bench says of the filter. */
  wrong: { text: string; at: number; length: number } | null;
  faults: FaultsData;
  breakpoints: BreakpointsData;
  traffic: TrafficData;
}

const OWN: Record<string, Record<string, number | string>> = { delay: { ms: 200, spread_ms: 0 }, raise: { error: "A fault was injected here." }, reorder: { ms: 1000 }, close: { code: 1011, reason: "" } };
const faultKinds = ["delay", "raise", "drop", "duplicate", "reorder", "corrupt", "close", "hang"].map((name) => ({ name, anywhere: ["delay", "raise", "hang"].includes(name) ? "every point" : "messages and requests of clients", own: OWN[name] ?? {} }));

/** Nothing armed, nothing held, nobody sent. */
const calm = (): Pick<FakeState, "faults" | "breakpoints" | "traffic"> => ({
  faults: { kinds: faultKinds, usual: { probability: 1, seed: 0 }, armed: [] },
  breakpoints: { points: [], held: [], waiting: 0 },
  traffic: { templates: ["messages", "requests"], patterns: ["constant", "poisson", "burst", "ramp"], run: null },
});

export function fullState(): FakeState {
  const { bench, header, chain, rows, inspector, consoleData, history } = structuredClone({ ...fixtures });
  return { bench, header, chain, rows, inspector, console: consoleData, history, documents: { seconds: 12, total: 0, documents: [] }, saving: { left_out: [], files: ["mine.py"], secrets: [] }, wrong: null, ...calm(), ...structuredClone({ timeline: more.timeline, story: more.story, stats: more.stats, lints: more.lints }) };
}

export function emptyState(): FakeState {
  const state = fullState();
  return { ...state, ...structuredClone({ header: fixtures.emptyHeader, chain: fixtures.emptyChain, console: fixtures.emptyConsole }), rows: [], inspector: null, history: { entries: [], cursor: 0 }, timeline: { events: [], hooks: [], moments: [], edits: [], total: 0 }, story: null, stats: { ...more.stats, rows: [], sample: 0, total: 0 }, lints: { lints: [], sample: 0 } };
}

export class FakeBench {
  /** Everything the page sent, in order. */
  readonly heard: Message[] = [];
  readonly sources = new FakeSources();
  refuse: string | null = null;
  /** The member that the refusal is about. */
  refusedField = "";
  /** Why nobody can connect any more. */
  dead: string | null = null;
  /** Answers wait until `release` is called. */
  slow = false;
  private held: (() => void)[] = [];
  private link: Link | null = null;
  private watched = new Map<ViewName, Record<string, unknown>>();
  private frames = 0;
  private past: ChainData[] = [];
  private next = 20;

  constructor(readonly state: FakeState = fullState()) {}

  host(more: Partial<Host> = {}): Host {
    return { face: "page", connectors: () => [this.connector()], editor: () => import("../src/editor/index.js"), ...more };
  }

  connector(): Connector {
    return { kind: "fixture", label: "side socket", open: () => (this.dead ? Promise.reject(new Error(this.dead)) : Promise.resolve(this.open())) };
  }

  private open(): Link {
    const link: Link = { send: (m) => queueMicrotask(() => this.hear(m)), close: () => {}, receive: () => {}, closed: () => {} };
    this.link = link;
    return link;
  }

  /** The connection breaks. */
  lose(reason: string): void {
    const link = this.link;
    this.link = null;
    this.dead = reason;
    link?.closed(reason);
  }

  release(): void {
    this.slow = false;
    for (const act of this.held.splice(0)) act();
  }

  private say(message: Message): void {
    this.link?.receive(structuredClone(message));
  }

  private hear(message: Message): void {
    this.heard.push(message);
    switch (message.op) {
      case "hello":
        return this.say({ op: "welcome", v: 1, bench: this.state.bench });
      case "watch":
        this.watched.set(message["view"] as ViewName, (message["params"] as Record<string, unknown>) ?? {});
        return this.frame(message["view"] as ViewName);
      case "ack":
        return;
      default:
        if (message.id !== undefined) this.later(() => this.answer(message));
    }
  }

  private later(act: () => void): void {
    if (this.slow) this.held.push(act);
    else act();
  }

  private answer(message: Message): void {
    const revision = this.state.chain.revision;
    if (this.refuse && message.op !== "ping" && message.op !== "ask") return this.say({ op: "refused", id: message.id!, reason: this.refuse, revision, ...(this.refusedField ? { field: this.refusedField } : {}) });
    const data = this.act(message);
    this.say({ op: "answer", id: message.id!, ok: true, revision: this.state.chain.revision, data });
    if (message.op === "source") this.frame("source");
    if (["edit", "undo", "redo"].includes(message.op)) for (const view of ["chain", "header", "history"] as const) this.frame(view);
  }

  private places(): PlaceData[] {
    const parameters = Object.fromEntries(this.state.bench.points.map((point) => [point.name, point.parameters]));
    return this.state.chain.points.map((point) => ({
      name: point.name,
      parameters: parameters[point.name] ?? [],
      hooks: point.lanes.flatMap((lane) => lane.hooks.map((hook) => ({ id: hook.id, name: hook.name, where: lane.label || point.name, on: hook.enabled }))),
    }));
  }

  private act(message: Message): unknown {
    if (message.op === "edit") this.edit(message["edit"] as Edit);
    else if (message.op === "undo") this.undo();
    else if (message.op === "ask" && message["what"] === "palette") return fixtures.palette;
    else if (message.op === "ask" && message["what"] === "connections") return { connections: [{ connection: 2, path: "/chat", remote: "127.0.0.1" }, { connection: 1, path: "/chat", remote: "" }], open: 2 };
    else if (message.op === "ask" && message["what"] === "places") return { points: this.places() };
    else if (message.op === "ask" && message["what"] === "cell") return { text: this.state.history.entries.map((e) => e.python).reverse().join("\n") };
    else if (message.op === "ask" && message["what"] === "event") return this.state.inspector && { ...this.state.inspector, dispatch: message["dispatch"] };
    else if (message.op === "source") return this.sources.act(message);
    else if (message.op === "save") return this.save(message);
    else if (message.op === "client") this.client(message);
    else if (message.op === "server") this.state.header.state = message["do"] === "stop" ? "stopped" : "ready";
    return undefined;
  }

  private save(message: Message): Saved {
    const { left_out, files, secrets } = this.state.saving;
    const file = String(message["file"]);
    const exists = files.includes(file) && !message["over"];
    const written = !exists && (left_out.length === 0 || Boolean(message["leave_out"]));
    return { file, path: `/home/ada/${file}`, written, exists, left_out, more: 0, secrets, python: `bench.save("${file}")` };
  }

  private client(message: Message): void {
    const { clients } = this.state.console;
    const client = clients.find((c) => c.id === message["client"]);
    if (message["do"] === "open" && !client)
      clients.push({ id: String(message["client"]), state: "open", path: String(message["path"] ?? "/"), rtt_ns: 2e5, code: null, reason: null, lines: [] });
    else if (message["do"] === "send") client?.lines.push({ time: Date.now(), direction: "out", text: String(message["data"] ?? message["binary"]), binary: "binary" in message });
    this.frame("console");
  }

  private edit(edit: Edit): void {
    const { chain } = this.state;
    this.past.push(chain);
    const name = "hook" in edit ? (findHook(chain, edit.hook)?.hook.name ?? edit.hook) : "";
    const point = "hook" in edit ? (findHook(chain, edit.hook)?.point.name ?? "") : "point" in edit ? edit.point : "";
    const revision = chain.revision + 1;
    const before = edit.kind === "move" && edit.before ? findHook(chain, edit.before)?.hook.name : null;
    this.state.chain = { ...this.edited(edit), revision };
    const args = argsOf(edit, name, before ?? null);
    this.state.history.entries.unshift({ number: revision, mark: edit.kind === "mark" ? edit.name : null, revision, python: `bench${point && `.chain("${point}")`}.${edit.kind}(${args})`, author: "this page", time: Date.now(), undone: false });
    this.state.history.cursor = revision;
    Object.assign(this.state.header, { revision, can_undo: true });
  }

  private edited(edit: Edit): ChainData {
    const { chain } = this.state;
    switch (edit.kind) {
      case "move":
        return withMove(chain, edit.hook, edit.before);
      case "enable":
        return withEnabled(chain, edit.hook, edit.on);
      case "remove":
        return withoutHook(chain, edit.hook);
      case "set_scope":
        return withCard(chain, edit.hook, { ...("connections" in edit ? { connections: edit.connections ?? null } : {}), ...("shadow" in edit ? { shadow: edit.shadow ?? false } : {}) });
      case "set_effects":
        return withCard(chain, edit.hook, { effects: edit.effects });
      case "mark":
      case "return_to":
      case "duplicate":
      case "wrap":
        return chain;
      case "attach": {
        const next = structuredClone(chain);
        const lane = next.points.find((p) => p.name === edit.point)?.lanes[0];
        const name = edit.ready ?? edit.function ?? "hook";
        lane?.hooks.push({ ...structuredClone(fixtures.chain.points[1]!.lanes[0]!.hooks[0]!), id: `h${this.next++}`, name, position: lane.hooks.length + 1, calls: 0, spark: [], why: "attached last" });
        return next;
      }
    }
  }

  private undo(): void {
    const chain = this.past.pop();
    if (!chain) return;
    this.state.chain = { ...chain, revision: this.state.chain.revision + 1 };
    const last = this.state.history.entries.find((e) => !e.undone);
    if (last) last.undone = true;
    Object.assign(this.state.header, { revision: this.state.chain.revision, can_redo: true });
  }

  /** Send the newest state of a view, if it is watched. */
  frame(view: ViewName): void {
    if (this.watched.has(view)) this.say({ op: "frame", view, frame: ++this.frames, data: this.dataOf(view) });
  }

  /** The rows that were asked for, by rank among those that are old enough. */
  private window(): Partial<EventsData> {
    const { before = null, rank = 0, limit = 200 } = (this.watched.get("events") ?? {}) as { before?: number | null; rank?: number; limit?: number };
    const matching = this.state.rows.filter((row) => before === null || row.dispatch < before);
    return { rows: matching.slice(rank, rank + limit), before, rank, matching: matching.length };
  }

  private dataOf(view: ViewName): unknown {
    const { state } = this;
    if (view === "events") return { ...this.window(), total: state.header.events, kept: state.header.kept, dropped: state.header.dropped, sampled: 1, wrong: state.wrong, pandas: this.watched.get("events")?.["query"] ? "d, c = bench.trace.dispatches, bench.trace.calls\nd[(d.outcome == 'raised')]" : null };
    if (view === "source") return this.sources.frame(this.watched.get("source")?.["hook"]);
    if (view === "chain") return this.sources.marked(state.chain);
    if (view !== "inspector") return state[view];
    const asked = this.watched.get("inspector")?.["dispatch"];
    const row = state.rows.find((r) => r.dispatch === asked);
    return row && state.inspector && row.dispatch !== state.inspector.dispatch ? inspected(row, state.inspector) : state.inspector;
  }
}

/** The arguments of an edit's line of Python. */
function argsOf(edit: Edit, name: string, before: string | null): string {
  switch (edit.kind) {
    case "move":
      return `"${name}", before=${before ? `"${before}"` : "None"}`;
    case "enable":
      return `"${name}", ${edit.on ? "True" : "False"}`;
    case "attach":
      return edit.ready ?? String(edit.function);
    case "mark":
      return `"${edit.name}"`;
    case "return_to":
      return `"${edit.mark}"`;
    default:
      return `"${name}"`;
  }
}

/** Details made up from a row, for events that have no fixture of their own. */
function inspected(row: EventRow, like: InspectorData): InspectorData {
  return { ...like, dispatch: row.dispatch, point: row.point, connection: row.connection, time: row.time, revision: row.revision, outcome: row.outcome, duration_ns: row.duration_ns, changes: null, why_no_changes: "More than 100 events a second came; this one was not snapshotted.", clients: null };
}
