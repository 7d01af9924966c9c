/** Cards of a chain: keys, what they show, the palette, the first run. */
import { describe, expect, test } from "vitest";
import { emptyState, fullState } from "../dev/fake.js";
import type { Example } from "../src/core/protocol.js";
import { mounted, settle } from "./helpers.js";

describe("keys on a card", () => {
  test("D toggles, Delete removes and hands the focus on, Ctrl+Z undoes", async () => {
    const { grip, press, edits, names, fake } = await mounted();
    grip("parse_json").focus();
    await press("d");
    await press("Delete");
    expect(edits()).toEqual([{ kind: "enable", hook: "h4", on: false }, { kind: "remove", hook: "h4" }]);
    expect(names()).not.toContain("parse_json");
    expect(document.activeElement).toBe(grip("rate_limit"));
    await press("z", { ctrlKey: true });
    expect(fake.heard.some((m) => m.op === "undo")).toBe(true);
    expect(names()[0]).toBe("parse_json");
  });

  test("no key but saving reaches the notebook around the bench", async () => {
    const { grip, press } = await mounted();
    const heard: string[] = [];
    const listen = (event: KeyboardEvent) => heard.push(event.key);
    document.addEventListener("keydown", listen);
    grip("parse_json").focus();
    for (const key of ["x", "a", "d", "Enter", "ArrowDown", "Escape"]) {
      grip("parse_json").focus();
      await press(key);
    }
    grip("parse_json").focus();
    await press("s", { ctrlKey: true });
    document.removeEventListener("keydown", listen);
    expect(heard).toEqual(["s"]);
  });

  test("arrows walk from grip to grip", async () => {
    const { grip, press } = await mounted();
    grip("parse_json").focus();
    await press("ArrowDown");
    expect(document.activeElement).toBe(grip("rate_limit"));
  });
});

describe("what a card shows", () => {
  test("why here opens inside the card", async () => {
    const { card, root } = await mounted();
    card("clean_words").querySelector<HTMLElement>("button[aria-expanded]")!.click();
    await settle();
    [...root.querySelectorAll<HTMLElement>("[role=menuitem]")].find((b) => b.textContent === "Why here?")!.click();
    await settle();
    expect(card("clean_words").querySelector(".whybox")!.textContent).toContain("rate_limit was moved before it in revision 7");
  });

  test("few samples say that they are too few", async () => {
    const { root } = await mounted();
    root.querySelector<HTMLElement>('[data-point="upgrade"] .pfold')!.click();
    await settle();
    expect(root.querySelector('[data-point="upgrade"] .card .m')!.textContent).toContain("p95 n too small");
  });

  test("a folded point names its chain", async () => {
    const { root } = await mounted();
    expect(root.querySelector('[data-point="upgrade"] .in')!.textContent).toBe("authenticate › choose_room");
  });
});

describe("palette and first run", () => {
  test("slash opens it, typing finds, Enter attaches", async () => {
    const { grip, press, root, edits, said } = await mounted();
    grip("parse_json").focus();
    await press("/");
    await settle();
    const input = root.querySelector<HTMLInputElement>(".palette input")!;
    input.value = "shou";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    expect(root.querySelector('.palette [aria-selected="true"]')!.textContent).toContain("shout");
    input.focus();
    await press("Enter");
    expect(edits()).toEqual([{ kind: "attach", point: "message", function: "shout" }]);
    expect(said()).toBe("shout attached at message");
  });

  test("what does not fit is shown with its reason and attaches nothing", async () => {
    const { grip, press, root, edits } = await mounted();
    grip("parse_json").focus();
    await press("/");
    await settle();
    const unfit = root.querySelector<HTMLElement>('.palette [aria-disabled="true"]')!;
    expect(unfit.textContent).toContain("takes no argument");
    unfit.click();
    await settle();
    expect(edits()).toEqual([]);
  });

  test("an empty bench offers three starters and attaches the one that is added", async () => {
    const { root, edits } = await mounted(emptyState());
    const adds = [...root.querySelectorAll<HTMLElement>(".start button")];
    expect(adds.map((b) => b.getAttribute("aria-label"))).toEqual(["Add echo", "Add upper_case", "Add require_token"]);
    adds[1]!.click();
    await settle();
    expect(edits()).toEqual([{ kind: "attach", point: "message", ready: "upper_case" }]);
    expect(root.textContent).toContain("Nothing has happened yet");
  });
});

describe("bars of one event", () => {
  const example = (more: Partial<Example> = {}): Example => ({ dispatch: 9, duration_ns: 4e6, outcome: "ok", bars: [{ hook: "h4", start_ns: 0, work_ns: 1e6, wait_ns: 3e6, outcome: "ok" }], ...more });

  test("stand in the cards of a line too", async () => {
    const state = fullState();
    state.chain.points.find((p) => p.name === "message")!.example = example();
    const { card } = await mounted(state);
    expect(card("parse_json").querySelector(".track")!.textContent).toBe("4 ms");
    expect(card("rate_limit").querySelector(".track")).toBeNull();
  });

  test("what follows a line, and a fan, say when the client was answered", async () => {
    const state = fullState();
    const point = state.chain.points.find((p) => p.name === "message")!;
    Object.assign(point, { core: "written to the database", example: example({ answered_ns: 9.4e6 }) });
    expect((await mounted(state)).root.querySelector(".core-line")!.textContent).toContain("client answered at 9.4 ms");
    Object.assign(point, { core: "", shape: "spawn" });
    expect((await mounted(state)).root.querySelector(".joined")!.textContent).toContain("client answered at 9.4 ms");
    point.example!.answered_ns = null;
    expect((await mounted(state)).root.querySelector(".joined")!.textContent).not.toContain("answered");
  });
});
