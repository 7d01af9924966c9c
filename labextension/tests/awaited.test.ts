/** Until its first frame has come, a panel says that it is connecting, and nothing of a bench that it does not know. */
import { describe, expect, test } from "vitest";
import { emptyState, fullState } from "../dev/fake.js";
import type { PanelName } from "../src/panels/Bench.js";
import { mounted, settle } from "./helpers.js";

const PANELS: PanelName[] = ["chain", "events", "inspector", "console", "history", "timeline", "stats", "lints", "faults", "breakpoints", "traffic", "documents"];
const forever = { connectors: () => new Promise<never>(() => {}) };
const shut = { connectors: () => Promise.reject(new Error("nobody listens")) };

describe("without a frame", () => {
  test.each(PANELS)("the panel %s is connecting", async (panel) => {
    const { root } = await mounted(fullState(), panel, forever);
    expect(root.querySelector(".pn .empty")!.textContent).toContain("Connecting to the bench");
    expect(root.textContent).not.toMatch(/nothing|no run|no hook|no client|no document|none|0 hooks/i);
  });

  test("so does every panel of a bench, and the story of an event", async () => {
    const { root } = await mounted(fullState(), "bench", forever);
    const panels = [...root.querySelectorAll<HTMLElement>(".pn")];
    expect(panels).toHaveLength(7);
    root.querySelectorAll<HTMLElement>(".timeline .seg button")[3]!.click();
    await settle();
    for (const panel of panels) expect(panel.querySelector(".empty h4")!.textContent).toBe("Connecting to the bench");
  });

  test("a bench that cannot be reached is told so, with the reason at the top", async () => {
    const { root } = await mounted(fullState(), "events", shut);
    expect(root.querySelector(".events .empty")!.textContent).toContain("Not connected to the bench");
    expect(root.querySelector(".ban")!.textContent).toContain("nobody listens");
  });
});

test.each(PANELS)("once a frame has come, the panel %s says what there is, be it nothing", async (panel) => {
  const { root } = await mounted(emptyState(), panel);
  expect(root.querySelector(".pn")!.textContent).not.toMatch(/Connecting|Not connected/);
});

test("what a panel shows stays when the connection is lost", async () => {
  const { root, fake } = await mounted(fullState(), "events");
  fake.lose("the line broke");
  await settle();
  expect(root.querySelector(".ban")!.textContent).toContain("the line broke");
  expect(root.querySelectorAll("tr[data-dispatch]").length).toBeGreaterThan(5);
});
