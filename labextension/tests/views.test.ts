/** Stats, lints, filter and comparing, on a fake bench. */
import { describe, expect, test } from "vitest";
import { fullState } from "../dev/fake.js";
import * as fixtures from "../dev/view-fixtures.js";
import { columnsFor, difference, sorted } from "../src/core/stats.js";
import { aligned } from "../src/panels/inspect/Compare.js";
import { mounted, settle, widths } from "./helpers.js";

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
