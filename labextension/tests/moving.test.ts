/** Reordering in the panel: by keys, by hand, from the menu; shown at once, and rolled back where it is refused. */
import { describe, expect, test } from "vitest";
import { mounted, settle } from "./helpers.js";

const ORDER = ["parse_json", "rate_limit", "clean_words", "echo", "broadcast"];

/** One below the other, 50 px each: happy-dom has no layout of its own. */
function layOut(root: HTMLElement): void {
  root.querySelectorAll<HTMLElement>(".card").forEach((card, i) => {
    card.getBoundingClientRect = () => ({ top: i * 50, height: 50, bottom: i * 50 + 50, left: 0, right: 200, width: 200, x: 0, y: i * 50, toJSON: () => ({}) });
  });
}

const pointer = (type: string, clientY: number) => new PointerEvent(type, { bubbles: true, clientY, clientX: 5, button: 0, pointerId: 1 });

describe("reordering in the panel", () => {
  test("Space, arrow, Space moves a hook, keeps the focus on it and says so", async () => {
    const { grip, press, names, said, edits } = await mounted();
    expect(names()).toEqual(ORDER);
    grip("rate_limit").focus();
    await press(" ");
    expect(said()).toBe("rate_limit, lifted, position 2 of 4");
    await press("ArrowUp");
    expect(said()).toBe("moved to 1 before parse_json");
    expect(names().slice(0, 2)).toEqual(["rate_limit", "parse_json"]);
    expect(document.activeElement).toBe(grip("rate_limit"));
    expect(edits()).toEqual([]);
    await press(" ");
    expect(edits()).toEqual([{ kind: "move", hook: "h5", before: "h4" }]);
    expect(names().slice(0, 2)).toEqual(["rate_limit", "parse_json"]);
    expect(document.activeElement).toBe(grip("rate_limit"));
  });

  test("Escape puts it back and sends nothing", async () => {
    const { grip, press, names, edits } = await mounted();
    grip("clean_words").focus();
    await press(" ");
    await press("ArrowUp");
    await press("Escape");
    expect(names()).toEqual(ORDER);
    expect(edits()).toEqual([]);
  });

  test("Alt and arrow on any part of the card moves at once", async () => {
    const { card, press, edits } = await mounted();
    card("clean_words").querySelector<HTMLElement>(".sw")!.focus();
    await press("ArrowUp", { altKey: true });
    expect(edits()).toEqual([{ kind: "move", hook: "h6", before: "h5" }]);
  });

  test("a pointer drag ends in the same edit and does not redraw while it lasts", async () => {
    const { grip, root, names, edits, fake, store } = await mounted();
    layOut(root);
    const handle = grip("clean_words");
    handle.dispatchEvent(pointer("pointerdown", 110));
    handle.dispatchEvent(pointer("pointermove", 60));
    handle.dispatchEvent(pointer("pointermove", 5));
    expect(store.said.value.text).toBe("moved to 1 before parse_json");
    fake.state.chain.points[2]!.lanes[0]!.hooks[0]!.calls = 5000;
    fake.frame("chain");
    await settle();
    expect(root.querySelector(".card .m")!.textContent).not.toContain("5\u202f000");
    expect(names()).toEqual(ORDER);
    handle.dispatchEvent(pointer("pointerup", 5));
    await settle();
    expect(edits()).toEqual([{ kind: "move", hook: "h6", before: "h4" }]);
    expect(names()[0]).toBe("clean_words");
    expect([...root.querySelectorAll<HTMLElement>(".card")].every((c) => c.style.transform === "")).toBe(true);
    expect(root.textContent).toContain("5\u202f000");
  });

  test("a cancelled pointer, as when the browser scrolls, leaves everything as it was", async () => {
    const { grip, root, names, edits } = await mounted();
    layOut(root);
    grip("clean_words").dispatchEvent(pointer("pointerdown", 110));
    grip("clean_words").dispatchEvent(pointer("pointermove", 5));
    grip("clean_words").dispatchEvent(pointer("pointercancel", 5));
    await settle();
    expect([names(), edits()]).toEqual([ORDER, []]);
  });

  test("a press without a move is no drag", async () => {
    const { grip, edits, store } = await mounted();
    grip("clean_words").dispatchEvent(pointer("pointerdown", 110));
    grip("clean_words").dispatchEvent(pointer("pointerup", 110));
    expect([edits(), store.said.value.text]).toEqual([[], ""]);
  });

  test("the menu moves to a position that was typed", async () => {
    const { card, root, edits } = await mounted();
    card("parse_json").querySelector<HTMLElement>("button[aria-expanded]")!.click();
    await settle();
    const input = root.querySelector<HTMLInputElement>(".mpos input")!;
    input.value = "3";
    root.querySelector<HTMLFormElement>(".mpos")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await settle();
    expect(edits()).toEqual([{ kind: "move", hook: "h4", before: "h7" }]);
  });

  test("a guest cannot be lifted and says why", async () => {
    const { grip, press, said, edits } = await mounted();
    expect(grip("broadcast").getAttribute("aria-disabled")).toBe("true");
    grip("broadcast").focus();
    await press(" ");
    expect(said()).toMatch(/^broadcast cannot be moved/);
    expect(edits()).toEqual([]);
  });
});

describe("optimism", () => {
  test("a move is shown before the bench has answered", async () => {
    const { fake, names, store } = await mounted();
    fake.slow = true;
    void store.edits.move("h6", "h4");
    await settle();
    expect(names()[0]).toBe("clean_words");
  });

  test("a refused move is rolled back, with the sentence on screen and spoken", async () => {
    const { fake, grip, press, names, root, said } = await mounted();
    fake.refuse = "revision 9 has moved it already; look again.";
    grip("rate_limit").focus();
    await press("ArrowUp", { altKey: true });
    expect(names()).toEqual(ORDER);
    expect(root.querySelector(".ban")!.textContent).toContain("Not done: revision 9 has moved it already");
    expect(said()).toContain("Not done");
  });

  test("every edit carries the revision that the page saw", async () => {
    const { fake, store } = await mounted();
    await store.edits.enable("h4", false);
    await store.edits.enable("h5", false);
    expect(fake.heard.filter((m) => m.op === "edit").map((m) => m["revision"])).toEqual([7, 8]);
  });
});
