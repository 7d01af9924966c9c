/** A panel on a fake bench, waiting until it has drawn, and giving it a width. */
import { h, render } from "preact";
import { vi } from "vitest";
import { FakeBench, fullState, type FakeState } from "../dev/fake.js";
import type { Host } from "../src/core/host.js";
import { BenchStore } from "../src/core/store.js";
import { Bench, type PanelName } from "../src/panels/Bench.js";

export interface Mounted {
  fake: FakeBench;
  store: BenchStore;
  root: HTMLElement;
  said: () => string;
  names: () => string[];
  card: (name: string) => HTMLElement;
  grip: (name: string) => HTMLElement;
  press: (key: string, more?: KeyboardEventInit) => Promise<void>;
  edits: () => unknown[];
}

/** Called with an element and px: happy-dom has no layout, so whoever watches the element's width is told one. Comes before `mounted`. */
export function widths(): (element: Element, width: number) => Promise<void> {
  const watched = new Map<Element, (entries: unknown[]) => void>();
  vi.stubGlobal("ResizeObserver", class {
    constructor(private readonly tell: (entries: unknown[]) => void) {}
    observe(element: Element) {
      watched.set(element, this.tell);
    }
    disconnect() {}
  });
  return async (element, width) => {
    watched.get(element)!([{ contentRect: { width } }]);
    await settle();
  };
}

const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));

/** Wait for what the page does by itself: a drawing, its effects and what these ask for take a frame each, whatever the clock says meanwhile. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await frame();
}

/** Wait for what takes the time that it takes, such as a module that is loaded. */
export async function until(there: () => unknown): Promise<void> {
  await vi.waitUntil(there, { timeout: 20_000 });
  await settle();
}

export async function mounted(state: FakeState = fullState(), panel: PanelName = "bench", more: Partial<Host> = {}, fake = new FakeBench(state)): Promise<Mounted> {
  const store = new BenchStore(fake.host(more));
  const root = document.createElement("div");
  document.body.append(root);
  render(h(Bench, { store, panel, fill: false }), root);
  for (let i = 0; i < 4; i++) await settle();
  const cards = () => [...root.querySelectorAll<HTMLElement>(".pt.open .card")];
  const nameOf = (card: Element) => card.querySelector(".hn")?.textContent ?? "";
  const card = (name: string) => {
    const found = cards().find((c) => nameOf(c) === name);
    if (!found) throw new Error(`no open card ${name}`);
    return found;
  };
  return {
    fake, store, root, card,
    said: () => store.said.value.text,
    names: () => cards().map(nameOf),
    grip: (name) => card(name).querySelector<HTMLElement>(".grip")!,
    press: async (key, init = {}) => {
      (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
      await settle();
    },
    edits: () => fake.heard.filter((m) => m.op === "edit").map((m) => m["edit"]),
  };
}

export interface Editing extends Mounted {
  panel: () => HTMLElement;
  button: (name: string) => HTMLElement;
  write: (change: (text: string) => string) => Promise<void>;
  /** What was asked about sources, drafts to be kept aside. */
  asked: () => Record<string, unknown>[];
}

/** The editor of a hook's source, opened by its key. */
export async function editing(hook = "clean_words", page?: Mounted): Promise<Editing> {
  const all = page ?? (await mounted());
  all.grip(hook).focus();
  await all.press("e");
  await until(() => all.root.querySelector(".source .ed"));
  const panel = () => all.root.querySelector<HTMLElement>(".source")!;
  return {
    ...all, panel,
    button: (name) => [...panel().querySelectorAll<HTMLElement>("button")].find((b) => (b.getAttribute("aria-label") ?? b.textContent!).startsWith(name))!,
    write: async (change) => {
      all.store.sources.type(change(all.store.sources.text.value));
      await settle();
    },
    asked: () => all.fake.heard.filter((m) => m.op === "source" && m["do"] !== "keep").map(({ op: _op, id: _id, ...rest }) => rest),
  };
}
