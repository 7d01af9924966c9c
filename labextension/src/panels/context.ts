/** The store and the layout, for every component below a mounted panel. */
import { signal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { BenchStore } from "../core/store.js";

export type Layout = "wide" | "mid" | "stack" | "narrow";

export const StoreContext = createContext<BenchStore | null>(null);
export const LayoutContext = createContext<Layout>("wide");
/** Bring a panel to the front, where panels share one place. */
export const ShowContext = createContext<(panel: "inspector" | "stats" | "lints") => void>(() => {});
/** What a person chose in this view, by name. */
export const KeptContext = createContext(new Map<string, Signal<unknown>>());
/** Which of the views of a bench this is: two may show the same store, each with its own palette and visibility. */
export const ViewContext = createContext(0);

export function useStore(): BenchStore {
  const store = useContext(StoreContext);
  if (!store) throw new Error("a panel was rendered outside its bench");
  return store;
}

/** A choice that outlives the panel it is made in: where the width allows another layout, all panels are drawn anew. */
export function useKept<T>(name: string, first: T): Signal<T> {
  const kept = useContext(KeptContext);
  const made = kept.get(name) ?? signal<unknown>(first);
  kept.set(name, made);
  return made as Signal<T>;
}

export const useView = () => useContext(ViewContext);
/** Whether this view is the one that an editor of sources is open in. */
export function useEditing(): boolean {
  const { sources } = useStore();
  return sources.open.value?.view === useView();
}

/** Whether one panel is shown by itself, so that there is no other one above or below it to point at. */
export const AloneContext = createContext(false);
/** Where the console is, for a sentence that sends somebody there; null: it is not shown. */
export function useConsolePlace(): string | null {
  const narrow = useLayout() === "narrow";
  if (useContext(AloneContext)) return null;
  return narrow ? "in the Console tab" : "in the console below";
}

export const useLayout = () => useContext(LayoutContext);

/** Layout for a width in pixels: the mock's 1180, JupyterLab's 944, one column, and a side pane. */
export function layoutFor(width: number): Layout {
  if (width >= 1080) return "wide";
  if (width >= 900) return "mid";
  return width >= 600 ? "stack" : "narrow";
}
