/** Walking through events by keys: J and K, arrows, Home and End. */
import type { BenchStore } from "../core/store.js";

/** Move the selection by that many rows towards older events; negative towards newer. */
export function stepEvents(store: BenchStore, by: number): void {
  const rows = store.events.value?.rows ?? [];
  const current = store.selected.value;
  const at = current === "latest" ? (by > 0 ? 0 : -1) : rows.findIndex((r) => r.dispatch === current);
  const next = rows[Math.max(0, Math.min(rows.length - 1, current === "latest" && by > 0 ? 1 : at + by))];
  if (!next) return;
  store.select(next.dispatch);
  store.say(`event ${next.dispatch}, ${next.point}, ${next.outcome}`);
}

export function walkEvents(event: KeyboardEvent, store: BenchStore): void {
  const rows = store.events.value?.rows ?? [];
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  stepEvents(store, by);
  focusSelected(event.currentTarget as Element, store);
}

function focusSelected(within: Element, store: BenchStore): void {
  const id = store.selected.value;
  queueMicrotask(() => {
    const row = within.querySelector<HTMLElement>(`[data-dispatch="${id}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  });
}
