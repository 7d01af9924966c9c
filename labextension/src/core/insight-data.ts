/** What the views timeline, story, stats and lints carry; durations are nanoseconds, times epoch milliseconds. */
import type { Outcome } from "./protocol.js";

/** Hook (a place in `hooks`), start from the event's beginning, work, wait, all ns. */
export type TimelineCall = [hook: number, start_ns: number, work_ns: number, wait_ns: number, outcome: Outcome];

export interface TimelineEvent {
  dispatch: number;
  time: number;
  duration_ns: number;
  connection: number | null;
  point: string;
  outcome: Outcome;
  revision: number;
  calls: TimelineCall[];
}

export interface MomentRow {
  kind: "sent" | "stage" | "fault" | "held";
  text: string;
  connection: number | null;
  bytes: number;
  dispatch: number;
}

export interface TimelineData {
  events: TimelineEvent[];
  hooks: { name: string; point: string }[];
  moments: (MomentRow & { time: number })[];
  edits: { time: number; revision: number; python: string }[];
  total: number;
  /** The query cannot be read: what was shown stays. */
  wrong?: boolean;
}

export interface StoryCall {
  position: number;
  hook: string;
  hook_id: string;
  start_ns: number;
  work_ns: number;
  wait_ns: number;
  outcome: Outcome;
}

export interface StoryPart {
  dispatch: number;
  parent: number | null;
  point: string;
  shape: string;
  connection: number | null;
  outcome: Outcome;
  error: string | null;
  start_ns: number;
  duration_ns: number;
  calls: StoryCall[];
}

export interface StoryData {
  dispatch: number;
  root: number;
  more: number;
  time: number;
  duration_ns: number;
  events: StoryPart[];
  moments: (MomentRow & { at_ns: number })[];
}

export interface StatsRow {
  hook_id: string;
  hook: string;
  point: string;
  calls: number;
  errors: number;
  changed: number;
  stopped: number;
  pending: number;
  time_ns: number;
  wait_ns: number;
  share: number;
  samples: number;
  p50_ns: number | null;
  p90_ns: number | null;
  p95_ns: number | null;
  p99_ns: number | null;
  max_ns: number | null;
  histogram: number[];
}

export interface StatsData {
  rows: StatsRow[];
  against: StatsRow[] | null;
  revision: number | null;
  revisions: number[];
  sample: number;
  total: number;
  bins: number[];
  enough: number;
}

export interface LintRow {
  rule: string;
  hook: string;
  name: string;
  point: string;
  sentence: string;
  why: string;
  fix: string;
  count: number;
  examples: number[];
}

export interface LintsData {
  lints: LintRow[];
  sample: number;
}
