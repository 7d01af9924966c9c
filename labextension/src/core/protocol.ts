/** The command channel, version 1: what travels between a face and a bench. All durations are nanoseconds, all times epoch milliseconds. */

import type { ChainData } from "./chain-data.js";
import type { DocumentsData } from "./documents-data.js";
import type { LintsData, StatsData, StoryData, TimelineData } from "./insight-data.js";
import type { SourceFrame } from "./source-data.js";

export const PROTOCOL = 1;

export type Outcome = "ok" | "changed" | "stopped" | "raised" | "skipped" | "cancelled" | "pending";
export type BenchState = "stopped" | "ready" | "live" | "failed";
export type Pace = "focused" | "visible" | "hidden";
import type { BreakpointsData, FaultsData, TrafficData } from "./trying-data.js";
export type { BreakpointsData, FaultsData, HeldEvent, TrafficData } from "./trying-data.js";

export type ViewName = "header" | "chain" | "events" | "inspector" | "console" | "history" | "timeline" | "story" | "stats" | "lints" | "faults" | "breakpoints" | "traffic" | "documents" | "source";

export interface PointInfo {
  name: string;
  title: string;
  parameters: string[];
  policy: string;
  doc: string;
}

export interface BenchInfo {
  id: string;
  name: string;
  dialect: string;
  version: string;
  points: PointInfo[];
  /** Messages to try in the console. */
  messages?: Offered[];
}

export interface Offered {
  label: string;
  kind: "text" | "json" | "base64";
  text: string;
}

export interface HeaderData {
  name: string;
  dialect: string;
  state: BenchState;
  reason: string | null;
  url: string | null;
  ws_url: string | null;
  /** What people copy: where clients of the bench's own system connect. */
  address?: string | null;
  /** Where a plain WebSocket is let in; null where the bench speaks none. */
  socket_path: string | null;
  /** A cell with a first hook. */
  example: string;
  /** What stands for the bench in Python where its notebook runs. */
  spoken?: string;
  /** Whether the bench's system keeps documents. */
  documents?: boolean;
  port: number | null;
  commands: [label: string, text: string][];
  revision: number;
  can_undo: boolean;
  can_redo: boolean;
  rate: number;
  p95_ns: number | null;
  /** Of how many newest events of each point, and calls of each hook, a percentile here is. */
  recent: number;
  clients: number;
  events: number;
  kept: number;
  dropped: number;
  errors: number;
}

export type { ChainChoice, ChainData, ChainPoint, Example, ExampleBar, HookCard, LaneData } from "./chain-data.js";

export type Segment = [part: "work" | "wait", ns: number, outcome: Outcome];

export interface EventRow {
  dispatch: number;
  time: number;
  connection: number | null;
  point: string;
  outcome: Outcome;
  duration_ns: number;
  work_ns: number;
  wait_ns: number;
  changed: number;
  error: string | null;
  hook?: string | null;
  effect?: string | null;
  revision: number;
  segments: Segment[];
}

export interface EventsData {
  rows: EventRow[];
  total: number;
  kept: number;
  dropped: number;
  /** One row in this many is shown; 1 when all are. */
  sampled: number;
  /** Only events with smaller numbers are listed; null: all. */
  before?: number | null;
  /** The place of the first row among all that match, and how many those are. */
  rank?: number;
  matching?: number;
  /** What is wrong with the query, and where; no rows come with it. */
  wrong?: { text: string; at: number; length: number } | null;
  /** The query as two lines of Python. */
  pandas?: string | null;
}

export interface StepRow {
  position: number | null;
  hook: string;
  hook_id: string;
  version: number;
  outcome: Outcome;
  start_ns: number | null;
  work_ns: number;
  wait_ns: number;
  changed: number;
  printed: string[];
  /** `passed`: it only passed on what something inside of it raised. */
  error: { text: string; traceback: string[]; passed?: boolean } | null;
  reason: string | null;
}

export interface ChangeRow {
  position: number | null;
  hook: string;
  path: string;
  /** Texts ready to show; null where there is nothing. */
  before: string | null;
  after: string | null;
  op: "added" | "changed" | "removed";
}

export interface SawRow {
  connection: number | null;
  at_ns: number;
  bytes: number;
  text: string;
  /** The same in every form that fits it. */
  formats?: Record<string, string>;
}

export interface PayloadRow {
  path: string;
  size: number;
  formats: Record<string, string>;
}

export interface InspectorData {
  dispatch: number;
  point: string;
  connection: number | null;
  time: number;
  revision: number;
  outcome: Outcome;
  duration_ns: number;
  steps: StepRow[];
  /** What the innermost function of an onion raised, and the event ended with. */
  core?: { name: string; text: string; traceback: string[] } | null;
  changes: ChangeRow[] | null;
  why_no_changes?: string | null;
  /** From the event's beginning until its client was answered. */
  answered_ns?: number | null;
  clients?: SawRow[] | null;
  /** The texts and blobs that came with the event. */
  payloads?: PayloadRow[];
}

export interface ConsoleLine {
  time: number;
  direction: "in" | "out" | "note";
  text: string;
  binary: boolean;
}

export interface ConsoleClient {
  id: string;
  state: string;
  path: string;
  rtt_ns: number | null;
  code: number | null;
  reason: string | null;
  lines: ConsoleLine[];
}

export interface ConsoleData {
  clients: ConsoleClient[];
}

export interface HistoryEntry {
  /** Its place in the history; a fault or a mark makes no revision of its own. */
  number: number;
  /** Name of the mark that it is, if one can return to it. */
  mark: string | null;
  revision: number;
  python: string;
  author: string;
  time: number;
  undone: boolean;
}

export interface HistoryData {
  entries: HistoryEntry[];
  cursor: number;
}

export interface Views {
  header: HeaderData;
  chain: ChainData;
  events: EventsData;
  inspector: InspectorData;
  console: ConsoleData;
  history: HistoryData;
  timeline: TimelineData;
  story: StoryData | null;
  stats: StatsData;
  lints: LintsData;
  faults: FaultsData;
  breakpoints: BreakpointsData;
  traffic: TrafficData;
  documents: DocumentsData;
  source: SourceFrame;
}

export type Edit =
  | { kind: "attach"; point: string; ready?: string; function?: string; before?: string | null }
  | { kind: "move"; hook: string; before: string | null; lane?: string }
  | { kind: "enable"; hook: string; on: boolean }
  | { kind: "remove"; hook: string }
  | { kind: "duplicate"; hook: string }
  | { kind: "wrap"; hook: string }
  | { kind: "set_scope"; hook: string; connections?: number[] | null; shadow?: boolean }
  | { kind: "set_effects"; hook: string; effects: "context" | "pure" | "outside" }
  | { kind: "mark"; name: string }
  | { kind: "return_to"; mark: string };

export type Message = { op: string; id?: number } & Record<string, unknown>;

export interface Answer {
  revision: number | null;
  python: string | null;
  data: unknown;
}
