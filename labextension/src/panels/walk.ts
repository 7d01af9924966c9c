/** Walking through events by keys: J and K, arrows, a page at a time, Home and End. */
import type { BenchStore } from "../core/store.js";

/** Move the selection by that many rows towards older events; negative towards newer. The focus stays where it is. */
export function stepEvents(store: BenchStore, by: number): void {
  store.list.step(by, false);
}

/** Keys within the list: the row that they lead to gets the focus. */
export function walkEvents(event: KeyboardEvent, store: BenchStore): void {
  const { list } = store;
  const page = Math.max(1, list.seen - 2);
  const walks: Record<string, () => void> = {
    ArrowDown: () => list.step(1),
    ArrowUp: () => list.step(-1),
    PageDown: () => list.step(page),
    PageUp: () => list.step(-page),
    Home: () => list.home(),
    End: () => list.end(),
  };
  const walk = walks[event.key];
  if (!walk) return;
  event.preventDefault();
  event.stopPropagation();
  walk();
}
