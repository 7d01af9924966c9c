import { describe, expect, test } from "vitest";
import { fullState } from "../dev/fake.js";
import { mounted, settle } from "./helpers.js";

const heard = (fake: { heard: readonly { op: string }[] }, op: string) => fake.heard.filter((m) => m.op === op).map(({ op: _op, id: _id, ...rest }: Record<string, unknown>) => rest);

function submit(root: HTMLElement, label: string): Promise<void> {
  root.querySelector<HTMLFormElement>(`form[aria-label="${label}"]`)!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  return settle();
}

describe("faults", () => {
  test("the form arms what it says, and numbers are numbers", async () => {
    const { root, fake } = await mounted(fullState(), "faults");
    root.querySelector<HTMLInputElement>("input[name=probability]")!.value = "0.5";
    await submit(root, "Arm a fault");
    expect(heard(fake, "fault")).toEqual([{ do: "arm", kind: "delay", ms: 200, probability: 0.5, seed: 0 }]);
    expect(root.textContent).toContain("Nothing goes wrong on purpose");
  });

  test("a banner stays while any is armed, and its button disarms", async () => {
    const state = fullState();
    state.faults.armed = [{ id: "f1", kind: "drop", where: "point message", probability: 1, seed: 0, injected: 2, considered: 3, python: "" }];
    const { root, fake } = await mounted(state);
    const banner = [...root.querySelectorAll<HTMLElement>(".ban")].find((b) => b.textContent!.includes("A fault is armed."))!;
    expect(banner.textContent).toContain("drop at point message");
    banner.querySelector("button")!.click();
    await settle();
    expect(heard(fake, "fault")).toEqual([{ do: "disarm" }]);
    fake.state.faults.armed = [];
    fake.frame("faults");
    await settle();
    expect(root.textContent).not.toContain("A fault is armed.");
  });
});

describe("breakpoints", () => {
  test("a held event goes on with its payload as it was edited, and hostile text stays text", async () => {
    const state = fullState();
    state.breakpoints = { points: [{ id: "b1", where: "before hook shout at message", hits: 1, python: "" }], waiting: 1, held: [{ id: "e1", where: "before hook shout at message", when: "before", connection: 4, left: true, dispatch: 7, since: 0, payload: '{"a": "<img src=x onerror=boom>"}', editable: true, result: null }] };
    const { root, fake } = await mounted(state, "breakpoints");
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector(".held")!.textContent).toContain("of c4, which has left, held before hook shout");
    const editor = root.querySelector<HTMLTextAreaElement>(".held textarea")!;
    editor.value = '{"a": 1}';
    editor.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    [...root.querySelectorAll<HTMLElement>(".held button")].find((b) => b.textContent === "Continue")!.click();
    await settle();
    [...root.querySelectorAll<HTMLElement>(".held button")].find((b) => b.textContent === "Drop")!.click();
    await settle();
    expect(heard(fake, "breakpoint")).toEqual([{ do: "resume", held: "e1", payload: '{"a": 1}' }, { do: "drop", held: "e1" }]);
  });

  test("the first point that has hooks is chosen, since events come there", async () => {
    const state = fullState();
    for (const lane of state.chain.points[0]!.lanes) lane.hooks = [];
    const { root } = await mounted(state, "breakpoints");
    expect(root.querySelector<HTMLSelectElement>("select[name=point]")!.value).toBe("open");
  });

  test("what the bench refuses is said, and nothing is lost", async () => {
    const { root, fake } = await mounted(fullState(), "breakpoints");
    fake.refuse = "no hook 'shot'; did you mean 'shout'?";
    await submit(root, "Set a breakpoint");
    expect(root.querySelector(".ban")!.textContent).toContain("did you mean 'shout'?");
  });
});

describe("traffic", () => {
  test("the form runs it, the figures are shown, and a refusal says the ceiling", async () => {
    const { root, fake } = await mounted(fullState(), "traffic");
    await submit(root, "Make traffic");
    expect(heard(fake, "traffic")).toEqual([{ do: "run", template: "messages", clients: 10, rate: 50, pattern: "constant", seconds: 5, seed: 0 }]);
    fake.state.traffic.run = { state: "refused", reason: "ask for 40 at most.", python: "", sent: 0, answered: 0, late: 0, refused: 0, waiting: 0, p50_ms: null, p99_ms: null, ceiling: 50 };
    fake.frame("traffic");
    await settle();
    expect(root.textContent).toContain("ask for 40 at most.");
    expect(root.querySelector(".figs")!.textContent).toContain("50/s");
  });

  test("in the bench the three are folded until asked for", async () => {
    const { root } = await mounted();
    expect(root.querySelector(".pn.traffic")).toBeNull();
    [...root.querySelectorAll<HTMLElement>(".tryrow button")].find((b) => b.textContent === "Traffic")!.click();
    await settle();
    expect(root.querySelector(".pn.traffic")).not.toBeNull();
  });
});
