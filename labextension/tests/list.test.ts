/** The list of events as a window over all that match: what is in sight, what is asked for, where keys lead. */
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventList, pxOf, rankAt, scrolled, TALLEST } from "../src/core/list.js";
import type { EventRow, EventsData } from "../src/core/protocol.js";

const TOTAL = 1_000_000;

const row = (dispatch: number) => ({ dispatch, point: "message", outcome: "ok" }) as EventRow;

/** A bench with a million events that answers when it is told to. */
class Bench {
  readonly events = signal<EventsData | null>(null);
  readonly selected = signal<number | "latest">("latest");
  readonly asked: Record<string, unknown>[] = [];
  readonly list: EventList = new EventList(this);
  said = "";
  newest = TOTAL;

  rewatch(view: "events" | "timeline"): void {
    if (view === "events") this.asked.push(this.list.params());
  }

  select(dispatch: number): void {
    this.selected.value = dispatch;
  }

  say(text: string): void {
    this.said = text;
  }

  answer(params = this.asked.at(-1) ?? { limit: 40 }, sampled = 1): void {
    const { before = null, rank = 0, limit = 40 } = params as { before?: number | null; rank?: number; limit?: number };
    const newest = (before ?? this.newest + 1) - 1;
    const count = Math.max(0, Math.min(limit, newest - rank));
    const data = { rows: Array.from({ length: count }, (_, i) => row(newest - rank - i)), before, rank, matching: newest, total: this.newest, kept: this.newest, dropped: 0, sampled };
    if (this.list.takes(data)) {
      this.events.value = data;
      this.list.shown();
    }
    vi.advanceTimersByTime(60);
  }
}

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.list.fit(1, 10);
  bench.answer();
});

afterEach(() => void vi.useRealTimers());

const inSight = () => bench.list.inSight().map((r) => r.dispatch);

describe("places", () => {
  test.each([0, 1, 10, 5_000, 624_999, 999_990, 5_000_000])("a last row of %d is reached by the scrollbar, and its place leads back to it", (last) => {
    expect(scrolled(last)).toBeLessThanOrEqual(TALLEST);
    for (const rank of [0, 1, last >> 1, last - 1, last]) if (rank >= 0 && rank <= last) expect(rankAt(Math.round(pxOf(rank, last)), last)).toBe(rank);
  });
});

describe("scrolling", () => {
  test("the rows in sight are there at once where they are loaded, and stay while others come", () => {
    bench.list.scrollTo(5);
    expect(inSight()[0]).toBe(TOTAL - 5);
    bench.newest += 1000;
    bench.answer();
    bench.answer({ limit: 40 });
    expect(inSight()[0]).toBe(TOTAL - 5);
    expect(bench.list.matching).toBe(TOTAL);
  });

  test("one question at a time: of many places on the way only the last is asked for", () => {
    bench.list.scrollTo(5);
    bench.answer();
    const before = bench.asked.length;
    for (let rank = 1000; rank <= 500_000; rank += 1000) bench.list.scrollTo(rank);
    expect(bench.asked.slice(before).map((p) => p["rank"])).toEqual([970]);
    bench.answer();
    expect(bench.asked.slice(before).map((p) => p["rank"])).toEqual([970, 499_970]);
    bench.answer();
    expect(inSight().slice(0, 3)).toEqual([500_000, 499_999, 499_998]);
    expect(bench.asked).toHaveLength(before + 2);
  });

  test("a question without an answer is repeated after a second", () => {
    bench.list.scrollTo(900);
    const before = bench.asked.length;
    bench.list.scrollTo(1900);
    expect(bench.asked).toHaveLength(before);
    vi.advanceTimersByTime(1500);
    bench.list.scrollTo(2000);
    expect(bench.asked).toHaveLength(before + 1);
  });

  test("the last row is the end, also when the oldest have been dropped", () => {
    bench.list.scrollTo(TOTAL * 2);
    bench.answer();
    bench.answer();
    expect(inSight().at(-1)).toBe(1);
    bench.events.value = { ...bench.events.value!, matching: 500 };
    bench.list.shown();
    expect(bench.list.top.value).toBe(490);
  });

  test("following shows the newest again", () => {
    bench.list.scrollTo(500);
    bench.newest += 7;
    bench.list.follow();
    bench.answer();
    expect(inSight()[0]).toBe(TOTAL + 7);
    expect(bench.asked.at(-1)).toEqual({ limit: 40 });
  });
});

describe("keys", () => {
  test("walk over the border of what is loaded", () => {
    for (let i = 0; i < 120; i++) {
      bench.list.step(1);
      bench.answer();
    }
    expect(bench.selected.value).toBe(TOTAL - 120);
    expect(inSight()).toContain(TOTAL - 120);
    expect(bench.said).toBe(`event ${TOTAL - 120}, message, ok`);
  });

  test("pressed faster than rows come lead as far as they were pressed", () => {
    for (let i = 0; i < 300; i++) bench.list.step(1);
    for (let i = 0; i < 3; i++) bench.answer();
    expect(bench.selected.value).toBe(TOTAL - 300);
  });

  test("lead to the oldest event and back to the newest, with the focus", () => {
    bench.list.end();
    bench.answer();
    bench.answer();
    expect([bench.selected.value, bench.list.walked.value]).toEqual([1, 1]);
    bench.newest += 3;
    bench.list.home();
    bench.answer();
    expect([bench.selected.value, bench.list.before.value]).toEqual([TOTAL + 3, null]);
  });

  test("make a list stand still that only samples a flood", () => {
    bench.answer({ limit: 40 }, 10);
    bench.list.step(1, false);
    expect(bench.list.before.value).toBe(TOTAL + 1);
    expect(bench.list.walked.value).toBeNull();
  });
});
