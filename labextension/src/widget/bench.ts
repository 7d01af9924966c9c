/** The bundle: mounts a panel on an element. Every panel of a page shares one copy of this module. */
import { h, render } from "preact";
import css from "../../style/bench.css";
import type { Host } from "../core/host.js";
import { BenchStore } from "../core/store.js";
import { Bench, type PanelName } from "../panels/Bench.js";
import { themed } from "./theme.js";
import { widgetHost, type WidgetModel } from "./host.js";

export { BenchStore };
export type { Host, PanelName };

const STYLE_ID = "hook-workbench-style";

function styleOnce(root: Node): void {
  const home = root instanceof ShadowRoot ? root : document.head;
  if (home.querySelector(`#${STYLE_ID}`)) return;
  const style = document.createElement("style");
  style.id = STYLE_ID;
  style.textContent = css;
  home.append(style);
}

export interface MountOptions {
  panel?: PanelName;
  fill?: boolean;
}

/** Put a panel into `root`; answers how to take it out again. The store may be shared by several panels. */
export function mount(root: HTMLElement, store: BenchStore, options: MountOptions = {}): () => void {
  styleOnce(root.getRootNode());
  const untheme = themed(root);
  render(h(Bench, { store, panel: options.panel ?? "bench", fill: options.fill ?? false }), root);
  return () => {
    render(null, root);
    untheme();
  };
}

const stores = new WeakMap<object, BenchStore>();

/** One store per widget model: two views of one widget share its connection, its chain and its selection. */
export function storeOf(model: WidgetModel): BenchStore {
  const known = stores.get(model);
  if (known) return known;
  const store = new BenchStore(widgetHost(model));
  stores.set(model, store);
  return store;
}

export function closeStore(model: WidgetModel): void {
  stores.get(model)?.dispose();
  stores.delete(model);
}
