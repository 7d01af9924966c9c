/** What the chain view shows: points or named chains, their lists, their hooks, and one real event beside them. */
import type { Outcome } from "./protocol.js";

export interface HookCard {
  id: string;
  name: string;
  kind: string;
  /** Position in the chain as it runs; null when off. */
  position: number | null;
  enabled: boolean;
  guest: boolean;
  movable: boolean;
  version: number;
  origin: { kind: string; label: string | null } | null;
  calls: number;
  p95_ns: number | null;
  errors: number;
  changed: number;
  stopped: number;
  pending: number;
  spark: number[];
  why: string | null;
  status: string | null;
  /** The first few connections that it runs for; null: all. */
  connections?: number[] | null;
  /** It runs and is traced, without effect. */
  shadow?: boolean;
  /** What its author says it touches: context, pure or outside. */
  effects?: string;
  /** What the bench keeps of its draft: from which version it began, null where it was given up. */
  draft?: { number: number; version: number | null } | null;
  /** The last error, cut to the user's own frames. */
  traceback: string[] | null;
}

export interface LaneData {
  name: string;
  label: string;
  /** What the hooks in it are: call, around, before, after or error. */
  kind?: string;
  /** Why nothing may be dropped here; null where it may. */
  shut: string | null;
  hooks: HookCard[];
}

export interface ExampleBar {
  hook: string | null;
  start_ns: number;
  work_ns: number;
  wait_ns: number;
  outcome: Outcome;
}

export interface Example {
  dispatch: number;
  duration_ns: number;
  /** From its beginning until its client was answered; null: not yet, or not at all. */
  answered_ns?: number | null;
  outcome: Outcome;
  bars: ExampleBar[];
}

export interface ChainPoint {
  name: string;
  title: string;
  policy: string;
  /** How its hooks run: fold, gather, spawn or onion. */
  shape?: string;
  doc?: string;
  /** What the chain is around, or what follows it; empty: nothing to name. */
  core?: string;
  count: number;
  /** Its newest event. */
  example?: Example | null;
  lanes: LaneData[];
}

export interface ChainChoice {
  name: string;
  group: string;
}

export interface ChainData {
  revision: number;
  /** Families of named chains, and the one whose chains are among the points. */
  choices?: ChainChoice[];
  chosen?: string | null;
  points: ChainPoint[];
}

export interface OpenConnection {
  connection: number;
  path: string;
  remote: string;
}

export interface PaletteHook {
  source: "ready" | "notebook";
  name: string;
  point: string;
  doc: string;
  fits: boolean;
  /** Why it does not fit. */
  reason: string | null;
  attached: boolean;
}

export interface Palette {
  hooks: PaletteHook[];
}
