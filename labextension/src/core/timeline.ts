/** Where the events of a timeline stand: lanes, folded gaps, one linear scale. No drawing here, so that it can be tested. */
import { namesakes } from "./text.js";
import type { TimelineData, TimelineEvent } from "./insight-data.js";

export type LaneBy = "connection" | "hook" | "merged";

export interface Bar {
  lane: number;
  x: number;
  width: number;
  kind: "work" | "wait";
  outcome: string;
  dispatch: number;
}

export interface Fold {
  x: number;
  /** What was left out, ms. */
  ms: number;
}

/** One revision, or several that follow one another too closely for a number each. */
export interface RevisionLabel {
  left: number;
  text: string;
  /** Every edit of it, a line each. */
  said: string;
}

export interface Laid {
  lanes: { label: string; said: string }[];
  bars: Bar[];
  folds: Fold[];
  /** Where an event begins and ends, in the order of the data. */
  spans: { dispatch: number; x: number; end: number; lane: number }[];
  ticks: { x: number; time: number }[];
  /** Where a revision began. */
  edits: { x: number; revision: number; python: string }[];
  /** Their numbers, where there is room for them. */
  revisions: RevisionLabel[];
  moments: { x: number; lane: number; kind: string; text: string; dispatch: number }[];
  /** Pixels of one millisecond. */
  scale: number;
}

/** Between name and point in the label of a hook that shares its name. */
export const APART = " · ";
export const FOLD = 14;
const PAD = 8;
const AROUND_FOLD = 2 * PAD + FOLD;
const THINNEST = 2;

interface Stretch {
  start: number;
  end: number;
  x: number;
}

const endOf = (e: TimelineEvent) => e.time + e.duration_ns / 1e6;

/** Lay the events out over so many pixels. */
export function layTimeline(data: TimelineData, by: LaneBy, width: number): Laid {
  if (by === "merged") return merged(data, width);
  const stretches = stretchesOf(data.events, width);
  const scale = place(stretches, width);
  const at = (time: number) => positionOf(stretches, scale, time);
  const lanes = lanesOf(data, by);
  const laid: Laid = { lanes: [], bars: [], folds: folds(stretches), spans: [], ticks: [], edits: [], revisions: [], moments: [], scale };
  const names = labelsOf(data);
  for (const event of data.events) layEvent(event, by === "connection" ? null : names, lanes, at, scale, laid);
  laid.lanes = [...lanes.values()].map((lane) => ({ label: lane.label, said: said(lane.events, lane.ms) }));
  laid.ticks = stretches.map((s) => ({ x: s.x, time: s.start }));
  laid.edits = data.edits.map((e) => ({ x: at(e.time), revision: e.revision, python: e.python }));
  laid.revisions = labelled(laid.edits, width);
  laid.moments = data.moments.map((m) => ({ x: at(m.time), lane: by === "connection" ? (lanes.get(laneKey(m.connection))?.index ?? 0) : -1, kind: m.kind, text: m.text, dispatch: m.dispatch }));
  return laid;
}

const said = (events: number, ms: number) => `${events} ${events === 1 ? "event" : "events"}, ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
const laneKey = (connection: number | null) => (connection === null ? "no client" : `c${connection}`);

interface Lane {
  index: number;
  label: string;
  events: number;
  ms: number;
}

function lanesOf(data: TimelineData, by: LaneBy): Map<string, Lane> {
  const labels = by === "connection" ? data.events.map((e) => laneKey(e.connection)).sort(byNumber) : labelsOf(data);
  const lanes = new Map<string, Lane>();
  for (const label of labels) if (!lanes.has(label)) lanes.set(label, { index: lanes.size, label, events: 0, ms: 0 });
  return lanes;
}

function labelsOf({ hooks }: TimelineData): string[] {
  const twice = namesakes(hooks);
  return hooks.map((h) => (twice.has(h.name) ? h.name + APART + h.point : h.name));
}

const byNumber = (a: string, b: string) => (Number(a.slice(1)) || 0) - (Number(b.slice(1)) || 0);

function layEvent(event: TimelineEvent, names: readonly string[] | null, lanes: Map<string, Lane>, at: (time: number) => number, scale: number, laid: Laid): void {
  const x = at(event.time);
  const own = lanes.get(laneKey(event.connection));
  if (!names && own) {
    own.events++;
    own.ms += event.duration_ns / 1e6;
  }
  laid.spans.push({ dispatch: event.dispatch, x, end: Math.max(at(endOf(event)), x + THINNEST), lane: own?.index ?? -1 });
  for (const [hook, start, work, wait, outcome] of event.calls) {
    const lane = names ? lanes.get(names[hook] ?? "") : own;
    if (!lane) continue;
    if (names) {
      lane.events++;
      lane.ms += (work + wait) / 1e6;
    }
    layCall(lane.index, x + (start / 1e6) * scale, work, wait, outcome, event.dispatch, scale, laid.bars);
  }
  if (!event.calls.length && !names && own) laid.bars.push({ lane: own.index, x, width: Math.max((event.duration_ns / 1e6) * scale, THINNEST), kind: "wait", outcome: event.outcome, dispatch: event.dispatch });
}

/** Work is drawn before and after the wait, as in the inspector: the record has the sums. */
function layCall(lane: number, x: number, work: number, wait: number, outcome: string, dispatch: number, scale: number, bars: Bar[]): void {
  const px = (ns: number) => (ns / 1e6) * scale;
  const lead = wait > 0 ? work / 2 : work;
  bars.push({ lane, x, width: Math.max(px(lead), THINNEST), kind: "work", outcome, dispatch });
  if (wait <= 0) return;
  bars.push({ lane, x: x + px(lead), width: Math.max(px(wait), THINNEST), kind: "wait", outcome, dispatch });
  bars.push({ lane, x: x + px(lead + wait), width: Math.max(px(lead), THINNEST), kind: "work", outcome, dispatch });
}

/**
 * Events that follow one another closely share a stretch; between two stretches the gap is folded. Folds take at
 * most half of the width: where there are more gaps, the longest are folded and all events stay in sight.
 */
function stretchesOf(events: readonly TimelineEvent[], width: number): Stretch[] {
  const active = events.reduce((sum, e) => sum + e.duration_ns / 1e6, 0);
  const most = Math.floor(width / 2 / AROUND_FOLD);
  const gap = Math.max(5, active / 30, gapsOf(events)[most] ?? 0);
  const stretches: Stretch[] = [];
  for (const event of events) {
    const last = stretches.at(-1);
    if (last && event.time - last.end <= gap) last.end = Math.max(last.end, endOf(event));
    else stretches.push({ start: event.time, end: endOf(event), x: 0 });
  }
  return stretches;
}

/** Between events, while nothing ran, ms; the longest first. */
function gapsOf(events: readonly TimelineEvent[]): number[] {
  const gaps: number[] = [];
  let end = events[0]?.time ?? 0;
  for (const event of events) {
    if (event.time > end) gaps.push(event.time - end);
    end = Math.max(end, endOf(event));
  }
  return gaps.sort((a, b) => b - a);
}

function place(stretches: Stretch[], width: number): number {
  const total = stretches.reduce((sum, s) => sum + (s.end - s.start), 0);
  const free = Math.max(width - stretches.length * AROUND_FOLD + FOLD, width / 4);
  const scale = free / Math.max(total, 0.001);
  let x = 0;
  for (const stretch of stretches) {
    stretch.x = x + PAD;
    x += (stretch.end - stretch.start) * scale + AROUND_FOLD;
  }
  return scale;
}

function positionOf(stretches: readonly Stretch[], scale: number, time: number): number {
  const within = stretches.findLast((s) => s.start <= time) ?? stretches[0];
  if (!within) return 0;
  return within.x + (Math.min(Math.max(time, within.start), within.end + PAD / scale) - within.start) * scale;
}

function folds(stretches: readonly Stretch[]): Fold[] {
  return stretches.slice(1).map((s, i) => ({ x: s.x - PAD - FOLD, ms: s.start - (stretches[i]?.end ?? s.start) }));
}

/** Widest digit of the label's font, and what two labels are apart, px. */
const DIGIT = 7;
const BETWEEN = 6;

type Edits = Laid["edits"];

/** Labels from left to right; one that would lie on the one before is joined to it. */
function labelled(edits: Edits, width: number): RevisionLabel[] {
  const groups: Edits[] = [];
  const left = (group: Edits) => Math.max(0, Math.min(group[0]!.x + 3, width - textOf(group).length * DIGIT));
  for (const edit of edits) {
    groups.push([edit]);
    for (let [before, last] = groups.slice(-2); before && last; [before, last] = groups.slice(-2)) {
      if (left(last) >= left(before) + textOf(before).length * DIGIT + BETWEEN) break;
      groups.splice(-2, 2, [...before, ...last]);
    }
  }
  return groups.map((group) => ({ left: left(group), text: textOf(group), said: group.map((e) => `revision ${e.revision}: ${e.python}`).join("\n") }));
}

function textOf(group: Edits): string {
  const [first, last] = [group[0]!.revision, group.at(-1)!.revision];
  return first === last ? `rev ${first}` : `rev ${first}–${last}`;
}

/** One bar per hook: all its work, then all its waiting, the longest first. */
function merged(data: TimelineData, width: number): Laid {
  const sums = labelsOf(data).map((name, hook) => ({ hook, name, work: 0, wait: 0, calls: 0, raised: 0 }));
  for (const event of data.events)
    for (const [hook, , work, wait, outcome] of event.calls) {
      const sum = sums[hook];
      if (!sum) continue;
      sum.work += work;
      sum.wait += wait;
      sum.calls++;
      if (outcome === "raised") sum.raised++;
    }
  sums.sort((a, b) => b.work + b.wait - (a.work + a.wait));
  const longest = Math.max(1, ...sums.map((s) => s.work + s.wait));
  const scale = (width - 2 * PAD) / (longest / 1e6);
  const bars = sums.flatMap((s, lane): Bar[] => [
    { lane, x: PAD, width: Math.max((s.work / 1e6) * scale, THINNEST), kind: "work", outcome: "ok", dispatch: 0 },
    ...(s.wait ? [{ lane, x: PAD + (s.work / 1e6) * scale, width: Math.max((s.wait / 1e6) * scale, THINNEST), kind: "wait" as const, outcome: "ok", dispatch: 0 }] : []),
  ]);
  return { lanes: sums.map((s) => ({ label: s.name, said: `${s.calls} calls, ${((s.work + s.wait) / 1e6).toFixed(1)} ms` })), bars, folds: [], spans: [], ticks: [], edits: [], revisions: [], moments: [], scale };
}

/** The first and last event whose span meets a stretch of pixels; null for none. */
export function brushed(laid: Laid, from: number, to: number): [first: number, last: number] | null {
  const [low, high] = from < to ? [from, to] : [to, from];
  const met = laid.spans.filter((s) => s.end >= low && s.x <= high).map((s) => s.dispatch);
  return met.length ? [Math.min(...met), Math.max(...met)] : null;
}

/** The event at a place, or the nearest within a few pixels. */
export function eventAt(laid: Laid, x: number, lane: number | null): number | null {
  const near = laid.spans
    .filter((s) => lane === null || s.lane < 0 || s.lane === lane)
    .map((s) => ({ dispatch: s.dispatch, off: x < s.x ? s.x - x : x > s.end ? x - s.end : 0 }))
    .sort((a, b) => a.off - b.off)[0];
  return near && near.off <= 8 ? near.dispatch : null;
}
