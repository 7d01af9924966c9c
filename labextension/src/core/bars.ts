/** Geometry of the work|wait bars: one stated linear scale for all rows, what is longer ends in a torn edge. */
import type { EventRow, Outcome, Segment } from "./protocol.js";

export interface BarPart {
  part: "work" | "wait";
  outcome: Outcome;
  percent: number;
}

export interface Bar {
  parts: BarPart[];
  torn: boolean;
}

/** The next of 1, 2, 5 times a power of ten that is not below `ns`. */
export function niceScale(ns: number): number {
  if (!(ns > 0)) return 1e6;
  const power = 10 ** Math.floor(Math.log10(ns));
  for (const step of [1, 2, 5]) if (ns <= step * power * 1.0001) return step * power;
  return 10 * power;
}

/**
 * The scale for what the hooks of these rows took: four out of five fit. It holds still while the rows move, so that a bar keeps its length:
 * `previous` stays unless it has become more than five times too large or too many rows are torn.
 */
export function scaleFor(rows: readonly Pick<EventRow, "work_ns" | "wait_ns" | "outcome">[], previous: number | null = null): number {
  const drawn = (r: Pick<EventRow, "work_ns" | "wait_ns">) => r.work_ns + r.wait_ns;
  const durations = rows.filter((r) => r.outcome !== "pending" && drawn(r) > 0).map(drawn).sort((a, b) => a - b);
  if (durations.length === 0) return previous ?? 1e6;
  const fitting = durations[Math.floor((durations.length - 1) * 0.8)] ?? 0;
  if (previous !== null && fitting <= previous && fitting * 5 >= previous) return previous;
  return niceScale(fitting);
}

/** Segments of one event in the order of its chain, as percentages of the scale. */
export function barOf(row: Pick<EventRow, "segments" | "outcome" | "work_ns" | "wait_ns">, scale: number): Bar {
  const parts: BarPart[] = [];
  let used = 0;
  for (const [part, ns, outcome] of segmentsOf(row)) {
    if (ns <= 0) continue;
    const left = Math.max(0, scale - used);
    used += ns;
    if (left > 0) parts.push({ part, outcome, percent: (Math.min(ns, left) / scale) * 100 });
  }
  return { parts, torn: used > scale * 1.0001 };
}

function segmentsOf(row: Pick<EventRow, "segments" | "outcome" | "work_ns" | "wait_ns">): readonly Segment[] {
  if (row.segments.length > 0) return row.segments;
  return [
    ["work", row.work_ns, row.outcome],
    ["wait", row.wait_ns, row.outcome],
  ];
}

/** The class that paints a part: only a raise, a stop and what is still pending leave the two inks of time. */
export function partClass(part: BarPart): string {
  if (part.outcome === "pending") return part.part === "wait" ? "pending" : "";
  if (part.part === "wait") return "w";
  return part.outcome === "raised" || part.outcome === "stopped" ? part.outcome : "";
}

export interface GanttPart {
  left: number;
  width: number;
  wait: boolean;
}

/** One step on the axis of its event: where it starts, what it works, what it waits. Percentages, clipped to the event. */
export function stepParts(start: number, work: number, wait: number, whole: number): GanttPart[] {
  if (whole <= 0) return [];
  const percent = (ns: number) => Math.min(100, Math.max(0, (ns / whole) * 100));
  const parts: GanttPart[] = [];
  // A hook works a little before and after it waits; the record has the sums, so the wait is drawn between two halves of the work.
  const lead = wait > 0 ? work / 2 : work;
  parts.push({ left: percent(start), width: percent(lead), wait: false });
  if (wait > 0) {
    parts.push({ left: percent(start + lead), width: percent(wait), wait: true });
    parts.push({ left: percent(start + lead + wait), width: percent(lead), wait: false });
  }
  return parts;
}
