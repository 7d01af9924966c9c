/** What a person chose stays chosen when the bench becomes narrow or wide and draws its panels anew. */
import { expect, test } from "vitest";
import { mounted, settle, widths } from "./helpers.js";

const [WIDE, STACK, NARROW] = [1200, 700, 320];

async function resizable() {
  const widen = widths();
  const bench = await mounted();
  const wb = bench.root.querySelector<HTMLElement>(".wb")!;
  return {
    ...bench,
    to: async (width: number) => {
      await widen(wb, width);
      for (let i = 0; i < 3; i++) await settle();
    },
    click: async (selector: string, text: string) => {
      [...bench.root.querySelectorAll<HTMLElement>(selector)].find((e) => e.textContent!.startsWith(text))!.click();
      await settle();
    },
    side: () => bench.root.querySelector(".side [aria-selected='true']")?.textContent ?? "",
    front: () => bench.root.querySelector(".tabrow [role=tablist][aria-label=Panels] [aria-selected='true']")?.textContent ?? "",
  };
}

test("lints that were chosen beside the timeline stay in every layout", async () => {
  const { to, click, side, front } = await resizable();
  expect(side()).toMatch(/^Stats/);
  await click(".side [role=tab]", "Lints");
  await to(STACK);
  expect(side()).toMatch(/^Lints/);
  await to(NARROW);
  expect(front()).toBe("Lints");
  await to(WIDE);
  expect(side()).toMatch(/^Lints/);
});

test("a tab that was chosen in a narrow bench is in front beside the timeline of a wide one", async () => {
  const { to, click, side, front } = await resizable();
  await to(NARROW);
  await click("[aria-label=Panels] [role=tab]", "Lints");
  await click("[aria-label=Panels] [role=tab]", "Events");
  await to(WIDE);
  expect(side()).toMatch(/^Lints/);
  await to(NARROW);
  expect(front()).toMatch(/^Events/);
});

test("so do the timeline's view, the order of the stats, muted lints and what is being written", async () => {
  const { to, click, root } = await resizable();
  await click(".timeline .seg button", "By hook");
  await click(".stats th button", "p95");
  await click(".side [role=tab]", "Lints");
  await click(".lints .btn", "Mute");
  const input = root.querySelector<HTMLInputElement>("[aria-label=Message]")!;
  input.value = "half a sentence";
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await to(STACK);
  expect(root.querySelector(".timeline .seg [aria-pressed='true']")!.textContent).toBe("By hook");
  expect(root.querySelector<HTMLInputElement>("[aria-label=Message]")!.value).toBe("half a sentence");
  expect(root.querySelectorAll(".lints > li")).toHaveLength(1);
  await click(".side [role=tab]", "Stats");
  expect(root.querySelector(".stats [aria-sort='descending']")!.textContent).toContain("p95");
});
