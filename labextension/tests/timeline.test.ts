/** The timeline on a fake bench: where everything stands, what is drawn, the story of one event. */
import { describe, expect, test } from "vitest";
import { emptyState } from "../dev/fake.js";
import * as fixtures from "../dev/view-fixtures.js";
import { brushed, eventAt, layTimeline } from "../src/core/timeline.js";
import { HEAD, LANE, paint } from "../src/panels/timeline/paint.js";
import { summary } from "../src/panels/timeline/Story.js";
import { mounted, settle } from "./helpers.js";

const WIDTH = 900;

describe("layout of the timeline", () => {
  test("idle gaps are folded and everything fits", () => {
    const laid = layTimeline(fixtures.timeline, "connection", WIDTH);
    expect(laid.folds.length).toBeGreaterThan(3);
    expect(laid.lanes.map((l) => l.label)).toEqual(["c1", "c2", "c3", "c4"]);
    for (const bar of laid.bars) {
      expect(bar.x).toBeGreaterThanOrEqual(0);
      expect(bar.x + bar.width).toBeLessThanOrEqual(WIDTH + 1);
    }
  });

  test("many short events far apart all stay in sight, in their order", () => {
    const events = Array.from({ length: 80 }, (_, i) => ({ ...fixtures.timeline.events[0]!, dispatch: i, time: 1000 + i * 300 + ((i * 37) % 80), duration_ns: 1e5, calls: [] }));
    const { spans, folds } = layTimeline({ ...fixtures.timeline, events, edits: [], moments: [] }, "connection", WIDTH);
    expect(folds.length).toBeGreaterThan(3);
    expect(spans.at(-1)!.end).toBeLessThanOrEqual(WIDTH);
    expect(spans.slice(1).every((s, i) => s.x > spans[i]!.x)).toBe(true);
  });

  test("lengths keep one scale: the slow event is longest", () => {
    const laid = layTimeline(fixtures.timeline, "connection", WIDTH);
    const length = (dispatch: number) => laid.spans.filter((s) => s.dispatch === dispatch).map((s) => s.end - s.x)[0]!;
    expect(length(4196)).toBeGreaterThan(10 * length(4195));
    expect(length(4196)).toBeCloseTo(47.51 * laid.scale, 0);
  });

  test("by hook there is a lane for each, merged the longest comes first", () => {
    expect(layTimeline(fixtures.timeline, "hook", WIDTH).lanes.map((l) => l.label)).toContain("clean_words");
    const merged = layTimeline(fixtures.timeline, "merged", WIDTH);
    expect(merged.lanes[0]!.label).toBe("clean_words");
    expect(Math.max(...merged.bars.map((b) => b.x + b.width))).toBeLessThanOrEqual(WIDTH);
  });

  test("a brush names the first and the last event that it meets, a click the one below it", () => {
    const laid = layTimeline(fixtures.timeline, "connection", WIDTH);
    const slow = laid.spans.find((s) => s.dispatch === 4196)!;
    expect(brushed(laid, slow.end, slow.x)).toEqual([4196, 4196]);
    expect(brushed(laid, 0, WIDTH)).toEqual([4185, 4198]);
    expect(brushed(laid, slow.x + 20, slow.x + 30)).toEqual([4196, 4196]);
    expect(eventAt(laid, slow.x + 5, slow.lane)).toBe(4196);
    expect(eventAt(laid, slow.x + 5, slow.lane + 1)).toBeNull();
  });

  /** What is drawn, as the calls of the canvas's context; every text is 30 px long. */
  function drawn(width: number): { of: (name: string) => number[][]; bottom: number } {
    const laid = layTimeline(fixtures.timeline, "connection", width);
    const calls: [string, number[]][] = [];
    const context = new Proxy({} as Record<string, unknown>, {
      get: (of, name) => of[name as string] ?? ((...given: number[]) => (calls.push([String(name), given]), { width: 30 })),
      set: (of, name, value) => ((of[name as string] = value), true),
    });
    const canvas = Object.assign(document.createElement("canvas"), { getContext: () => context });
    Object.defineProperty(canvas, "clientWidth", { value: width });
    paint(canvas, laid, { selected: null, brush: null, clock: () => "" });
    return { of: (name) => calls.filter(([called]) => called === name).map(([, given]) => given), bottom: HEAD + laid.lanes.length * LANE };
  }

  test("nothing is written or filled below the lanes, where the numbers of revisions stand", () => {
    const { of, bottom } = drawn(WIDTH);
    expect(of("fillText").filter(([, , y]) => y! >= HEAD)).toEqual([]);
    expect(of("fillRect").filter(([, y, , height]) => y! + height! > bottom)).toEqual([]);
  });

  test("times lie neither on one another nor beyond the edge", () => {
    for (const width of [204, 300, WIDTH]) {
      const places = drawn(width).of("fillText").map(([, x]) => x!);
      expect(places.length).toBeGreaterThan(1);
      for (const [i, x] of places.entries()) expect(x + 30).toBeLessThanOrEqual(places[i + 1] ?? width);
    }
  });

  describe("numbers of revisions", () => {
    const ROOM = 7 * 7;
    const [first, last] = [fixtures.timeline.events[0]!, fixtures.timeline.events.at(-1)!];
    const labels = (...times: number[]) => layTimeline({ ...fixtures.timeline, edits: times.map((time, i) => ({ time, revision: i + 4, python: `edit(${i + 4})` })) }, "connection", WIDTH).revisions;

    test("those that follow one another closely share a label that tells every edit", () => {
      const shared = labels(first.time, first.time + 0.01, first.time + 0.02, last.time - 200);
      expect(shared.map((one) => one.text)).toEqual(["rev 4–6", "rev 7"]);
      expect(shared[0]!.said).toBe("revision 4: edit(4)\nrevision 5: edit(5)\nrevision 6: edit(6)");
    });

    test("no label lies on another one or beyond the edge, however many there are", () => {
      for (const n of [2, 5, 20]) {
        const made = labels(...Array.from({ length: n }, (_, i) => first.time + ((last.time - first.time) * (i + 1)) / n));
        expect(made.length).toBeGreaterThan(0);
        for (const [i, one] of made.entries()) expect(one.left + 7 * one.text.length).toBeLessThanOrEqual(made[i + 1]?.left ?? WIDTH);
      }
      expect(labels(last.time + 1e5, last.time + 2e5).map((one) => [one.text, one.left])).toEqual([["rev 4–5", WIDTH - ROOM]]);
    });
  });

  test("hooks of one name at two points have a lane each", () => {
    const hooks = [{ name: "database", point: "onLoadDocument" }, { name: "database", point: "onStoreDocument" }, { name: "load", point: "onLoadDocument" }];
    const events = fixtures.timeline.events.slice(0, 1).map((e) => ({ ...e, calls: [[0, 0, 1e6, 0, "ok"], [1, 2e6, 1e6, 0, "ok"]] as typeof e.calls }));
    const { lanes, bars } = layTimeline({ ...fixtures.timeline, hooks, events }, "hook", WIDTH);
    expect(lanes.map((l) => l.label)).toEqual(["database · onLoadDocument", "database · onStoreDocument", "load"]);
    expect(bars.map((b) => b.lane)).toEqual([0, 1]);
  });

  test("nothing is nothing", () => {
    expect(layTimeline({ events: [], hooks: [], moments: [], edits: [], total: 0 }, "connection", WIDTH).bars).toEqual([]);
  });
});

describe("timeline", () => {
  test("the numbers of revisions stand below it, each with its line of Python", async () => {
    const { root } = await mounted();
    const labels = [...root.querySelectorAll<HTMLElement>(".tlrevs li")];
    expect(labels.map((one) => [one.textContent, one.title])).toEqual([["rev 7", 'revision 7: bench.chain("message").move("rate_limit", before="clean_words")']]);
  });

  test("its table twin is one key away and selects", async () => {
    const { root, store } = await mounted();
    const panel = root.querySelector<HTMLElement>(".timeline")!;
    expect(panel.querySelector("canvas")!.getAttribute("aria-label")).toContain("c2:");
    panel.querySelector("canvas")!.dispatchEvent(new KeyboardEvent("keydown", { key: "t", bubbles: true, cancelable: true }));
    await settle();
    [...panel.querySelectorAll<HTMLElement>("tbody .lnk")].find((b) => b.textContent === "4193")!.click();
    expect(store.selected.value).toBe(4193);
  });

  test("a brush by keys becomes the filter", async () => {
    const { root, store, fake } = await mounted();
    store.select(4190);
    await settle();
    const canvas = root.querySelector<HTMLElement>(".timeline canvas")!;
    const press = async (key: string, shiftKey = false) => {
      canvas.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
      await settle();
    };
    await press("ArrowRight", true);
    await press("ArrowRight", true);
    await press("Enter");
    expect(store.query.value).toBe("dispatch>=4190 dispatch<=4192");
    expect(fake.heard.filter((m) => m.op === "watch" && m["view"] === "events").at(-1)!["params"]).toMatchObject({ query: "dispatch>=4190 dispatch<=4192" });
  });

  test("one event's story has its calls, what was sent, and a sentence", async () => {
    const { root } = await mounted();
    root.querySelector(".timeline canvas")!.dispatchEvent(new KeyboardEvent("keydown", { key: "4", bubbles: true, cancelable: true }));
    await settle();
    const text = root.querySelector(".story")!.textContent!;
    expect(text).toContain("clean_words");
    expect(text).toContain("sent to c4");
    expect(text).toContain("message waited for clean_words, 47 ms");
  });

  test("overlapping waits are told from waits in a row", () => {
    const call = (position: number, start: number, wait: number) => ({ position, hook: `h${position}`, hook_id: `h${position}`, start_ns: start * 1e6, work_ns: 0, wait_ns: wait * 1e6, outcome: "ok" as const });
    const part = (duration: number, calls: ReturnType<typeof call>[]) => ({ ...fixtures.story.events[0]!, point: "pre-route", duration_ns: duration * 1e6, calls });
    const told = (duration: number, calls: ReturnType<typeof call>[]) => summary({ ...fixtures.story, moments: [], events: [part(duration, calls)] });
    expect(told(212, [call(1, 0, 38), call(2, 0, 212), call(3, 0, 152)])).toContain("joined at 212 ms, the longest; one after another it would be 402 ms");
    expect(told(402, [call(1, 0, 38), call(2, 38, 212), call(3, 250, 152)])).toContain("3 hooks waited one after another");
  });

  test("before anything happened it says the next step", async () => {
    const { root } = await mounted(emptyState());
    expect(root.querySelector(".timeline .empty")!.textContent).toContain("Send a message in the console");
  });
});
