/** The focus stays on its card however the cards are reordered: a node that is moved in the document loses it. */
import { useLayoutEffect } from "preact/hooks";

interface Focused {
  hook: string;
  label: string | null;
}

/** Called while drawing the cards of `list`; puts the focus back after the drawing if that took it away. */
export function useKeptFocus(list: HTMLElement | null): void {
  const before = focusedIn(list);
  useLayoutEffect(() => {
    if (!before || !list || list.contains(document.activeElement)) return;
    const card = list.querySelector(`[data-hook="${CSS.escape(before.hook)}"]`);
    const same = [...(card?.querySelectorAll<HTMLElement>("button") ?? [])].find((b) => b.getAttribute("aria-label") === before.label);
    (same ?? card?.querySelector<HTMLElement>(".grip") ?? list.querySelector<HTMLElement>(".grip"))?.focus({ preventScroll: true });
  });
}

function focusedIn(list: HTMLElement | null): Focused | null {
  const active = typeof document === "undefined" ? null : document.activeElement;
  if (!active || !list?.contains(active)) return null;
  const hook = active.closest<HTMLElement>("[data-hook]")?.dataset["hook"];
  return hook ? { hook, label: active.getAttribute("aria-label") } : null;
}
