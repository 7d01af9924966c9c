import { describe, expect, test, vi } from "vitest";
import { h, render } from "preact";
import type { ServerRow } from "../src/core/diagnose.js";
import { grouped, matches, Servers } from "../src/lab/servers.js";
import { Sidebar } from "../src/lab/Sidebar.js";
import { settle } from "./helpers.js";

const row = (name: string, more: Partial<ServerRow> = {}): ServerRow => ({
  id: `k1.${name}`, name, dialect: "crossws", kernel: "k1", url: "/", port: 8765, state: "live", reason: null, rate: 5, errors: 0, clients: 4, notebook: "lessons/tour.ipynb", kernel_state: "idle", ...more,
});

function api(rows: ServerRow[] | Error, mismatch: string | null = null) {
  return {
    mismatch: vi.fn(() => Promise.resolve(mismatch)),
    list: vi.fn(() => (rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows))),
    create: vi.fn(() => Promise.resolve(row("new"))),
    start: vi.fn(() => Promise.resolve(row("chat"))),
    stop: vi.fn(() => Promise.reject(new Error("“chat” did not stop: a cell holds the interpreter."))),
  };
}

async function sidebar(rows: ServerRow[] | Error, mismatch: string | null = null) {
  const fake = api(rows, mismatch);
  const servers = new Servers(fake);
  const opened: string[] = [];
  const root = document.createElement("div");
  document.body.append(root);
  render(h(Sidebar, { servers, actions: { open: (r) => opened.push(r.id), create: (dialect) => opened.push(`new ${dialect}`) } }), root);
  await settle();
  await settle();
  return { fake, servers, root, opened, close: () => render(null, root) };
}

const click = async (root: HTMLElement, label: string) => {
  root.querySelector<HTMLElement>(`[aria-label="${label}"]`)!.click();
  await settle();
};

describe("sidebar", () => {
  test("benches stand under the notebook of their kernel, with state and reason", async () => {
    const { root, close } = await sidebar([row("chat", { errors: 3 }), row("old", { kernel: "k2abcdefghij", notebook: null, state: "stopped", reason: "Stopped by hand at 15:31.", port: null })]);
    expect([...root.querySelectorAll(".kr .el")].map((e) => e.textContent)).toEqual(["tour.ipynb", "kernel k2abcdef"]);
    expect(root.querySelector(".bn")!.textContent).toContain("live:87655/s4 clients3");
    expect(root.querySelectorAll(".bn")[1]!.textContent).toContain("Stopped by hand at 15:31.");
    expect(root.querySelector(".pf")!.textContent).toBe("2 benches in 2 kernels; 1 live");
    close();
  });

  test("New asks which hook system", async () => {
    const { root, opened, close } = await sidebar([]);
    const button = (text: string) => [...root.querySelectorAll<HTMLElement>("button")].find((b) => b.textContent === text)!;
    button("New").click();
    await settle();
    expect([...root.querySelectorAll(".pop .mi")].map((b) => b.textContent)).toEqual(["crossws", "hocuspocus", "feathers", "directus", "wookie"]);
    button("feathers").click();
    await settle();
    expect(opened).toEqual(["new feathers"]);
    expect(root.querySelector(".pop")).toBeNull();
    close();
  });

  test("start, stop and open act on their row; a failure stays on screen", async () => {
    const { root, fake, opened, servers, close } = await sidebar([row("chat"), row("off", { state: "stopped" })]);
    await click(root, "Open chat");
    await click(root, "Start off");
    await click(root, "Stop chat");
    await settle();
    expect(opened).toEqual(["k1.chat"]);
    expect(fake.start).toHaveBeenCalledWith("k1.off");
    expect(root.querySelector("[role=alert]")!.textContent).toContain("did not stop");
    await servers.refresh();
    expect(servers.trouble.value).toContain("did not stop");
    close();
  });

  test("the server's version is asked first and a mismatch is all that is said", async () => {
    const { root, fake, close } = await sidebar([row("chat")], "This Jupyter server does not run the workbench's extension.");
    expect(root.querySelector("[role=alert]")!.textContent).toContain("does not run the workbench's extension");
    expect(fake.list).not.toHaveBeenCalled();
    close();
  });

  test("nothing is asked once nobody looks", async () => {
    vi.useFakeTimers();
    const fake = api([row("chat")]);
    const root = document.body.appendChild(document.createElement("div"));
    render(h(Sidebar, { servers: new Servers(fake), actions: { open: () => {}, create: () => {} } }), root);
    await vi.advanceTimersByTimeAsync(10_000);
    const asked = fake.list.mock.calls.length;
    expect(asked).toBeGreaterThan(2);
    render(null, root);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fake.list.mock.calls.length).toBe(asked);
  });

  test("an empty list says what to do", async () => {
    const { root, close } = await sidebar([]);
    expect(root.textContent).toContain("Press New");
    close();
  });
});

test("the filter looks at name, dialect, port and notebook", () => {
  expect(["chat", "cross", "8765", "tour", "chat tour"].every((q) => matches(row("chat"), q))).toBe(true);
  expect(matches(row("chat"), "feathers")).toBe(false);
});

test("kernels keep their order", () => {
  expect(grouped([row("a", { kernel: "x" }), row("b", { kernel: "y" }), row("c", { kernel: "x" })]).map((g) => g.rows.map((r) => r.name))).toEqual([["a", "c"], ["b"]]);
});
