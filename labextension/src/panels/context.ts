/** The store and the layout, for every component below a mounted panel. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { BenchStore } from "../core/store.js";

export type Layout = "wide" | "mid" | "stack" | "narrow";

export const StoreContext = createContext<BenchStore | null>(null);
export const LayoutContext = createContext<Layout>("wide");
/** Bring a panel to the front, where panels share one place. */
export const ShowContext = createContext<(panel: "inspector") => void>(() => {});
/** Which of the views of a bench this is: two may show the same store, each with its own palette and visibility. */
export const ViewContext = createContext(0);

export function useStore(): BenchStore {
  const store = useContext(StoreContext);
  if (!store) throw new Error("a panel was rendered outside its bench");
  return store;
}

export const useView = () => useContext(ViewContext);
/** Whether this view is the one that an editor of sources is open in. */
export function useEditing(): boolean {
  const { sources } = useStore();
  return sources.open.value?.view === useView();
}

export const useLayout = () => useContext(LayoutContext);

/** Layout for a width in pixels: the mock's 1180, JupyterLab's 944, one column, and a side pane. */
export function layoutFor(width: number): Layout {
  if (width >= 1080) return "wide";
  if (width >= 900) return "mid";
  return width >= 600 ? "stack" : "narrow";
}
