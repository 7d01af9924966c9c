/** Differences of two texts, line by line. */
import type { DiffLine } from "./source-data.js";

/** Beyond this many pairs of lines the middles are shown one after the other: still right, only not the shortest. */
const MOST_PAIRS = 4_000_000;

export function lineDiff(before: string, after: string): DiffLine[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  return [
    ...lines(" ", now.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...lines(" ", now.slice(now.length - tail)),
  ];
}

const lines = (kind: DiffLine["kind"], texts: readonly string[]): DiffLine[] => texts.map((text) => ({ kind, text }));

/** Along the longest common subsequence; what goes stands before what comes. */
function middle(old: readonly string[], now: readonly string[]): DiffLine[] {
  if (old.length * now.length > MOST_PAIRS) return [...lines("-", old), ...lines("+", now)];
  const common = lengths(old, now);
  const found: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      found.push({ kind: " ", text: old[i++]! });
      j++;
    } else if (i < old.length && (j === now.length || common[i + 1]![j]! >= common[i]![j + 1]!)) found.push({ kind: "-", text: old[i++]! });
    else found.push({ kind: "+", text: now[j++]! });
  }
  return found;
}

/** How many lines the ends from `i` and from `j` have in common. */
function lengths(old: readonly string[], now: readonly string[]): Uint32Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      table[i]![j] = old[i] === now[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  return table;
}

/** The same with far unchanged lines left out; a number says how many. */
export function folded(all: readonly DiffLine[], context = 3): (DiffLine | number)[] {
  const near = all.map((_line, at) => all.slice(Math.max(0, at - context), at + context + 1).some((line) => line.kind !== " "));
  const shown: (DiffLine | number)[] = [];
  all.forEach((line, at) => {
    const last = shown.at(-1);
    if (near[at]) shown.push(line);
    else if (typeof last === "number") shown[shown.length - 1] = last + 1;
    else shown.push(1);
  });
  return shown;
}

export const differs = (all: readonly DiffLine[]) => all.some((line) => line.kind !== " ");
