import { describe, expect, test } from "vitest";
import { fullState } from "../dev/fake.js";
import { mounted, settle } from "./helpers.js";

const heard = (fake: { heard: readonly { op: string }[] }, op: string) => fake.heard.filter((m) => m.op === op).map(({ op: _op, id: _id, ...rest }: Record<string, unknown>) => rest);

function submit(root: HTMLElement, label: string): Promise<void> {
  root.querySelector<HTMLFormElement>(`form[aria-label="${label}"]`)!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  return settle();
}

function choose(root: HTMLElement, name: string, value: string): Promise<void> {
  const select = root.querySelector<HTMLSelectElement>(`select[name=${name}]`)!;
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return settle();
}

describe("faults", () => {
  test("the form arms what it says, and numbers are numbers", async () => {
    const { root, fake } = await mounted(fullState(), "faults");
    root.querySelector<HTMLInputElement>("input[name=probability]")!.value = "0.5";
    await submit(root, "Arm a fault");
    expect(heard(fake, "fault")).toEqual([{ do: "arm", kind: "delay", ms: 200, spread_ms: 0, probability: 0.5, seed: 0 }]);
    expect(root.textContent).toContain("Nothing goes wrong on purpose");
  });

  test("each kind asks for what it takes, and what it usually is stands there", async () => {
    const { root } = await mounted(fullState(), "faults");
    const always = ["kind", "point", "hook", "connection", "probability", "seed", "times"];
    for (const [kind, own] of [["delay", { ms: "200", spread_ms: "0" }], ["raise", { error: "A fault was injected here." }], ["reorder", { ms: "1000" }], ["close", { code: "1011", reason: "" }], ["hang", {}]] as const) {
      await choose(root, "kind", kind);
      const fields = [...root.querySelectorAll<HTMLInputElement>("form [name]")];
      expect(fields.map((one) => one.name).sort()).toEqual([...always, ...Object.keys(own)].sort());
      for (const [name, value] of Object.entries(own)) expect(fields.find((one) => one.name === name)!.value).toBe(value);
      for (const one of fields) expect(one.labels![0]!.textContent).not.toBe("");
    }
  });

  test("the hooks of the chosen point are listed by name, and the chosen one is sent by its id", async () => {
    const { root, fake } = await mounted(fullState(), "faults");
    const names = () => [...root.querySelectorAll<HTMLOptionElement>("select[name=hook] option")].map((one) => one.textContent);
    const every = fake.state.chain.points.flatMap((point) => point.lanes.flatMap((lane) => lane.hooks));
    expect(names()).toHaveLength(1 + every.length);
    await choose(root, "point", "message");
    expect(names().slice(0, 3)).toEqual(["the whole event", "parse_json", "rate_limit"]);
    await choose(root, "hook", every.find((hook) => hook.name === "rate_limit")!.id);
    await submit(root, "Arm a fault");
    expect(heard(fake, "fault")).toMatchObject([{ point: "message", hook: every.find((hook) => hook.name === "rate_limit")!.id }]);
    await choose(root, "point", "open");
    expect(root.querySelector<HTMLSelectElement>("select[name=hook]")!.value).toBe("");
  });

  test("after an edit the lists are looked up again", async () => {
    const { root, fake } = await mounted(fullState(), "faults");
    fake.state.chain.points[0]!.lanes[0]!.hooks[0]!.name = "renamed";
    fake.state.chain.revision += 1;
    fake.frame("chain");
    await settle();
    await settle();
    expect(root.querySelector("select[name=hook]")!.textContent).toContain("renamed");
  });

  test("what is refused is said beside the field it is about, which gets the focus, until it is changed", async () => {
    const { root, fake, said } = await mounted(fullState(), "faults");
    fake.refuse = "times is a whole number from 1, not 0.";
    fake.refusedField = "times";
    await submit(root, "Arm a fault");
    const times = root.querySelector<HTMLInputElement>("input[name=times]")!;
    expect(root.querySelector(`#${CSS.escape(times.getAttribute("aria-describedby")!)}`)!.textContent).toBe(fake.refuse);
    expect([times.getAttribute("aria-invalid"), document.activeElement, root.querySelector(".ban")]).toEqual(["true", times, null]);
    expect(said()).toBe(`Not done: ${fake.refuse}`);
    times.value = "2";
    times.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    expect([times.hasAttribute("aria-invalid"), root.querySelector(".says.bad")]).toEqual([false, null]);
  });

  test("what is armed is listed with the line that does the same", async () => {
    const state = fullState();
    state.faults.armed = [{ id: "f1", kind: "delay", where: "point message", injected: 2, considered: 3, python: 'bench.faults.arm("delay", ms=20)' }];
    const { root, fake } = await mounted(state, "faults");
    expect(root.querySelector(".trylist li")!.textContent).toContain('delay at point message: acted on 2 of 3bench.faults.arm("delay", ms=20)');
    [...root.querySelectorAll<HTMLElement>(".trylist button")].find((b) => b.textContent === "Disarm f1")!.click();
    await settle();
    expect(heard(fake, "fault")).toEqual([{ do: "disarm", fault: "f1" }]);
  });

  test("a banner stays while any is armed, and its button disarms", async () => {
    const state = fullState();
    state.faults.armed = [{ id: "f1", kind: "drop", where: "point message", injected: 2, considered: 3, python: "" }];
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

  test("a hook of the point and a condition over its arguments are sent", async () => {
    const { root, fake } = await mounted(fullState(), "breakpoints");
    const place = fake.state.bench.points.find((point) => point.name === "message")!;
    await choose(root, "point", "message");
    expect(root.querySelector(".says")!.textContent).toBe(`A Python expression over ${place.parameters.join(", ")}.`);
    await choose(root, "hook", "h6");
    root.querySelector<HTMLInputElement>("input[name=condition]")!.value = 'message.text() == "hello"';
    await submit(root, "Set a breakpoint");
    expect(heard(fake, "breakpoint")).toEqual([{ do: "set", when: "before", point: "message", hook: "h6", condition: 'message.text() == "hello"' }]);
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
    expect(heard(fake, "traffic")).toEqual([{ do: "run", template: "messages", clients: 10, rate: 50, pattern: "constant", seconds: 5, late_ms: 1000, seed: 0 }]);
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
