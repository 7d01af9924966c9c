/** An onion as people read it: what is entered on the way in, the core, what runs on the way out, and the lists for errors. */
import type { ChainPoint, HookCard, LaneData } from "./protocol.js";

export type OnionRow =
  | { row: "level"; key: string; depth: number; text: string }
  | { row: "hook"; key: string; depth: number; hook: HookCard; lane: LaneData }
  | { row: "leave"; key: string; depth: number; hook: HookCard }
  | { row: "core"; key: string; depth: number; text: string };

export interface Onion {
  rows: OnionRow[];
  /** Lists of error hooks, the innermost first: the order in which an error meets them. */
  errors: LaneData[];
}

/** Lay the lanes of a chain out; they are listed from the outside in. */
export function onionOf(point: ChainPoint): Onion {
  const inward: OnionRow[] = [];
  const outward: OnionRow[][] = [];
  const errors: LaneData[] = [];
  let depth = 0;
  let level = "";
  for (const lane of point.lanes) {
    if (lane.kind === "error") errors.unshift(lane);
    if (lane.kind === "error" || lane.hooks.length === 0) continue;
    const here = levelOf(lane);
    if (here !== level && lane.kind !== "after") {
      inward.push({ row: "level", key: `level:${here}:${lane.name}`, depth, text: here });
      level = here;
    }
    if (lane.kind === "after") {
      outward.unshift(lane.hooks.map((hook) => ({ row: "hook", key: hook.id, depth, hook, lane })));
      continue;
    }
    for (const hook of lane.hooks) {
      inward.push({ row: "hook", key: hook.id, depth, hook, lane });
      if (lane.kind !== "around") continue;
      const at = depth;
      if (hook.enabled) {
        outward.unshift([{ row: "leave", key: `leave:${hook.id}`, depth: at, hook }]);
        depth += 1;
      }
    }
  }
  const core: OnionRow[] = point.core ? [{ row: "core", key: "core", depth, text: point.core }] : [];
  return { rows: [...inward, ...core, ...outward.flat()], errors };
}

/** "messages · before create" belongs to "messages"; a list outside of levels to none. */
function levelOf(lane: LaneData): string {
  const [level, ...rest] = lane.label.split(" · ");
  return rest.length ? level! : "";
}

/** "messages · before create" is "before create" below the heading of its level. */
export function listName(lane: LaneData): string {
  const [, ...rest] = lane.label.split(" · ");
  return rest.join(" · ") || lane.label;
}

/** The lists of a point that one of its hooks could go to, by level; its own level comes first. */
export function otherLists(point: ChainPoint, hook: string): [level: string, lists: LaneData[]][] {
  const own = point.lanes.filter((lane) => lane.hooks.some((one) => one.id === hook));
  const lists = point.lanes.filter((lane) => !own.includes(lane) && lane.label !== "" && !lane.hooks.some((one) => one.guest));
  const levels = new Set([...own, ...lists].map(levelOf));
  return [...levels].map((level): [string, LaneData[]] => [level, lists.filter((lane) => levelOf(lane) === level)]).filter(([, found]) => found.length > 0);
}
