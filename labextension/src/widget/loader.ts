/**
 * The widget's own module, small because it travels with every instance. It finds the bundle once per page: from the Jupyter
 * server by URL, else as text over the comm.
 */
import { importText } from "../core/import-text.js";
import type { BenchStore, PanelName } from "./bench.js";
import type { WidgetModel } from "./host.js";

interface Bundle {
  mount(root: HTMLElement, store: BenchStore, options: { panel: PanelName }): () => void;
  storeOf(model: WidgetModel): BenchStore;
  closeStore(model: WidgetModel): void;
}

type Kept = Map<string, Promise<Bundle>>;
const KEY = Symbol.for("hook-workbench.bundles");
const PATIENCE = 15_000;

function bundleFor(model: WidgetModel): Promise<Bundle> {
  const page = globalThis as unknown as Record<symbol, Kept | undefined>;
  const kept = (page[KEY] ??= new Map());
  const hash = String(model.get("bundle") ?? "");
  const known = kept.get(hash);
  if (known) return known;
  const loading = byUrl(hash).catch(() => byComm(model));
  kept.set(hash, loading);
  loading.catch(() => kept.delete(hash));
  return loading;
}

async function byUrl(hash: string): Promise<Bundle> {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  const base = config ? (JSON.parse(config) as { baseUrl?: string }).baseUrl : document.body.dataset["baseUrl"];
  if (base === undefined) throw new Error("not in a Jupyter page");
  const url = new URL(`${base.replace(/\/?$/, "/")}workbench/static/bench.js?v=${hash}`, location.href);
  return (await import(/* @vite-ignore */ url.href)) as Bundle;
}

function byComm(model: WidgetModel): Promise<Bundle> {
  return new Promise((resolve, reject) => {
    const listen = (content: unknown) => {
      const message = content as { op?: string; file?: string; text?: string } | null;
      if (message?.op !== "module" || message.file !== "bench.js" || typeof message.text !== "string") return;
      stop();
      importText(message.text).then((bundle) => resolve(bundle as Bundle), reject);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error("the kernel did not send the panels; a running cell may hold it up: run the bench’s cell again when it is done"));
    }, PATIENCE);
    const stop = () => {
      clearTimeout(timer);
      model.off("msg:custom", listen);
    };
    model.on("msg:custom", listen);
    model.send({ op: "module", file: "bench.js" });
  });
}

interface RenderContext {
  model: WidgetModel;
  el: HTMLElement;
}

export default {
  initialize({ model }: { model: WidgetModel }) {
    return () => void bundleFor(model).then((bundle) => bundle.closeStore(model), () => {});
  },
  async render({ model, el }: RenderContext) {
    const root = document.createElement("div");
    root.className = "hook-workbench";
    root.textContent = "Loading the bench…";
    el.append(root);
    try {
      const bundle = await bundleFor(model);
      root.textContent = "";
      return bundle.mount(root, bundle.storeOf(model), { panel: (model.get("panel") as PanelName | "") || "bench" });
    } catch (error) {
      root.textContent = `The bench's panels could not be loaded: ${error instanceof Error ? error.message : String(error)}.`;
      return () => {};
    }
  },
};
