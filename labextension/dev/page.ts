/** The test page: `dev.html?view=bench|empty|narrow|mid|gone|stopped|refused|held|edit|edit-mid|edit-stack|edit-narrow&theme=light|dark`. */
import { emptyState, FakeBench, fullState } from "./fake.js";
import { BenchStore, mount } from "../src/widget/bench.js";
import type { Host } from "../src/core/host.js";

const query = new URLSearchParams(location.search);
const view = query.get("view") ?? "bench";
document.body.dataset["jpThemeLight"] = String(query.get("theme") !== "dark");
const widths: Record<string, string> = { narrow: "520px", "edit-narrow": "520px", "edit-mid": "944px", "edit-stack": "700px", mid: "944px", stack: "700px", fill: "944px" };
const root = document.createElement("div");
root.style.width = widths[view] ?? "1180px";
if (view === "fill") root.style.height = "832px";
document.body.append(root);

const fake = new FakeBench(view === "empty" ? emptyState() : fullState());
const more: Partial<Host> = {
  clientUrl: (path) => `ws://127.0.0.1:1${path}`,
  diagnose: () => Promise.resolve(view === "gone" ? { kind: "gone", sentence: "It was restarted at 14:05:12; run the bench’s cell again to start it." } : null),
};
if (view === "stopped") Object.assign(fake.state.header, { state: "stopped", reason: "Stopped by hand at 15:31." });
if (view === "taken") Object.assign(fake.state.header, { state: "failed", reason: "Port 8765 is taken by bench chat in lesson-1.ipynb; give another port or stop that one." });
if (view === "refused") fake.refuse = "echo stands in a lane that its resolver owns; move it there instead.";

const store = new BenchStore(fake.host(more));
mount(root, store, { fill: view === "fill" });
if (view !== "empty") setTimeout(() => store.select(4196), 50);
if (view === "gone") setTimeout(() => fake.lose("the kernel is gone"), 200);
if (view === "refused") setTimeout(() => void store.edits.move("h4", null), 200);
Object.assign(globalThis, { store, fake });
if (view.startsWith("edit")) setTimeout(() => document.querySelector<HTMLElement>('[data-hook="h6"] .edit')?.click(), 300);
if (view === "held") {
  fake.state.faults.armed = [{ id: "f1", kind: "delay", where: "point message", injected: 12, considered: 25, python: 'bench.faults.arm("delay", point="message", ms=200, probability=0.5, seed=7)' }];
  fake.state.breakpoints = { points: [{ id: "b1", where: "before hook shout at message", hits: 1, python: 'bench.breakpoints.set("message", hook="shout")' }], waiting: 1, held: [{ id: "e1", where: "before hook shout at message", when: "before", connection: 4, left: false, dispatch: 4201, since: 0, payload: '{\n  "message": {\n    "raw_data": "hello"\n  }\n}', editable: true, result: null }] };
}
