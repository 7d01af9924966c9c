/** Timeline, story, stats, lints, filter and comparing, on a fake bench. */
import { describe, expect, test } from "vitest";
import { emptyState, fullState } from "../dev/fake.js";
import * as fixtures from "../dev/view-fixtures.js";
import { columnsFor, difference, sorted } from "../src/core/stats.js";
import { brushed, eventAt, layTimeline } from "../src/core/timeline.js";
import { aligned } from "../src/panels/inspect/Compare.js";
import { HEAD, LANE, paint } from "../src/panels/timeline/paint.js";
import { summary } from "../src/panels/timeline/Story.js";
import { mounted, settle, widths } from "./helpers.js";

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

test("wherever it says changed, it says what that leaves out", async () => {
  const { root } = await mounted();
  const said = (selector: string) => root.querySelector(selector)?.getAttribute("title");
  expect(said(".card .chc")).toContain(" calls changed something. What a hook changes inside of a value, such as a key of a dict, is seen only in events with a snapshot.");
  expect(said("tr[data-dispatch='4197'] .oc-changed")).toContain("seen only in events with a snapshot");
  const titled = [...root.querySelectorAll(".oc[title]")];
  expect(titled.every((mark) => mark.matches(".oc-changed"))).toBe(true);
  const stats = (await mounted(undefined, "stats")).root;
  const titles = [...stats.querySelectorAll("th button")].map((b) => b.getAttribute("title"));
  expect(titles.filter((t) => t!.includes("snapshot"))).toEqual([expect.stringMatching(/^Sort by changed\. /)]);
});

describe("stats", () => {
  test("a percentile of too few samples is told so", async () => {
    const { root } = await mounted();
    const rows = [...root.querySelectorAll(".stats tbody tr")];
    expect(rows[0]!.textContent).toContain("clean_words");
    expect(rows.find((r) => r.textContent!.includes("authenticate"))!.textContent).toContain("n too small");
  });

  test("says of how many events the times are", async () => {
    const { root, fake } = await mounted();
    const told = async (sample: number, total: number) => {
      Object.assign(fake.state.stats, { sample, total });
      fake.frame("stats");
      await settle();
      return root.querySelector(".stats")!.textContent!;
    };
    expect(await told(1, 1)).toContain("times of 1 event");
    expect(await told(2, 2)).toContain("times of all 2 events");
    expect(await told(2, 9)).toContain("times of the newest 2 of 9 events");
  });

  test("percentiles say of what they are, in the statistics as on cards and in the header", async () => {
    const { root } = await mounted();
    const titled = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)].find((e) => e.textContent!.includes("p95"))!;
    expect(titled(".stats th button").title).toBe("Sort by p95. Of all 4\u202f198 events; on cards and in the header it is of the newest alone.");
    const card = titled(".card .m > *");
    expect([card.textContent, card.title]).toEqual(["recent p95 0.1 ms", "95 % of its newest 256 calls took no longer; the statistics look further back"]);
    const header = titled(".hd.two .fig > *");
    expect([header.textContent, header.title]).toEqual(["recent p95 48 ms", "95 % of the newest events (at most 256 of each hook point) took no longer; the statistics look further back"]);
  });

  test("hooks of one name are told apart by their points", async () => {
    const { root, store } = await mounted();
    const [one, ...others] = fixtures.stats.rows;
    store.insights.frame("stats", { ...fixtures.stats, rows: [one, { ...one!, hook_id: "twin", point: "elsewhere" }, ...others] });
    await settle();
    expect([...root.querySelectorAll(".stats .at")].map((e) => e.textContent).sort()).toEqual([one!.point, "elsewhere"].sort());
  });

  test("the columns are those that fit, the least important go first; the name always stays", () => {
    const { rows } = fixtures.stats;
    const names = (width: number, data = fixtures.stats) => columnsFor(data, width).map(([, label]) => label).join(" ");
    expect(names(470)).toBe("hook calls raised share p50 p95 p99 max changed stopped");
    expect(names(430)).toBe("hook calls raised share p50 p95 max changed stopped");
    expect(names(288)).toBe("hook calls raised share p95");
    expect(names(288, { ...fixtures.stats, rows: [{ ...rows[0]!, calls: 41_590_000 }] })).toBe("hook calls raised p95");
    expect(names(288, { ...fixtures.stats, rows: [rows[0]!], against: [{ ...rows[0]!, p95_ns: rows[0]!.p95_ns! / 2 }] })).toBe("hook calls raised p95");
    expect(names(10)).toBe("hook");
  });

  test("a panel that becomes narrow shows fewer columns", async () => {
    const widen = widths();
    const { root } = await mounted(fullState(), "stats");
    const heads = () => root.querySelectorAll(".stats thead th").length;
    expect(heads()).toBe(10);
    await widen(root.querySelector(".side .body")!, 288);
    expect(heads()).toBe(5);
    expect([...root.querySelectorAll(".stats [colspan]")].map((e) => e.textContent)).toEqual(["n < 20", "n < 20"]);
  });

  test("a column sorts both ways", () => {
    expect(sorted(fixtures.stats.rows, "hook", false)[0]!.hook).toBe("authenticate");
    expect(sorted(fixtures.stats.rows, "errors", true)[0]!.hook).toBe("parse_json");
    expect(sorted(fixtures.stats.rows, "p95_ns", true).at(-1)!.p95_ns).toBeNull();
  });

  test("two revisions: the other one's figure and by how much this one is slower", async () => {
    const [row] = fixtures.stats.rows;
    expect(difference(row!, { ...row!, p95_ns: row!.p95_ns! / 2 }, "p95_ns")).toBe("24.1 ×2.0");
    expect(difference(row!, undefined, "hook")).toBe("did not run there");
    const { root, fake } = await mounted();
    const select = root.querySelector<HTMLSelectElement>("select[aria-label='Compare with']")!;
    select.value = "6";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(fake.heard.filter((m) => m.op === "watch" && m["view"] === "stats").at(-1)!["params"]).toEqual({ against: 6 });
  });
});

describe("lints", () => {
  test("each says what, how often, where, and what to do; it can be muted", async () => {
    const { root, store } = await mounted();
    root.querySelector<HTMLElement>("[data-tab=lints]")!.click();
    await settle();
    const items = () => [...root.querySelectorAll<HTMLElement>(".lints > li")];
    expect(items()).toHaveLength(2);
    expect(items()[0]!.textContent).toContain("41 times");
    items()[0]!.querySelector<HTMLElement>("p .lnk")!.click();
    expect(store.selected.value).toBe(4196);
    [...items()[0]!.querySelectorAll<HTMLElement>(".btn")].find((b) => b.textContent === "Mute")!.click();
    await settle();
    expect(items()).toHaveLength(1);
  });
});

describe("filter", () => {
  test("a mistake is underlined where it is, and the last good rows stay", async () => {
    const state = fullState();
    const { root, store, fake } = await mounted(state);
    state.wrong = { text: "“bad” is no outcome", at: 8, length: 3 };
    store.setQuery("outcome=bad");
    fake.frame("events");
    store.insights.frame("timeline", { ...fixtures.timeline, events: [], wrong: true });
    await settle();
    expect(root.querySelector(".timeline canvas")).not.toBeNull();
    expect(root.querySelector(".squig u")!.textContent).toBe("bad");
    expect(root.querySelector(".events .note.bad")!.textContent).toContain("is no outcome");
    expect(root.querySelectorAll(".ev tr[data-dispatch]").length).toBeGreaterThan(5);
  });

  test("completion goes by keys", async () => {
    const { root, store } = await mounted();
    const input = root.querySelector<HTMLInputElement>("[aria-label='Filter events']")!;
    input.value = "outcome=ra";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    const press = async (key: string) => {
      input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      await settle();
    };
    await press("ArrowDown");
    await press("Enter");
    expect(input.value).toBe("outcome=raised ");
    await press("Enter");
    expect(store.query.value).toBe("outcome=raised ");
  });
});

describe("comparing", () => {
  test("steps are aligned by hook, what only one has stands alone", () => {
    const step = (hook_id: string) => ({ hook_id }) as Parameters<typeof aligned>[0][number];
    const pairs = aligned([step("a"), step("b")], [step("b"), step("c")]);
    expect(pairs.map(([one, other]) => [one?.hook_id, other?.hook_id])).toEqual([["a", undefined], ["b", "b"], [undefined, "c"]]);
  });

  test("an event is kept beside the next that is selected", async () => {
    const { root, store } = await mounted();
    store.select(4196);
    await settle();
    [...root.querySelectorAll<HTMLElement>(".inspector .btn")].find((b) => b.textContent === "Compare")!.click();
    await settle();
    store.select(4193);
    await settle();
    expect(root.querySelector("[aria-label='Event 4193 beside event 4196']")).not.toBeNull();
  });
});
