/**
 * Reordering as one state machine. Pointer drag, Space and arrows, Alt+arrows and the menu all feed it the same events, so they
 * obey the same limits, say the same sentences and end in the same edit. No DOM here.
 */

export interface Row {
  id: string;
  name: string;
  lane: string;
  /** Guests and other fixed hooks cannot be lifted; nothing can be dropped across a lane's end. */
  movable: boolean;
  enabled: boolean;
}

export interface Lifted {
  id: string;
  via: "pointer" | "keys";
  /** Ids of the lane as they stood when the hook was lifted, and where it stood among them. */
  order: readonly string[];
  from: number;
  at: number;
  /** Why the place under the pointer cannot be taken; null over a place that can. */
  shut: string | null;
  /** The other list that it would go to; absent over its own. */
  lane?: Target;
}

export interface Target {
  name: string;
  label: string;
}

export type Reorder = { lifted: Lifted | null };

export type ReorderEvent =
  | { type: "lift"; id: string; via: "pointer" | "keys" }
  | { type: "step"; by: number }
  | { type: "to"; at: number }
  | { type: "shut"; reason: string }
  /** Over another list of the same point; and the menu's way there at once. */
  | { type: "lane"; lane: Target }
  | { type: "send"; id: string; lane: Target }
  | { type: "drop" }
  | { type: "cancel" }
  /** Lift, place and drop in one: Alt+arrows and the menu. `at` counts from 0 and is clamped to the lane. */
  | { type: "place"; id: string; at: number }
  | { type: "nudge"; id: string; by: number };

export interface Move {
  hook: string;
  before: string | null;
  /** The list that it goes to, where that is another one. */
  lane?: string;
}

export interface Outcome {
  state: Reorder;
  say: string | null;
  move: Move | null;
}

export const IDLE: Reorder = { lifted: null };

/** One transition. `rows` are the hooks of the point, in the order shown; they are read on lifting only. */
export function reorder(state: Reorder, event: ReorderEvent, rows: readonly Row[]): Outcome {
  switch (event.type) {
    case "lift":
      return state.lifted ? keep(state) : lift(event.id, event.via, rows);
    case "place":
    case "nudge":
      return state.lifted ? keep(state) : atOnce(event, rows);
    case "cancel":
      return state.lifted ? cancel(state.lifted, rows) : keep(state);
    case "drop":
      return state.lifted ? drop(state.lifted, rows) : keep(state);
    case "shut":
      return state.lifted ? shut(state.lifted, event.reason) : keep(state);
    case "lane":
      return state.lifted ? over(state.lifted, event.lane) : keep(state);
    case "send":
      return state.lifted ? keep(state) : send(event.id, event.lane, rows);
    default:
      return state.lifted ? shift(state.lifted, event, rows) : keep(state);
  }
}

/** The lane's ids with the lifted hook where it would land. */
export function preview(lifted: Lifted): string[] {
  const order = lifted.order.filter((id) => id !== lifted.id);
  order.splice(lifted.at, 0, lifted.id);
  return order;
}

function keep(state: Reorder): Outcome {
  return { state, say: null, move: null };
}

function lift(id: string, via: "pointer" | "keys", rows: readonly Row[]): Outcome {
  const row = rows.find((r) => r.id === id);
  if (!row) return keep(IDLE);
  if (!row.movable) return { state: IDLE, say: `${row.name} cannot be moved: its place is given by the system`, move: null };
  const order = laneOf(row, rows);
  const from = order.indexOf(id);
  const lifted: Lifted = { id, via, order, from, at: from, shut: null };
  return { state: { lifted }, say: `${row.name}, lifted, position ${from + 1} of ${order.length}`, move: null };
}

function laneOf(row: Row, rows: readonly Row[]): string[] {
  return rows.filter((r) => r.lane === row.lane && r.movable).map((r) => r.id);
}

function shift(lifted: Lifted, event: { type: "step"; by: number } | { type: "to"; at: number }, rows: readonly Row[]): Outcome {
  const left = lifted.lane !== undefined;
  if (left) lifted = own(lifted);
  const wanted = event.type === "step" ? lifted.at + event.by : event.at;
  const at = clamp(wanted, lifted.order.length);
  if (at === lifted.at) {
    const edge = event.type === "step" ? `${nameOf(lifted.id, rows)} is already ${at === 0 ? "first" : "last"}` : null;
    return { state: { lifted: lifted.shut ? { ...lifted, shut: null } : lifted }, say: edge, move: null };
  }
  const next = { ...lifted, at, shut: null };
  return { state: { lifted: next }, say: `moved to ${at + 1}${beside(next, rows)}`, move: null };
}

function shut(lifted: Lifted, reason: string): Outcome {
  if (lifted.shut === reason) return keep({ lifted });
  return { state: { lifted: { ...lifted, shut: reason } }, say: `shut: ${reason}`, move: null };
}

function over(lifted: Lifted, lane: Target): Outcome {
  if (lifted.lane?.name === lane.name && !lifted.shut) return keep({ lifted });
  return { state: { lifted: { ...lifted, shut: null, lane } }, say: `over ${lane.label}`, move: null };
}

function send(id: string, lane: Target, rows: readonly Row[]): Outcome {
  const start = lift(id, "keys", rows);
  return start.state.lifted ? drop({ ...start.state.lifted, lane }, rows) : start;
}

function own(lifted: Lifted): Lifted {
  const { lane: _, ...rest } = lifted;
  return rest;
}

function cancel(lifted: Lifted, rows: readonly Row[]): Outcome {
  return { state: IDLE, say: `${nameOf(lifted.id, rows)} put back, position ${lifted.from + 1} of ${lifted.order.length}`, move: null };
}

function drop(lifted: Lifted, rows: readonly Row[]): Outcome {
  if (lifted.lane && !lifted.shut) {
    const say = `${nameOf(lifted.id, rows)}, moved to ${lifted.lane.label}`;
    return { state: IDLE, say, move: { hook: lifted.id, before: null, lane: lifted.lane.name } };
  }
  if (lifted.shut || lifted.at === lifted.from) return cancel(lifted, rows);
  const order = preview(lifted);
  const say = `${nameOf(lifted.id, rows)}, dropped, position ${lifted.at + 1} of ${order.length}`;
  return { state: IDLE, say, move: { hook: lifted.id, before: order[lifted.at + 1] ?? null } };
}

function atOnce(event: { type: "place"; id: string; at: number } | { type: "nudge"; id: string; by: number }, rows: readonly Row[]): Outcome {
  const start = lift(event.id, "keys", rows);
  if (!start.state.lifted) return start;
  const moved = shift(start.state.lifted, event.type === "place" ? { type: "to", at: event.at } : { type: "step", by: event.by }, rows);
  if (!moved.state.lifted || moved.state.lifted.at === start.state.lifted.from) {
    const lifted = start.state.lifted;
    const say = moved.say ?? `${nameOf(lifted.id, rows)} is already at position ${lifted.from + 1}`;
    return { state: IDLE, say, move: null };
  }
  const { at, order } = moved.state.lifted;
  const say = `${nameOf(event.id, rows)}, moved to ${at + 1} of ${order.length},${beside(moved.state.lifted, rows)}`;
  return { ...drop(moved.state.lifted, rows), say };
}

function beside(lifted: Lifted, rows: readonly Row[]): string {
  const order = preview(lifted);
  const next = order[lifted.at + 1];
  const previous = order[lifted.at - 1];
  if (next !== undefined) return ` before ${nameOf(next, rows)}`;
  return previous === undefined ? "" : ` after ${nameOf(previous, rows)}`;
}

function nameOf(id: string, rows: readonly Row[]): string {
  return rows.find((r) => r.id === id)?.name ?? id;
}

function clamp(at: number, length: number): number {
  return Math.min(Math.max(at, 0), length - 1);
}
