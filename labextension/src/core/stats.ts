/** The figures of hooks as columns: which of them a panel has room for, in which order, and what stands in each. */
import { count, ms } from "./format.js";
import type { StatsData, StatsRow } from "./insight-data.js";

export type Column = "hook" | "calls" | "share" | "p50_ns" | "p95_ns" | "p99_ns" | "max_ns" | "errors" | "changed" | "stopped";
export type Columns = readonly (readonly [column: Column, label: string])[];

const COLUMNS: Columns = [
  ["hook", "hook"], ["calls", "calls"], ["errors", "raised"], ["share", "share"], ["p50_ns", "p50"], ["p95_ns", "p95"], ["p99_ns", "p99"], ["max_ns", "max"], ["changed", "changed"], ["stopped", "stopped"],
];
/** Where not all have room, the last ones here go first. */
const IMPORTANCE: readonly Column[] = ["hook", "calls", "errors", "p95_ns", "share", "p50_ns", "max_ns", "changed", "stopped", "p99_ns"];
const PERCENTILES: ReadonlySet<Column> = new Set(["p50_ns", "p95_ns", "p99_ns"]);

export const isPercentile = (column: Column) => PERCENTILES.has(column);
export const tooFew = (row: StatsRow, data: StatsData) => row.samples < data.enough;

/** Px: a digit at its widest, a point or thin space, what surrounds the text of a cell, a name that can still be told, the bar of a share. */
const DIGIT = 8;
const THIN = 4;
const AROUND = 10;
const NAME = 84;
const BAR = 26;

/** The columns that fit into a width, the name of the hook always; in the order in which they stand. */
export function columnsFor(data: StatsData, width: number): Columns {
  let left = width;
  const fitting = new Set<Column>();
  for (const column of IMPORTANCE) {
    left -= widthOf(column, data);
    if (left < 0 && column !== "hook") break;
    fitting.add(column);
  }
  return COLUMNS.filter(([column]) => fitting.has(column));
}

function widthOf(column: Column, data: StatsData): number {
  if (column === "hook") return NAME;
  const texts = data.rows.flatMap((row) => [
    column === "p95_ns" && tooFew(row, data) ? fewText(1, data) : figure(row, column),
    data.against ? difference(row, against(row, data), column) : "",
  ]);
  return Math.max(3 * DIGIT, ...texts.map(textWidth)) + AROUND + (column === "share" ? BAR : 0);
}

const textWidth = (text: string) => [...text].reduce((px, character) => px + (/[\w%×]/.test(character) ? DIGIT : THIN), 0);

/** In the place of so many percentiles. */
export const fewText = (columns: number, data: StatsData) => (columns > 1 ? "n too small" : `n < ${data.enough}`);

export const against = (row: StatsRow, data: StatsData) => data.against?.find((other) => other.hook_id === row.hook_id);

/** What stands in a cell. */
export function figure(row: StatsRow, column: Exclude<Column, "hook">): string {
  if (column === "share") return `${Math.round(row.share * 100)}%`;
  if (column === "calls" || column === "errors" || column === "changed" || column === "stopped") return count(row[column]);
  return row[column] === null ? "–" : ms(row[column]);
}

export function sorted(rows: readonly StatsRow[], by: Column, down: boolean): StatsRow[] {
  const value = (row: StatsRow) => row[by] ?? -1;
  const order = [...rows].sort((a, b) => (by === "hook" ? a.hook.localeCompare(b.hook) : Number(value(a)) - Number(value(b))));
  return down ? order.reverse() : order;
}

/** The other revision's figure, and how many times as long this one takes. */
export function difference(row: StatsRow, other: StatsRow | undefined, column: Column): string {
  if (column === "hook") return other ? "against it" : "did not run there";
  if (!other) return "";
  if (!isPercentile(column) && column !== "max_ns") return figure(other, column);
  const [mine, theirs] = [row[column], other[column]];
  if (theirs === null) return "";
  const times = mine === null || theirs === 0 ? 1 : mine / theirs;
  return times > 1.05 || times < 0.95 ? `${ms(theirs)} ×${times.toFixed(times < 10 ? 1 : 0)}` : ms(theirs);
}
