/** The list of events as a window over all that match, a million of them if so many are kept. No DOM. */
import { signal, type Signal } from "@preact/signals";
import type { EventRow, EventsData } from "./protocol.js";

/** Height of a row, px; rows with a second line only make the window hold fewer. */
export const ROW = 24;
/** No browser draws an element of more than some 17 million px; a longer list is scrolled in larger steps. */
export const TALLEST = 15_000_000;
/** Rows of the live end, at least. */
export const LIVE_ROWS = 40;
const MOST = 200;
const AHEAD = 30;
const PATIENCE = 1000;
/** Between two questions, ms: faster ones would use up what the bench sends in a second, and then wait for the next. */
const PAUSE = 50;

/** How many px a list scrolls, when its last row may stand so many rows from its end. */
export const scrolled = (last: number) => Math.min(last * ROW, TALLEST);

/** Which row is the first in sight after so many px. */
export function rankAt(px: number, last: number): number {
  const whole = scrolled(last);
  return whole ? Math.min(Math.round((px / whole) * last), last) : 0;
}

/** How many px lead to a row. */
export const pxOf = (rank: number, last: number) => (last ? (rank / last) * scrolled(last) : 0);

export interface ListOwner {
  readonly events: Signal<EventsData | null>;
  readonly selected: Signal<number | "latest">;
  /** Ask for the window, and for what follows it. */
  rewatch: (view: "events" | "timeline") => void;
  select: (dispatch: number) => void;
  say: (text: string) => void;
}

export class EventList {
  /** Only events with smaller numbers are listed, so that new ones move nothing; null: the live end. */
  readonly before = signal<number | null>(null);
  /** Rank of the first row in sight. */
  readonly top = signal(0);
  /** The event that keys have led to, until its row has the focus. */
  readonly walked = signal<number | null>(null);
  private readonly fitting = new Map<number, number>();
  private asked = { rank: 0, limit: LIVE_ROWS };
  private askedAt = 0;
  private awaited = false;
  private pausing: ReturnType<typeof setTimeout> | undefined;
  /** The rank that keys have led to, while its row is on its way. */
  private wanted: number | null = null;
  private focusing = false;

  constructor(private readonly owner: ListOwner) {}

  /** How many rows fit in; of several views of one list the tallest counts. */
  get seen(): number {
    return Math.max(1, ...this.fitting.values());
  }

  fit(view: number, rows: number): void {
    if (this.fitting.get(view) === rows) return;
    this.fitting.set(view, rows);
    this.ask();
  }

  leave(view: number): void {
    this.fitting.delete(view);
  }

  get matching(): number {
    const data = this.owner.events.value;
    return data?.matching ?? data?.rows.length ?? 0;
  }

  /** The greatest rank that can be the first in sight. */
  get last(): number {
    return Math.max(0, this.matching - this.seen);
  }

  params(): Record<string, unknown> {
    if (this.before.value === null) return { limit: Math.min(MOST, Math.max(LIVE_ROWS, this.seen + 2)) };
    return { before: this.before.value, ...this.asked };
  }

  /** The rows in sight; none while they are on their way. */
  inSight(): EventRow[] {
    const data = this.owner.events.value;
    const from = this.top.value - (data?.rank ?? 0);
    return from < 0 ? [] : (data?.rows.slice(from, this.fitting.size ? from + this.seen + 2 : undefined) ?? []);
  }

  /** Take the newest frame; false for one of a window that is left. */
  takes(data: EventsData): boolean {
    if ((data.before ?? null) !== this.before.value) return false;
    if ((data.rank ?? 0) === this.asked.rank || this.before.value === null) this.awaited = false;
    return true;
  }

  /** After a frame has become what is shown. */
  shown(): void {
    if (this.top.value > this.last) this.top.value = this.last;
    this.reach();
    this.ask();
  }

  /** Make the list stand still: it begins with the newest event that it shows. */
  hold(): void {
    const newest = this.owner.events.value?.rows[0];
    if (this.before.value !== null || !newest) return;
    this.before.value = newest.dispatch + 1;
    this.askNow();
  }

  /** Follow the newest events again. */
  follow(): void {
    this.reset();
    this.owner.rewatch("events");
    this.owner.rewatch("timeline");
  }

  /** Go back to the live end without asking for it yet. */
  reset(): void {
    this.before.value = null;
    this.top.value = 0;
    this.wanted = null;
    this.awaited = false;
    this.asked = { rank: 0, limit: LIVE_ROWS };
  }

  scrollTo(rank: number): void {
    const to = Math.max(0, Math.min(rank, this.last));
    if (to === this.top.value) return;
    this.top.value = to;
    this.hold();
    this.ask();
  }

  /** Move the selection by so many rows towards older events, negative towards newer; with the focus, or without. */
  step(by: number, focusing = true): void {
    this.focusing = focusing;
    if (this.owner.events.value?.rows.length) this.go(Math.max(0, Math.min(this.at() + by, this.matching - 1)));
  }

  /** To the newest event, and on with those that come. */
  home(): void {
    this.focusing = true;
    this.follow();
    this.go(0);
  }

  end(): void {
    this.focusing = true;
    this.go(this.matching - 1);
  }

  private at(): number {
    if (this.wanted !== null) return this.wanted;
    const data = this.owner.events.value;
    const selected = this.owner.selected.value;
    const place = selected === "latest" ? 0 : (data?.rows.findIndex((r) => r.dispatch === selected) ?? -1);
    return place < 0 ? this.top.value : place + (data?.rank ?? 0);
  }

  private go(rank: number): void {
    const whole = Math.max(1, this.seen - 1);
    if (this.owner.events.value?.sampled !== 1 && rank > 0) this.hold();
    if (rank < this.top.value) this.scrollTo(rank);
    else if (this.fitting.size && rank >= this.top.value + whole) this.scrollTo(rank - whole + 1);
    this.wanted = rank;
    this.reach();
  }

  private reach(): void {
    const data = this.owner.events.value;
    const row = this.wanted === null || !data ? undefined : data.rows[this.wanted - (data.rank ?? 0)];
    if (!row) return;
    this.wanted = null;
    this.owner.select(row.dispatch);
    this.owner.say(`event ${row.dispatch}, ${row.point}, ${row.outcome}`);
    if (this.focusing) this.walked.value = row.dispatch;
  }

  /** Ask for the rows around those in sight, unless they are there or on their way: one question at a time. */
  private ask(): void {
    const since = Date.now() - this.askedAt;
    if (this.before.value === null || (this.awaited && since < PATIENCE)) return;
    const needed = [this.top.value, Math.min(this.top.value + this.seen + 2, this.matching)] as const;
    if (this.asked.rank <= needed[0] && this.asked.rank + this.asked.limit >= needed[1]) return;
    clearTimeout(this.pausing);
    if (since < PAUSE) {
      this.pausing = setTimeout(() => this.ask(), PAUSE - since);
      return;
    }
    this.askNow();
  }

  private askNow(): void {
    this.asked = { rank: Math.max(0, this.top.value - AHEAD), limit: Math.min(MOST, this.seen + 2 * AHEAD) };
    this.askedAt = Date.now();
    this.awaited = true;
    this.owner.rewatch("events");
    this.owner.rewatch("timeline");
  }
}
