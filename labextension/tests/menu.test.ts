/** The menu of a card: its entries by keyboard, and the clients among which one can choose. */
import { describe, expect, test } from "vitest";
import { scopeWords } from "../src/panels/chain/places.js";
import { mounted, settle } from "./helpers.js";

/** Open a card's menu, which has the focus before the next key, and wait for what it asks for. */
async function open(card: HTMLElement): Promise<void> {
  card.querySelector<HTMLElement>("button[aria-expanded]")!.click();
  await Promise.resolve();
  expect(document.activeElement?.closest(".menu")).not.toBeNull();
  await settle();
}

describe("the menu of a card", () => {
  test("the menu is walked by arrows, and each entry asks for one edit", async () => {
    const { card, root, edits, press, said, fake } = await mounted();
    const entry = async (text: string) => {
      await open(card("parse_json"));
      expect(document.activeElement?.getAttribute("role")).toBe("menuitem");
      const items = root.querySelectorAll("[role^=menuitem]");
      for (let i = 0; i < items.length && document.activeElement?.firstChild?.textContent !== text; i++) await press("ArrowDown");
      const found = document.activeElement as HTMLButtonElement;
      expect(found.firstChild!.textContent).toBe(text);
      const checked = found.getAttribute("aria-checked");
      found.click();
      await settle();
      return checked;
    };
    await entry("Duplicate");
    await entry("Wrap");
    expect(said()).toBe("parse_json wrapped; edit the source of its wrapper");
    expect([await entry("Run as shadow"), await entry("Run as shadow")]).toEqual(["false", "true"]);
    expect([await entry("Has outside effects"), await entry("Has outside effects")]).toEqual(["false", "true"]);
    expect(document.activeElement!.classList.contains("grip")).toBe(true);
    expect(edits()).toEqual([
      { kind: "duplicate", hook: "h4" },
      { kind: "wrap", hook: "h4" },
      { kind: "set_scope", hook: "h4", shadow: true },
      { kind: "set_scope", hook: "h4", shadow: false },
      { kind: "set_effects", hook: "h4", effects: "outside" },
      { kind: "set_effects", hook: "h4", effects: "context" },
    ]);
    fake.refuse = "parse_json cannot be a shadow";
    await entry("Run as shadow");
    expect(root.querySelector(".note, .ban")!.textContent).toContain("parse_json cannot be a shadow");
    expect(card("parse_json").textContent).not.toContain("shadow");
  });

  test("a hook is confined to one of the connected clients, and let go again", async () => {
    const { card, edits } = await mounted();
    const choose = async (value: string) => {
      await open(card("parse_json"));
      const select = [...card("parse_json").querySelectorAll<HTMLSelectElement>("select")].at(-1)!;
      const offered = [...select.options].map((one) => one.text);
      select.value = value;
      select.form!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      await settle();
      return offered;
    };
    expect(await choose("2")).toEqual(["all connections", "c2 /chat 127.0.0.1", "c1 /chat"]);
    expect(card("parse_json").querySelector(".tag")!.textContent).toBe("only c2");
    await choose("all");
    expect(card("parse_json").querySelector(".tag")).toBeNull();
    expect(edits()).toEqual([
      { kind: "set_scope", hook: "h4", connections: [2] },
      { kind: "set_scope", hook: "h4", connections: null },
    ]);
  });

  test("what is chosen stays chosen when the list of clients arrives after it", async () => {
    const { card, store, edits } = await mounted();
    await store.edits.confine("h4", [2]);
    const clients = await store.edits.connections();
    let arrive = (_: typeof clients) => {};
    store.edits.connections = () => new Promise((resolve) => { arrive = resolve; });
    await open(card("parse_json"));
    const select = [...card("parse_json").querySelectorAll<HTMLSelectElement>("select")].at(-1)!;
    select.value = "all";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    arrive(clients);
    await settle();
    expect([...select.options].map((one) => one.value)).toEqual(["all", "2", "1"]);
    select.form!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await settle();
    expect(edits().at(-1)).toEqual({ kind: "set_scope", hook: "h4", connections: null });
  });

  test("a scope of several connections, or of one that is gone, is named", () => {
    expect([[], [3], [1, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9]].map(scopeWords)).toEqual(["no connection", "c3", "c1, c2", "c1, c2, c3, c4, c5, c6, c7, c8 and more"]);
  });
});
